from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.catalogue import face_landmarkers
from models.landmarks.mediapipe_face import CHIN, FOREHEAD, POINTS, MediaPipeFace
from models.pose import head_pose
from models.protocols import FaceLandmarker
from models.types import Detections, FaceLandmarks
from tests.models.pictures import decode, detector, picture

Picture = NDArray[np.uint8]


@cache
def landmarker() -> MediaPipeFace:
    return MediaPipeFace()


def look(image: Picture) -> tuple[Detections, FaceLandmarks]:
    """What MTCNN finds in `image`, and the points on it."""
    found = detector().detect([image])[0]
    return found, landmarker().landmarks(image, found.boxes)


def of(values: NDArray[np.float32] | None) -> NDArray[np.float32]:
    assert values is not None
    return values


@pytest.fixture
def face(data: Path) -> Picture:
    return picture(data / "images" / "one_face.jpg")


@pytest.fixture
def five(data: Path) -> Picture:
    return picture(data / "images" / "five_faces.jpg")


def test_is_in_the_catalogue_and_runs_with_nothing_downloaded() -> None:
    assert face_landmarkers.get("mediapipe_face") is MediaPipeFace
    assert MediaPipeFace.available().ready
    assert isinstance(landmarker(), FaceLandmarker)


def test_points_agree_with_those_of_mtcnn_within_a_share_of_the_face(five: Picture) -> None:
    found, fitted = look(five)
    assert fitted.points.shape == (5, POINTS, 3)
    for box, points, five_points in zip(found.boxes, fitted.points, found.landmarks, strict=True):
        mine = np.stack([points[468], points[473], points[4], points[61], points[291]])[:, :2]  # irises, nose, corners of the mouth
        away = np.linalg.norm(mine - five_points, axis=1) / box[2]
        assert away.mean() < 0.08 and away.max() < 0.15  # MTCNN's own looks differ by up to 0.05


def test_the_mesh_covers_the_face_from_forehead_to_chin_and_the_nose_is_nearest(five: Picture) -> None:
    found, fitted = look(five)
    for box, points in zip(found.boxes, fitted.points, strict=True):
        assert points[FOREHEAD, 1] < points[4, 1] < points[CHIN, 1]
        assert points[CHIN, 1] - points[FOREHEAD, 1] > 0.6 * box[3]
        assert points[4, 2] < points[[127, 356], 2].min()  # before the temples


def test_pose_agrees_with_that_of_five_points_for_turned_heads(clips: Path) -> None:
    for clip in ("talking_1.mp4", "talking_2.mp4"):  # one turned to the right, one to the left, up and tilted
        _, image = decode(clips / clip, 1)[0]
        found, fitted = look(image)
        five_points = head_pose(found.landmarks[0], (image.shape[1], image.shape[0]))
        assert five_points is not None
        pitch, yaw, roll = of(fitted.pose)[0]
        assert abs(yaw - five_points.yaw) < 6 and abs(roll - five_points.roll) < 3 and abs(pitch - five_points.pitch) < 8


def test_a_picture_turned_by_20_degrees_turns_roll_by_20_and_little_else(face: Picture) -> None:
    height, width = face.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -20, 1)  # minus: clockwise as seen
    turned = np.asarray(cv2.warpAffine(face, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    (pitch, yaw, roll), (pitch_turned, yaw_turned, roll_turned) = of(look(face)[1].pose)[0], of(look(turned)[1].pose)[0]
    assert abs(roll_turned - roll - 20) < 2
    assert abs(pitch_turned - pitch) < 3 and abs(yaw_turned - yaw) < 3


def test_a_mirrored_picture_has_yaw_roll_and_sideways_gaze_of_the_other_sign(clips: Path) -> None:
    _, image = decode(clips / "talking_1.mp4", 1)[0]
    straight, mirrored = look(image)[1], look(np.ascontiguousarray(image[:, ::-1]))[1]
    (pitch, yaw, roll), (pitch_m, yaw_m, roll_m) = of(straight.pose)[0], of(mirrored.pose)[0]
    assert yaw > 5 and abs(yaw + yaw_m) < 2 and abs(roll + roll_m) < 2 and abs(pitch - pitch_m) < 2
    (up, aside), (up_m, aside_m) = of(straight.gaze)[0], of(mirrored.gaze)[0]
    assert aside > 5 and abs(aside + aside_m) < 4 and abs(up - up_m) < 4


def test_a_grin_is_not_taken_for_a_nod(clips: Path) -> None:
    """He grins with his head at rest; five points take the rising corners of his mouth for a nod of many degrees."""
    pitch: list[float] = []
    five_pitch: list[float] = []
    for _, image in decode(clips / "single_face_quiet.mp4")[::8]:
        found, fitted = look(image)
        five_points = head_pose(found.landmarks[0], (image.shape[1], image.shape[0]))
        assert five_points is not None
        pitch.append(of(fitted.pose)[0, 0])
        five_pitch.append(five_points.pitch)
    assert np.ptp(pitch) < 8 < 15 < np.ptp(five_pitch)


def test_eyes_that_look_into_the_camera_look_straight_and_closed_eyes_look_nowhere(clips: Path) -> None:
    frames = [image for _, image in decode(clips / "01-01-08-02-01-01-19.mp4")][::3]
    gaze = np.concatenate([of(look(image)[1].gaze) for image in frames])
    blinks = np.isnan(gaze).all(1)
    assert 1 <= blinks.sum() <= len(frames) // 3
    assert np.abs(np.median(gaze[~blinks], axis=0)).max() < 8


def test_an_open_mouth_is_wider_open_than_a_closed_one(clips: Path) -> None:
    frames = [image for _, image in decode(clips / "talking_1.mp4")][::5]
    opening = np.concatenate([of(look(image)[1].opening) for image in frames])
    assert opening.min() < 0.015 and 0.04 < opening.max() < 0.3


def test_where_no_face_is_nothing_is_said_of_it_and_the_other_is_as_alone(face: Picture) -> None:
    found, alone = look(face)
    boxes = np.vstack([np.array([[0, 0, 60, 60]], np.float32), found.boxes, np.full((1, 4), np.nan, np.float32)])
    fitted = landmarker().landmarks(face, boxes)
    assert np.isnan(fitted.points[[0, 2]]).all() and np.isnan(of(fitted.pose)[[0, 2]]).all() and np.isnan(of(fitted.opening)[[0, 2]]).all()
    np.testing.assert_array_equal(fitted.points[1], alone.points[0])


def test_no_boxes_have_no_points(face: Picture) -> None:
    assert landmarker().landmarks(face, np.empty((0, 4), np.float32)).points.shape == (0, POINTS, 3)
