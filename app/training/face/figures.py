"""The figures of a run: the written file on FER-2013's public test faces, beside the network of `fer`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.training.face.data import FER2013, Faces
from app.training.face.evaluate import worth
from app.training.measures import BINS, calibration_error

AT_ONCE = 16
"""Faces a call where time is taken, as the product's adapters do it."""

Network = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Grey faces (N, SIDE, SIDE) uint8 to probabilities (N, K) in the order of FER2013, on one thread."""


def figures(weights: Path, public: Faces, uncalibrated: NDArray[np.float32]) -> dict[str, Any]:
    """What the network in the file `weights` is worth on the faces of `public`, and what fer's is where it is installed.

    `uncalibrated` (N, K) are its probabilities before the temperature.
    """
    theirs = _fer()
    return {
        "bins": BINS,
        "calibration_error_before": calibration_error(uncalibrated, public.emotions),
        "public_test": _measured(_written(weights), public),
        **({"fer": _measured(theirs, public)} if theirs else {}),
    }


def _measured(network: Network, public: Faces) -> dict[str, Any]:
    answers = np.concatenate([network(public.pixels[i : i + AT_ONCE]) for i in range(0, len(public), AT_ONCE)])
    return {**worth(answers, public.emotions), "milliseconds": milliseconds(network, public.pixels[:AT_ONCE])}


def milliseconds(network: Network, pixels: NDArray[np.uint8], rounds: int = 100) -> float:
    """Processor's time that one of `pixels` (N, SIDE, SIDE) takes, all being given at once; the median of `rounds`.

    The wall clock of a busy machine would measure its neighbours. `network` has one thread, the one that calls it.
    """
    taken = []
    for _ in range(rounds):
        begun = thread_time()
        network(pixels)
        taken.append((thread_time() - begun) / len(pixels) * 1000)
    return float(np.median(taken))


def _written(weights: Path) -> Network:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    return lambda pixels: np.asarray(session.run(None, {"faces": pixels.astype(np.float32)})[0])


def _fer() -> Network | None:
    from models.face.fer import Fer

    if not Fer.available().ready or Fer.info.labels is None:
        return None
    theirs = Fer(threads=1)
    order = [Fer.info.labels.classes.index(name.lower()) for name in FER2013.classes]
    return lambda pixels: theirs.score(np.repeat(pixels[..., None], 3, axis=3)).probabilities[:, order]
