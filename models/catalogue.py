"""The models there are. Adding one is one new file in the folder of its kind, with a decorator:

@face_models.register("our_net")
class OurNet: ...
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.protocols import (
    BodyLandmarker,
    FaceDetector,
    FaceEmbedder,
    FaceLandmarker,
    FaceModel,
    SpeakerEmbedder,
    SpeechDetector,
    VoiceModel,
)
from models.registry import Registry, UnknownName
from models.types import Modality
from models.weights.store import store

face_models: Registry[type[FaceModel]] = Registry("face model", "models.face", "portrayal.face_models")
voice_models: Registry[type[VoiceModel]] = Registry("voice model", "models.voice", "portrayal.voice_models")
detectors: Registry[type[FaceDetector]] = Registry("face detector", "models.detectors", "portrayal.detectors")
speech_detectors: Registry[type[SpeechDetector]] = Registry("speech detector", "models.speech", "portrayal.speech_detectors")
face_landmarkers: Registry[type[FaceLandmarker]] = Registry("face landmarker", "models.landmarks", "portrayal.face_landmarkers")
body_landmarkers: Registry[type[BodyLandmarker]] = Registry("body landmarker", "models.body", "portrayal.body_landmarkers")
speaker_embedders: Registry[type[SpeakerEmbedder]] = Registry("speaker model", "models.speakers", "portrayal.speaker_embedders")
face_embedders: Registry[type[FaceEmbedder]] = Registry("identity model", "models.identity", "portrayal.face_embedders")

KINDS: dict[Modality, Registry[Any]] = {
    Modality.DETECTOR: detectors,
    Modality.LANDMARKS: face_landmarkers,
    Modality.FACE: face_models,
    Modality.IDENTITY: face_embedders,
    Modality.BODY: body_landmarkers,
    Modality.SPEECH: speech_detectors,
    Modality.SPEAKER: speaker_embedders,
    Modality.VOICE: voice_models,
}
"""Every registry, by what its models look or listen for."""


def listed(names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Every model of every kind, or those called `names`, as plain facts: what it is, what it says, its weights, whether it can run here.

    No weights are loaded. Raises `UnknownName`.
    """
    return [facts(model) for model in called(names)]


def called(names: Sequence[str] | None = None) -> list[Any]:
    """The classes of the models called `names`, or of all of every kind. Raises `UnknownName`."""
    every = [(name, model) for registry in KINDS.values() for name, model in registry]
    if unknown := [name for name in names or () if all(name != there for there, _ in every)]:
        raise UnknownName(f"no model is called {unknown[0]!r}; there are: {', '.join(name for name, _ in every)}")
    return [model for name, model in every if names is None or name in names]


def facts(model: Any) -> dict[str, Any]:
    """What there is to know of a model's class without loading it."""
    info, availability = model.info, model.available()
    return {
        "name": info.name,
        "modality": info.modality.value,
        "version": info.version,
        "label_set": info.labels.name if info.labels else None,
        "labels": list(info.labels.classes) if info.labels else [],
        "licence": info.licence,
        "source": info.source,
        "summary": info.summary,
        "weights": store().facts(info),
        "ready": availability.ready,
        "advice": availability.advice,
    }
