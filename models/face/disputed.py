"""A class that a model's makers call by two names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import LabelSet


@dataclass(frozen=True)
class DisputedClass:
    """What a face model says of such a class, as its `disputed`.

    `place` of the class in the model's labels; `names` the two, as the label set of that name has them; `by_evidence` says which, from the
    class's probabilities on faces labelled the first (N,) and the second (M,), or None where they do not settle it.
    """

    place: int
    names: LabelSet
    by_evidence: Callable[[NDArray[np.float32], NDArray[np.float32]], str | None]
