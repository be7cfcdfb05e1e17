"""What is said of the faces of a frame: where each is, which way it looks, and what a face model says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pose import Pose


@dataclass(frozen=True)
class ScoredFace:
    """One face in one frame with what the model says of it; see `TrackedFace` for the rest.

    `probabilities` (K,) float32 in the order of the model's label set; `valence`, `arousal` in [-1, 1], `None` where the model has none.
    `gaze` (pitch, yaw) in degrees and `opening` of the mouth are a landmarker's, see `models.types.FaceLandmarks`; `None` without one and
    where it does not tell. With one, `pose` is its too. `action_units` (U,) float32 in [0, 1] in the order of the model's own, `None` where
    it has none.

    A model's embedding of the face is not carried along: hundreds of numbers a frame that no lane could show, and that tell who somebody
    is. Whose face it is says `models.tracking.people`, from one picture a track, where it is asked for.
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
    gaze: tuple[float, float] | None = None
    opening: float | None = None
    action_units: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class FrameFaces:
    """The faces of one frame by `face_id`; an empty tuple where none was found."""

    frame: int
    faces: tuple[ScoredFace, ...]
