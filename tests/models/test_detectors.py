"""What every face detector must do on real pictures, whichever it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import detectors
from models.protocols import FaceDetector
from models.tracking.faces import overlap
from models.tracking.tracker import FaceTracker
from tests.models.pictures import decode, detector, picture
from tests.models.weights_at_hand import need

OURS = ("haar", "mediapipe", "yunet")

FOUND = {"haar": 4, "mediapipe": 5, "yunet": 5}
"""Of the five faces of `five_faces.jpg`."""


@cache
def load(name: str) -> FaceDetector:
    model = detectors.get(name)
    need(model.info)
    return model()


@pytest.mark.parametrize("name", ["haar", "mediapipe"])
def test_runs_with_nothing_downloaded(name: str) -> None:
    assert detectors.get(name).available().ready


@pytest.mark.parametrize("name", OURS)
def test_finds_the_faces_of_pictures_and_none_where_there_is_none(data: Path, name: str) -> None:
    one, five, none = load(name).detect([picture(data / "images" / f"{what}.jpg") for what in ("one_face", "five_faces", "no_face")])
    assert (len(one), len(five), len(none)) == (1, FOUND[name], 0)


@pytest.mark.parametrize("name", OURS)
def test_points_lie_on_the_eyes_nose_and_mouth_that_mtcnn_finds(data: Path, name: str) -> None:
    image = picture(data / "images" / "one_face.jpg")
    found, expected = load(name).detect([image])[0], detector().detect([image])[0]
    assert overlap(found.boxes[0], expected.boxes[0]) > 0.6
    away = np.linalg.norm(found.landmarks[0] - expected.landmarks[0], axis=1) / expected.boxes[0][2]
    assert away[:2].max() < 0.07 and away.max() < 0.15  # nose and corners of the mouth are assumed by some


@pytest.mark.parametrize("name", OURS)
def test_boxes_are_in_the_pixels_of_the_frame_however_far_it_is_shrunk_for_the_search(data: Path, name: str) -> None:
    image = picture(data / "images" / "one_face.jpg")
    once, thrice = (load(name).detect([one])[0].boxes[0] for one in (image, np.repeat(np.repeat(image, 3, axis=0), 3, axis=1)))
    np.testing.assert_allclose(thrice / 3, once, atol=0.08 * float(once[2]))


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("size", [(1, 1), (12, 400), (40, 30), (20, 1000)])
def test_a_frame_too_small_or_too_narrow_for_a_face_has_none(name: str, size: tuple[int, int]) -> None:
    assert len(load(name).detect([np.full((*size, 3), 128, np.uint8)])[0]) == 0


@pytest.mark.parametrize("name", OURS)
def test_the_tracker_follows_one_face_through_a_talking_clip(clips: Path, name: str) -> None:
    frames = list(FaceTracker(load(name)).follow(decode(clips / "talking_3.mp4", 46)))
    assert all([face.face_id for face in frame.faces] == [1] for frame in frames)


@pytest.mark.parametrize("name", OURS)
def test_the_tracker_follows_nobody_where_there_is_no_face(clips: Path, name: str) -> None:
    assert not any(frame.faces for frame in FaceTracker(load(name)).follow(decode(clips / "no_face.mp4")))


def test_yunet_finds_three_faces_of_16_pixels_that_no_other_detector_finds(clips: Path) -> None:
    frames = decode(clips / "three_faces_5_frames.mp4")
    found = load("yunet").detect([image for _, image in frames])
    assert [len(one) for one in found] == [3] * len(frames)
    assert {len(frame.faces) for frame in FaceTracker(load("yunet")).follow(frames)} == {3}
    assert all((one.boxes[:, 2] < 20).all() for one in found)
