"""What is derived from a clip's file, made when it is first wanted and kept in the store beside it.

Each of these can be deleted at any time and comes back. `prepare` makes them all ahead, so that nobody waits when the clip is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.media.store import PEAKS, POSTER, PROXY, SPECTROGRAM, Store
from db.tables import Medium

if TYPE_CHECKING:
    import numpy as np


def prepare(store: Store, medium: Medium, progress: Callable[[float], None] | None = None) -> None:
    """Makes proxy, poster, waveform and spectrogram where they are missing; `progress` hears the proxy's, by far the longest.

    What `progress` raises ends the work and leaves nothing half made. Raises `ProxyFailed`, and what `Store.original` raises.
    """
    if not medium.playable:
        proxy(store, medium, progress)
    poster(store, medium)
    if medium.has_audio:
        _peaks(store, medium)
        _spectrogram(store, medium)


def proxy(store: Store, medium: Medium, progress: Callable[[float], None] | None = None) -> Path:
    """The proxy of a medium that browsers cannot play. Raises `ProxyFailed`, and what `Store.original` raises."""
    from app.media.proxy import make_proxy

    return _derived(store, medium, PROXY, lambda original, target: make_proxy(original, target, progress))


def poster(store: Store, medium: Medium) -> Path | None:
    """The poster; None for a clip without video. Raises what `Store.original` raises."""
    from app.media.poster import write_poster

    if not medium.has_video:
        return None
    made = store.derived(medium.sha256, PROXY)  # finds its key frames at once, which an AVI or a transport stream does not

    def write(original: Path, target: Path) -> None:
        write_poster(made if made.exists() else original, target, medium.duration_us)

    return _derived(store, medium, POSTER, write)


def peaks(store: Store, medium: Medium, buckets: int) -> np.ndarray | None:
    """The waveform, int8 (buckets, 2), see `app.media.waveform.peaks`; None for a clip without sound."""
    from app.media import waveform

    return waveform.peaks(_peaks(store, medium), medium.duration_us, buckets) if medium.has_audio else None


def tile(store: Store, medium: Medium, number: int) -> bytes | None:
    """Tile `number` of the spectrogram as PNG; None past the clip's end and for a clip without sound."""
    from app.media.spectrogram import read_tile

    return read_tile(_spectrogram(store, medium), number) if medium.has_audio else None


def _peaks(store: Store, medium: Medium) -> Path:
    from app.media.waveform import write_peaks

    return _derived(store, medium, PEAKS, write_peaks)


def _spectrogram(store: Store, medium: Medium) -> Path:
    from app.media.spectrogram import write_tiles

    return _derived(store, medium, SPECTROGRAM, lambda original, target: write_tiles(original, target, medium.duration_us))


def _derived(store: Store, medium: Medium, kind: str, make: Callable[[Path, Path], object]) -> Path:
    """The derived file, made now if it is missing. Two who make it at once make the same, and the later one stays."""
    target = store.derived(medium.sha256, kind)
    if not target.exists():
        original = store.original(medium)
        with store.writing(target) as temporary:
            make(original, temporary)
    return target
