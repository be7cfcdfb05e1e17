from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from models.face.scored import FrameFaces, ScoredFace
from models.face.steady import REACH, steadied


def face(scores: np.ndarray, face_id: int = 1, arousal: float | None = None) -> ScoredFace:
    return ScoredFace(face_id, (0, 0, 10, 10), 1.0, True, np.zeros((5, 2), np.float32), None, scores.astype(np.float32), None, arousal)


def video(rows: np.ndarray) -> list[FrameFaces]:
    return [FrameFaces(index, (face(row),)) for index, row in enumerate(rows)]


def scores(frames: list[FrameFaces]) -> np.ndarray:
    return np.array([frame.faces[0].probabilities for frame in frames])


def tremble(rows: np.ndarray, size: float = 0.02) -> np.ndarray:
    moved = np.clip(rows + np.random.default_rng(3).normal(0, size, rows.shape), 0.001, None)
    return moved / moved.sum(1, keepdims=True)


def changes(rows: np.ndarray) -> int:
    return sum(a != b for a, b in pairwise(rows.argmax(1)))


def test_two_classes_nearly_equal_stop_changing_places_all_the_time() -> None:
    rows = tremble(np.tile([0.45, 0.44, 0.11], (100, 1)))
    steady = scores(list(steadied(video(rows))))
    assert changes(rows) > 20
    assert changes(steady) < changes(rows) / 2


def test_an_expression_that_sets_in_keeps_its_frame_and_its_height() -> None:
    rows = tremble(np.vstack([np.tile([0.8, 0.1, 0.1], (30, 1)), np.tile([0.1, 0.8, 0.1], (30, 1))]), 0.01)
    steady = scores(list(steadied(video(rows))))
    assert (steady[:30].argmax(1) == 0).all() and (steady[30:].argmax(1) == 1).all()
    assert steady[29, 0] > 0.75 and steady[30, 1] > 0.75


def test_every_frame_comes_out_once_in_order_and_rows_still_sum_to_one() -> None:
    rows = tremble(np.tile([0.3, 0.3, 0.4], (25, 1)), 0.05)
    steady = list(steadied(video(rows)))
    assert [frame.frame for frame in steady] == list(range(25))
    np.testing.assert_allclose(scores(steady).sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("length", [0, 1, 2, REACH, REACH + 1, 2 * REACH + 2])
def test_a_video_of_any_length_comes_out_whole(length: int) -> None:
    assert len(list(steadied(video(np.tile([0.5, 0.5], (length, 1)))))) == length


def test_nothing_is_averaged_over_a_gap_nor_from_one_face_to_another() -> None:
    low, high = np.array([0.50, 0.50]), np.array([0.52, 0.48])
    frames = [FrameFaces(0, (face(low),)), FrameFaces(1, ()), FrameFaces(2, (face(high), face(low, 2)))]
    first, gap, last = steadied(frames)
    assert gap.faces == ()
    np.testing.assert_allclose(first.faces[0].probabilities, low, atol=1e-6)
    np.testing.assert_allclose(last.faces[0].probabilities, high, atol=1e-6)
    np.testing.assert_allclose(last.faces[1].probabilities, low, atol=1e-6)


def test_arousal_goes_along_and_what_was_not_measured_stays_so() -> None:
    same = np.array([0.5, 0.5])
    frames = [FrameFaces(index, (face(same, arousal=value),)) for index, value in enumerate((0.0, 0.2))]
    for frame in steadied(frames):
        assert frame.faces[0].valence is None
        assert frame.faces[0].arousal is not None and 0 < frame.faces[0].arousal < 0.2


def test_frames_come_out_soon_however_long_the_video() -> None:
    given = 0

    def endless():
        nonlocal given
        while True:
            yield FrameFaces(given, (face(np.array([0.5, 0.5])),))
            given += 1

    steady = steadied(endless())
    for index in range(50):
        assert next(steady).frame == index
        assert given <= index + REACH


def test_action_units_are_steadied_with_the_scores_and_stay_missing_where_a_model_has_none() -> None:
    rows = np.tile([0.5, 0.3, 0.2], (20, 1))
    units = np.random.default_rng(1).uniform(0.4, 0.6, (20, 2)).astype(np.float32)
    frames = [FrameFaces(i, (replace(face(row), action_units=units[i]),)) for i, row in enumerate(rows)]
    steady = np.array([frame.faces[0].action_units for frame in steadied(frames)])
    assert steady.shape == (20, 2) and (steady.std(0) < units.std(0) / 1.5).all()
    assert all(frame.faces[0].action_units is None for frame in steadied(video(rows)))
