from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.catalogue import detectors
from models.detectors.mtcnn import Mtcnn
from models.protocols import FaceDetector
from tests.models.pictures import detector, picture


def test_is_in_the_catalogue_and_ready() -> None:
    assert detectors.get("mtcnn") is Mtcnn
    assert Mtcnn.available().ready
    assert isinstance(detector(), FaceDetector)


@pytest.mark.parametrize(("name", "faces"), [("five_faces.jpg", 5), ("one_face.jpg", 1), ("no_face.jpg", 0)])
def test_finds_every_face_of_a_picture_and_no_other(data: Path, name: str, faces: int) -> None:
    found = detector().detect([picture(data / "images" / name)])[0]
    assert len(found) == faces
    assert (found.confidence > 0.9).all()


def test_landmarks_lie_in_their_box_and_left_is_left_in_the_image(data: Path) -> None:
    found = detector().detect([picture(data / "images" / "five_faces.jpg")])[0]
    for box, points in zip(found.boxes, found.landmarks, strict=True):
        inside = (points >= box[:2]) & (points <= box[:2] + box[2:])
        assert inside.all()
        left_eye, right_eye, nose, left_mouth, right_mouth = points
        assert left_eye[0] < right_eye[0] and left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_boxes_are_in_the_pixels_of_the_frame_however_far_it_is_shrunk_for_the_search(data: Path) -> None:
    image = picture(data / "images" / "one_face.jpg")
    large = np.repeat(np.repeat(image, 3, axis=0), 3, axis=1)
    once, thrice = (detector().detect([one])[0].boxes[0] for one in (image, large))
    np.testing.assert_allclose(thrice / 3, once, atol=0.06 * float(once[2]))


def test_several_frames_of_several_sizes_at_once_are_the_same_as_one_after_the_other(data: Path) -> None:
    images = [picture(data / "images" / name) for name in ("one_face.jpg", "no_face.jpg", "five_faces.jpg")]
    for together, alone in zip(detector().detect(images), (detector().detect([image])[0] for image in images), strict=True):
        np.testing.assert_array_equal(together.boxes, alone.boxes)


@pytest.mark.parametrize("size", [(1, 1), (12, 400), (13, 13), (40, 30), (20, 1000)])
def test_a_frame_too_small_or_too_narrow_for_a_face_has_none(size: tuple[int, int]) -> None:
    assert len(detector().detect([np.full((*size, 3), 128, np.uint8)])[0]) == 0


def test_no_frames_have_no_answers() -> None:
    assert detector().detect([]) == []
