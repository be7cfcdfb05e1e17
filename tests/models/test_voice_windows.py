"""Windows, the speech in them, and one answer from many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.voice.windows import HOP_US, LENGTH_US, pool, speech_share, windows


def test_windows_step_by_the_hop_and_the_last_ends_with_the_sound() -> None:
    assert windows(2_100_000).tolist() == [
        [0, 1_500_000],
        [250_000, 1_750_000],
        [500_000, 2_000_000],
        [600_000, 2_100_000],
    ]


def test_a_recording_shorter_than_a_window_has_one_and_an_empty_one_none() -> None:
    assert windows(900_000).tolist() == [[0, 900_000]]
    assert windows(0).shape == (0, 2)


@given(st.integers(1, 20_000_000))
def test_windows_cover_all_of_the_sound_and_nothing_else(duration: int) -> None:
    spans = windows(duration)
    assert spans.dtype == np.int64
    assert spans[0, 0] == 0 and spans[-1, 1] == duration
    assert (np.diff(spans[:, 0]) <= HOP_US).all() and (np.diff(spans[:, 0]) > 0).all()
    assert (spans[:, 1] - spans[:, 0] == min(duration, LENGTH_US)).all()


@pytest.mark.parametrize(("length", "hop"), [(0, 250_000), (1_500_000, 0), (1_500_000, -1)])
def test_a_length_or_hop_that_is_not_positive_is_refused(length: int, hop: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        windows(2_000_000, length, hop)


def test_the_share_of_speech_counts_every_stretch_in_the_window() -> None:
    spans = np.array([[0, 1_000], [500, 1_500], [5_000, 6_000]])
    speech = np.array([[100, 300], [900, 1_400]])
    assert speech_share(spans, speech).tolist() == pytest.approx([0.3, 0.5, 0.0])
    assert speech_share(spans, np.empty((0, 2), np.int64)).tolist() == [0, 0, 0]


def test_pooling_is_the_weighted_geometric_mean_and_weight_nought_leaves_a_window_out() -> None:
    rows = np.array([[0.8, 0.2], [0.2, 0.8], [0.0, 1.0]], np.float32)
    assert pool(rows[:2]) == pytest.approx([0.5, 0.5])
    # 0.8³ · 0.2 to 0.2³ · 0.8, each to the power 1/4: 4^(1/2) to 1.
    assert pool(rows, np.array([3, 1, 0], np.float32)) == pytest.approx([2 / 3, 1 / 3])


def test_sharpness_raises_the_odds_to_its_power() -> None:
    assert pool(np.array([[0.8, 0.2]] * 3, np.float32), sharpness=2.0) == pytest.approx([16 / 17, 1 / 17])


def test_a_flat_nought_in_one_window_does_not_break_the_pool() -> None:
    pooled = pool(np.array([[1.0, 0.0], [1.0, 0.0]], np.float32))
    assert pooled == pytest.approx([1.0, 0.0], abs=1e-6)


def test_where_nobody_spoke_the_pool_has_nothing_to_say() -> None:
    rows = np.array([[0.8, 0.2]], np.float32)
    assert pool(rows, np.zeros(1, np.float32)) is None
    assert pool(rows[:0]) is None


def test_weights_that_fit_no_window_are_refused() -> None:
    with pytest.raises(ValueError, match="1 windows need as many weights"):
        pool(np.array([[0.8, 0.2]], np.float32), np.array([0.5, 0.5], np.float32))
