"""facetorch's face detector: RetinaFace on a ResNet-50, 27 million weights (Deng et al. 2020; biubug6's training on WIDER FACE)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.catalogue import detectors
from models.facetorch.networks import DETECTOR, availability
from models.types import Availability, Detections, Modality, ModelInfo

LONG_SIDE = 512
"""Pixels. At 1280×720 the search costs a sixth of that at full size, and the smallest priors are still 3 % of the frame's long side."""


@detectors.register("facetorch_retinaface")
class FacetorchRetinaFace:
    """Faces and five landmarks, turned and partly hidden ones too. `long_side` as in `models.facetorch.retinaface.RetinaFace`."""

    info = ModelInfo(
        name="facetorch_retinaface",
        modality=Modality.DETECTOR,
        version=f"facetorch-detector-retinaface, {LONG_SIDE} px",
        summary="Face detector with five landmarks. Large and slow on a CPU; finds small, turned and partly hidden faces.",
        licence="MIT",
        source="https://github.com/tomas-gajarsky/facetorch",
        weights=(DETECTOR,),
    )

    def __init__(self, long_side: int | None = LONG_SIDE, device: str = "cpu") -> None:
        """Raises `WeightsMissing`, and `UnsafeWeights` where nobody vouches for the network."""
        from models.facetorch.retinaface import RetinaFace
        from models.weights.loading import torchscript
        from models.weights.store import store

        network = torchscript(store().paths(self.info)[DETECTOR.name])
        self._search = RetinaFace(network, long_side, device)

    @classmethod
    def available(cls) -> Availability:
        return availability(cls.info)

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        """Faces in each of `frames`, (H, W, 3) RGB uint8, surest first; landmarks and boxes in the pixels of the frame given."""
        return [self._search.detect(frame) for frame in frames]
