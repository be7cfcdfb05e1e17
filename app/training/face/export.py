"""A trained beholder as one ONNX file."""

from __future__ import annotations

import warnings
from pathlib import Path
from unittest.mock import patch

import torch

from app.training.face.network import SIDE, Beholder

OPSET = 17


def export(beholder: Beholder, path: Path) -> None:
    """Writes `beholder` to `path`: input `faces` (B, SIDE, SIDE) float32 in [0, 255], output `probabilities` (B, K); B is free."""
    # torch serialises the graph itself; only to look for custom functions, of which there are none here, does it ask for the onnx package.
    custom = "torch.onnx._internal.torchscript_exporter.onnx_proto_utils._add_onnxscript_fn"
    with patch(custom, lambda proto, _: proto), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            beholder.eval(),
            (255 * torch.rand(2, SIDE, SIDE),),
            str(path),
            input_names=["faces"],
            output_names=["probabilities"],
            dynamic_axes={"faces": {0: "faces"}, "probabilities": {0: "faces"}},
            opset_version=OPSET,
            dynamo=False,
        )
