"""What each kind of model can be asked. Whatever answers so is a model of that kind; nothing has to be inherited."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from models.types import (
    Availability,
    Bodies,
    Detections,
    FaceLandmarks,
    FaceScores,
    ModelInfo,
    SpeechActivity,
    Transcript,
    VoiceScores,
)


@runtime_checkable
class FaceDetector(Protocol):
    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def detect(self, frames: list[NDArray[np.uint8]]) -> list[Detections]:
        """Faces in each of `frames`, (H, W, 3) RGB uint8 each; one `Detections` a frame."""
        ...


@runtime_checkable
class FaceModel(Protocol):
    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        """Class probabilities of (N, H, W, 3) RGB uint8 crops, aligned by the eyes; N may be 0."""
        ...


@runtime_checkable
class VoiceModel(Protocol):
    """How a voice sounds. A model may also say how it wants to be asked, by a member `listening` (`models.voice.windows.Listening`), and by
    `sharpness` how much surer it is of several windows than of one (`models.voice.windows.pool`).
    """

    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def score(self, samples: NDArray[np.float32], windows: NDArray[np.int64]) -> VoiceScores:
        """Class probabilities of each window (W, 2) µs of mono 16 kHz `samples` (n,); W may be 0."""
        ...


@runtime_checkable
class SpeechDetector(Protocol):
    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def speech(self, samples: NDArray[np.float32]) -> SpeechActivity:
        """Where somebody speaks in mono 16 kHz `samples` (n,); n may be 0."""
        ...


@runtime_checkable
class Transcriber(Protocol):
    """A voice model that also writes down what is said."""

    def transcribe(self, samples: NDArray[np.float32], spans: NDArray[np.int64]) -> list[Transcript]:
        """What is said in each span (S, 2) µs of mono 16 kHz `samples` (n,); S may be 0. An empty `text` where nothing was understood."""
        ...


@runtime_checkable
class FaceLandmarker(Protocol):
    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def landmarks(self, frame: NDArray[np.uint8], boxes: NDArray[np.float32]) -> FaceLandmarks:
        """Points on the face in each of `boxes` (N, 4), x, y, width, height, of `frame` (H, W, 3) RGB, in their order; N may be 0."""
        ...


@runtime_checkable
class BodyLandmarker(Protocol):
    info: ModelInfo
    points: tuple[str, ...]
    """The names of the points."""

    @classmethod
    def available(cls) -> Availability: ...

    def bodies(self, frame: NDArray[np.uint8]) -> Bodies:
        """The people in `frame` (H, W, 3) RGB."""
        ...


@runtime_checkable
class SpeakerEmbedder(Protocol):
    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def embed(self, samples: NDArray[np.float32], spans: NDArray[np.int64]) -> NDArray[np.float32]:
        """Who speaks in each span (S, 2) µs of mono 16 kHz `samples` (n,).

        (S, D) float32, rows of length 1, NaN where a span is too short to tell.
        """
        ...


@runtime_checkable
class FaceEmbedder(Protocol):
    info: ModelInfo

    @classmethod
    def available(cls) -> Availability: ...

    def embed(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Whose face each crop (N, H, W, 3) RGB, aligned by the eyes, is: (N, D) float32 rows of length 1; N may be 0."""
        ...


Model = FaceDetector | FaceModel | VoiceModel | SpeechDetector | FaceLandmarker | BodyLandmarker | SpeakerEmbedder | FaceEmbedder
