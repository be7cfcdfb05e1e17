"""Our own voice model: which of RAVDESS's eight emotions a voice portrays. Its card is `portrayal_voice.md` beside this file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import voice_models
from models.types import Availability, LabelSet, Modality, ModelInfo, VoiceScores, WeightsAltered, WeightsMissing
from models.voice.logmel import MELS, WINDOW, frames_of, log_mel
from models.voice.windows import widened

FOLDER = Path(__file__).parent
FILE = "portrayal_voice.onnx"

SHORTEST_US = 500_000
"""A window shorter than this is widened around its middle: the network was never taught on less than about a second."""

BATCH = 64
"""Windows a call: 16 s of the voice lane."""


def facts(folder: Path = FOLDER) -> dict[str, Any]:
    """The JSON beside the weights: classes, checksum, temperature, and the figures of the training run that made them."""
    return json.loads((folder / "portrayal_voice.json").read_text(encoding="utf-8"))


_FACTS = facts()


@voice_models.register("portrayal_voice")
class PortrayalVoice:
    """Emotion of voice in windows of sound. One thread; hold one instance a process."""

    info = ModelInfo(
        name="portrayal_voice",
        modality=Modality.VOICE,
        version=f"{_FACTS['version']}, sha256 {_FACTS['sha256'][:12]}",
        summary="A small network of this project, trained on acted English of 20 North American actors (RAVDESS). It hears how "
        "something is said, not what; everyday speech, other languages and children are outside what it was measured on.",
        licence="CC BY-NC-SA 4.0 (the licence of its training data)",
        source="app/training/voice in this repository; card in models/voice/portrayal_voice.md",
        labels=LabelSet("ravdess", tuple(_FACTS["classes"])),
        mean_recall=_FACTS["figures"]["clip"]["mean_recall"],
    )

    sharpness: float = _FACTS["sharpness"]
    """For `models.voice.windows.pool`: how much surer this model is of a clip than of one window."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Loads the network from `folder`. Raises `WeightsMissing` if it is not there, `WeightsAltered` if it is not the one measured."""
        import onnxruntime

        weights = _checked(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    @classmethod
    def available(cls) -> Availability:
        """Ready if the weights are there and are those that were measured."""
        try:
            _checked(FOLDER)
        except WeightsMissing as problem:
            return Availability(False, str(problem))
        return Availability(True)

    def score(self, samples: NDArray[np.float32], windows: NDArray[np.int64]) -> VoiceScores:
        """Calibrated class probabilities of each window (W, 2) µs of mono 16 kHz `samples` (n,) in [-1, 1]; W may be 0.

        Whether anybody speaks there is not this model's to say: give it windows that hold speech. Loudness does not count, each window
        being heard relative to its own peak. A window shorter than SHORTEST_US is heard with as much around it as makes up that length,
        or repeated where the recording has no more. Raises `ValueError` for windows that reach beyond the recording.
        """
        spans = np.asarray(windows, np.int64).reshape(-1, 2)
        rows = log_mel(_at_least_a_frame(samples))
        heard = [self._frames(rows, span) for span in widened(spans, len(samples), SHORTEST_US)]
        probabilities = np.empty((len(spans), len(_FACTS["classes"])), np.float32)
        lengths = np.array([len(frames) for frames in heard], np.int64)
        for length in np.unique(lengths):
            alike = np.flatnonzero(lengths == length)
            for start in range(0, len(alike), BATCH):
                chosen = alike[start : start + BATCH]
                batch = np.stack([heard[i] for i in chosen])
                probabilities[chosen] = np.asarray(self._session.run(None, {"log_mel": batch})[0])
        return VoiceScores(spans, probabilities)

    @staticmethod
    def _frames(rows: NDArray[np.float32], span: NDArray[np.int64]) -> NDArray[np.float32]:
        frames = frames_of(rows, span)
        return frames if len(frames) >= SHORTEST_FRAMES else np.resize(frames if len(frames) else rows[:1], (SHORTEST_FRAMES, MELS))


SHORTEST_FRAMES = 16
"""The fewest the network's convolutions can take, 0.25 s; reached only in recordings shorter than that."""


def _at_least_a_frame(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return samples if len(samples) >= WINDOW else np.pad(samples, (0, WINDOW - len(samples)))


def _checked(folder: Path) -> bytes:
    path = folder / FILE
    if not path.is_file():
        raise WeightsMissing(
            f"{path} is missing: it comes with the source; restore it (git checkout -- models/voice) or train it anew "
            "(python -m app.training.voice --help)"
        )
    weights = path.read_bytes()
    given, wanted = hashlib.sha256(weights).hexdigest(), facts(folder)["sha256"]
    if given != wanted:
        raise WeightsAltered(f"{path} has sha256 {given}, its card was written for {wanted}: restore it (git checkout -- models/voice)")
    return weights
