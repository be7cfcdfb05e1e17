"""What a face network is worth on faces it never saw, and what calibrates it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from app.training.face.data import FER2013, Faces
from app.training.face.network import Beholder
from app.training.measures import calibration_error, confusion, mean_recall, recalls, softmax


@dataclass(frozen=True)
class Calibration:
    """What makes logits probabilities: `commonness` times the log-frequency of the classes is added, the sum divided by `temperature`.

    An onlooker is trained to judge every class as if all were as common; at `commonness` 1 it would lean to those common in training.
    """

    commonness: float
    temperature: float


@torch.no_grad()
def logits_of(beholder: Beholder, faces: Faces) -> NDArray[np.float32]:
    """The averaged logits (N, K) of `faces`."""
    return torch.cat([beholder.logits(some.float()) for some in torch.from_numpy(faces.pixels).split(256)]).numpy()


def probabilities(logits: NDArray[np.float32], log_frequency: NDArray[np.float32], calibration: Calibration) -> NDArray[np.float32]:
    """Calibrated probabilities (N, K) of logits (N, K)."""
    return softmax((logits + calibration.commonness * log_frequency) / calibration.temperature)


COMMONNESS = 0.5
"""On the held-out faces accuracy rises with it and mean recall falls; halfway both are close to the best that either reaches."""


def calibrate(logits: NDArray[np.float32], truth: NDArray[np.int64], log_frequency: NDArray[np.float32]) -> Calibration:
    """Halfway between all classes alike and as common as in training, with the temperature at which it is as sure as it is right."""
    accuracy = float((probabilities(logits, log_frequency, Calibration(COMMONNESS, 1.0)).argmax(1) == truth).mean())

    def gap(temperature: float) -> float:
        return abs(float(probabilities(logits, log_frequency, Calibration(COMMONNESS, temperature)).max(1).mean()) - accuracy)

    return Calibration(COMMONNESS, float(min(TEMPERATURES, key=gap)))


TEMPERATURES = np.exp(np.arange(np.log(0.2), np.log(5.0), 0.02))
"""Where the temperature is looked for: 0.2 to 5 in steps of 2 %."""


def worth(answers: NDArray[np.float32], truth: NDArray[np.int64]) -> dict[str, Any]:
    """Figures of probabilities (N, K) against the truth (N,), for the JSON."""
    return {
        "count": len(truth),
        "accuracy": float((answers.argmax(1) == truth).mean()),
        "mean_recall": mean_recall(answers, truth),
        "calibration_error": calibration_error(answers, truth),
        "recall": {FER2013.classes[k]: value for k, value in recalls(answers, truth).items()},
        "confusion": confusion(answers, truth),
    }
