"""Finding a calibration from labelled cases, and saying honestly what it does to cases it has not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.maps import LEAST, CalibrationMap, Isotonic, Temperature
from models.calibration.pooling import Pooling
from models.calibration.reliability import Reliability, reliability

FOLDS = 5

FEWEST = 100
"""Groups (clips, faces) below which a calibration would be about those few and nothing else."""

FEWEST_A_CLASS = 50
"""Groups of each class below which a staircase is not tried: it would learn the steps of chance."""


class TooFewLabels(ValueError):
    """Not enough labelled cases to calibrate on; the message says how many there are and how many it takes."""


@dataclass(frozen=True)
class Fitted:
    """A calibration found on all cases, and how far the model could be believed without it and with it.

    `after` is measured out of sample: each fold of cases is mapped by a calibration that was found on the other folds. `cases_before` and
    `cases_after` tell the same of the cases' pooled answers, where they were asked for; `sharpness` is the power of that pooling, None for
    a plain mean.
    """

    map: CalibrationMap
    before: Reliability
    after: Reliability
    sharpness: float | None = None
    cases_before: Reliability | None = None
    cases_after: Reliability | None = None


def fit_temperature(probabilities: NDArray[np.floating], truth: NDArray[np.integer], weights: NDArray[np.floating]) -> Temperature:
    """The temperature in [0.05, 20] under which the true classes (N,) are likeliest."""
    from scipy.optimize import minimize_scalar

    logits = np.log(np.maximum(np.asarray(probabilities, np.float64), LEAST))
    true = np.arange(len(logits)), np.asarray(truth)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        top = scaled.max(1, keepdims=True)
        log_p = scaled - top - np.log(np.exp(scaled - top).sum(1, keepdims=True))
        return float(-(weights @ log_p[true]))

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-4})
    return Temperature(float(np.exp(found["x"])))


def fit_isotonic(probabilities: NDArray[np.floating], truth: NDArray[np.integer], weights: NDArray[np.floating]) -> Isotonic:
    """One staircase a class, each by the pool-adjacent-violators algorithm (scikit-learn's)."""
    from sklearn.isotonic import IsotonicRegression

    knots = []
    for k in range(probabilities.shape[1]):
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        steps.fit(np.asarray(probabilities[:, k], np.float64), np.asarray(truth == k, np.float64), sample_weight=weights)
        knots.append((tuple(map(float, steps.X_thresholds_)), tuple(map(float, steps.y_thresholds_))))
    return Isotonic(tuple(knots))


FITTERS: dict[str, Callable[[NDArray[np.floating], NDArray[np.integer], NDArray[np.floating]], CalibrationMap]] = {
    "temperature": fit_temperature,
    "isotonic": fit_isotonic,
}


def calibrate(
    probabilities: NDArray[np.floating],
    truth: NDArray[np.integer],
    cases: NDArray[np.integer] | None = None,
    apart: NDArray[np.integer] | None = None,
    method: str | None = None,
    pooling: Pooling | None = None,
) -> Fitted:
    """The calibration for answers (N, K) whose true classes are (N,).

    `cases` (N,) says which answers are of one case, as the frames of a clip are: together they count as one. `apart` (N,) says what no
    two folds may share, an actor for example. None: each answer stands for itself, each case may be in any fold. `method` is
    `temperature` or `isotonic`; None takes the one with the smaller log loss out of sample, and the temperature where a class has few
    labels. Raises `TooFewLabels`, and `ValueError` for an unknown method.
    """
    p, y = np.asarray(probabilities, np.float64), np.asarray(truth, np.int64)
    case = _numbered(np.arange(len(p)) if cases is None else cases)
    together = case if apart is None else _numbered(apart)
    sizes = np.bincount(case)
    if len(sizes) < FEWEST:
        raise TooFewLabels(f"{len(sizes)} labelled clips or faces are too few to calibrate on; it takes {FEWEST} at least")
    if together.max() < 1:
        raise TooFewLabels("all labelled clips are of one actor, so how far the model can be believed of another one cannot be measured")
    if method is not None and method not in FITTERS:
        raise ValueError(f"no calibration is called {method!r}; there are: {', '.join(FITTERS)}")
    weights = 1 / sizes[case]
    fold = np.random.default_rng(0).permutation(together.max() + 1)[together] % FOLDS
    names = [method] if method else _worth_trying(y, weights, p.shape[1])
    tried = {name: _out_of_sample(p, y, weights, fold, name) for name in names}
    after = {name: reliability(mapped, y, weights) for name, mapped in tried.items()}
    before = reliability(p, y, weights)
    if pooling is None:
        best = min(after, key=lambda name: after[name].log_loss)
        return Fitted(FITTERS[best](p, y, weights), before, after[best])
    pools = {name: _pooled_out_of_sample(tried[name], y, case, fold, pooling) for name in names}
    best = min(pools, key=lambda name: pools[name].log_loss)
    found = FITTERS[best](p, y, weights)
    mapped = found.apply(p)
    plain = reliability(pooling.pool(p, case, pooling.sharpness), pooling.of_cases(y, case))
    return Fitted(found, before, after[best], pooling.best_sharpness(mapped, y, case), plain, pools[best])


def _pooled_out_of_sample(
    mapped: NDArray[np.float32], y: NDArray[np.int64], case: NDArray[np.int64], fold: NDArray[np.int64], pooling: Pooling
) -> Reliability:
    """Of cases whose moments were mapped out of sample, pooled with a sharpness that was found on the other folds' cases."""
    rows, truth = np.empty((case.max() + 1, mapped.shape[1])), pooling.of_cases(y, case)
    for held_out in np.unique(fold):
        there, here = fold != held_out, fold == held_out
        sharpness = pooling.best_sharpness(mapped[there], y[there], case[there], pooling.shares[there])
        rows[np.unique(case[here])] = pooling.pool(mapped[here], case[here], sharpness, pooling.shares[here])
    return reliability(rows, truth)


def _numbered(names: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.unique(np.asarray(names), return_inverse=True)[1]


def _worth_trying(truth: NDArray[np.int64], weights: NDArray[np.float64], classes: int) -> list[str]:
    enough = np.bincount(truth, weights, classes).min() >= FEWEST_A_CLASS
    return ["temperature", "isotonic"] if enough else ["temperature"]


def _out_of_sample(
    p: NDArray[np.float64], y: NDArray[np.int64], weights: NDArray[np.float64], fold: NDArray[np.int64], method: str
) -> NDArray[np.float32]:
    mapped = np.empty(p.shape, np.float32)
    for held_out in np.unique(fold):
        there, here = fold != held_out, fold == held_out
        mapped[here] = FITTERS[method](p[there], y[there], weights[there]).apply(p[here])
    return mapped
