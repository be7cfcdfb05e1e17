"""A trained listener as one ONNX file."""

from __future__ import annotations

import warnings
from pathlib import Path
from unittest.mock import patch

import torch

from app.training.voice.network import Listener
from models.voice.logmel import MELS

OPSET = 17


def export(listener: Listener, path: Path) -> None:
    """Writes `listener` to `path`: input `log_mel` (B, frames, MELS) float32, output `probabilities` (B, K); B and frames are free."""
    free = {"log_mel": {0: "windows", 1: "frames"}, "probabilities": {0: "windows"}}
    # torch serialises the graph itself; only to look for custom functions, of which there are none here, does it ask for the onnx package.
    custom = "torch.onnx._internal.torchscript_exporter.onnx_proto_utils._add_onnxscript_fn"
    with patch(custom, lambda proto, _: proto), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            listener.eval(),
            (torch.randn(2, 93, MELS),),
            str(path),
            input_names=["log_mel"],
            output_names=["probabilities"],
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )
