"""A clip's face in the library: one frame about a third into it, small."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from app.clock import MICROSECONDS
from app.media.decode import displayed_size, picture, within
from app.media.opening import open_media
from app.media.sniffing import UnreadableMedia
from app.media.timeline import first_frame, presented, zero_of

MAX_SIZE = 480
"""Longer side in pixels: twice what a card in the library shows, for fine screens."""

QUALITY = 82
"""JPEG quality: about 20 KB."""


class NoPicture(UnreadableMedia):
    """The clip has no video that can be decoded."""


def write_poster(media_path: Path, target: Path, duration_us: int) -> None:
    """Writes the JPEG. Raises `NoPicture`, `UnreadableMedia`."""
    from PIL import Image

    frame = first_frame(media_path)
    if frame is None:
        raise NoPicture("The clip has no video that can be decoded.")
    wanted = zero_of(media_path) + Fraction(duration_us, 3 * MICROSECONDS)
    with open_media(media_path) as media:
        size = within(displayed_size(media, frame), MAX_SIZE)
        if media.container.seekable and media.video is not None and media.video.time_base is not None:
            media.handle.seek(int(wanted / media.video.time_base), stream=media.video)
        for tick, later in presented(media):
            frame = later
            if later.time_base is not None and tick * later.time_base >= wanted:
                break
    Image.fromarray(picture(frame, size)).save(target, "JPEG", quality=QUALITY, optimize=True)
