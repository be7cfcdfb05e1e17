"""How the answers for the moments of a clip become one for the clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.maps import LEAST


@dataclass(frozen=True)
class Pooling:
    """Moments count by their `shares` (M,) ≥ 0, of speech for a voice, all alike for a face.

    `sharpness`: None for the mean of probabilities, as faces are pooled over frames; for a voice the power to which the geometric mean over
    windows is raised (`models.voice.windows.pool`) before any calibration.
    """

    shares: NDArray[np.float64]
    sharpness: float | None = None

    def pool(
        self,
        probabilities: NDArray[np.floating],
        case: NDArray[np.int64],
        sharpness: float | None,
        shares: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """One row a case, (C, K), in the order of the cases' numbers; `case` (M,) says whose moment each row of (M, K) is."""
        rows = np.asarray(probabilities, np.float64)
        weights = self.shares if shares is None else shares
        _, place = np.unique(case, return_inverse=True)
        total = np.bincount(place, weights)
        values = rows if sharpness is None else np.log(np.maximum(rows, LEAST))
        mean = np.stack([np.bincount(place, weights * column) for column in values.T], axis=1) / total[:, None]
        if sharpness is None:
            return mean
        grown = np.exp(sharpness * (mean - mean.max(1, keepdims=True)))
        return grown / grown.sum(1, keepdims=True)

    def best_sharpness(
        self,
        probabilities: NDArray[np.floating],
        truth: NDArray[np.int64],
        case: NDArray[np.int64],
        shares: NDArray[np.float64] | None = None,
    ) -> float | None:
        """The power under which the cases' true classes are likeliest; None where the mean is plain.

        The pooled row is a softmax of mean log probabilities, so its best power is one over the best temperature of that row.
        """
        from models.calibration.fitting import fit_temperature

        if self.sharpness is None:
            return None
        rows = self.pool(probabilities, case, 1.0, shares)
        return 1 / fit_temperature(rows, self.of_cases(truth, case), np.ones(len(rows))).temperature

    @staticmethod
    def of_cases(truth: NDArray[np.int64], case: NDArray[np.int64]) -> NDArray[np.int64]:
        """The true class of each case, from that of its moments."""
        return truth[np.unique(case, return_index=True)[1]]
