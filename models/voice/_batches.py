"""From pieces of sound to probabilities, alike pieces together: nothing is padded, so a piece is heard the same in any company."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.softmax import softmax

Ask = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Logits (B, K) of a batch (B, …) of inputs of one shape."""


def in_batches(inputs: Sequence[NDArray[np.float32]], ask: Ask, classes: int, batch: int) -> NDArray[np.float32]:
    """Probabilities (N, K) float32 of N inputs: the softmax of what `ask` answers to at most `batch` of one shape at a time."""
    logits = np.empty((len(inputs), classes), np.float32)
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for i, one in enumerate(inputs):
        by_shape.setdefault(one.shape, []).append(i)
    for alike in by_shape.values():
        for start in range(0, len(alike), batch):
            chosen = alike[start : start + batch]
            logits[chosen] = ask(np.stack([inputs[i] for i in chosen]))
    return softmax(logits)


def normalised(sound: NDArray[np.float32], epsilon: float) -> NDArray[np.float32]:
    """(n,) with mean 0 and variance 1: (x − mean) / sqrt(variance + `epsilon`). Digital silence stays silence."""
    return ((sound - sound.mean(dtype=np.float64)) / np.sqrt(sound.var(dtype=np.float64) + epsilon)).astype(np.float32)
