"""Windows over a recording: where the voice lane looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LENGTH_US = 1_500_000
"""Long enough for a phrase's melody, short enough for the lane to show a change of tone within a sentence."""
HOP_US = 250_000


def windows(duration_us: int, length_us: int = LENGTH_US, hop_us: int = HOP_US) -> NDArray[np.int64]:
    """Start and end in µs, (W, 2) int64, of windows of `length_us` every `hop_us` over a recording of `duration_us`.

    All windows lie inside the recording. The last one ends with it, even where that is less than a hop after the one before,
    so that no sound goes unheard. A recording no longer than a window has one window, all of it; an empty one has none.
    """
    if length_us <= 0 or hop_us <= 0:
        raise ValueError(f"length and hop must be positive µs, not {length_us} and {hop_us}")
    if duration_us <= 0:
        return np.empty((0, 2), np.int64)
    if duration_us <= length_us:
        return np.array([[0, duration_us]], np.int64)
    starts = np.arange(0, duration_us - length_us + 1, hop_us, dtype=np.int64)
    if starts[-1] + length_us < duration_us:
        starts = np.append(starts, duration_us - length_us)
    return np.stack([starts, starts + length_us], axis=1)
