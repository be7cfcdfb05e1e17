from __future__ import annotations

import itertools
import threading
import weakref
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.face.stream import FrameFaces, score_faces
from models.tracking.tracker import FaceTracker
from tests.models.pictures import decode, detector, network, numbered, picture

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


@cache
def scored(path: Path, most: int = 10_000) -> list[FrameFaces]:
    return list(score_faces(decode(path, most), FaceTracker(detector()), network()))


def mean(frames: list[FrameFaces]) -> np.ndarray:
    return np.mean([face.probabilities for frame in frames for face in frame.faces], axis=0)


def test_every_frame_comes_once_in_order_with_scores_that_sum_to_one(clips: Path) -> None:
    frames = scored(clips / "talking_1.mp4")
    assert [frame.frame for frame in frames] == list(range(135))
    rows = np.array([frame.faces[0].probabilities for frame in frames])
    assert rows.shape == (135, 7) and rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-4)


def test_an_acted_surprise_is_seen_as_surprise(clips: Path) -> None:
    assert CLASSES[int(mean(scored(clips / "01-01-08-02-01-01-19.mp4")).argmax())] == "surprise"


def test_where_no_face_is_there_are_no_scores(clips: Path) -> None:
    frames = scored(clips / "face_then_none.mov", 90)
    assert [len(frame.faces) for frame in frames] == [1] * 72 + [0] * 18


def test_what_a_model_without_valence_says_of_valence_is_nothing(clips: Path) -> None:
    face = scored(clips / "talking_1.mp4")[0].faces[0]
    assert face.valence is None and face.arousal is None and face.pose is not None


def test_a_steady_score_changes_its_mind_less_often_than_each_frame_for_itself(clips: Path) -> None:
    frames = decode(clips / "talking_2.mp4", 60)
    steady = list(score_faces(frames, FaceTracker(detector()), network()))
    single = list(score_faces(frames, FaceTracker(detector(), every=1, smooth=False), network(), steady=False))

    def flicker(video: list[FrameFaces]) -> int:
        leading = [int(frame.faces[0].probabilities.argmax()) for frame in video]
        return sum(a != b for a, b in itertools.pairwise(leading))

    assert flicker(steady) <= flicker(single) / 2


def test_a_mirrored_face_is_scored_nearly_alike(data: Path) -> None:
    image = picture(data / "images" / "one_face.jpg")
    plain, mirrored = (
        next(score_faces(numbered([one]), FaceTracker(detector()), network())).faces[0].probabilities
        for one in (image, np.ascontiguousarray(image[:, ::-1]))
    )
    assert plain.argmax() == mirrored.argmax()
    assert np.abs(plain - mirrored).mean() < 0.08


def test_the_scores_of_several_faces_stay_with_their_faces(data: Path) -> None:
    image = picture(data / "images" / "five_faces.jpg")
    together = next(score_faces(numbered([image]), FaceTracker(detector()), network())).faces
    assert [face.face_id for face in together] == [1, 2, 3, 4, 5]
    for face in together:
        x, y, width, height = (round(v) for v in face.box)
        left, top = max(0, x - width), max(0, y - height)
        alone = np.ascontiguousarray(image[top : y + 2 * height, left : x + 2 * width])
        found = next(score_faces(numbered([alone]), FaceTracker(detector()), network())).faces
        middle = np.array([x + width / 2 - left, y + height / 2 - top])
        same = min(found, key=lambda one: float(np.abs(np.array(one.box[:2]) + np.array(one.box[2:]) / 2 - middle).sum()))
        assert np.abs(same.probabilities - face.probabilities).mean() < 0.1


def test_whoever_stops_looking_stops_the_following_too(clips: Path) -> None:
    video = (frame for frame in decode(clips / "talking_1.mp4", 60))
    still_read = weakref.ref(video)
    scores = score_faces(video, FaceTracker(detector()), network())
    del video
    assert next(scores).frame == 0
    assert still_read() is not None
    del scores
    assert still_read() is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_what_breaks_while_frames_are_followed_is_told_to_whoever_looks(clips: Path) -> None:
    def breaking():
        yield from decode(clips / "talking_1.mp4", 20)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(score_faces(breaking(), FaceTracker(detector()), network()))
