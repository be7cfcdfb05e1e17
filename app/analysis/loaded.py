"""Models in memory, each loaded once a process: loading takes longer than looking at a short clip."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.analysis.plan import AnalysisPlan
from models.calibration.kept import Calibration
from models.catalogue import KINDS
from models.protocols import (
    BodyLandmarker,
    FaceDetector,
    FaceEmbedder,
    FaceLandmarker,
    FaceModel,
    SpeakerEmbedder,
    SpeechDetector,
    Transcriber,
    VoiceModel,
)
from models.types import Modality, ModelInfo
from models.voice.windows import Listening
from models.weights.store import store

SEEN = (Modality.DETECTOR, Modality.LANDMARKS, Modality.FACE, Modality.IDENTITY, Modality.BODY)
"""What looks at pictures; the others listen."""


def _model(modality: Modality, name: str) -> Any:
    """The one that is in memory, unless its weights are others by now."""
    model = KINDS[modality].get(name)
    return _loaded(modality, name, tuple(sorted(store().fingerprint(model.info).items())))


@cache
def _loaded(modality: Modality, name: str, weights: tuple[tuple[str, str], ...]) -> Any:
    return KINDS[modality].get(name)()


def detector(name: str) -> FaceDetector:
    """The face detector called `name`. Raises `UnknownName`, `WeightsMissing`; so do the others."""
    return _model(Modality.DETECTOR, name)


def face_landmarker(name: str) -> FaceLandmarker:
    return _model(Modality.LANDMARKS, name)


def face_model(name: str) -> FaceModel:
    return _model(Modality.FACE, name)


def face_embedder(name: str) -> FaceEmbedder:
    return _model(Modality.IDENTITY, name)


def body_landmarker(name: str) -> BodyLandmarker:
    return _model(Modality.BODY, name)


def speech_detector(name: str) -> SpeechDetector:
    return _model(Modality.SPEECH, name)


def speaker_embedder(name: str) -> SpeakerEmbedder:
    return _model(Modality.SPEAKER, name)


def voice_model(name: str) -> VoiceModel:
    return _model(Modality.VOICE, name)


def transcriber(name: str) -> Transcriber | None:
    """The voice model called `name`, if it also writes down what is said."""
    model = _model(Modality.VOICE, name)
    return model if isinstance(model, Transcriber) else None


def listening(name: str) -> Listening:
    """The windows that the voice model called `name` wants to hear."""
    return getattr(_model(Modality.VOICE, name), "listening", Listening())


def load(plan: AnalysisPlan, looks: bool, listens: bool) -> None:
    """Loads what `plan` needs for a clip that is looked at, listened to, or both."""
    for modality, name in plan.models().items():
        if looks if modality in SEEN else listens:
            _model(modality, name)


def sharpness(model: VoiceModel, calibration: Calibration | None = None) -> float:
    """The power for pooling windows (`models.voice.windows.pool`): the calibration's, else the model's own, else 1."""
    if calibration is not None and calibration.sharpness is not None:
        return calibration.sharpness
    return float(getattr(model, "sharpness", 1.0))


def same_person(model: FaceEmbedder) -> float:
    """The cosine from which two faces are one person's to `model`."""
    from models.tracking.people import SAME

    return float(getattr(model, "same", SAME))


def about(info: ModelInfo, calibration: Calibration | None = None) -> dict[str, Any]:
    """What an analysis notes of a model and of the calibration that it applied.

    It is enough to know, years later, who said it and what it was worth. Weights that are not those of a pinned package are noted by
    their sha256.
    """
    noted: dict[str, Any] = {"name": info.name, "version": info.version}
    if info.labels is not None:
        noted |= {"label_set": info.labels.name, "classes": list(info.labels.classes), "mean_recall": info.mean_recall}
    if weights := store().fingerprint(info):
        noted["weights"] = weights
    if calibration is not None:
        noted["calibration"] = calibration.about()
    return noted
