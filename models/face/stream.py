"""A face model's scores for every face of every frame of a video, as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.face.crop import SHIFTS, crops
from models.pose import Pose
from models.types import FaceModel

if TYPE_CHECKING:
    from models.tracking.tracker import FaceTracker, FollowedFrame

SIDE = 128
"""Pixels a side of a crop, where the model does not name its own as `crop_side`."""

AT_ONCE = 16
"""Frames whose crops go to the model together."""


@dataclass(frozen=True)
class ScoredFace:
    """One face in one frame with what the model says of it; see `TrackedFace` for the rest.

    `probabilities` (K,) float32 in the order of the model's label set; `valence`, `arousal` in [-1, 1], `None` where the model has none.
    """

    face_id: int
    box: tuple[float, float, float, float]
    confidence: float
    detected: bool
    landmarks: NDArray[np.float32]
    pose: Pose | None
    probabilities: NDArray[np.float32]
    valence: float | None = None
    arousal: float | None = None


@dataclass(frozen=True)
class FrameFaces:
    """The faces of one frame by `face_id`; an empty tuple where none was found."""

    frame: int
    faces: tuple[ScoredFace, ...]


def score_faces(
    frames: Iterable[tuple[int, NDArray[np.uint8]]],
    tracker: FaceTracker,
    face_model: FaceModel,
    shifts: tuple[tuple[float, float], ...] = SHIFTS,
) -> Iterator[FrameFaces]:
    """One `FrameFaces` for every one of `frames` (index, (H, W, 3) RGB uint8), in order; memory does not grow with their number.

    Each score is the mean over `shifts` of the crop.
    """
    waiting: list[FollowedFrame] = []
    for followed in tracker.follow(frames):
        waiting.append(followed)
        if len(waiting) == AT_ONCE:
            yield from _score(waiting, face_model, shifts)
            waiting = []
    yield from _score(waiting, face_model, shifts)


def _score(batch: list[FollowedFrame], face_model: FaceModel, shifts: tuple[tuple[float, float], ...]) -> Iterator[FrameFaces]:
    side = int(getattr(face_model, "crop_side", SIDE))
    pixels = [crops(one.image, face.landmarks, side, shifts) for one in batch for face in one.faces]
    if not pixels:
        yield from (FrameFaces(one.frame, ()) for one in batch)
        return
    scores = face_model.score(np.concatenate(pixels))
    faces, ways = len(pixels), len(shifts)
    probabilities = scores.probabilities.reshape(faces, ways, -1).mean(1)
    valence = None if scores.valence is None else scores.valence.reshape(faces, ways).mean(1)
    arousal = None if scores.arousal is None else scores.arousal.reshape(faces, ways).mean(1)
    place = 0
    for one in batch:
        scored: list[ScoredFace] = []
        for face in one.faces:
            scored.append(
                ScoredFace(
                    face.face_id,
                    face.box,
                    face.confidence,
                    face.detected,
                    face.landmarks,
                    face.pose,
                    probabilities[place],
                    None if valence is None else float(valence[place]),
                    None if arousal is None else float(arousal[place]),
                )
            )
            place += 1
        yield FrameFaces(one.frame, tuple(scored))
