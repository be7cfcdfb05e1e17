"""HSEmotion: EfficientNets that read expressions, made small enough for a telephone (Savchenko 2021, https://arxiv.org/abs/2103.17107).

Taught first to tell people apart (VGGFace2), then on AffectNet. The ONNX files of the project are run as they are. The networks were given
the box of a face detector, cut without margins, at 224 or 260 pixels; the crops of `models.face.crop` are about as tight.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.crop import ONE
from models.face.resize import resized
from models.softmax import softmax
from models.types import Availability, FaceScores, LabelSet, Modality, ModelInfo
from models.weights.errors import UnreadableWeights
from models.weights.files import Address, WeightsFile
from models.weights.store import store

if TYPE_CHECKING:
    import onnxruntime

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
"""ImageNet's, of red, green, blue in [0, 1]; every EfficientNet here was taught with them."""

BATCH = 8
"""Faces a call. More is no faster on two cores."""

COMMIT = "f1df0e8548c666d268826e50b7de107fd5553e9d"
"""Of github.com/sb-ai-lab/EmotiEffLib, where HSEmotion lives now: what lies under it cannot change."""

SEVEN = LabelSet("hsemotion_7", ("Anger", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise"))
EIGHT = LabelSet("hsemotion_8", ("Anger", "Contempt", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise"))


def _info(name: str, network: str, summary: str, labels: LabelSet, git_blob: str) -> ModelInfo:
    file = f"{network}.onnx"
    url = f"https://raw.githubusercontent.com/sb-ai-lab/EmotiEffLib/{COMMIT}/models/affectnet_emotions/onnx/{file}"
    return ModelInfo(
        name=name,
        modality=Modality.FACE,
        version=f"EmotiEffLib {COMMIT[:7]}, {file}",
        summary=summary,
        licence="Apache-2.0 (its training data, AffectNet and VGGFace2, were given out for research)",
        source="https://github.com/sb-ai-lab/EmotiEffLib",
        labels=labels,
        weights=(WeightsFile(file, Address(url), "Apache-2.0", git_blob=git_blob),),
    )


class HsEmotion:
    """What the three share: an ONNX network that answers an RGB face with logits, and in one case with valence and arousal behind them."""

    info: ClassVar[ModelInfo]
    crop_side: ClassVar[int]
    crop_shifts = ONE
    affect: ClassVar[bool] = False
    """Whether valence and arousal stand behind the logits."""

    def __init__(self, threads: int = 2) -> None:
        """Raises `WeightsMissing`, `WeightsAltered`, or `UnreadableWeights` where the file holds another network."""
        from models.weights.loading import onnx_session

        (path,) = store().paths(self.info).values()
        self._session = onnx_session(path, threads)
        _check(path, self._session, self.crop_side, len(self.info.labels or ()) + 2 * self.affect)
        self._input: str = self._session.get_inputs()[0].name
        at_once = self._session.get_inputs()[0].shape[0]
        self._batch = at_once if isinstance(at_once, int) else BATCH

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Class probabilities of (N, H, W, 3) RGB uint8 crops of any size, with valence and arousal where `affect`; N may be 0."""
        classes = len(self.info.labels or ())
        rows = [self._run(faces[start : start + self._batch]) for start in range(0, len(faces), self._batch)]
        answers = np.concatenate(rows) if rows else np.empty((0, classes + 2 * self.affect), np.float32)
        probabilities = softmax(answers[:, :classes])
        if not self.affect:
            return FaceScores(probabilities)
        valence, arousal = answers[:, classes:].clip(-1, 1).T
        return FaceScores(probabilities, valence=valence, arousal=arousal)

    def _run(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(self._session.run(None, {self._input: as_input(faces, self.crop_side)})[0], np.float32)


@face_models.register("hsemotion_8")
class HsEmotion8(HsEmotion):
    """Eight expressions, EfficientNet-B2: the most accurate of the three, and the slowest."""

    crop_side = 260
    info = _info(
        "hsemotion_8",
        "enet_b2_8",
        "Eight expressions, EfficientNet-B2; right on 63 % of AffectNet's validation faces by its author's account.",
        EIGHT,
        "a7cb612cbab1ce3d50dd52e57285fb2c7ea6d0d9",
    )


@face_models.register("hsemotion_7")
class HsEmotion7(HsEmotion):
    """Seven expressions, without contempt, EfficientNet-B2."""

    crop_side = 260
    info = _info(
        "hsemotion_7",
        "enet_b2_7",
        "Seven expressions (no contempt), EfficientNet-B2; right on 66 % of AffectNet's validation faces of these classes by its author's "
        "account.",
        SEVEN,
        "cdd6a6070b72ed2e59e15e810ae0ecdbcb0f7626",
    )


@face_models.register("hsemotion_mtl")
class HsEmotionMtl(HsEmotion):
    """Eight expressions, valence and arousal, EfficientNet-B0: the quick one."""

    crop_side = 224
    affect = True
    info = _info(
        "hsemotion_mtl",
        "enet_b0_8_va_mtl",
        "Eight expressions, valence and arousal, EfficientNet-B0; right on 62 % of AffectNet's validation faces by its author's account.",
        EIGHT,
        "7ce9d6dd5b82b260bc19bfe7822a6ffa1abb6011",
    )


def as_input(faces: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """(N, H, W, 3) RGB uint8 → (N, 3, side, side) float32: (x / 255 − MEAN) / DEVIATION of each colour."""
    pixels = (resized(faces, side) / np.float32(255) - MEAN) / DEVIATION
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), np.float32)


def _check(path: Path, session: onnxruntime.InferenceSession, side: int, outputs: int) -> None:
    """Raises `UnreadableWeights` unless the network takes (N, 3, side, side) and gives (N, outputs): a black picture is tried."""
    taken = [list(end.shape) for end in session.get_inputs()]
    given: list[list[int | str]] = [list(end.shape) for end in session.get_outputs()]
    if _fits(taken, [3, side, side]):
        black = np.zeros((1, 3, side, side), np.float32)
        given = [list(np.asarray(answer).shape) for answer in session.run(None, {session.get_inputs()[0].name: black})]
        if given == [[1, outputs]]:
            return
    raise UnreadableWeights(
        f"{path.name} is not the network that was expected: it takes {_written(taken)} and gives {_written(given)}, "
        f"not N × 3 × {side} × {side} and N × {outputs}"
    )


def _fits(ends: list[list[int | str]], after_batch: list[int]) -> bool:
    """Whether there is one end, and it has these sizes or leaves them open."""
    if len(ends) != 1 or len(ends[0]) != len(after_batch) + 1:
        return False
    return all(not isinstance(there, int) or there == wanted for there, wanted in zip(ends[0][1:], after_batch, strict=True))


def _written(ends: list[list[int | str]]) -> str:
    return ", ".join(" × ".join(str(size or "?") for size in end) for end in ends) or "nothing"
