from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.tracking.brief import BRIEF, without_brief
from models.tracking.cuts import CutWatch
from models.tracking.faces import FollowedFrame, TrackedFace, overlap
from models.tracking.flow import SmallGrey
from models.tracking.tracker import EVERY, FaceTracker
from tests.models.pictures import Frames, decode, detector, numbered, picture


@cache
def followed(path: Path, every: int = EVERY) -> list[FollowedFrame]:
    """Faces of a clip; its pictures dropped."""
    nothing = np.empty((0, 0, 3), np.uint8)
    return [replace(frame, image=nothing) for frame in FaceTracker(detector(), every).follow(decode(path))]


def follow(images: list[NDArray[np.uint8]], every: int = EVERY, smooth: bool = True) -> list[FollowedFrame]:
    return list(FaceTracker(detector(), every, smooth).follow(numbered(images)))


def ids(frame: FollowedFrame) -> list[int]:
    return [face.face_id for face in frame.faces]


def shrunk(frames: Frames, side: int = 360) -> list[NDArray[np.uint8]]:
    return [np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), np.uint8) for _, image in frames]


@pytest.mark.parametrize("name", ["01-01-08-02-01-01-19.mp4", "talking_1.mp4", "talking_2.mp4", "talking_3.mp4"])
def test_one_speaker_is_one_face_in_every_frame(clips: Path, name: str) -> None:
    frames = followed(clips / name)
    assert [frame.frame for frame in frames] == list(range(len(frames)))
    assert all(ids(frame) == [1] for frame in frames)


def test_no_frame_of_a_video_without_faces_has_one(clips: Path) -> None:
    frames = followed(clips / "no_face.mp4")
    assert len(frames) > 90
    assert not any(frame.faces for frame in frames)


def test_a_face_ends_on_the_very_frame_where_it_is_last_seen(clips: Path) -> None:
    """Frames 0 to 71 show a man, 72 and later a black screen and a cartoon."""
    frames = followed(clips / "face_then_none.mov")
    assert [frame.frame for frame in frames if frame.faces] == list(range(72))


def test_boxes_between_key_frames_lie_where_the_detector_would_find_them(clips: Path) -> None:
    frames = followed(clips / "talking_2.mp4")
    images = decode(clips / "talking_2.mp4")
    between = [frame for frame in frames if not frame.faces[0].detected][::9]
    assert len(between) > 10
    found = detector().detect([images[frame.frame][1] for frame in between])
    shares = [overlap(np.array(frame.faces[0].box), one.boxes[0]) for frame, one in zip(between, found, strict=True)]
    assert np.mean(shares) > 0.93
    assert min(shares) > 0.8


def test_the_detector_looks_at_few_frames_of_a_quiet_face(clips: Path) -> None:
    frames = followed(clips / "talking_2.mp4")
    assert sum(frame.faces[0].detected for frame in frames) <= len(frames) / 10
    assert frames[0].faces[0].detected and frames[EVERY].faces[0].detected and frames[-1].faces[0].detected


def test_boxes_tremble_less_than_the_detectors(clips: Path) -> None:
    path = clips / "talking_2.mp4"
    images = [image for _, image in decode(path, 40)]
    raw = np.array([found.boxes[0] for found in detector().detect(images)])
    steady = np.array([frame.faces[0].box for frame in followed(path)[:40]])

    def tremble(boxes: np.ndarray) -> float:
        return float(np.abs(np.diff(boxes, 2, axis=0)).mean())

    assert tremble(steady) < tremble(raw) / 4


def test_looking_at_every_frame_without_smoothing_is_the_detector_itself(clips: Path) -> None:
    images = [image for _, image in decode(clips / "talking_1.mp4", 6)]
    for frame, found in zip(follow(images, every=1, smooth=False), detector().detect(images), strict=True):
        np.testing.assert_allclose(frame.faces[0].box, found.boxes[0], atol=1e-3)
        np.testing.assert_allclose(frame.faces[0].landmarks, found.landmarks[0], atol=1e-3)
        assert frame.faces[0].detected


def test_confidence_of_a_followed_face_never_exceeds_that_of_its_key_frames(clips: Path) -> None:
    faces = [frame.faces[0] for frame in followed(clips / "talking_1.mp4")]
    most = max(face.confidence for face in faces if face.detected)
    between = [face.confidence for face in faces if not face.detected]
    assert min(between) > 0.5 and max(between) <= most


def test_five_people_in_a_moving_picture_keep_their_five_numbers(data: Path) -> None:
    still = picture(data / "images" / "five_faces.jpg")
    pan = [np.ascontiguousarray(still[:, 2 * step : still.shape[1] - 60 + 2 * step]) for step in range(20)]
    frames = follow(pan)
    assert all(ids(frame) == [1, 2, 3, 4, 5] for frame in frames)
    for before, after in zip(frames[0].faces, frames[19].faces, strict=True):
        assert after.box[0] - before.box[0] == pytest.approx(-38, abs=0.15 * before.box[2])


def test_a_mirrored_video_has_mirrored_boxes_and_the_head_turned_the_other_way(clips: Path) -> None:
    images = shrunk(decode(clips / "talking_2.mp4", 20))
    plain, mirrored = follow(images), follow([np.ascontiguousarray(image[:, ::-1]) for image in images])
    for one, other in zip(plain, mirrored, strict=True):
        a, b = one.faces[0], other.faces[0]
        assert 360 - (b.box[0] + b.box[2]) == pytest.approx(a.box[0], abs=0.08 * a.box[2])
        assert a.pose is not None and b.pose is not None
        assert (b.pose.pitch, b.pose.yaw, b.pose.roll) == pytest.approx((a.pose.pitch, -a.pose.yaw, -a.pose.roll), abs=6)


def test_somebody_else_after_a_cut_is_a_new_face(clips: Path) -> None:
    one, other = (shrunk(decode(clips / name, 20)) for name in ("01-01-08-02-01-01-19.mp4", "talking_2.mp4"))
    assert [ids(frame) for frame in follow(one + other)] == [[1]] * 20 + [[2]] * 20


def test_the_same_face_after_a_short_gap_keeps_its_number(clips: Path) -> None:
    face = shrunk(decode(clips / "talking_1.mp4", 20))
    black = [np.zeros_like(face[0])] * 9
    assert [ids(frame) for frame in follow(face + black + face)] == [[1]] * 20 + [[]] * 9 + [[1]] * 20


def test_somebody_else_after_a_gap_is_a_new_face(clips: Path) -> None:
    one, other = (shrunk(decode(clips / name, 16)) for name in ("talking_1.mp4", "talking_3.mp4"))
    black = [np.zeros_like(one[0])] * 9
    assert [ids(frame) for frame in follow(one + black + other)] == [[1]] * 16 + [[]] * 9 + [[2]] * 16


def test_a_face_cut_by_the_border_is_followed(clips: Path) -> None:
    frames = decode(clips / "01-01-08-02-01-01-19.mp4", 32)
    x, y, width, height = (int(v) for v in followed(clips / "01-01-08-02-01-01-19.mp4")[0].faces[0].box)
    cut = [np.ascontiguousarray(image[y + height // 12 : y + height + 60, x + width // 8 :]) for _, image in frames]
    found = follow(cut)
    assert all(ids(frame) == [1] for frame in found)
    assert min(frame.faces[0].box[0] for frame in found) < 2


def test_a_single_picture_is_a_video_too(data: Path) -> None:
    (frame,) = follow([picture(data / "images" / "one_face.jpg")])
    assert ids(frame) == [1] and frame.faces[0].detected


def test_no_frames_give_no_frames() -> None:
    assert follow([]) == []


def test_the_callers_numbers_of_frames_come_back(clips: Path) -> None:
    frames = [(10 * index + 7, image) for index, image in decode(clips / "single_face_quiet.mp4", 18)]
    out = list(FaceTracker(detector()).follow(frames))
    assert [frame.frame for frame in out] == [index for index, _ in frames]
    assert all(face.frame == frame.frame for frame in out for face in frame.faces)


def test_frames_of_another_size_begin_a_new_shot(clips: Path) -> None:
    frames = decode(clips / "talking_1.mp4", 6)
    out = follow([image for _, image in frames] + shrunk(frames))
    assert all(len(frame.faces) == 1 for frame in out)
    assert max(out[-1].faces[0].box) < 360


def test_few_frames_are_held_however_long_the_video(clips: Path) -> None:
    image = shrunk(decode(clips / "talking_1.mp4", 1))[0]
    alive: list[weakref.ref[NDArray[np.uint8]]] = []
    most = 0

    def long_video() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        for index in range(150):
            frame = image.copy()
            alive.append(weakref.ref(frame))
            yield index, frame

    for _ in FaceTracker(detector()).follow(long_video()):
        most = max(most, sum(one() is not None for one in alive))
    assert most <= EVERY + BRIEF + 3


def test_looking_less_often_than_never_is_refused() -> None:
    with pytest.raises(ValueError, match="every=0"):
        FaceTracker(detector(), every=0)


def test_only_another_picture_is_a_cut(clips: Path) -> None:
    greys = [
        [SmallGrey.of(image) for image in shrunk(decode(clips / name, 40))] for name in ("talking_1.mp4", "talking_3.mp4", "no_face.mp4")
    ]
    watch = CutWatch()
    cuts = [watch.begins_shot(grey) for shot in greys for grey in shot]
    assert [index for index, cut in enumerate(cuts) if cut] == [40, 80]


def _frame(index: int, *faces: tuple[int, float]) -> FollowedFrame:
    made = [TrackedFace(index, face_id, (0, 0, 1, 1), sure, True, np.zeros((5, 2), np.float32), None) for face_id, sure in faces]
    return FollowedFrame(index, np.empty((1, 1, 3), np.uint8), tuple(made))


def test_a_doubtful_face_of_a_frame_or_two_is_left_out_and_takes_no_number() -> None:
    frames = [_frame(0), _frame(1, (1, 0.92)), _frame(2), _frame(3, (2, 0.92)), _frame(4, (2, 0.92)), _frame(5, (2, 0.91)), _frame(6)]
    assert [ids(frame) for frame in without_brief(frames)] == [[], [], [], [1], [1], [1], []]


def test_a_certain_face_stays_however_brief() -> None:
    assert [ids(frame) for frame in without_brief([_frame(0), _frame(1, (1, 0.999)), _frame(2), _frame(3)])] == [[], [1], [], []]


def test_in_a_video_shorter_than_brief_every_face_stays() -> None:
    assert [ids(frame) for frame in without_brief([_frame(0, (1, 0.91)), _frame(1)])] == [[1], []]
