"""The neutral types that every model takes and gives. Vendor objects die in the adapter.

Times are integers of microseconds on the clip's clock. Images are RGB `uint8`. Sound is mono `float32` in [-1, 1] at 16 kHz.
What was not measured is `None` or an absent row; it is never a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from models.weights.files import WeightsFile

SAMPLE_RATE = 16_000
"""Hz. Every voice model here was trained on 16 kHz sound."""


class WeightsMissing(RuntimeError):
    """A model's weights are not on this machine; the message says where they come from and what to do."""


class WeightsAltered(WeightsMissing):
    """The weights on this machine are not those that were measured; the message gives both checksums."""


class Modality(str, Enum):
    FACE = "face"
    VOICE = "voice"
    DETECTOR = "detector"
    SPEECH = "speech"
    LANDMARKS = "landmarks"
    BODY = "body"
    SPEAKER = "speaker"
    IDENTITY = "identity"


@dataclass(frozen=True)
class LabelSet:
    """The classes a model answers with, in its own order. `name` is a `source_set` of the crosswalk."""

    name: str
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.classes)

    def index(self, label: str) -> int:
        """Position of `label`. Raises `ValueError`, naming the classes there are."""
        try:
            return self.classes.index(label)
        except ValueError:
            raise ValueError(f"{label!r} is not a class of {self.name}; its classes are: {', '.join(self.classes)}") from None


@dataclass(frozen=True)
class ModelInfo:
    """What a person has to know before trusting a model. `version` changes whenever its answers can."""

    name: str
    modality: Modality
    version: str
    summary: str
    licence: str
    source: str
    labels: LabelSet | None = None
    mean_recall: float | None = None
    """Mean over the classes of the share recognised, on faces or voices that training never saw; `None` where nobody has measured it."""
    weights: tuple[WeightsFile, ...] = ()
    """Files that it needs and that do not lie beside its code."""


@dataclass(frozen=True)
class Availability:
    """Whether a model can run here, and if not, one sentence on what to do."""

    ready: bool
    advice: str = ""


@dataclass(frozen=True)
class Detections:
    """Faces found in one image of N faces.

    `boxes` (N, 4) float32: x, y, width, height in pixels, may reach beyond the image's border;
    `confidence` (N,) float32 in [0, 1];
    `landmarks` (N, 5, 2) float32 pixels: left eye, right eye, nose, left and right corner of the mouth, "left" as seen in the image.
    """

    boxes: NDArray[np.float32]
    confidence: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.boxes)
        for name, value, shape in (
            ("boxes", self.boxes, (n, 4)),
            ("confidence", self.confidence, (n,)),
            ("landmarks", self.landmarks, (n, 5, 2)),
        ):
            if value.shape != shape:
                raise ValueError(f"{name} of {n} faces must have shape {shape}, not {value.shape}")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def none(cls) -> Detections:
        """No face was found: looked, and nothing there."""
        return cls(np.empty((0, 4), np.float32), np.empty((0,), np.float32), np.empty((0, 5, 2), np.float32))


@dataclass(frozen=True)
class FaceScores:
    """What a face model says of N crops.

    `probabilities` (N, K) float32, rows sum to 1; `valence` and `arousal` (N,) float32 in [-1, 1], `action_units` (N, U) float32 in [0, 1]
    in the order of the model's `action_units`, `embedding` (N, D) float32, where the model has them.
    """

    probabilities: NDArray[np.float32]
    valence: NDArray[np.float32] | None = None
    arousal: NDArray[np.float32] | None = None
    action_units: NDArray[np.float32] | None = None
    embedding: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        check_probabilities(self.probabilities)
        for name in ("valence", "arousal", "action_units", "embedding"):
            value = getattr(self, name)
            if value is not None and len(value) != len(self.probabilities):
                raise ValueError(f"{name} of {len(self.probabilities)} faces must have as many rows, not {len(value)}")


@dataclass(frozen=True)
class VoiceScores:
    """What a voice model says of W windows.

    `windows` (W, 2) int64: start and end in µs; `probabilities` (W, K) float32, rows sum to 1; `valence`, `arousal`, `dominance` (W,)
    float32 in [-1, 1] where the model has them.
    """

    windows: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    valence: NDArray[np.float32] | None = None
    arousal: NDArray[np.float32] | None = None
    dominance: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        check_probabilities(self.probabilities)
        if self.windows.shape != (len(self.probabilities), 2):
            raise ValueError(f"windows must have shape ({len(self.probabilities)}, 2), not {self.windows.shape}")


@dataclass(frozen=True)
class Token:
    """A word, or a part of one, and when it was said: µs on the clock of the sound that was given."""

    text: str
    start_us: int
    end_us: int


@dataclass(frozen=True)
class Transcript:
    """What was said in one stretch of sound.

    `events` are sounds other than speech, in the model's own words; `tokens` are there where it knows times.
    """

    text: str
    language: str | None = None
    events: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class FaceLandmarks:
    """Points on N faces of one image, NaN rows where a face that was asked for could not be fitted.

    `points` (N, P, 3) float32: x and y in the image's pixels, z in the same unit, growing away from the camera, 0 at the head's centre;
    `pose` (N, 3) float32: pitch, yaw, roll in degrees with the signs of `models.pose`; `gaze` (N, 2) float32: pitch and yaw of the
    eyes against the camera in degrees; `opening` (N,) float32: how far the mouth is open, in heights of the face.
    None where the model does not tell.
    """

    points: NDArray[np.float32]
    pose: NDArray[np.float32] | None = None
    gaze: NDArray[np.float32] | None = None
    opening: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Bodies:
    """Points on the N people found in one image.

    `points` (N, P, 3) float32, pixels as in `FaceLandmarks`; `visibility` (N, P) float32 in [0, 1].
    """

    points: NDArray[np.float32]
    visibility: NDArray[np.float32]


@dataclass(frozen=True)
class SpeechActivity:
    """Speech probability on a steady grid, and the stretches above the threshold.

    `times` (T,) int64 µs, the middle of each hop; `probability` (T,) float32 in [0, 1]; `stretches` (S, 2) int64 µs, sorted, disjoint.
    """

    times: NDArray[np.int64]
    probability: NDArray[np.float32]
    stretches: NDArray[np.int64]


def check_probabilities(rows: NDArray[np.float32]) -> None:
    """Raises `ValueError` unless `rows` is (N, K), finite, in [0, 1], each row summing to 1 within 1e-3."""
    if rows.ndim != 2:
        raise ValueError(f"probabilities must have shape (N, K), not {rows.shape}")
    if len(rows) and not (np.isfinite(rows).all() and rows.min() >= -1e-6 and np.abs(rows.sum(1) - 1).max() < 1e-3):
        raise ValueError("probabilities must be finite, in [0, 1], and each row must sum to 1")
