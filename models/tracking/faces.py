"""What a tracker says of a face, and the little geometry of boxes it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pose import Pose
from models.types import Detections


@dataclass(frozen=True)
class Sighting:
    """Where a face is in one frame, in pixels: `box` (4,) x, y, width, height; `landmarks` (5, 2); `confidence` in [0, 1]."""

    box: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    confidence: float
    detected: bool = True


@dataclass(frozen=True)
class TrackedFace:
    """One face in one frame.

    `frame` is the index the caller gave the frame; `face_id` counts from 1 in order of appearance; `box` is x, y, width, height and
    `landmarks` (5, 2) (left eye, right eye, nose, left and right corner of the mouth, "left" as seen in the image) in pixels, and may lie
    beyond the border. `detected` tells key frames, where the detector looked, from frames between them, where the face was followed.
    `confidence` in [0, 1] is the detector's; in a followed frame that of the two key frames around it, weighted by nearness, times
    (1 + share of points that the flow still held) / 2.
    `pose` is `None` where five points do not tell.
    """

    frame: int
    face_id: int
    box: tuple[float, float, float, float]
    confidence: float
    detected: bool
    landmarks: NDArray[np.float32]
    pose: Pose | None


@dataclass(frozen=True)
class FollowedFrame:
    """A frame given to the tracker, with its faces by `face_id`; none where none was found."""

    frame: int
    image: NDArray[np.uint8]
    faces: tuple[TrackedFace, ...]


def sightings(found: Detections) -> list[Sighting]:
    """One for each detection."""
    return [
        Sighting(box, landmarks, float(confidence))
        for box, landmarks, confidence in zip(found.boxes, found.landmarks, found.confidence, strict=True)
    ]


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over union of two boxes (4,) x, y, width, height; in [0, 1]."""
    shared = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    if shared.min() <= 0:
        return 0.0
    both = float(shared.prod())
    return both / float(a[2:].prod() + b[2:].prod() - both)


def pairs(expected: dict[int, NDArray[np.float32]], found: list[Sighting], least: float) -> dict[int, Sighting]:
    """Which of `found` is which of the `expected` boxes: best overlap first, none under `least`, nobody twice."""
    ranked = sorted(
        ((overlap(box, face.box), face_id, place) for face_id, box in expected.items() for place, face in enumerate(found)), reverse=True
    )
    taken: dict[int, Sighting] = {}
    used: set[int] = set()
    for share, face_id, place in ranked:
        if share >= least and face_id not in taken and place not in used:
            taken[face_id] = found[place]
            used.add(place)
    return taken
