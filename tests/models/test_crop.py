from __future__ import annotations

import numpy as np
import pytest

from models.face.crop import SHIFTS, TEMPLATE, alignment, crops

FACE = np.array([[110, 120], [170, 110], [145, 150], [125, 185], [168, 178]], np.float32)


def marked(points: np.ndarray, size: tuple[int, int] = (300, 320)) -> np.ndarray:
    """Black, with a soft white spot at each point."""
    y, x = np.mgrid[: size[0], : size[1]]
    spots = sum(np.exp(-((x - px) ** 2 + (y - py) ** 2) / 18) for px, py in points)
    return np.repeat((np.clip(spots, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)


def brightest(image: np.ndarray) -> np.ndarray:
    weights = image[..., 0].astype(float) ** 2
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.array([(x * weights).sum(), (y * weights).sum()]) / weights.sum()


@pytest.mark.parametrize("angle", [-0.6, 0.0, 0.9])
@pytest.mark.parametrize("size", [0.4, 1.0, 7.0])
def test_eyes_are_level_and_lie_where_the_template_has_them(angle: float, size: float) -> None:
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    face = (TEMPLATE * 100 @ turn.T + [400, 300]).astype(np.float32)
    matrix = alignment(face)
    np.testing.assert_allclose(face @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-3)


@pytest.mark.parametrize("side", [24, 64, 200])
def test_the_pixels_of_the_eye_come_to_lie_where_the_landmark_does(side: int) -> None:
    """Also where the crop is several times smaller than the face, and blocks of pixels are averaged first."""
    matrix = alignment(FACE) * side
    for point in FACE[:2]:
        expected = matrix[:, :2] @ point + matrix[:, 2]
        np.testing.assert_allclose(brightest(crops(marked(point[None]), FACE, side)[0]), expected, atol=0.6)


def test_a_turned_head_is_framed_as_large_as_one_seen_from_the_front() -> None:
    turned = FACE.copy()
    turned[[0, 1], 0] = [125, 160]  # the eyes draw together, the face keeps its height
    front, side = (np.hypot(*alignment(points)[:, 0]) for points in (FACE, turned))
    eyes_alone = np.hypot(60, 10) / np.hypot(35, 10)
    assert 1 < side / front < 1 + (eyes_alone - 1) / 2


def test_each_shift_moves_the_window_by_its_share_of_the_side() -> None:
    image = np.random.default_rng(0).integers(0, 255, (300, 320, 3), np.uint8)
    still, left, right, up, down = crops(image, FACE, 100, SHIFTS)
    np.testing.assert_array_equal(left[:, 2:], still[:, :-2])
    np.testing.assert_array_equal(right[:, :-2], still[:, 2:])
    np.testing.assert_array_equal(up[2:], still[:-2])
    np.testing.assert_array_equal(down[:-2], still[2:])


@pytest.mark.parametrize("offset", [(-130, 0), (150, 0), (0, -120), (0, 140), (-5000, 9000)])
def test_a_face_beyond_the_border_still_gives_a_crop_that_continues_the_border(offset: tuple[int, int]) -> None:
    image = np.full((300, 320, 3), 90, np.uint8)
    assert (crops(image, FACE + np.array(offset, np.float32), 128, SHIFTS) == 90).all()


@pytest.mark.parametrize("points", [np.zeros((5, 2)), TEMPLATE[::-1] * 50, np.full((5, 2), 1e5)])
def test_senseless_landmarks_give_a_crop_of_the_right_shape(points: np.ndarray) -> None:
    assert crops(np.zeros((50, 60, 3), np.uint8), points.astype(np.float32), 64).shape == (1, 64, 64, 3)
