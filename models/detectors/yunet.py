"""YuNet: a tiny face detector with five landmarks (Wu, Peng and Yu 2023), run by OpenCV; finds faces of 15 pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import detectors
from models.detectors._shrinking import shrunk
from models.types import Availability, Detections, Modality, ModelInfo
from models.weights.files import Address, WeightsFile
from models.weights.store import store

NETWORK = "face_detection_yunet_2023mar.onnx"

LONG_SIDE = 960
"""Pixels. Larger frames are shrunk to this; the faces of a smaller frame are searched in as many pixels as they have."""

LEAST = 0.6
"""Score from which a guess is a face. In a crowd of faces 16 pixels wide the real ones get 0.65 to 0.8, what is none up to 0.4."""

OVERLAP = 0.3
"""IoU above which the weaker of two guesses is dropped, OpenCV's own value."""

CANDIDATES = 5000
"""Guesses that are looked at before that, OpenCV's own value."""

SMALLEST_FRAME = 32
"""Pixels: the coarsest grid of the network has one place every 32."""


@detectors.register("yunet")
class YuNet:
    """Finds faces of at least about 10 pixels after shrinking the frame to `long_side`; `None` searches at full resolution."""

    info = ModelInfo(
        name="yunet",
        modality=Modality.DETECTOR,
        version="2023mar, up to 960 px",
        summary="Face detector with five landmarks that finds very small faces; about 24 ms a frame on one core.",
        licence="MIT",
        source="https://github.com/opencv/opencv_zoo",
        weights=(
            WeightsFile(
                NETWORK,
                Address(
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/9e1930f0568560589e3bce9747246eb250aea65b"
                    f"/models/face_detection_yunet/{NETWORK}"
                ),
                "MIT",
                "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
                232589,
            ),
        ),
    )
    sure = LEAST
    """Score that a new face needs in a video: what it takes for a face is one, even where it is 16 pixels wide."""

    def __init__(self, long_side: int | None = LONG_SIDE, least: float = LEAST) -> None:
        """Raises `WeightsMissing`."""
        import cv2

        path = store().paths(self.info)[NETWORK]
        self._long_side = long_side
        self._network: Any = cv2.FaceDetectorYN.create(str(path), "", (320, 320), least, OVERLAP, CANDIDATES)

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        """Faces in each of `frames`, (H, W, 3) RGB uint8, surest first; landmarks and boxes in the pixels of the frame given."""
        return [self._detect_one(frame) for frame in frames]

    def _detect_one(self, frame: NDArray[np.uint8]) -> Detections:
        import cv2

        made = shrunk(frame, self._long_side, SMALLEST_FRAME)
        if made is None:
            return Detections.none()
        small, per_axis = made
        self._network.setInputSize(small.shape[1::-1])
        _, rows = self._network.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if rows is None:
            return Detections.none()
        rows = np.asarray(rows, np.float32)
        boxes = rows[:, :4] * np.tile(per_axis, 2)
        return Detections(boxes, rows[:, 14].clip(0, 1), rows[:, 4:14].reshape(-1, 5, 2) * per_axis)
