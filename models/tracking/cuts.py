"""Where one shot ends and another begins: two neighbouring frames that have little in common."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.tracking.flow import SmallGrey

CELLS = 16
"""Frames are compared in 16×16 cells: fine enough to tell two pictures apart, too coarse to mind a moving head."""

ALIKE = 0.6
"""Correlation of the cells below which the picture is another one. Neighbours within the test clips stay above 0.97."""

BRIGHTER = 40.0
"""Grey levels of mean change that make a cut even between pictures laid out alike."""


class CutWatch:
    """Told frame after frame, says whether each begins a new shot."""

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def begins_shot(self, grey: SmallGrey) -> bool:
        """Whether `grey` is not the continuation of the frame before. The first frame is not a cut."""
        now = cv2.resize(grey.pixels, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._before = self._before, now
        if before is None:
            return False
        return unlike(before, now)


def unlike(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether two (16, 16) pictures are of different shots."""
    if float(np.abs(a - b).mean()) > BRIGHTER:
        return True
    x, y = a - a.mean(), b - b.mean()
    strength = float(np.sqrt((x * x).sum() * (y * y).sum()))
    flat = strength < CELLS * CELLS * 4.0  # both nearly one grey: correlation would be noise
    return not flat and float((x * y).sum()) / strength < ALIKE
