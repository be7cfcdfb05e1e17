"""The spectrogram as a lane draws it: grey PNG tiles of ten seconds, computed once for the whole clip.

Column c of tile k shows the 25 ms around the middle of [10 s × k + 10 ms × c, + 10 ms). Row 0 is the highest of 96 mel bands between
0 and 8 kHz (mel = 2595 log10(1 + f / 700), O'Shaughnessy 1987; triangles that add up to 1). Grey is linear in decibels on one scale for
all clips, so that loud looks loud: 0 at −95 dB and below, 255 at −30 dB and above, where the bands of a sine of full scale add up to 0 dB.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from math import ceil
from pathlib import Path

import numpy as np

from app.clock import MICROSECONDS
from app.media.sound import SAMPLE_RATE, sound_chunks

COLUMNS = 1000
"""Columns a tile."""

ROWS = 96
TILE_US = 10 * MICROSECONDS
HOP = SAMPLE_RATE * TILE_US // MICROSECONDS // COLUMNS
WINDOW = 400
"""Samples in a Hann window: 25 ms, usual for speech."""

BINS = 1024
"""Samples of a transform, zero-padded: the narrowest mel triangle, 37 Hz wide, has to hold at least one bin of 15.6 Hz."""

FULL_SCALE = 0.5
"""The mean square of a sine of full scale."""

FLOOR_DB, CEILING_DB = -95.0, -30.0


def tile_count(duration_us: int) -> int:
    """How many tiles a clip of that length has."""
    return ceil(duration_us / TILE_US)


def write_tiles(media: Path, target: Path, duration_us: int) -> None:
    """Writes every tile of a clip's sound as `<k>.png` into one uncompressed ZIP file.

    Raises `NoSound`, `UnreadableMedia`.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        count = tile_count(duration_us)
        number = -1
        for number, picture in enumerate(_tiles(media)):
            if number < count:
                archive.writestr(f"{number}.png", _png(picture))
        silent = _png(np.zeros((ROWS, COLUMNS), np.uint8))
        for later in range(number + 1, count):
            archive.writestr(f"{later}.png", silent)


def read_tile(stored: Path, number: int) -> bytes | None:
    """Tile `number` as PNG, 1000 × 96 pixels; None past the clip's end."""
    with zipfile.ZipFile(stored) as archive:
        try:
            return archive.read(f"{number}.png")
        except KeyError:
            return None


def levels(samples: np.ndarray) -> np.ndarray:
    """Mel bands in decibels, float32 (96, columns), lowest band first, of float32 samples that begin 120 before the first column's
    middle stretch, i.e. `WINDOW` samples give one column and every further `HOP` one more.
    """
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    hann = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    spectrum = np.abs(np.fft.rfft(windows * hann, BINS).astype(np.complex64)) ** 2
    mean_square = spectrum * (2 / (BINS * np.square(hann).sum()))  # each bin's share of it, by Parseval's theorem
    return (10 * np.log10(_mel_bands() @ mean_square.T / FULL_SCALE + 1e-12)).astype(np.float32)


def _tiles(media: Path) -> Iterator[np.ndarray]:
    """Grey pictures uint8 (96, 1000); the last is black after the end of the sound."""
    held = np.zeros((WINDOW - HOP) // 2, np.float32)  # the first window begins before the clip
    columns: list[np.ndarray] = []
    for chunk in sound_chunks(media):
        samples = np.concatenate([held, chunk])
        ready = (len(samples) - WINDOW) // HOP + 1
        if ready < 1:
            held = samples
            continue
        columns.append(_grey(levels(samples[: (ready - 1) * HOP + WINDOW])))
        held = samples[ready * HOP :]
        joined = np.concatenate(columns, axis=1)
        whole = joined.shape[1] // COLUMNS
        yield from (joined[:, k * COLUMNS : (k + 1) * COLUMNS] for k in range(whole))
        columns = [joined[:, whole * COLUMNS :]]
    rest = np.concatenate([*columns, _grey(levels(np.pad(held, (0, WINDOW))))], axis=1)
    for start in range(0, rest.shape[1], COLUMNS):
        part = rest[:, start : start + COLUMNS]
        yield np.pad(part, ((0, 0), (0, COLUMNS - part.shape[1])))


def _grey(decibels: np.ndarray) -> np.ndarray:
    share = (decibels[::-1] - FLOOR_DB) / (CEILING_DB - FLOOR_DB)
    return np.round(np.clip(share, 0, 1) * 255).astype(np.uint8)


@cache
def _mel_bands() -> np.ndarray:
    """Weights float32 (96, bins) of triangles whose corners are equally far apart on the mel scale, each with a peak of 1."""
    top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, top, ROWS + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(BINS, 1 / SAMPLE_RATE)
    rising = (hertz - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - hertz) / np.diff(corners)[1:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _png(picture: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture, "L").save(buffer, "PNG")
    return buffer.getvalue()
