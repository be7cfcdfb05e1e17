"""Settling a class that its makers call by two names, by what it says of labelled faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.kept import Calibration, Settles
from models.face.disputed import DisputedClass
from models.types import LabelSet


@dataclass(frozen=True)
class Settled:
    """Probabilities (N, K) and the right class (N,) of the faces whose answer is known now, and what was found of the disputed class."""

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    settles: Settles


def settle(disputed: DisputedClass, labels: LabelSet, probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> Settled:
    """`truth` (N,) numbers the classes of `labels` from 0, and the two names of the disputed one on from there.

    Faces of the name that it is found to have become faces of the class; the others, and both where nothing is settled, are left out.
    """
    numbers = [len(labels) + place for place in range(len(disputed.names))]
    first, second = (probabilities[truth == number, disputed.place] for number in numbers)
    name = disputed.by_evidence(first, second)
    said = None if name is None else (disputed.names.name, name)
    if name is not None:
        truth = np.where(truth == numbers[disputed.names.index(name)], disputed.place, truth)
    known = truth < len(labels)
    return Settled(probabilities[known], truth[known], {labels.classes[disputed.place]: said})


def verdicts(calibration: Calibration) -> list[str]:
    """For each disputed class a sentence on what the labelled faces told."""
    return [
        f"{label}: not settled by these faces, so nothing is concluded from it"
        if said is None
        else f"{label}: it is {said[1]}, by these faces"
        for label, said in calibration.settles.items()
    ]
