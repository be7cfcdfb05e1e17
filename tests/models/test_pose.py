from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.pose import HEAD, Pose, head_pose
from tests.models.pictures import detector, picture

SIZE = (640, 480)


def seen(pitch: float = 0, yaw: float = 0, roll: float = 0) -> np.ndarray:
    """Landmarks of the mean head, turned by degrees, a metre before the camera."""
    p, y, r = np.radians([pitch, yaw, roll])
    # In the image x goes right, y down, z away: looking up lifts the nose (−y), turning right moves it to +x, clockwise takes +x to +y.
    look_up = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    turn_right = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    clockwise = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    points = HEAD @ (clockwise @ turn_right @ look_up).T + [0, 0, 1000]
    return (points[:, :2] / points[:, 2:] * max(SIZE) + np.array(SIZE) / 2).astype(np.float32)


@pytest.mark.parametrize("yaw", [-40, -10, 0, 25])
@pytest.mark.parametrize("pitch", [-20, 0, 15])
def test_a_head_turned_by_known_degrees_is_measured_so(pitch: float, yaw: float) -> None:
    pose = head_pose(seen(pitch, yaw), SIZE)
    assert pose is not None
    assert (pose.pitch, pose.yaw, pose.roll) == pytest.approx((pitch, yaw, 0), abs=1.5)


@pytest.mark.parametrize("roll", [-50, -15, 20, 60])
def test_a_head_tilted_clockwise_has_positive_roll(roll: float) -> None:
    pose = head_pose(seen(roll=roll), SIZE)
    assert pose is not None
    assert (pose.pitch, pose.yaw, pose.roll) == pytest.approx((0, 0, roll), abs=1.5)


def test_a_mirrored_picture_turns_the_other_way(data: Path) -> None:
    image = picture(data / "images" / "one_face.jpg")
    size = (image.shape[1], image.shape[0])
    found = detector().detect([image])[0].landmarks[0]
    mirrored = found.copy()
    mirrored[:, 0] = size[0] - 1 - mirrored[:, 0]
    plain, other = head_pose(found, size), head_pose(mirrored[[1, 0, 2, 4, 3]], size)
    assert plain is not None and other is not None
    assert (other.pitch, other.yaw, other.roll) == pytest.approx((plain.pitch, -plain.yaw, -plain.roll), abs=0.5)


def test_a_tilted_picture_tilts_the_pose() -> None:
    upright = seen(pitch=5, yaw=10)
    middle = np.array(SIZE) / 2
    turned = ((upright - middle) @ np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]]) + middle).astype(np.float32)
    before, after = head_pose(upright, SIZE), head_pose(turned, SIZE)
    assert before is not None and after is not None
    assert after.roll - before.roll == pytest.approx(np.degrees(0.3), abs=3)


@pytest.mark.parametrize("landmarks", [np.full((5, 2), np.nan, np.float32), np.zeros((5, 2), np.float32), np.full((5, 2), 100, np.float32)])
def test_points_that_tell_nothing_have_no_pose(landmarks: np.ndarray) -> None:
    assert head_pose(landmarks, SIZE) is None


def test_a_pose_is_in_degrees() -> None:
    assert isinstance(head_pose(seen(yaw=30), SIZE), Pose)
