"""What a voice network is worth on actors it never heard: recall, calibration, and what calibrates it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from app.training.voice.data import Clip
from app.training.voice.network import Listener
from models.softmax import softmax
from models.speech.silero import Silero
from models.types import SAMPLE_RATE
from models.voice.logmel import frames_of, log_mel
from models.voice.windows import speech_share, windows

SPOKEN_SHARE = 0.5
"""A window is heard when at least half of it is speech, as in the voice lane."""


@dataclass(frozen=True)
class Heard:
    """Logits (W, K) of the windows of one held-out clip that hold speech, and how much of each is speech (W,)."""

    clip: str
    actor: int
    emotion: int
    logits: NDArray[np.float32]
    shares: NDArray[np.floating]


@dataclass(frozen=True)
class Calibration:
    """What makes logits probabilities: `temperature` divides those of a window, `sharpness` is for `pool`ing windows into a clip."""

    temperature: float
    sharpness: float


def window_probabilities(heard: Sequence[Heard], temperature: float) -> NDArray[np.float32]:
    """Calibrated probabilities of all windows of all clips, in their order: (sum of W, K)."""
    return softmax(np.concatenate([clip.logits for clip in heard]) / temperature)


def clip_probabilities(heard: Sequence[Heard], calibration: Calibration) -> NDArray[np.float32]:
    """Calibrated probabilities of the clips, (N, K), each pooled from its windows as `models.voice.windows.pool` does."""
    mean = np.stack([clip.shares @ clip.logits / clip.shares.sum() for clip in heard])
    return softmax(mean / calibration.temperature * calibration.sharpness)


@torch.no_grad()
def hear(listener: Listener, clips: Sequence[Clip]) -> list[Heard]:
    """The listener's logits for `clips`, on the path the product takes: whole recording, voice lane's windows, those with speech.

    A clip whose speech fills half of no window is heard in its most spoken one.
    """
    vad = Silero()
    answers = []
    for clip in clips:
        spans = windows(len(clip.samples) * 1_000_000 // SAMPLE_RATE)
        shares = speech_share(spans, vad.speech(clip.samples).stretches)
        spoken = shares >= min(SPOKEN_SHARE, float(shares.max()))
        rows = log_mel(clip.samples)
        batch = torch.from_numpy(np.stack([frames_of(rows, span) for span in spans[spoken]]))
        kept = np.maximum(shares[spoken], 1e-3)  # a clip without any speech found still has an answer to be judged by
        answers.append(Heard(clip.name, clip.actor, clip.emotion, listener.logits(batch).numpy(), kept))
    return answers


def calibrate(heard: Sequence[Heard]) -> Calibration:
    """The calibration under which windows and clips are each least surprising (negative log likelihood; clips weigh alike)."""
    truth = np.array([clip.emotion for clip in heard])
    counts = np.array([len(clip.logits) for clip in heard])
    window_truth, weight = np.repeat(truth, counts), np.repeat(1 / counts, counts)
    temperature = min(GRID, key=lambda t: _surprise(window_probabilities(heard, t), window_truth, weight))
    alike = np.ones(len(truth))
    sharpness = min(GRID, key=lambda s: _surprise(clip_probabilities(heard, Calibration(temperature, s)), truth, alike))
    return Calibration(float(temperature), float(sharpness))


GRID = np.exp(np.arange(np.log(0.2), np.log(5.0), 0.02))
"""Where calibration is looked for: 0.2 to 5 in steps of 2 %."""


def _surprise(probabilities: NDArray[np.float32], truth: NDArray[np.int64], weight: NDArray[np.float64]) -> float:
    return float(-weight @ np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-9)) / weight.sum())
