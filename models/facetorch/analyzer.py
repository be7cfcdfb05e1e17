"""facetorch's whole analyzer around any of our detectors: a frame in, its faces and their scores out.

It cuts faces out upright as they stand, by facetorch's own rules. The analysis of a video uses `models.face.facetorch_fer` instead, which
is given crops turned by the eyes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.facetorch_fer import FacetorchFer
from models.types import Detections, FaceScores

_one_at_a_time = threading.Lock()
"""facetorch times its methods with timers that belong to the classes: two calls at once raise `TimerError`."""


@dataclass(frozen=True)
class Analyzed:
    """The N faces of one frame and what the networks say of each, in the same order."""

    faces: Detections
    scores: FaceScores


class Analyzer:
    """`facetorch.FaceAnalyzer` with our `detector` of that name and the networks of `facetorch_fer` that are in the store.

    Raises `UnknownName` for a detector that is not registered, `WeightsMissing` and `UnsafeWeights` as the models themselves do.
    """

    def __init__(self, detector: str = "facetorch_retinaface", device: str = "cpu") -> None:
        from models.catalogue import detectors
        from models.weights.store import store

        detectors.get(detector)
        paths = store().paths(FacetorchFer.info)
        from facetorch import FaceAnalyzer
        from omegaconf import OmegaConf

        from models.facetorch.configuration import configuration

        tree: Any = OmegaConf.create(configuration(detector, paths, device))
        with _one_at_a_time:
            self._analyzer: Any = FaceAnalyzer(tree)

    def analyze(self, frame: NDArray[np.uint8]) -> Analyzed:
        """The faces in `frame`, (H, W, 3) RGB uint8, as the detector orders them; boxes and landmarks are the detector's."""
        import torch
        from codetiming import Timer

        from models.facetorch.answers import as_scores

        image = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)
        with _one_at_a_time:
            # Without its tensors the answer has no logits.
            data = self._analyzer.run(tensor=image, include_tensors=True, return_img_data=True)
            Timer.timers.clear()  # or every call's times are kept as long as the program runs
        if not data.faces:
            return Analyzed(Detections.none(), FaceScores(np.empty((0, len(FacetorchFer.info.labels or ())), np.float32)))
        corners = data.det.dets.numpy()
        faces = Detections(
            np.hstack([corners[:, :2], corners[:, 2:4] - corners[:, :2]]), corners[:, 4], data.det.landmarks.numpy().reshape(-1, 5, 2)
        )
        names = data.faces[0].preds
        return Analyzed(faces, as_scores({name: torch.stack([face.preds[name].logits for face in data.faces]) for name in names}))
