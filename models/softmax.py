"""From logits to probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """(…, K) → (…, K) over the last axis: in [0, 1] and summing to 1, however large the logits; there may be no rows."""
    odds = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    return (odds / odds.sum(-1, keepdims=True)).astype(np.float32)
