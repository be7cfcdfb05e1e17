"""Maps from a model's own probabilities to calibrated ones. Each is a frozen value that can be written down and read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

LEAST = 1e-7
"""What stands for a flat nought: a model that gave a class no chance at all must not forbid it for ever."""


@dataclass(frozen=True)
class Temperature:
    """One number that makes a model less sure (above 1) or surer (below 1) and changes no ranking.

    Guo et al. 2017, "On calibration of modern neural networks": softmax(logits / T), which for probabilities is p^(1/T) brought to sum 1.
    Raises `ValueError` unless `temperature` is positive and finite.
    """

    temperature: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError(f"a temperature is a positive number, not {self.temperature}")

    def apply(self, probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N, K) → (N, K) float32, rows summing to 1; NaN rows, where the model said nothing, stay NaN."""
        logits = np.log(np.maximum(np.asarray(probabilities, np.float64), LEAST)) / self.temperature
        grown = np.exp(logits - logits.max(1, keepdims=True, initial=-np.inf))
        return np.asarray(grown / grown.sum(1, keepdims=True), np.float32)

    def document(self) -> dict[str, Any]:
        return {"method": "temperature", "temperature": self.temperature}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        return cls(float(document["temperature"]))


@dataclass(frozen=True)
class Isotonic:
    """For each class a rising staircase from its probability to how often it was true; then each row is brought to sum 1.

    Zadrozny & Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates". It can mend any rising
    distortion, class by class, and asks for more labels than a temperature. `knots` holds for each of K classes two rising tuples of
    equal length: given probability and share true; between knots the map is straight, beyond them level.
    """

    knots: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]

    def __post_init__(self) -> None:
        for given, true in self.knots:
            if len(given) != len(true) or not given:
                raise ValueError("each class needs as many shares as probabilities, and one at least")
            if np.any(np.diff(given) < 0) or np.any(np.diff(true) < 0):
                raise ValueError("the knots of a staircase rise")

    def apply(self, probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N, K) → (N, K) float32, rows summing to 1; NaN rows stay NaN. Raises `ValueError` for another number of classes."""
        p = np.asarray(probabilities, np.float64)
        if p.shape[1:] != (len(self.knots),):
            raise ValueError(f"this calibration is for {len(self.knots)} classes, not {p.shape[1:]}")
        mapped = np.stack([np.interp(p[:, k], *self.knots[k]) for k in range(len(self.knots))], axis=1) if len(p) else p
        mapped = np.maximum(mapped, LEAST) + 0 * p  # interp answers NaN with a number on some platforms; missing stays missing
        return np.asarray(mapped / mapped.sum(1, keepdims=True), np.float32)

    def document(self) -> dict[str, Any]:
        return {"method": "isotonic", "knots": [[list(given), list(true)] for given, true in self.knots]}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        return cls(tuple((tuple(map(float, given)), tuple(map(float, true))) for given, true in document["knots"]))


CalibrationMap = Temperature | Isotonic

METHODS: dict[str, type[Temperature] | type[Isotonic]] = {"temperature": Temperature, "isotonic": Isotonic}


def read_map(document: Mapping[str, Any]) -> CalibrationMap:
    """The map that `document()` wrote. Raises `ValueError`, naming the methods there are, where it is none."""
    try:
        return METHODS[document["method"]].read(document)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a calibration this version knows (it knows: {', '.join(METHODS)}): {error}") from error
