from __future__ import annotations

import numpy as np
import pytest

from models.blaze.anchors import Guesses, decode, grid, merged, overlaps


@pytest.mark.parametrize(
    ("side", "layers", "count"), [(192, ((4, 1),), 2304), (128, ((8, 2), (16, 6)), 896), (224, ((8, 2), (16, 2), (32, 6)), 2254)]
)
def test_there_are_as_many_anchors_as_the_published_networks_have_outputs(
    side: int, layers: tuple[tuple[int, int], ...], count: int
) -> None:
    assert grid(side, layers).shape == (count, 2)


def test_anchors_are_the_middles_of_a_grid_row_by_row() -> None:
    np.testing.assert_allclose(grid(4, ((2, 2),)), [[0.25, 0.25]] * 2 + [[0.75, 0.25]] * 2 + [[0.25, 0.75]] * 2 + [[0.75, 0.75]] * 2)


def test_a_guess_is_read_in_pixels_from_its_anchor() -> None:
    anchors = np.array([[0.5, 0.25], [0.0, 0.0]], np.float32)
    values = np.array([[10, -10, 20, 40, 5, 0], [0, 0, 9, 9, 9, 9]], np.float32)
    found = decode(values, np.array([[0.0], [-9.0]], np.float32), anchors, 100, least=0.5)
    np.testing.assert_allclose(found.boxes, [[0.5, -0.05, 0.2, 0.4]], atol=1e-6)
    np.testing.assert_allclose(found.points, [[[0.55, 0.25]]], atol=1e-6)
    np.testing.assert_allclose(found.scores, [0.5])


def test_an_extreme_logit_is_a_certain_score_and_no_overflow() -> None:
    with np.errstate(all="raise"):
        found = decode(np.zeros((2, 6), np.float32), np.array([1e6, -300], np.float32), np.zeros((2, 2), np.float32), 10, least=0.5)
    assert found.scores.tolist() == [1.0]


def test_guesses_of_one_thing_are_their_weighted_mean_and_others_stay_apart() -> None:
    boxes = np.array([[0.0, 0, 1, 1], [0.2, 0, 1, 1], [5, 5, 1, 1]], np.float32)
    found = merged(Guesses(boxes, np.array([0.9, 0.3, 0.5], np.float32), boxes[:, None, :2]))
    np.testing.assert_allclose(found.boxes, [[0.05, 0, 1, 1], [5, 5, 1, 1]], atol=1e-6)
    np.testing.assert_allclose(found.points[0], [[0.05, 0]], atol=1e-6)
    np.testing.assert_allclose(found.scores, [0.9, 0.5])


def test_no_guesses_are_nothing() -> None:
    found = merged(Guesses(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 6, 2), np.float32)))
    assert found.boxes.shape == (0, 4) and found.points.shape == (0, 6, 2)


def test_a_box_without_area_overlaps_nothing() -> None:
    boxes = np.array([[0, 0, 0, 0], [0, 0, 2, 1]], np.float32)
    np.testing.assert_allclose(overlaps(boxes[0], boxes), [0, 0])
    np.testing.assert_allclose(overlaps(np.array([0, 0, 1, 1], np.float32), boxes), [0, 0.5])
