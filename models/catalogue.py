"""The models there are. Adding one is one new file in the folder of its kind, with a decorator:

@face_models.register("our_net")
class OurNet: ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """Every model of every kind, or those called `names`, as plain facts: what it is, what it says, whether it can run here.

    No weights are loaded. Raises `UnknownName`.
    """
    found = [facts for facts in _all_facts() if names is None or facts["name"] in names]
    for name in names or ():
        if all(facts["name"] != name for facts in found):
            raise UnknownName(f"no model is called {name!r}; there are: {', '.join(facts['name'] for facts in _all_facts())}")
    return found


def _all_facts() -> Iterator[dict[str, Any]]:
    for registry in KINDS.values():
        for name, model in registry:
            availability = model.available()
            yield {
                "name": name,
                "modality": model.info.modality.value,
                "version": model.info.version,
                "label_set": model.info.labels.name if model.info.labels else None,
                "labels": list(model.info.labels.classes) if model.info.labels else [],
                "licence": model.info.licence,
                "source": model.info.source,
                "summary": model.info.summary,
                "ready": availability.ready,
                "advice": availability.advice,
            }
