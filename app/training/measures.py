"""What answers are worth against the truth: recall, calibration, confusion. Arrays only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.calibration.reliability import BINS, reliability
from models.softmax import softmax as softmax  # given on to those who measure logits


def recalls(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> dict[int, float]:
    """Share of each occurring class's items whose most probable class is right."""
    answer = probabilities.argmax(1)
    return {int(k): float((answer[truth == k] == k).mean()) for k in np.unique(truth)}


def mean_recall(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Recall averaged over the classes that occur, each weighing alike ("unweighted average recall"). Chance is 1/K."""
    return reliability(probabilities, truth).mean_recall


def calibration_error(probabilities: NDArray[np.float32], truth: NDArray[np.int64], bins: int = BINS) -> float:
    """Expected calibration error, see `Reliability.ece`."""
    return reliability(probabilities, truth, bins=bins).ece


def confusion(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> list[list[int]]:
    """Counts, row = portrayed, column = most probable."""
    answer = probabilities.argmax(1)
    classes = range(probabilities.shape[1])
    return [[int(((truth == portrayed) & (answer == heard)).sum()) for heard in classes] for portrayed in classes]
