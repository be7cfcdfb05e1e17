"""Sparse optical flow (Lucas–Kanade, pyramidal) with a forward–backward check, and the motion it implies.

Kalal, Mikolajczyk and Matas 2010: a point followed forward and back again must come home, or it was lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

LONG_SIDE = 320
"""Pixels. Flow is found in grey frames of this size: faces keep enough texture, and the cost stays under 1 ms."""

POINTS = 32
"""Followed per face; enough for a median to shrug off a blink or a hand."""

WINDOW = (15, 15)
LEVELS = 2
HOME = 1.0
"""Pixels of the small frame: how near to its start a point must come back."""

FEWEST = 6
"""Points that must survive for a motion to be believed."""


@dataclass(frozen=True)
class SmallGrey:
    """A frame made small and grey for the flow; `scale` is its size over the original's."""

    pixels: NDArray[np.uint8]
    scale: float

    @classmethod
    def of(cls, image: NDArray[np.uint8]) -> SmallGrey:
        """From (H, W, 3) RGB uint8."""
        height, width = image.shape[:2]
        scale = min(1.0, LONG_SIDE / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_LINEAR)
        return cls(np.asarray(small, np.uint8), scale)


@dataclass(frozen=True)
class Motion:
    """A similarity (turn, scale, shift) from one frame to another in pixels, and the share of points still held, in [0, 1]."""

    matrix: NDArray[np.float32]
    agreement: float

    @classmethod
    def none(cls) -> Motion:
        """Nothing moved."""
        return cls(np.eye(2, 3, dtype=np.float32), 1.0)

    def points(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 2) points, moved."""
        return points @ self.matrix[:, :2].T + self.matrix[:, 2]

    def box(self, box: NDArray[np.float32]) -> NDArray[np.float32]:
        """(4,) x, y, width, height, its middle moved, its size scaled, still upright."""
        middle = self.points(np.asarray(box[:2] + box[2:] / 2, np.float32)[None])[0]
        size = box[2:] * self.scale
        return np.concatenate([middle - size / 2, size]).astype(np.float32)

    @property
    def scale(self) -> float:
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    def back(self) -> Motion:
        """The way back."""
        return Motion(cv2.invertAffineTransform(self.matrix).astype(np.float32), self.agreement)


def texture(grey: SmallGrey, box: NDArray[np.float32], landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 2) points worth following in a face, in the pixels of the small frame: the inner part of `box`, where there is no background."""
    x, y, width, height = box * grey.scale
    rows, columns = grey.pixels.shape
    x0, x1 = int(np.clip(x + 0.12 * width, 0, columns)), int(np.clip(x + 0.88 * width, 0, columns))
    y0, y1 = int(np.clip(y + 0.12 * height, 0, rows)), int(np.clip(y + 0.88 * height, 0, rows))
    fixed = np.asarray(landmarks, np.float32) * np.float32(grey.scale)
    if x1 - x0 < 8 or y1 - y0 < 8:
        return fixed
    region = np.ascontiguousarray(grey.pixels[y0:y1, x0:x1])
    apart = max(2.0, 0.08 * (x1 - x0))
    found = cv2.goodFeaturesToTrack(region, POINTS, 0.01, apart)
    if found is None:
        return fixed
    return np.vstack([found.reshape(-1, 2) + np.array([x0, y0], np.float32), fixed]).astype(np.float32)


def follow(before: SmallGrey, after: SmallGrey, points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where (N, 2) points of `before` lie in `after`, and which of them came home when followed back."""
    if not len(points):
        return points, np.zeros(0, bool)
    start = np.ascontiguousarray(points[:, None], np.float32)
    there, seen, _ = cv2.calcOpticalFlowPyrLK(before.pixels, after.pixels, start, np.empty(0), winSize=WINDOW, maxLevel=LEVELS)
    home, seen_back, _ = cv2.calcOpticalFlowPyrLK(after.pixels, before.pixels, there, np.empty(0), winSize=WINDOW, maxLevel=LEVELS)
    came_home = np.linalg.norm(home - start, axis=2)[:, 0] < HOME
    return np.asarray(there[:, 0], np.float32), came_home & (seen[:, 0] == 1) & (seen_back[:, 0] == 1)


def motion(start: NDArray[np.float32], now: NDArray[np.float32], alive: NDArray[np.bool_], scale: float) -> Motion | None:
    """The similarity that most living points follow, in pixels of the full frame; `None` where too few live.

    Least median of squares: right as long as more than half of the points lie on the rigid part of the face.
    """
    if alive.sum() < FEWEST:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(start[alive], now[alive], method=cv2.LMEDS)
    if matrix is None:
        return None
    full = matrix.astype(np.float32)
    full[:, 2] /= scale
    return Motion(full, float(alive.sum()) / len(start))
