"""Haar cascades (Viola and Jones 2001; Lienhart and Maydt 2002): the classic, for comparison with what older studies used.

Cascades and code are OpenCV's; they lie in its wheel. They know upright faces seen from the front and nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import detectors
from models.types import Availability, Detections, Modality, ModelInfo
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.store import store

FACE = "haarcascade_frontalface_default.xml"
EYE = "haarcascade_eye.xml"

LONG_SIDE = 400
"""Pixels. Frames are shrunk to this before the search, as for MTCNN."""

SMALLEST_FACE = 0.08
"""Of the frame's long side, as for MTCNN."""

STEP = 1.1
"""From one size that is searched for to the next."""

NEIGHBOURS = 3
"""Finds next to each other that make a face."""

MIDDLE, SLOPE = 2.2, 1.4
"""Of the logistic curve from the last stage's sum to the confidence, by eye from 193 right and 22 wrong finds in the test clips."""

LAYOUT = np.array([[0.31, 0.403], [0.69, 0.403], [0.5, 0.588], [0.336, 0.803], [0.664, 0.803]], np.float32)
"""Where eyes, nose and corners of the mouth lie in a cascade's box of side 1: medians of MTCNN's points in 193 boxes, made symmetric."""

NEAR = 0.1
"""Of the box's side: how far from there an eye is believed. One in twenty of MTCNN's eyes is farther off than 0.08."""

EYE_SIDE = 100
"""Pixels: faces are brought to this size for the search for eyes."""


@detectors.register("haar")
class Haar:
    """Finds upright faces seen from the front, and now and then a pattern that is none.

    The eyes are looked for with a cascade of their own. Nose and mouth are *not* measured: they are put where they lie in a mean face,
    relative to the eyes, or where an eye was not found, to the box. So is the pose that comes of them, but for its roll.
    """

    info = ModelInfo(
        name="haar",
        modality=Modality.DETECTOR,
        version="opencv-python 4.14.0.94, frontalface_default and eye, 400 px",
        summary="The classic cascade: upright faces from the front. Eyes are measured where found, nose and mouth only assumed.",
        licence="Apache 2.0 (the cascades: Intel's, BSD style)",
        source="https://github.com/opencv/opencv",
        weights=(
            WeightsFile(
                FACE,
                InstalledPackage("opencv-python", f"cv2/data/{FACE}"),
                "BSD style (Intel)",
                "0f7d4527844eb514d4a4948e822da90fbb16a34a0bbbbc6adc6498747a5aafb0",
                930127,
            ),
            WeightsFile(
                EYE,
                InstalledPackage("opencv-python", f"cv2/data/{EYE}"),
                "BSD style (Intel)",
                "71cc64fc305a355dc60067880f6fbbd43dd155bd63ee3844661a1bda34b2fd8c",
                341406,
            ),
        ),
    )
    sure = 0.75
    """Confidence that a new face needs in a video."""

    def __init__(self) -> None:
        """Raises `WeightsMissing`."""
        import cv2

        paths = store().paths(self.info)
        self._face: Any = cv2.CascadeClassifier(str(paths[FACE]))
        self._eye: Any = cv2.CascadeClassifier(str(paths[EYE]))

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        """Faces in each of `frames`, (H, W, 3) RGB uint8, surest first; boxes and landmarks in the pixels of the frame given.

        The confidence puts finds in order; it is no measured share of right ones.
        """
        return [self._detect_one(frame) for frame in frames]

    def _detect_one(self, frame: NDArray[np.uint8]) -> Detections:
        import cv2

        height, width = frame.shape[:2]
        scale = min(1.0, LONG_SIDE / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        small = cv2.equalizeHist(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
        least = round(SMALLEST_FACE * max(size))
        found, _, sums = self._face.detectMultiScale3(small, STEP, NEIGHBOURS, 0, (least, least), outputRejectLevels=True)
        if not len(found):
            return Detections.none()
        confidence = 1 / (1 + np.exp(-SLOPE * (np.asarray(sums, np.float32).ravel() - np.float32(MIDDLE))))
        order = np.argsort(-confidence, kind="stable")
        per_axis = np.array([width / size[0], height / size[1]], np.float32)
        boxes = (np.asarray(found, np.float32) * np.tile(per_axis, 2))[order]
        points = np.stack([self._points(grey, box) for box in boxes])
        return Detections(boxes, confidence[order].astype(np.float32), points)

    def _points(self, grey: Any, box: NDArray[np.float32]) -> NDArray[np.float32]:
        """(5, 2): the mean layout in `box`, moved, turned and scaled with the eyes if both were found."""
        here = LAYOUT * box[2:] + box[:2]
        eyes = [self._eye_near(grey, box, place) for place in here[:2]]
        if eyes[0] is None or eyes[1] is None:
            return here
        # As complex numbers, a turn and a scale are one factor.
        mean, now = _complex(here), _complex(np.stack([eyes[0], eyes[1]]))
        moved = now[0] + (mean - mean[0]) * (now[1] - now[0]) / (mean[1] - mean[0])
        return np.stack([moved.real, moved.imag], axis=1).astype(np.float32)

    def _eye_near(self, grey: Any, box: NDArray[np.float32], place: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """The middle of the eye nearest to `place` in the picture's pixels; `None` where the cascade sees none there."""
        import cv2

        reach = 0.2 * box[2:]
        low = np.maximum(place - reach, 0).astype(int)
        high = np.minimum(place + reach, grey.shape[::-1]).astype(int)
        if (high - low).min() < 8:
            return None
        zoom = EYE_SIDE / float(box[2])
        cut = cv2.resize(grey[low[1] : high[1], low[0] : high[0]], None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        found = np.asarray(self._eye.detectMultiScale(cut, 1.1, 2, 0, (16, 16)), np.float32).reshape(-1, 4)
        middles = (found[:, :2] + found[:, 2:] / 2) / np.float32(zoom) + low.astype(np.float32)
        away = np.linalg.norm(middles - place, axis=1)
        near = away < NEAR * box[2]
        return middles[np.where(near, away, np.inf).argmin()] if near.any() else None


def _complex(points: NDArray[np.float32]) -> NDArray[np.complex64]:
    return (points[:, 0] + 1j * points[:, 1]).astype(np.complex64)
