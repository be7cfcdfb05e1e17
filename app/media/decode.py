"""Pictures and sound of a clip, on the clip's clock."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from app.media.opening import OpenMedia, open_media
from app.media.sound import SAMPLE_RATE, NoSound, sound, sound_chunks
from app.media.timeline import first_frame, in_us, packet_table, presented, zero_of

__all__ = ["SAMPLE_RATE", "NoSound", "displayed_size", "frames", "picture", "sound", "sound_chunks", "within"]


def frames(path: Path, max_size: int | None = None) -> Iterator[tuple[int, int, np.ndarray]]:
    """Every frame that can be decoded, as `(index, time_us, picture)`, one at a time.

    `index` and `time_us` are those of `Probed.frame_times_us`: a frame that is broken is left out and the others keep their numbers.
    `picture` is RGB uint8 (height, width, 3), upright and with square pixels as a player shows it, scaled down so that its longer
    side is at most `max_size` pixels. Without video there is nothing. Raises `UnreadableMedia` where the file cannot be opened.
    """
    first = first_frame(path)
    if first is None:
        return
    zero, table = zero_of(path), packet_table(path)
    with open_media(path) as media:
        size = within(displayed_size(media, first), max_size)
        for count, (tick, frame) in enumerate(presented(media)):
            index = table.index(tick) if table else count
            if index is not None and frame.time_base is not None:
                yield index, in_us(tick * frame.time_base - zero), picture(frame, size)


def displayed_size(media: OpenMedia, frame: VideoFrame) -> tuple[int, int]:
    """Width and height in square pixels as a player shows `frame`: turned upright, the longer way where pixels are not square."""
    shape = (media.video.sample_aspect_ratio if media.video else None) or Fraction(1)
    width, height = (frame.width * shape, frame.height) if shape >= 1 else (frame.width, frame.height / shape)
    return (round(height), round(width)) if frame.rotation % 180 else (round(width), round(height))


def within(size: tuple[int, int], max_size: int | None) -> tuple[int, int]:
    """`size` scaled down, if need be, so that its longer side is at most `max_size`."""
    if max_size is None or max(size) <= max_size:
        return size
    scale = Fraction(max_size, max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def picture(frame: VideoFrame, size: tuple[int, int]) -> np.ndarray:
    """The frame upright, as RGB uint8 (height, width, 3) of `size` (width, height)."""
    turns = round(frame.rotation / 90) % 4
    width, height = size if turns % 2 == 0 else size[::-1]
    smaller = width < frame.width
    upright = frame.reformat(
        width=width, height=height, format="rgb24", interpolation=Interpolation.AREA if smaller else Interpolation.BILINEAR, threads=1
    ).to_ndarray()
    return np.ascontiguousarray(np.rot90(upright, turns))
