"""A TFLite network with one picture in and several tensors out."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import Availability


class Network:
    """The network in the file at `path`, on `threads` of the processor. Not to be run from two threads at once.

    Raises `WeightsAltered`, `UnreadableWeights`.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        from models.weights.loading import tflite

        self._interpreter: Any = tflite(path, threads)
        self._interpreter.allocate_tensors()
        given = self._interpreter.get_input_details()[0]
        self._input = int(given["index"])
        self._outputs = [int(output["index"]) for output in self._interpreter.get_output_details()]
        self.side = int(given["shape"][1])
        """Pixels: it looks at squares of this side."""

    def run(self, pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Its outputs, in the file's order and without the first axis, for (side, side, 3) RGB in the range it was trained on."""
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(pixels[None], np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(output)[0] for output in self._outputs]


def runtime() -> Availability:
    """Whether TFLite networks can be run here."""
    if find_spec("ai_edge_litert") is None:
        return Availability(False, "The package ai-edge-litert, which runs the network, is missing; `make setup` installs it.")
    return Availability(True)
