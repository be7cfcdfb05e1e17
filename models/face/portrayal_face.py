"""Our own face model: which of FER-2013's seven expressions a face shows. Its card is `portrayal_face.md` beside this file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.crop import ONE, Shifts
from models.face.resize import resized
from models.types import Availability, FaceScores, LabelSet, Modality, ModelInfo, WeightsAltered, WeightsMissing

FOLDER = Path(__file__).parent
FILE = "portrayal_face.onnx"

SIDE = 48
"""Pixels: what the network looks at."""

BATCH = 16
"""Faces a call. More is no faster on two cores."""


def facts(folder: Path = FOLDER) -> dict[str, Any]:
    """The JSON beside the weights: classes, checksum, temperature, and the figures of the training run that made them."""
    return json.loads((folder / "portrayal_face.json").read_text(encoding="utf-8"))


_FACTS = facts()


@face_models.register("portrayal_face")
class PortrayalFace:
    """Seven expressions from a face in grey, 48×48 pixels, framed as `models.face.crop` frames it."""

    info = ModelInfo(
        name="portrayal_face",
        modality=Modality.FACE,
        version=f"{_FACTS['version']}, sha256 {_FACTS['sha256'][:12]}",
        summary=f"A small network of this project; right on {_FACTS['figures']['public_test']['accuracy']:.0%} of FER-2013's public test "
        "faces, trained on that collection's web photographs. It names one of seven expressions and knows no blends.",
        licence="research use (as its training data, FER-2013)",
        source="app/training/face in this repository; card in models/face/portrayal_face.md",
        labels=LabelSet("fer2013", tuple(_FACTS["classes"])),
        mean_recall=_FACTS["figures"]["public_test"]["mean_recall"],
    )

    crop_side = 96
    """Pixels of the crops it asks for: twice what it looks at, so that halving them averages what a video frame has of detail."""

    crop_shifts: Shifts = ONE
    """One look, and one at the mirror image: a shift of 2 % moves its answers about half as far as fer's, or less (bench/steadiness.py)."""

    def __init__(self, folder: Path = FOLDER, threads: int = 2) -> None:
        """Loads the network from `folder`. Raises `WeightsMissing` if it is not there, `WeightsAltered` if it is not the one measured."""
        import onnxruntime

        weights = _checked(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    @classmethod
    def available(cls) -> Availability:
        """Ready if the weights are there and are those that were measured."""
        try:
            _checked(FOLDER)
        except WeightsMissing as problem:
            return Availability(False, str(problem))
        return Availability(True)

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Calibrated class probabilities of (N, H, W, 3) RGB uint8 crops of any size; N may be 0. Brightness and contrast do not count."""
        rows = [self._run(as_input(faces[start : start + BATCH])) for start in range(0, len(faces), BATCH)]
        return FaceScores(np.concatenate(rows) if rows else np.empty((0, len(_FACTS["classes"])), np.float32))

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._session.run(None, {"faces": pixels})[0])


def as_input(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) RGB uint8 → (N, 48, 48) float32 grey in [0, 255]."""
    import cv2

    return np.stack([cv2.cvtColor(face, cv2.COLOR_RGB2GRAY) for face in resized(faces, SIDE)]).astype(np.float32)


def _checked(folder: Path) -> bytes:
    path = folder / FILE
    if not path.is_file():
        raise WeightsMissing(
            f"{path} is missing: it comes with the source; restore it (git checkout -- models/face) or train it anew "
            "(python -m app.training.face --help)"
        )
    weights = path.read_bytes()
    given, wanted = hashlib.sha256(weights).hexdigest(), facts(folder)["sha256"]
    if given != wanted:
        raise WeightsAltered(f"{path} has sha256 {given}, its card was written for {wanted}: restore it (git checkout -- models/face)")
    return weights
