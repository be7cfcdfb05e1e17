"""The models there are. Adding one is one new file in the folder of its kind, with a decorator:

@face_models.register("our_net")
class OurNet: ...
"""

from __future__ import annotations

from models.registry import Registry
from models.types import FaceDetector, FaceModel, SpeechDetector, VoiceModel

face_models: Registry[type[FaceModel]] = Registry("face model", "models.face", "portrayal.face_models")
voice_models: Registry[type[VoiceModel]] = Registry("voice model", "models.voice", "portrayal.voice_models")
detectors: Registry[type[FaceDetector]] = Registry("face detector", "models.detectors", "portrayal.detectors")
speech_detectors: Registry[type[SpeechDetector]] = Registry("speech detector", "models.speech", "portrayal.speech_detectors")
