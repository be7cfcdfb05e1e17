"""How far probabilities can be believed: reliability, its error, and what else is said of a set of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Of equal width over [0, 1], as in Guo et al. 2017."""


@dataclass(frozen=True)
class Reliability:
    """What a model's answers were worth on N labelled cases.

    `counts`, `confidence`, `accuracy` have one entry a bin of the leading class's probability: how many cases, their mean probability,
    the share that was right; None where a bin is empty. `ece` is the expected calibration error: the mean of |accuracy - confidence| over
    the bins, weighted by count (Guo et al. 2017), in [0, 1]. `log_loss` in nats; `brier` is the multiclass Brier score, in [0, 2];
    `right` the share of cases in which the leading class was the true one; `mean_recall` the mean over the classes that occur of the
    share of their cases recognised.
    """

    cases: int
    right: float
    mean_recall: float
    ece: float
    log_loss: float
    brier: float
    counts: tuple[int, ...]
    confidence: tuple[float | None, ...]
    accuracy: tuple[float | None, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """What `document` wrote, also after JSON has made its tuples lists. Raises `TypeError` for anything else."""
        plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()}
        return cls(**plain)


def reliability(
    probabilities: NDArray[np.floating], truth: NDArray[np.integer], weights: NDArray[np.floating] | None = None, bins: int = BINS
) -> Reliability:
    """Of probabilities (N, K), rows summing to 1, and the true class (N,) of each. Raises `ValueError` without a case.

    `weights` (N,) ≥ 0 lets many cases of one thing (the frames of a clip) count as one; `cases` and `counts` are of rows all the same.
    """
    p, y = np.asarray(probabilities, np.float64), np.asarray(truth, np.int64)
    if len(p) == 0:
        raise ValueError("no labelled case was given, so nothing can be said of how far the model can be believed")
    w = np.ones(len(p)) if weights is None else np.asarray(weights, np.float64)
    w = w / w.sum()
    leading, sure = p.argmax(1), p.max(1)
    right = leading == y
    place = np.minimum((sure * bins).astype(int), bins - 1)
    share = np.bincount(place, w, bins)
    with np.errstate(invalid="ignore"):
        confidence, accuracy = np.bincount(place, w * sure, bins) / share, np.bincount(place, w * right, bins) / share
    there = share > 0
    recalls = [w[y == k] @ right[y == k] / w[y == k].sum() for k in np.unique(y) if w[y == k].sum() > 0]
    truth_rows = np.eye(p.shape[1])[y]
    return Reliability(
        cases=len(p),
        right=float(w @ right),
        mean_recall=float(np.mean(recalls)),
        ece=float(share[there] @ np.abs(accuracy - confidence)[there]),
        log_loss=float(-(w @ np.log(np.maximum(p[np.arange(len(p)), y], 1e-12)))),
        brier=float(w @ ((p - truth_rows) ** 2).sum(1)),
        counts=tuple(np.bincount(place, minlength=bins).tolist()),
        confidence=tuple(float(c) if ok else None for c, ok in zip(confidence, there, strict=True)),
        accuracy=tuple(float(a) if ok else None for a, ok in zip(accuracy, there, strict=True)),
    )


def entropy(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """How undecided each row (N, K) is: Shannon's entropy as a share of the greatest possible, in [0, 1]; NaN where nothing was said."""
    p = np.asarray(probabilities, np.float64)
    if p.shape[1] < 2:
        return np.zeros(len(p)) + 0 * p.sum(1)
    return -(p * np.log(np.maximum(p, 1e-12))).sum(1) / np.log(p.shape[1])


def margin(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far the leading class of each row (N, K ≥ 2) is ahead of the next, in [0, 1]; NaN where nothing was said."""
    ordered = np.sort(np.asarray(probabilities, np.float64), axis=1)
    return ordered[:, -1] - ordered[:, -2]
