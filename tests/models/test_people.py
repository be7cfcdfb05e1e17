"""Tracks of one person become one over cuts; two that are seen at once never do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from models.tracking.people import PortraitTracker, Track, mean_portrait, people
from models.types import Availability, Detections, Modality, ModelInfo


def track(start: int, end: int, *direction: float) -> Track:
    row = np.array(direction, np.float32)
    return Track(np.arange(start, end, dtype=np.int64), np.asarray(row / np.linalg.norm(row), np.float32) if len(row) else None)


ANNA, BO = (1.0, 0.1, 0.0), (0.0, 0.1, 1.0)


def test_the_same_face_before_and_after_a_cut_is_one_person() -> None:
    tracks = {1: track(0, 10, *ANNA), 2: track(0, 10, *BO), 3: track(10, 20, *BO), 4: track(20, 30, *ANNA)}
    assert people(tracks) == {1: 1, 4: 1, 2: 2, 3: 2}


def test_two_that_are_seen_at_once_are_two_however_alike() -> None:
    tracks = {1: track(0, 10, *ANNA), 2: track(9, 20, *ANNA), 3: track(20, 30, *ANNA)}
    found = people(tracks, number=1)
    assert found[1] != found[2]
    assert len(set(found.values())) == 2


def test_twins_are_kept_apart_through_those_they_were_joined_with() -> None:
    """1 and 3 join; 2 was seen beside 3 and so cannot join them, though it never met 1."""
    tracks = {1: track(0, 10, *ANNA), 3: track(20, 30, *ANNA), 2: track(25, 40, 1.0, 0.12, 0.0)}
    assert people(tracks) == {1: 1, 3: 1, 2: 2}


def test_a_number_that_is_given_joins_the_most_alike_first() -> None:
    tracks = {1: track(0, 10, 1, 0, 0), 2: track(10, 20, 1, 0.9, 0), 3: track(20, 30, 0, 0, 1)}
    assert people(tracks, same=0.9) == {1: 1, 2: 2, 3: 3}
    assert people(tracks, number=2) == {1: 1, 2: 1, 3: 2}
    assert people(tracks, same=0.1, number=3) == {1: 1, 2: 2, 3: 3}


def test_a_track_that_no_key_frame_showed_is_a_person_of_its_own() -> None:
    assert people({1: track(0, 10, *ANNA), 2: track(10, 20), 3: track(20, 30, *ANNA)}) == {1: 1, 2: 2, 3: 1}


def test_nobody_is_nobody_and_a_number_under_one_is_refused() -> None:
    assert people({}) == {}
    with pytest.raises(ValueError, match="1 or more"):
        people({}, number=0)


def test_the_mean_portrait_has_length_1_and_none_of_nothing() -> None:
    mean = mean_portrait(np.array([[1, 0], [0, 1]], np.float32))
    assert mean is not None and mean.tolist() == pytest.approx([0.5**0.5] * 2)
    assert mean_portrait(np.empty((0, 2), np.float32)) is None
    assert mean_portrait(np.array([[1, 0], [-1, 0]], np.float32)) is None


INFO = ModelInfo("colour", Modality.IDENTITY, "1", "", "", "")
FINDS = ModelInfo("middle", Modality.DETECTOR, "1", "", "", "")


@dataclass
class Colour:
    """Knows a face by its mean colour."""

    info: ModelInfo = INFO
    crop_side = 16
    looked: int = 0

    @classmethod
    def available(cls) -> Availability:
        return Availability(True)

    def embed(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.looked += len(faces)
        rows = faces.mean((1, 2)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@dataclass
class Middle:
    """Finds one face in the middle of every picture."""

    info: ModelInfo = FINDS

    @classmethod
    def available(cls) -> Availability:
        return Availability(True)

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        points = np.array([[45, 45], [75, 45], [60, 60], [48, 78], [72, 78]], np.float32)
        return [Detections(np.array([[30, 20, 60, 80]], np.float32), np.ones(1, np.float32), points[None]) for _ in frames]


def test_only_key_frames_are_looked_at_and_every_frame_comes_through() -> None:
    image = np.full((120, 120, 3), (200, 30, 30), np.uint8)
    embedder = Colour()
    tracker = PortraitTracker(Middle(), embedder, every=10)
    frames = list(tracker.follow((i, image) for i in range(31)))
    assert [frame.frame for frame in frames] == list(range(31))
    assert [frame.frame for frame in frames if frame.faces[0].detected] == [0, 10, 20, 30]
    assert {track: len(rows) for track, rows in tracker.portraits.items()} == {1: 4}
    assert embedder.looked == 4
