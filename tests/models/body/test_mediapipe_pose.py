from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from models.blaze.anchors import Guesses
from models.blaze.region import Region
from models.body.mediapipe_pose import NAMES, MediaPipePose, person, refined
from models.catalogue import body_landmarkers
from models.protocols import BodyLandmarker
from tests.models.pictures import decode, detector, picture
from tests.models.weights_at_hand import need


@cache
def landmarker() -> MediaPipePose:
    need(MediaPipePose.info)
    return MediaPipePose()


def at(name: str) -> int:
    return NAMES.index(name)


def test_is_in_the_catalogue_with_its_33_points_and_says_what_it_lacks() -> None:
    assert body_landmarkers.get("mediapipe_pose") is MediaPipePose
    assert len(set(NAMES)) == 33
    availability = MediaPipePose.available()
    assert availability.ready or "python -m app models fetch mediapipe_pose" in availability.advice


def test_a_person_is_looked_at_upright_along_hips_and_head() -> None:
    frame = Region(100, 100, 200)
    lying = Guesses(np.zeros((1, 4), np.float32), np.ones(1, np.float32), np.array([[[0.5, 0.5], [0.9, 0.5]]], np.float32))
    region = person(lying, 0, frame)  # hips in the middle, head to the right: turned clockwise by a quarter
    np.testing.assert_allclose([region.x, region.y, region.side, region.angle], [100, 100, 200, np.pi / 2], rtol=1e-6)


def test_a_point_moves_to_the_middle_of_the_heat_around_it_and_stays_where_there_is_none() -> None:
    heat = np.full((64, 64, 3), -20, np.float32)
    heat[31:34, 22, 0] = 20
    points = np.array([[20 / 64, 32 / 64], [0.5, 0.5], [-0.1, 2.0]], np.float32)
    np.testing.assert_allclose(refined(points, heat), [[22 / 64, 32 / 64], [0.5, 0.5], [-0.1, 2.0]], atol=1e-4)


def test_heat_at_the_border_is_as_far_as_the_map_goes() -> None:
    heat = np.full((64, 64, 1), -20, np.float32)
    heat[0, 63, 0] = 20
    np.testing.assert_allclose(refined(np.array([[62 / 64, 1 / 64]], np.float32), heat), [[63 / 64, 0]], atol=1e-4)


def test_points_lie_on_the_face_that_mtcnn_finds_and_shoulders_below_it(clips: Path) -> None:
    assert isinstance(landmarker(), BodyLandmarker)
    _, image = decode(clips / "talking_1.mp4", 1)[0]
    seen, face = landmarker().bodies(image), detector().detect([image])[0]
    assert seen.points.shape == (1, 33, 3) and seen.visibility.shape == (1, 33)
    body, width = seen.points[0, :, :2], face.boxes[0][2]
    of_face = body[[at("right_eye"), at("left_eye"), at("nose"), at("mouth_right"), at("mouth_left")]]
    assert (np.linalg.norm(of_face - face.landmarks[0], axis=1) / width < 0.15).all()
    right, left = body[at("right_shoulder")], body[at("left_shoulder")]
    assert right[0] < of_face[:, 0].min() and left[0] > of_face[:, 0].max() and min(right[1], left[1]) > of_face[:, 1].max()


def test_what_lies_beyond_the_picture_has_no_visibility(clips: Path) -> None:
    _, image = decode(clips / "talking_1.mp4", 1)[0]
    seen = landmarker().bodies(image).visibility[0]
    assert seen[[at("nose"), at("left_shoulder"), at("right_shoulder")]].min() > 0.8
    assert seen[[at("left_knee"), at("right_ankle"), at("left_hip")]].max() < 0.2


def test_a_mirrored_picture_swaps_left_and_right(clips: Path) -> None:
    _, image = decode(clips / "talking_1.mp4", 1)[0]
    straight, mirrored = (landmarker().bodies(one).points[0] for one in (image, np.ascontiguousarray(image[:, ::-1])))
    for left, right in (("left_shoulder", "right_shoulder"), ("left_eye", "right_eye")):
        there = [image.shape[1] - mirrored[at(right), 0], mirrored[at(right), 1]]
        np.testing.assert_allclose(straight[at(left), :2], there, atol=0.05 * image.shape[1])


def test_a_picture_without_people_has_no_bodies(data: Path) -> None:
    seen = landmarker().bodies(picture(data / "images" / "no_face.jpg"))
    assert seen.points.shape == (0, 33, 3) and seen.visibility.shape == (0, 33)
