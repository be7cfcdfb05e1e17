"""What answers are worth against the truth: recall, calibration, confusion. Arrays only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Bins of equal width for the calibration error, the usual number (Guo et al. 2017)."""


def recalls(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> dict[int, float]:
    """Share of each occurring class's items whose most probable class is right."""
    answer = probabilities.argmax(1)
    return {int(k): float((answer[truth == k] == k).mean()) for k in np.unique(truth)}


def mean_recall(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Recall averaged over the classes that occur, each weighing alike ("unweighted average recall"). Chance is 1/K."""
    return float(np.mean(list(recalls(probabilities, truth).values())))


def calibration_error(probabilities: NDArray[np.float32], truth: NDArray[np.int64], bins: int = BINS) -> float:
    """Expected calibration error: |confidence − accuracy| averaged over items, in `bins` bins of confidence (Guo et al. 2017, eq. 3)."""
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[place == b].sum() - right[place == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(truth))


def confusion(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> list[list[int]]:
    """Counts, row = portrayed, column = most probable."""
    answer = probabilities.argmax(1)
    classes = range(probabilities.shape[1])
    return [[int(((truth == portrayed) & (answer == heard)).sum()) for heard in classes] for portrayed in classes]


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Logits (N, K) to probabilities."""
    grown = np.exp(logits - logits.max(1, keepdims=True))
    return (grown / grown.sum(1, keepdims=True)).astype(np.float32)
