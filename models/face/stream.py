"""A face model's scores for every face of every frame of a video, as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.ahead import ahead
from models.face.crop import ONE, SHIFTS, Shifts, crops
from models.face.scored import FrameFaces, ScoredFace
from models.face.steady import steadied
from models.protocols import FaceModel
from models.types import FaceScores

if TYPE_CHECKING:
    from models.tracking.faces import FollowedFrame, TrackedFace
    from models.tracking.tracker import FaceTracker

__all__ = ["FrameFaces", "ScoredFace", "score_faces"]

SIDE = 128
"""Pixels a side of a crop, where the model does not name its own as `crop_side`."""

AT_ONCE = 16
"""Frames whose crops go to the model together, while as many more are followed. With half as many the two wait for each other."""


def score_faces(
    frames: Iterable[tuple[int, NDArray[np.uint8]]], tracker: FaceTracker, face_model: FaceModel, steady: bool = True
) -> Iterator[FrameFaces]:
    """One `FrameFaces` for every one of `frames` (index, (H, W, 3) RGB uint8), in order; memory does not grow with their number.

    A thread of its own takes the `frames` and follows the faces in them, up to `AT_ONCE` frames ahead of the scores; it ends with them, and
    when this iterator is closed or dropped.

    `steady`: each score is the mean over small shifts of the crop, and is steadied over time (see `models.face.steady`). Without, every
    frame is scored once and for itself.
    """
    shifts = SHIFTS if steady else ONE
    scored = (frame for batch in _batches(ahead(tracker.follow(frames), AT_ONCE)) for frame in _score(batch, face_model, shifts))
    return steadied(scored) if steady else scored


def _batches(frames: Iterable[FollowedFrame]) -> Iterator[list[FollowedFrame]]:
    batch: list[FollowedFrame] = []
    for frame in frames:
        batch.append(frame)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    yield batch


def _score(batch: list[FollowedFrame], face_model: FaceModel, shifts: Shifts) -> Iterator[FrameFaces]:
    side = int(getattr(face_model, "crop_side", SIDE))
    pixels = [crops(frame.image, face.landmarks, side, shifts) for frame in batch for face in frame.faces]
    if not pixels:
        yield from (FrameFaces(frame.frame, ()) for frame in batch)
        return
    scores = _mean_of_shifts(face_model.score(np.concatenate(pixels)), len(shifts))
    place = iter(range(len(pixels)))
    for frame in batch:
        yield FrameFaces(frame.frame, tuple(_scored(face, scores, next(place)) for face in frame.faces))


def _mean_of_shifts(scores: FaceScores, shifts: int) -> FaceScores:
    """Scores of (N × shifts) crops → of N faces."""

    def mean(values: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        return None if values is None else values.reshape(-1, shifts, *values.shape[1:]).mean(1)

    probabilities = mean(scores.probabilities)
    assert probabilities is not None
    return FaceScores(probabilities, mean(scores.valence), mean(scores.arousal))


def _scored(face: TrackedFace, scores: FaceScores, place: int) -> ScoredFace:
    return ScoredFace(
        face.face_id,
        face.box,
        face.confidence,
        face.detected,
        face.landmarks,
        face.pose,
        scores.probabilities[place],
        None if scores.valence is None else float(scores.valence[place]),
        None if scores.arousal is None else float(scores.arousal[place]),
    )
