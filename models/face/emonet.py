"""EmoNet: expression, valence and arousal from one face (Toisoul et al. 2021, https://doi.org/10.1038/s42256-020-00280-0).

A network that finds 68 landmarks looks at the face first; where it finds them is where the expression is looked for. Trained on AffectNet,
photographs of the web. In its training and its published test the 68 landmarks' box fills 0.55 of the crop's side; its authors' demo gives
it a detector's tight box. The crops of `models.face.crop` lie between, nearer to the demo.

Class 4 of the five-class weights is disputed: the authors' README and demo call it fear, while their own loader of AffectNet leaves fear
out and puts anger there. So it keeps both names, and the crosswalk abstains from it until the model has been calibrated on labelled faces:
then `class_four_by_evidence` says what they tell, the calibration keeps it, and evidence goes by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.crop import ONE
from models.face.disputed import DisputedClass
from models.face.resize import resized
from models.softmax import softmax
from models.torch_threads import torch_threads
from models.types import Availability, FaceScores, LabelSet, Modality, ModelInfo
from models.weights.errors import UnreadableWeights
from models.weights.files import Address, WeightsFile
from models.weights.store import store

if TYPE_CHECKING:
    from models.face._emonet_network import EmoNetwork

SIDE = 256
"""Pixels: what the network looks at."""

BATCH = 4
"""Faces a call. More is no faster on one core, and each takes about 60 MB while it is looked at."""

COMMIT = "49eef301513686d6cfd8304682d3ba7216baf398"
"""Of github.com/face-analysis/emonet: what lies under it cannot change."""

LICENCE = "CC BY-NC-ND 4.0"

CLEARLY = 0.6
"""A share of pairs that is worth a name: below it even a certain difference would mean a class that hardly tells the two apart."""

SURE = 3.0
"""Standard errors from a coin's toss."""


def _info(name: str, summary: str, labels: LabelSet, git_blob: str) -> ModelInfo:
    file = f"{name}.pth"
    url = f"https://raw.githubusercontent.com/face-analysis/emonet/{COMMIT}/pretrained/{file}"
    return ModelInfo(
        name=name,
        modality=Modality.FACE,
        version=f"emonet {COMMIT[:7]}, {file}",
        summary=summary,
        licence=f"{LICENCE} (no commercial use)",
        source="https://github.com/face-analysis/emonet",
        labels=labels,
        weights=(WeightsFile(file, Address(url), LICENCE, git_blob=git_blob),),
    )


class EmoNet:
    """What both share: classes, valence and arousal from an RGB face of 256×256 pixels."""

    info: ClassVar[ModelInfo]
    crop_side = SIDE
    crop_shifts = ONE
    """A face takes it about a fifth of a second."""

    def __init__(self, threads: int = 2, device: str = "cpu") -> None:
        """On `device`, "cpu" with so many `threads`, or "cuda".

        Raises `WeightsMissing`, `WeightsAltered`, `UnsafeWeights`, or `UnreadableWeights` where the file holds another network.
        """
        (path,) = store().paths(self.info).values()
        self._threads, self._device = threads, device
        self._network = load(path, len(self.info.labels or ())).to(device)

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Class probabilities, valence and arousal of (N, H, W, 3) RGB uint8 crops of any size; N may be 0."""
        classes = len(self.info.labels or ())
        rows = [self._run(as_input(faces[start : start + BATCH])) for start in range(0, len(faces), BATCH)]
        answers = np.concatenate(rows) if rows else np.empty((0, classes + 2), np.float32)
        affect = answers[:, classes:].clip(-1, 1)
        return FaceScores(softmax(answers[:, :classes]), valence=affect[:, 0], arousal=affect[:, 1])

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode(), torch_threads(self._threads):
            faces = torch.from_numpy(pixels).to(self._device).contiguous(memory_format=torch.channels_last)
            return self._network(faces).cpu().numpy()


@face_models.register("emonet_8")
class EmoNet8(EmoNet):
    """Eight expressions, valence and arousal."""

    info = _info(
        "emonet_8",
        "Eight expressions, valence and arousal; right on 75 % of its authors' cleaned AffectNet test set, valence CCC 0.82, arousal 0.75.",
        LabelSet("emonet8", ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger", "Contempt")),
        git_blob="6833bfdcf8fc761deb7630256a750cf1f7c850c1",
    )


def class_four_by_evidence(on_fear: NDArray[np.float32], on_anger: NDArray[np.float32]) -> str | None:
    """Which expression class 4 of the five-class weights is: "Fear", "Anger", or None where the faces do not settle it.

    `on_fear` (N,) and `on_anger` (M,) are the class's probabilities on faces that people labelled fear and anger. What counts is the share
    of pairs, one face of each, in which the fearful one has the higher probability, ties by half; its standard error where the class tells
    nothing is √((N + M + 1) / 12 N M) (Mann and Whitney 1947). A name is given for a share beyond CLEARLY that is SURE errors from a half.
    """
    n, m = len(on_fear), len(on_anger)
    if n == 0 or m == 0:
        return None
    ordered = np.sort(on_anger)
    below = np.searchsorted(ordered, on_fear, "left") + np.searchsorted(ordered, on_fear, "right")
    share = float(below.sum()) / (2 * n * m)
    needed = max(CLEARLY - 0.5, SURE * np.sqrt((n + m + 1) / (12 * n * m)))
    if abs(share - 0.5) < needed:
        return None
    return "Fear" if share > 0.5 else "Anger"


@face_models.register("emonet_5")
class EmoNet5(EmoNet):
    """Four expressions and a disputed fifth class, valence and arousal."""

    info = _info(
        "emonet_5",
        "Five classes, valence and arousal; right on 82 % of its authors' cleaned AffectNet test set, valence CCC 0.90, arousal 0.80. "
        "Whether the fifth class is fear or anger is not settled: nothing is concluded from it until a calibration on faces tells.",
        LabelSet("emonet5", ("Neutral", "Happy", "Sad", "Surprise", "Fear (README) / Anger (loader)")),
        git_blob="61358cb3ea0fe410c01ee4ffff5ed1b49713af98",
    )
    disputed = DisputedClass(4, LabelSet("emonet8", ("Fear", "Anger")), class_four_by_evidence)


def as_input(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) RGB uint8 → (N, 3, 256, 256) float32 in [0, 1]."""
    return np.ascontiguousarray(resized(faces, SIDE).transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def load(path: Path, classes: int) -> EmoNetwork:
    """The network with the weights of a published state dict.

    Raises `UnsafeWeights`, and `UnreadableWeights` where an array of EmoNet with `classes` classes is missing or has another shape.
    """
    import torch

    from models.face._emonet_network import EmoNetwork
    from models.weights.loading import state_dict

    # The prefix is what training on several GPUs puts before every name.
    there = {str(key).removeprefix("module."): value for key, value in state_dict(path).items()}
    network = EmoNetwork(classes)
    expected = {key: value for key, value in network.state_dict().items() if not key.endswith("num_batches_tracked")}
    wrong = [key for key, value in expected.items() if _shape(there, key) != tuple(value.shape)]
    if wrong:
        first = wrong[0]
        raise UnreadableWeights(
            f"{path.name} does not hold EmoNet with {classes} classes: {first} must have shape {tuple(expected[first].shape)} and "
            f"{'has ' + str(_shape(there, first)) if first in there else 'is not there'}; {len(wrong)} of {len(expected)} arrays "
            f"do not fit, and the file holds {len(there)}: {', '.join([*there][:3]) or 'none'}{' …' if len(there) > 3 else ''}"
        )
    network.load_state_dict({key: there[key] for key in expected}, strict=False)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]  (missing in torch's stubs)
    return network.eval()


def _shape(arrays: Mapping[str, Any], key: str) -> tuple[int, ...] | None:
    return tuple(getattr(arrays.get(key), "shape", ())) if key in arrays else None
