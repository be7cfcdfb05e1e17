"""Frames made small enough for the search, and the way back to their own pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shrunk(frame: NDArray[np.uint8], long_side: int | None, shortest: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | None:
    """(H, W, 3) `frame` with its long side brought to `long_side` pixels where it is longer, and what x and y (2,) there are to be times.

    `None` for `long_side` leaves it as it is. Nothing where what comes out is below `shortest` pixels high or wide.
    """
    import cv2

    height, width = frame.shape[:2]
    scale = 1.0 if long_side is None else min(1.0, long_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if min(size) < shortest:
        return None
    small = frame if scale == 1.0 else np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, np.array([width / size[0], height / size[1]], np.float32)
