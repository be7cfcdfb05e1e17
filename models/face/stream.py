"""A face model's scores for every face of every frame of a video, as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.ahead import ahead
from models.face.crop import ONE, SHIFTS, Shifts, crops, shifted
from models.face.scored import FrameFaces, ScoredFace
from models.face.steady import steadied
from models.pose import Pose
from models.protocols import FaceLandmarker, FaceModel
from models.types import FaceScores

if TYPE_CHECKING:
    from models.tracking.faces import FollowedFrame, TrackedFace
    from models.tracking.tracker import FaceTracker

__all__ = ["FrameFaces", "ScoredFace", "crop_shifts", "crop_side", "score_faces", "score_faces_of", "score_pictures"]

SIDE = 128
"""Pixels a side of a crop, where the model does not name its own as `crop_side`."""

AT_ONCE = 16
"""Frames whose crops go to the model together, while as many more are followed. With half as many the two wait for each other."""


def score_faces(
    frames: Iterable[tuple[int, NDArray[np.uint8]]],
    tracker: FaceTracker,
    face_model: FaceModel,
    steady: bool = True,
    landmarker: FaceLandmarker | None = None,
) -> Iterator[FrameFaces]:
    """One `FrameFaces` for every one of `frames` (index, (H, W, 3) RGB uint8), in order; memory does not grow with their number.

    A thread of its own takes the `frames` and follows the faces in them, up to `AT_ONCE` frames ahead of the scores; it ends with them, and
    when this iterator is closed or dropped.

    `steady`: each score is the mean over small shifts of the crop, and is steadied over time (see `models.face.steady`). Without, every
    frame is scored once and for itself. A `landmarker` looks at every face that was followed, beside the scores; it is never steadied.
    """
    shifts = crop_shifts(face_model) if steady else ONE
    scored = (
        frame for batch in _batches(ahead(tracker.follow(frames), AT_ONCE)) for frame in _score(batch, face_model, shifts, landmarker)
    )
    return steadied(scored) if steady else scored


def _batches(frames: Iterable[FollowedFrame]) -> Iterator[list[FollowedFrame]]:
    batch: list[FollowedFrame] = []
    for frame in frames:
        batch.append(frame)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    yield batch


def _score(batch: list[FollowedFrame], face_model: FaceModel, shifts: Shifts, landmarker: FaceLandmarker | None) -> Iterator[FrameFaces]:
    scores = score_faces_of([(frame.image, face.landmarks) for frame in batch for face in frame.faces], face_model, shifts)
    place = iter(range(len(scores.probabilities)))
    for frame in batch:
        faces = tuple(_scored(face, scores, next(place)) for face in frame.faces)
        yield FrameFaces(frame.frame, faces if landmarker is None else _with_landmarks(faces, frame.image, landmarker))


def _with_landmarks(faces: tuple[ScoredFace, ...], image: NDArray[np.uint8], landmarker: FaceLandmarker) -> tuple[ScoredFace, ...]:
    """The same faces with what the landmarker tells; where it does not, no pose rather than one of another kind."""
    if not faces:
        return faces
    told = landmarker.landmarks(image, np.array([face.box for face in faces], np.float32))

    def row(values: NDArray[np.float32] | None, i: int) -> list[float] | None:
        return None if values is None or np.isnan(values[i]).any() else np.atleast_1d(values[i]).tolist()

    def one(i: int, face: ScoredFace) -> ScoredFace:
        pose, gaze, opening = row(told.pose, i), row(told.gaze, i), row(told.opening, i)
        return replace(
            face,
            pose=None if pose is None else Pose(*pose),
            gaze=None if gaze is None else (gaze[0], gaze[1]),
            opening=None if opening is None else opening[0],
        )

    return tuple(one(i, face) for i, face in enumerate(faces))


def score_faces_of(
    faces: Sequence[tuple[NDArray[np.uint8], NDArray[np.float32]]], face_model: FaceModel, shifts: Shifts | None = None
) -> FaceScores:
    """Scores of N faces, each an image (H, W, 3) RGB uint8 and its landmarks (5, 2) in pixels: the mean over shifts of its crop.

    `shifts` are those the model asks for where nothing is said.
    """
    side = crop_side(face_model)
    shifts = crop_shifts(face_model) if shifts is None else shifts
    if not faces:
        return face_model.score(np.empty((0, side, side, 3), np.uint8))
    pixels = np.concatenate([crops(image, landmarks, side, shifts) for image, landmarks in faces])
    return _mean_of_shifts(face_model.score(pixels), len(shifts))


def score_pictures(faces: Sequence[NDArray[np.uint8]], face_model: FaceModel) -> FaceScores:
    """Scores of N pictures (H, W, 3) RGB uint8 of any size, each a face and nothing else, looked at as the faces of a video are."""
    side, shifts = crop_side(face_model), crop_shifts(face_model)
    if not faces:
        return face_model.score(np.empty((0, side, side, 3), np.uint8))
    pixels = np.concatenate([shifted(face, side, shifts) for face in faces])
    return _mean_of_shifts(face_model.score(pixels), len(shifts))


def crop_shifts(face_model: FaceModel) -> Shifts:
    """The shifts of the crop over which a steady score is the mean: a large network asks for one look, by its own `crop_shifts`."""
    return getattr(face_model, "crop_shifts", SHIFTS)


def crop_side(face_model: FaceModel) -> int:
    """Pixels a side of the crops that a face model is given."""
    return int(getattr(face_model, "crop_side", SIDE))


def _mean_of_shifts(scores: FaceScores, shifts: int) -> FaceScores:
    """Scores of (N × shifts) crops → of N faces."""

    def mean(values: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        return None if values is None else values.reshape(-1, shifts, *values.shape[1:]).mean(1)

    probabilities = mean(scores.probabilities)
    assert probabilities is not None
    return FaceScores(probabilities, mean(scores.valence), mean(scores.arousal), mean(scores.action_units), mean(scores.embedding))


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
        action_units=None if scores.action_units is None else scores.action_units[place],
    )
