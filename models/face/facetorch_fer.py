"""facetorch's networks for one face: expression (EfficientNet-B2, Savchenko 2022) and, where their files are there, the others.

Valence and arousal (ELIM, Kim et al. 2022), 41 action units (OpenGraphAU, Luo et al. 2022), an embedding (Bulat et al. 2022).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.crop import ONE
from models.facetorch.answers import SIDE
from models.facetorch.networks import AU, FER, NETWORKS, availability
from models.types import Availability, FaceScores, LabelSet, Modality, ModelInfo

BATCH = 16
"""Faces a call: 13 MB of pixels for the largest input."""


@face_models.register("facetorch_fer")
class FacetorchFer:
    """Eight expressions; valence, arousal, action units and an embedding with the networks that are there."""

    info = ModelInfo(
        name="facetorch_fer",
        modality=Modality.FACE,
        version="facetorch-fer-efficientnet-b2",
        summary="Eight expressions, and with further files valence, arousal, 41 action units, an embedding. Trained on AffectNet.",
        licence="Apache-2.0 (expression), MIT (the others)",
        source="https://github.com/tomas-gajarsky/facetorch",
        labels=LabelSet("facetorch_b2_8", FER.classes),
        weights=tuple(network.file for network in NETWORKS),
    )
    crop_side = SIDE
    crop_shifts = ONE
    action_units = AU.classes

    def __init__(self, device: str = "cpu") -> None:
        """Raises `WeightsMissing`, and `UnsafeWeights` where nobody vouches for a network."""
        import torch

        from models.weights.loading import torchscript
        from models.weights.store import store

        paths = store().paths(self.info)
        self._device = torch.device(device)
        self._networks: list[tuple[Any, Any]] = [
            (network, torchscript(paths[network.file.name]).to(self._device)) for network in NETWORKS if network.file.name in paths
        ]

    @classmethod
    def available(cls) -> Availability:
        return availability(cls.info)

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Scores of (N, H, W, 3) RGB uint8 crops of any size; N may be 0."""
        import torch

        from models.facetorch.answers import as_faces, as_scores, first, prepared

        if len(faces) == 0:
            return FaceScores(np.empty((0, len(FER.classes)), np.float32))
        answers: dict[str, list[torch.Tensor]] = {network.name: [] for network, _ in self._networks}
        with torch.inference_mode():
            for start in range(0, len(faces), BATCH):
                unified = as_faces(faces[start : start + BATCH]).to(self._device)
                for network, run in self._networks:
                    answers[network.name].append(first(run(prepared(unified, network))))
        return as_scores({name: torch.cat(rows) for name, rows in answers.items()})
