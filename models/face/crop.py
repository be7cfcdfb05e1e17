"""Steady crops of a face: turned upright by the eyes, always framed alike, as the networks saw faces in training.

The frame is that of FER-2013: in its public test images MTCNN finds (median of 336) the eyes at 0.39 of the height, 0.37 of the width
apart, and the mouth at 0.79 of the height. A square crop around five landmarks that lie so is what every face model here is given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TEMPLATE = np.array([[0.314, 0.390], [0.686, 0.390], [0.500, 0.601], [0.344, 0.787], [0.656, 0.787]], np.float32)
"""Where eyes, nose and corners of the mouth lie in a crop of side 1: FER-2013's medians, made symmetric."""

Shifts = tuple[tuple[float, float], ...]

ONE: Shifts = ((0.0, 0.0),)

SHIFTS: Shifts = ((0.0, 0.0), (-0.02, 0.0), (0.02, 0.0), (0.0, -0.02), (0.0, 0.02))
"""Of the crop's side. Scores averaged over these depend less on where exactly the box lies; bench/faces.py measures how much."""


def alignment(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The similarity (2, 3) that takes image pixels into a crop of side 1, from (5, 2) landmarks.

    It turns the line of the eyes level, and is scaled and placed by least squares over the two eyes and the middle of the mouth, since the
    distance of the eyes alone shrinks when a head turns.
    """
    left, right = landmarks[0], landmarks[1]
    along = right - left
    angle = float(np.arctan2(along[1], along[0])) if np.hypot(*along) > 1e-3 else 0.0
    cosine, sine = np.cos(-angle), np.sin(-angle)
    turn = np.array([[cosine, -sine], [sine, cosine]], np.float32)
    have, want = _anchors(landmarks) @ turn.T, _anchors(TEMPLATE)
    have_middle, want_middle = have.mean(0), want.mean(0)
    spread = float(((have - have_middle) ** 2).sum())
    scale = float(((have - have_middle) * (want - want_middle)).sum()) / max(spread, 1e-6)
    scale = max(scale, 1e-4)  # landmarks upside down or in one point: a crop must still come out
    linear = scale * turn
    return np.hstack([linear, (want_middle - scale * have_middle)[:, None]]).astype(np.float32)


def crops(image: NDArray[np.uint8], landmarks: NDArray[np.float32], side: int, shifts: Shifts = ONE) -> NDArray[np.uint8]:
    """Aligned crops (S, side, side, 3) of one face in `image` (H, W, 3) RGB, one for each of S `shifts` (x, y in sides).

    Where the face reaches beyond the image its border is continued outward.
    """
    margin = int(np.ceil(max((abs(v) for shift in shifts for v in shift), default=0.0) * side))
    whole = warp(image, alignment(landmarks), side, margin)
    corners = [(margin + round(x * side), margin + round(y * side)) for x, y in shifts]
    return np.stack([whole[y : y + side, x : x + side] for x, y in corners])


def shifted(face: NDArray[np.uint8], side: int, shifts: Shifts = ONE) -> NDArray[np.uint8]:
    """A picture (H, W, 3) that is a face and nothing else, as `crops` gives one: (S, side, side, 3).

    Where it is moved its border is continued.
    """
    import cv2

    how = cv2.INTER_AREA if max(face.shape[:2]) > side else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(face, (side, side), interpolation=how), np.uint8)
    margin = int(np.ceil(max((abs(v) for shift in shifts for v in shift), default=0.0) * side))
    whole = cv2.copyMakeBorder(resized, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    corners = [(margin + round(x * side), margin + round(y * side)) for x, y in shifts]
    return np.stack([np.asarray(whole[y : y + side, x : x + side], np.uint8) for x, y in corners])


def _anchors(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([points[0], points[1], (points[3] + points[4]) / 2])


def warp(image: NDArray[np.uint8], matrix: NDArray[np.float32], side: int, margin: int = 0) -> NDArray[np.uint8]:
    """What `matrix` (2, 3) takes into a crop of side 1, as `side` pixels with `margin` more around: (side + 2 margin, the same, 3)."""
    import cv2

    to_pixels = matrix * side
    to_pixels[:, 2] += margin
    size = side + 2 * margin
    shrink = int(1 / max(np.hypot(*to_pixels[:, 0]), 1e-3))
    if shrink > 1:  # bilinear sampling skips pixels when it shrinks, and flickers: average blocks first
        image, to_pixels = _shrunk_region(image, to_pixels, size, shrink)
    warped = cv2.warpAffine(image, to_pixels, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def _shrunk_region(
    image: NDArray[np.uint8], to_pixels: NDArray[np.float32], size: int, shrink: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The part of `image` a crop of `size` needs, shrunk by the whole number `shrink`, and the matrix that goes with it."""
    import cv2

    height, width = image.shape[:2]
    back = cv2.invertAffineTransform(to_pixels)
    corners = np.array([[0, 0, 1], [size, 0, 1], [0, size, 1], [size, size, 1]], np.float32) @ back.T
    x0, y0 = np.clip(np.floor(corners.min(0)) - shrink, 0, [width - 1, height - 1]).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + shrink, [x0 + 1, y0 + 1], [width, height]).astype(int)
    small_size = (max(1, (x1 - x0) // shrink), max(1, (y1 - y0) // shrink))
    region = image[y0 : y0 + max(1, small_size[1] * shrink), x0 : x0 + max(1, small_size[0] * shrink)]
    small = cv2.resize(region, small_size, interpolation=cv2.INTER_AREA)
    # Pixel centres: x = x0 + shrink × (u + 1/2) − 1/2.
    per_axis = np.array([region.shape[1] / small_size[0], region.shape[0] / small_size[1]], np.float32)
    linear = to_pixels[:, :2] * per_axis
    origin = np.array([x0, y0], np.float32) + (per_axis - 1) / 2
    return np.asarray(small, np.uint8), np.hstack([linear, (to_pixels[:, :2] @ origin + to_pixels[:, 2])[:, None]]).astype(np.float32)
