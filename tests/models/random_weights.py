"""The smallest files in the true layout of every model whose weights must be fetched, with random weights: they run the real loading
code and the real path from input to answer, and say nothing of quality.

`RANDOM` is by the model's name: what writes its files into its folder of the store in use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.face._emonet_network import EmoNetwork
from models.face.hsemotion import HsEmotion, HsEmotion7, HsEmotion8, HsEmotionMtl
from models.face.vgg_face import LAYOUT
from models.types import ModelInfo
from tests.models import voice_checkpoints
from tests.models.identity.sface_network import sface_network

LAYERS = (
    "conv2d_{}", "max_pooling2d_{}", "conv2d_{}", "conv2d_{}", "average_pooling2d_{}", "conv2d_{}", "conv2d_{}", "average_pooling2d_{}",
    "flatten_{}", "dense_{}", "dropout_{}", "dense_{}", "dropout_{}", "dense_{}",
)  # fmt: skip


def unpinned(info: ModelInfo) -> ModelInfo:
    """The same model where any file may be in the place of the pinned ones, whose sha256 and size random weights cannot have."""
    return replace(info, weights=tuple(replace(file, sha256=None, size=None) for file in info.weights))


def emonet_state(classes: int) -> dict[str, Any]:
    """A state dict of the published names, with statistics of normalisation that are not those of an untaught network."""
    torch.manual_seed(classes)
    weights = EmoNetwork(classes).state_dict()
    for key, value in weights.items():
        if key.endswith("running_mean"):
            value.uniform_(-0.2, 0.2)
        elif key.endswith("running_var"):
            value.uniform_(0.5, 2)
    return weights


def hsemotion_network(side: int, outputs: int, batch: int | str = "batch_size", colours: int = 3) -> tuple[bytes, NDArray[np.float32]]:
    """An ONNX file with the ends of HSEmotion's and next to nothing between: each colour's mean, then a dense layer. And that layer's kernel."""
    kernel = np.random.default_rng(outputs).normal(size=(outputs, colours)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["flat"]),
            helper.make_node("Gemm", ["flat", "kernel"], ["output"], transB=1),
        ],
        "random weights",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, colours, side, side])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, outputs])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString(), kernel


def keras_arrays(seed: int = 0) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    chance = np.random.default_rng(seed)
    return [
        (
            chance.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype(np.float32),
            chance.normal(0, 0.1, shape[-1]).astype(np.float32),
        )
        for shape in LAYOUT
    ]


def keras_file(
    path: Path, arrays: list[tuple[NDArray[np.float32], NDArray[np.float32]]], first: int = 1, whole_model: bool = False
) -> None:
    """A Keras file of weights: a group a layer, in the order of `layer_names`, each listing its arrays in `weight_names`.

    Layers are numbered from `first`, as they are in a later session of Keras.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers: dict[str, int] = {}
    names = []
    for layer in LAYERS:
        numbers[layer] = numbers.get(layer, first - 1) + 1
        names.append(layer.format(numbers[layer]))
    left = iter(arrays)
    with h5py.File(path, "w") as file:
        top = file.create_group("model_weights") if whole_model else file
        top.attrs["layer_names"] = [name.encode() for name in names]
        top.attrs["backend"], top.attrs["keras_version"] = b"tensorflow", b"2.2.0"
        for name in names:
            group = top.create_group(name)
            weights = dict(zip(("kernel:0", "bias:0"), next(left), strict=True)) if name.startswith(("conv", "dense")) else {}
            group.attrs["weight_names"] = [f"{name}/{key}".encode() for key in weights]
            for key, array in weights.items():
                group.create_dataset(f"{name}/{key}", data=array)
        if whole_model:
            file.create_dataset("optimizer_weights/Adam/iterations:0", data=7)


def yunet_network() -> onnx.ModelProto:
    """What YuNet's file takes and gives: scores, boxes and landmarks of the places of three grids, each from the mean colour there.

    The brighter a place the surer it is of a face; in the dark it finds none.
    """
    random = np.random.default_rng(0)
    nodes, answers, numbers = [], [], []
    for stride in (8, 16, 32):
        nodes.append(helper.make_node("AveragePool", ["input"], [f"small_{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2))
        for head, count in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            name, kernel = f"{head}_{stride}", random.normal(0, 0.01, (count, 3, 1, 1)).astype(np.float32)
            numbers.append(numpy_helper.from_array(np.abs(kernel) if count == 1 else kernel, f"{name}_kernel"))
            numbers.append(numpy_helper.from_array(np.array([1, -1, count], np.int64), f"{name}_shape"))
            nodes.append(helper.make_node("Conv", [f"small_{stride}", f"{name}_kernel"], [f"{name}_map"], kernel_shape=[1, 1]))
            nodes.append(helper.make_node("Transpose", [f"{name}_map"], [f"{name}_places"], perm=[0, 2, 3, 1]))
            nodes.append(helper.make_node("Reshape", [f"{name}_places", f"{name}_shape"], [f"{name}_rows"]))
            nodes.append(helper.make_node("Sigmoid" if count == 1 else "Identity", [f"{name}_rows"], [name]))
            answers.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, (640 // stride) ** 2, count]))
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 640, 640])
    graph = helper.make_graph(nodes, "yunet", [given], answers, numbers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)


def facenet_state() -> dict[str, torch.Tensor]:
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(0)
    return InceptionResnetV1(pretrained=None, classify=True, num_classes=8631).state_dict()


def _facetorch_detector(_: Path) -> None:
    from models.detectors.facetorch_retinaface import FacetorchRetinaFace
    from models.facetorch.networks import DETECTOR
    from tests.models.facetorch_networks import TinyRetinaFace, put_in_store

    torch.manual_seed(5)
    put_in_store(FacetorchRetinaFace.info, DETECTOR, TinyRetinaFace())


def _facetorch_faces(_: Path) -> None:
    from models.face.facetorch_fer import FacetorchFer
    from models.facetorch.networks import AU, EMBED, FER, VA
    from tests.models.facetorch_networks import TinyFace, put_in_store

    torch.manual_seed(5)
    for network, answers in ((FER, 8), (VA, 2), (AU, 41), (EMBED, 16)):
        put_in_store(FacetorchFer.info, network.file, TinyFace(answers))


def _emonet(classes: int) -> Callable[[Path], None]:
    return lambda folder: torch.save(emonet_state(classes), _in(folder, f"emonet_{classes}.pth"))


def _hsemotion(model: type[HsEmotion]) -> Callable[[Path], object]:
    answers = len(model.info.labels or ()) + 2 * model.affect
    return lambda folder: _in(folder, model.info.weights[0].name).write_bytes(hsemotion_network(model.crop_side, answers)[0])


def _in(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


RANDOM: dict[str, Callable[[Path], Any]] = {
    "facetorch_retinaface": _facetorch_detector,
    "yunet": lambda folder: onnx.save(yunet_network(), _in(folder, "face_detection_yunet_2023mar.onnx")),
    "facetorch_fer": _facetorch_faces,
    "deepface": lambda folder: keras_file(folder / "facial_expression_model_weights.h5", keras_arrays()),
    "vgg_face_emotion": lambda folder: keras_file(folder / "vgg_face_emotion.h5", keras_arrays()),
    "emonet_5": _emonet(5),
    "emonet_8": _emonet(8),
    "hsemotion_7": _hsemotion(HsEmotion7),
    "hsemotion_8": _hsemotion(HsEmotion8),
    "hsemotion_mtl": _hsemotion(HsEmotionMtl),
    "facenet_vggface2": lambda folder: torch.save(facenet_state(), _in(folder, "20180402-114759-vggface2.pt")),
    "sface": lambda folder: onnx.save(sface_network(), _in(folder, "face_recognition_sface_2021dec.onnx")),
    "sensevoice": voice_checkpoints.sensevoice,
    "speechbrain_iemocap": voice_checkpoints.speechbrain_iemocap,
    "wav2vec_english": voice_checkpoints.wav2vec_english,
}
