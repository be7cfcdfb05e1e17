"""Crops brought to the size a network looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def resized(faces: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(N, H, W, 3) RGB uint8 → (N, side, side, 3); N may be 0. Pixels are averaged where it shrinks, or they would flicker."""
    import cv2

    if faces.shape[1:3] == (side, side):
        return faces
    small = np.empty((len(faces), side, side, 3), np.uint8)
    how = cv2.INTER_AREA if max(faces.shape[1:3]) > side else cv2.INTER_LINEAR
    for place, face in enumerate(faces):
        cv2.resize(face, (side, side), dst=small[place], interpolation=how)
    return small


def grey(faces: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(N, H, W, 3) RGB uint8 → (N, side, side) by luminance; N ≥ 1. Resized as in `resized`, after the colour is gone."""
    import cv2

    how = cv2.INTER_AREA if max(faces.shape[1:3]) > side else cv2.INTER_LINEAR
    small = [cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (side, side), interpolation=how) for face in faces]
    return np.asarray(np.stack(small), np.uint8)
