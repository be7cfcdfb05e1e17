"""A square of the picture, possibly turned, as a network looks at it; and the way back from the network's pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Region:
    """A square with its middle at (x, y) and sides of `side` pixels, turned clockwise by `angle` radians as seen in the image."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        if not self.side > 0:
            raise ValueError(f"a region's side must be above 0 pixels, not {self.side}")

    @classmethod
    def whole(cls, frame: NDArray[np.uint8]) -> Region:
        """The smallest upright square with all of (H, W, 3) `frame` in its middle."""
        height, width = frame.shape[:2]
        return cls(width / 2, height / 2, float(max(height, width)))

    def crop(self, frame: NDArray[np.uint8], side: int, continued: bool = False) -> NDArray[np.uint8]:
        """The square (side, side, 3) cut out of (H, W, 3) `frame`; beyond the border it is black, or the border `continued`."""
        import cv2

        here, shrink = self, int(self.side / side)
        if shrink > 1 and self._meets(frame):  # bilinear sampling skips pixels when it shrinks: average blocks first
            frame, here = self._shrunk(frame, shrink)
        border = cv2.BORDER_REPLICATE if continued else cv2.BORDER_CONSTANT
        matrix = cv2.invertAffineTransform(here._to_image(side))
        return np.asarray(cv2.warpAffine(frame, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border), np.uint8)

    def points(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 2) or (N, 3) points in shares of the square, 0 to 1 → pixels of the image; a third coordinate is only scaled."""
        scale = np.float32(self.side)
        moved = points.astype(np.float32) * scale
        cosine, sine = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        x, y = moved[:, 0] - scale / 2, moved[:, 1] - scale / 2
        moved[:, 0], moved[:, 1] = np.float32(self.x) + cosine * x - sine * y, np.float32(self.y) + sine * x + cosine * y
        return moved

    def _to_image(self, side: int) -> NDArray[np.float64]:
        """(2, 3): pixels of the crop → pixels of the image, middles of pixels on middles of pixels."""
        scale = self.side / side
        cosine, sine = scale * np.cos(self.angle), scale * np.sin(self.angle)
        middle = (side - 1) / 2
        x, y = self.x - 0.5, self.y - 0.5
        return np.array([[cosine, -sine, x - cosine * middle + sine * middle], [sine, cosine, y - sine * middle - cosine * middle]])

    def _reach(self) -> float:
        """Pixels from its middle to the upright square around it."""
        return self.side / 2 * (abs(np.cos(self.angle)) + abs(np.sin(self.angle)))

    def _meets(self, frame: NDArray[np.uint8]) -> bool:
        """Whether any of `frame` may be in it; a face that has left the picture is still looked for where it was last seen."""
        height, width = frame.shape[:2]
        reach = self._reach()
        return -reach < self.x < width + reach and -reach < self.y < height + reach

    def _shrunk(self, frame: NDArray[np.uint8], shrink: int) -> tuple[NDArray[np.uint8], Region]:
        """The part of `frame` around the square, made smaller by the whole number `shrink`, and the same square in it."""
        import cv2

        height, width = frame.shape[:2]
        reach = self._reach() + shrink
        x0, y0 = int(np.clip(self.x - reach, 0, width - 1)), int(np.clip(self.y - reach, 0, height - 1))
        x1, y1 = int(np.clip(self.x + reach, x0 + 1, width)), int(np.clip(self.y + reach, y0 + 1, height))
        size = (max(1, round((x1 - x0) / shrink)), max(1, round((y1 - y0) / shrink)))
        small = np.asarray(cv2.resize(frame[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), np.uint8)
        # Blocks need not be square to the last thousandth: the region is a square in the mean of both scales.
        scale = ((x1 - x0) / size[0] + (y1 - y0) / size[1]) / 2
        return small, Region((self.x - x0) * size[0] / (x1 - x0), (self.y - y0) * size[1] / (y1 - y0), self.side / scale, self.angle)
