"""DeepFace's expression network: five convolutions and three dense layers in the manner of VGG, on 48×48 grey pixels, taught on FER-2013.

It is kept as a Keras `.h5` file of weights. Only arrays are read from it; torch computes, neither Keras nor TensorFlow is needed. Layers
are told by their order and shapes, not by their names, which Keras numbers anew in every session. The frame that `models.face.crop` cuts
is FER-2013's own, so a crop shows what the network was taught on; DeepFace itself gives it a detector's box.

Two models share the layout: `deepface` is the file of DeepFace's release, `vgg_face_emotion` whatever file of that layout a lab has of its
own, under a licence and with a worth that only the lab knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.resize import grey
from models.softmax import softmax
from models.torch_threads import torch_threads
from models.types import Availability, FaceScores, LabelSet, Modality, ModelInfo
from models.weights.errors import UnreadableWeights
from models.weights.files import Address, OwnFile, WeightsFile
from models.weights.store import store

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 48
"""Pixels: what the network looks at."""

BATCH = 32
"""Faces a call. More is no faster on two cores."""

LAYOUT: tuple[tuple[int, ...], ...] = (
    (5, 5, 1, 64),
    (3, 3, 64, 64),
    (3, 3, 64, 64),
    (3, 3, 64, 128),
    (3, 3, 128, 128),
    (128, 1024),
    (1024, 1024),
    (1024, 7),
)
"""Kernels as Keras has them: height, width, in, out of a convolution; in, out of a dense layer. Each has a bias of its outs."""

VGG_FACE_LICENCE = "VGG-Face's, no commercial use (so its author says; the repository is MIT)"


class KerasExpressions:
    """What both share: seven expressions from a face in grey, 48×48 pixels."""

    info: ClassVar[ModelInfo]

    def __init__(self, threads: int = 2) -> None:
        """Raises `WeightsMissing`, `WeightsAltered`, `UnsafeWeights`, or `UnreadableWeights` where the file has another layout."""
        (path,) = store().paths(self.info).values()
        self._threads = threads
        self._layers = load(path)

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Class probabilities of (N, H, W, 3) RGB uint8 crops of any size; N may be 0."""
        rows = [self._run(as_input(faces[start : start + BATCH])) for start in range(0, len(faces), BATCH)]
        return FaceScores(softmax(np.concatenate(rows) if rows else np.empty((0, LAYOUT[-1][-1]), np.float32)))

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode(), torch_threads(self._threads):
            return logits(torch.from_numpy(pixels), self._layers).numpy()


@face_models.register("deepface")
class DeepFace(KerasExpressions):
    """DeepFace's own weights."""

    info = ModelInfo(
        name="deepface",
        modality=Modality.FACE,
        version="deepface_models v1.0, facial_expression_model_weights.h5",
        summary="DeepFace's seven expressions: a small network in the manner of VGG, taught on FER-2013.",
        licence=VGG_FACE_LICENCE,
        source="https://github.com/serengil/deepface_models",
        labels=LabelSet("deepface", ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")),
        weights=(
            WeightsFile(
                "facial_expression_model_weights.h5",
                Address("https://github.com/serengil/deepface_models/releases/download/v1.0/facial_expression_model_weights.h5"),
                VGG_FACE_LICENCE,
            ),
        ),
    )


@face_models.register("vgg_face_emotion")
class VggFaceEmotion(KerasExpressions):
    """A file of the same layout that its users bring."""

    info = ModelInfo(
        name="vgg_face_emotion",
        modality=Modality.FACE,
        version="own file of DeepFace's layout",
        summary="Seven expressions from a Keras file of your own with DeepFace's layout and FER-2013's order of classes.",
        licence="that of the file (yours to know)",
        source="a file of your own; the layout is https://github.com/serengil/deepface, models/demography/Emotion.py",
        labels=LabelSet("fer2013", ("Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral")),
        weights=(
            WeightsFile(
                "vgg_face_emotion.h5",
                OwnFile("a Keras .h5 file of your own, with the layout of DeepFace's expression network"),
                "that of the file",
            ),
        ),
    )


def as_input(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, H, W, 3) RGB uint8 → (N, 1, 48, 48) float32 grey in [0, 1]."""
    return np.asarray(grey(faces, SIDE)[:, None] / np.float32(255), np.float32)


def load(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Kernel and bias of each layer as torch has them: (out, in, height, width) or (out, in), and (out,).

    Raises `UnsafeWeights`, and `UnreadableWeights` for any other layout.
    """
    from models.weights.loading import keras_arrays

    arrays = keras_arrays(path)
    found = [array.shape for array in arrays.values()]
    expected = [shape for kernel in LAYOUT for shape in (kernel, kernel[-1:])]
    if found != expected:
        raise UnreadableWeights(f"{path.name} has not the layout of DeepFace's expression network: {_difference(found, expected)}")
    tensors = [_as_torch(array) for array in arrays.values()]
    return list(zip(tensors[::2], tensors[1::2], strict=True))


def _as_torch(array: NDArray[np.floating]) -> Tensor:
    """Outs first: (height, width, in, out) → (out, in, height, width), (in, out) → (out, in)."""
    import torch

    turned = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T
    return torch.from_numpy(np.ascontiguousarray(turned, np.float32))


def logits(faces: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    """(N, 1, 48, 48) in [0, 1] → (N, 7). No convolution and no pooling is padded; 48 becomes 44, 20, 16, 7, 3 and 1."""
    from torch.nn.functional import avg_pool2d, conv2d, linear, max_pool2d, relu

    convolutions, dense = layers[:5], layers[5:]
    x = faces
    for place, layer in enumerate(convolutions):
        x = relu(conv2d(x, *layer))
        if place == 0:
            x = max_pool2d(x, 5, stride=2)
        elif place in (2, 4):
            x = avg_pool2d(x, 3, stride=2)
    x = x.flatten(1)
    for layer in dense[:-1]:
        x = relu(linear(x, *layer))
    return linear(x, *dense[-1])


def _difference(found: list[tuple[int, ...]], expected: list[tuple[int, ...]]) -> str:
    """What the first differing array is and should be, and how many there are where that differs."""
    said = []
    if len(found) != len(expected):
        said.append(f"it holds {len(found)} array{'s' * (len(found) != 1)}, expected are {len(expected)}")
    for place, (there, wanted) in enumerate(zip(found, expected, strict=False), start=1):
        if there != wanted:
            said.append(f"array {place} is {_written(there)}, expected is {_written(wanted)}")
            break
    return "; ".join(said)


def _written(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a single number"
