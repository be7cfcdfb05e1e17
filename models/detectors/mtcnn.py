"""MTCNN: a cascade of three small networks that finds faces and five landmarks (Zhang et al. 2016).

Implementation and weights are facenet-pytorch's; the weights lie in its wheel, so nothing is downloaded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import detectors
from models.detectors._shrinking import shrunk
from models.torch_threads import torch_threads
from models.types import Availability, Detections, Modality, ModelInfo
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.store import store

LONG_SIDE = 400
"""Pixels. Frames are shrunk to this before the search: the last network looks at 48×48 pixels anyway, and the search costs by area."""

SMALLEST_FACE = 0.08
"""Of the frame's long side. The search for smaller faces costs most, and they have too few pixels for an expression."""

THRESHOLDS = (0.6, 0.7, 0.7)
"""Of the three networks, as published."""

SHORTEST_SIDE = 13
"""Pixels. The first network's window is 12; a frame below it cannot be searched."""

WEIGHTS = tuple(
    WeightsFile(name, InstalledPackage("facenet-pytorch", f"facenet_pytorch/data/{name}"), "MIT", sha256, size)
    for name, sha256, size in (
        ("pnet.pt", "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f", 28_570),
        ("rnet.pt", "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86", 403_147),
        ("onet.pt", "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d", 1_559_269),
    )
)


@detectors.register("mtcnn")
class Mtcnn:
    """Finds faces of at least `smallest_face`: a share of the frame's long side up to 1, above that pixels of the searched frame.

    `long_side` in pixels is what frames are shrunk to (never enlarged); `None` searches at full resolution. More `threads` help on idle
    cores only: the networks are so small that on busy cores threads waiting for one another made a search 50 times slower.
    """

    info = ModelInfo(
        name="mtcnn",
        modality=Modality.DETECTOR,
        version="facenet-pytorch 2.6.0, 400 px, faces from 8 %",
        summary="Face detector with five landmarks: eyes, nose, corners of the mouth. Finds faces up to about three quarters turned.",
        licence="MIT",
        source="https://github.com/timesler/facenet-pytorch",
        weights=WEIGHTS,
    )

    def __init__(self, long_side: int | None = LONG_SIDE, smallest_face: float = SMALLEST_FACE, threads: int = 1) -> None:
        store().paths(self.info)  # facenet-pytorch reads them itself
        from facenet_pytorch import MTCNN

        self._long_side = long_side
        self._smallest_face = smallest_face
        self._threads = threads
        self._network: Any = MTCNN(keep_all=True, thresholds=list(THRESHOLDS)).eval()

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        """Faces in each of `frames`, (H, W, 3) RGB uint8, largest first; landmarks and boxes in the pixels of the frame given."""
        return [self._detect_one(frame) for frame in frames]

    def _detect_one(self, frame: NDArray[np.uint8]) -> Detections:
        import torch

        made = shrunk(frame, self._long_side, SHORTEST_SIDE)
        if made is None:
            return Detections.none()
        small, per_axis = made
        sides = small.shape[:2]
        smallest = self._smallest_face * max(sides) if self._smallest_face <= 1 else self._smallest_face
        self._network.min_face_size = min(max(20.0, smallest), float(min(sides) - 1))
        with torch.inference_mode(), torch_threads(self._threads):
            corners, confidence, landmarks = self._network.detect(small, landmarks=True)
        if corners is None:
            return Detections.none()
        corners = np.asarray(corners, np.float32)
        boxes = np.hstack([corners[:, :2] * per_axis, (corners[:, 2:] - corners[:, :2]) * per_axis])
        return Detections(
            boxes.astype(np.float32), np.asarray(confidence, np.float32).clip(0, 1), np.asarray(landmarks, np.float32) * per_axis
        )
