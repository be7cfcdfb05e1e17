"""Models in memory, each loaded once a process: loading takes longer than looking at a short clip."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.analysis.plan import AnalysisPlan
from models.catalogue import detectors, face_models, speech_detectors, voice_models
from models.types import FaceDetector, FaceModel, ModelInfo, SpeechDetector, VoiceModel


@cache
def detector(name: str) -> FaceDetector:
    """The face detector called `name`. Raises `UnknownName`, `WeightsMissing`; so do the others."""
    return detectors.get(name)()


@cache
def face_model(name: str) -> FaceModel:
    return face_models.get(name)()


@cache
def speech_detector(name: str) -> SpeechDetector:
    return speech_detectors.get(name)()


@cache
def voice_model(name: str) -> VoiceModel:
    return voice_models.get(name)()


def load(plan: AnalysisPlan, looks: bool, listens: bool) -> None:
    """Loads what `plan` needs for a clip that is looked at, listened to, or both."""
    if looks and plan.face is not None:
        face_model(plan.face)
        detector(plan.detector)
    if listens:
        speech_detector(plan.speech)
    if listens and plan.voice is not None:
        voice_model(plan.voice)


def sharpness(model: VoiceModel) -> float:
    """The power that its calibration found for pooling windows (`models.voice.windows.pool`); 1 for a model that names none."""
    return float(getattr(model, "sharpness", 1.0))


def about(info: ModelInfo) -> dict[str, Any]:
    """What an analysis notes of a model: enough to know, years later, who said it and what it was worth."""
    noted: dict[str, Any] = {"name": info.name, "version": info.version}
    if info.labels is not None:
        noted |= {"label_set": info.labels.name, "classes": list(info.labels.classes), "mean_recall": info.mean_recall}
    return noted
