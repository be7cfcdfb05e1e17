from __future__ import annotations

import numpy as np
import pytest

from models.softmax import softmax


@pytest.mark.parametrize("shape", [(7,), (3, 7), (2, 3, 7), (0, 7)])
def test_each_row_is_a_distribution_however_large_the_logits(shape: tuple[int, ...]) -> None:
    logits = np.random.default_rng(0).normal(0, 1e4, shape).astype(np.float32)
    rows = softmax(logits)
    assert rows.shape == shape and rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(-1), 1, atol=1e-6)


def test_odds_are_the_exponential_of_differences() -> None:
    np.testing.assert_allclose(softmax(np.log(np.array([[1.0, 2.0, 5.0]]))), [[0.125, 0.25, 0.625]], rtol=1e-6)
