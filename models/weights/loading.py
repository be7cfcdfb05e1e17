"""The only ways in which weights are read. None of them runs anything that a file holds, unless somebody vouches for that very file.

Each first compares the file with what is known of it: data by size and time where those are unchanged, else by sha256; what can run
always by the sha256 of the very bytes that are then read.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.types import WeightsAltered
from models.weights.errors import UnreadableWeights, UnsafeWeights
from models.weights.store import store

if TYPE_CHECKING:
    import onnxruntime
    import torch
    from numpy.typing import NDArray


def state_dict(path: Path) -> dict[str, Any]:
    """A PyTorch checkpoint of tensors and plain values, on the CPU. Nothing else is unpickled.

    Raises `UnsafeWeights` where the file holds anything else (a pickled model, a TorchScript archive, a bomb), `UnreadableWeights`.
    """
    import torch

    _unaltered(path)
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnsafeWeights(
            f"{path.name} holds more than tensors and was not read: {_first_line(error)}. Save its state_dict alone."
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError) as error:
        if "TorchScript" in str(error):
            raise UnsafeWeights(f"{path.name} is a TorchScript program, not a checkpoint of tensors; it was not read") from error
        raise UnreadableWeights(f"{path.name} cannot be read as a PyTorch checkpoint: {_first_line(error)}") from error
    if not isinstance(loaded, dict):
        raise UnreadableWeights(f"{path.name} holds a {type(loaded).__name__}, not a dictionary of tensors")
    return loaded


def safetensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a `.safetensors` file, on the CPU. Raises `UnreadableWeights`."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    _unaltered(path)
    try:
        return load_file(path)
    except SafetensorError as error:
        raise UnreadableWeights(f"{path.name} cannot be read as safetensors: {_first_line(error)}") from error


def torchscript(path: Path) -> torch.jit.ScriptModule:
    """A TorchScript program on the CPU, in evaluation mode. Raises `UnsafeWeights` unless it is vouched for, `UnreadableWeights`."""
    content = vouched(path)
    import torch

    try:
        return torch.jit.load(io.BytesIO(content), map_location="cpu").eval()
    except (RuntimeError, ValueError) as error:
        raise UnreadableWeights(f"{path.name} cannot be read as TorchScript: {_first_line(error)}") from error


def onnx_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """An ONNX network on the CPU. Raises `UnreadableWeights`."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states  # pyright: ignore[reportAttributeAccessIssue] — compiled

    _unaltered(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (states.InvalidProtobuf, states.InvalidGraph, states.InvalidArgument, states.Fail, states.NotImplemented) as error:
        raise UnreadableWeights(f"{path.name} cannot be read as ONNX: {_first_line(error)}") from error


def tflite(path: Path, threads: int = 1) -> Any:
    """An interpreter of a TensorFlow Lite network. Raises `UnreadableWeights`."""
    from ai_edge_litert.interpreter import Interpreter

    _unaltered(path)
    try:
        return Interpreter(model_path=str(path), num_threads=threads)
    except ValueError as error:
        raise UnreadableWeights(f"{path.name} cannot be read as TensorFlow Lite: {_first_line(error)}") from error


def keras_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a Keras `.h5` file by their paths in it (`conv2d/conv2d/kernel:0`), in the order of its layers.

    Raises `UnsafeWeights` for a file that points outside itself, `UnreadableWeights`.
    """
    from models.weights.keras import arrays

    _unaltered(path)
    return arrays(path)


def vouched(path: Path) -> bytes:
    """The content of a file, for a way of reading that can run what it holds: these bytes were looked at, whatever lies there by then.

    Raises `WeightsAltered`, and `UnsafeWeights` unless our manifest, or the user by `models add`, vouches for their sha256.
    """
    content, here = path.read_bytes(), store()
    sha256 = hashlib.sha256(content).hexdigest()
    if here.known_sha256(path) not in (None, sha256):
        raise _altered(path)
    if here.vouched_sha256(path) != sha256:
        raise UnsafeWeights(
            f"{path.name} can run code when it is read, and nobody vouches for it. If you trust where it came from: "
            f"`python -m app models add {path.parent.name} {path} --sha256 {sha256}`"
        )
    return content


def _unaltered(path: Path) -> None:
    """For content that is only data: the file's size and time are believed where they are those of its pin."""
    here = store()
    if here.known_sha256(path) not in (None, here.sha256(path)):
        raise _altered(path)


def _altered(path: Path) -> WeightsAltered:
    return WeightsAltered(f"{path} is not the file that was pinned; `python -m app models check` says more")


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200]
