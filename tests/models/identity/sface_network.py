"""A network of random weights in the shape of SFace's file, which cannot be had here."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def sface_network() -> onnx.ModelProto:
    """What SFace's file takes and gives, (1, 3, 112, 112) `data` to (1, 128) `fc1`, around a random projection of shrunk pixels."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(3 * 14 * 14, 128)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["data"], ["small"], kernel_shape=[8, 8], strides=[8, 8]),
            helper.make_node("Flatten", ["small"], ["flat"]),
            helper.make_node("MatMul", ["flat", "matrix"], ["fc1"]),
        ],
        "sface",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [1, 128])],
        [numpy_helper.from_array(matrix, "matrix")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
