"""The clips a voice network learns from: RAVDESS speech, cut to what is spoken, as log-mel spectrograms."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.speech.silero import Silero
from models.types import SAMPLE_RATE, LabelSet
from models.voice.logmel import HOP, log_mel

RAVDESS = LabelSet("ravdess", ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"))

SPEEDS = (1.0, 0.85, 0.92, 1.08, 1.17)
"""Each clip is also played slower and faster, as a tape is: pitch, vocal tract and pace change together, and one actor becomes several."""

MARGIN_US = 500_000
"""Kept before and after the speech: sighs and breaths belong to a portrayal, and the voice lane's windows reach into silence too."""


class UnreadableCorpus(ValueError):
    """The folder is not a RAVDESS speech corpus as this script reads it; the message says what is missing."""


@dataclass(frozen=True)
class Clip:
    """One portrayal. `takes` holds a (frames, MELS) float32 log-mel for each of SPEEDS that was asked for, the first as recorded."""

    name: str
    actor: int
    sex: str
    emotion: int
    takes: tuple[NDArray[np.float32], ...]
    samples: NDArray[np.float32]
    """The whole recording, mono 16 kHz, for evaluation on the path that the product takes."""


def read_clips(folder: Path, speeds: Sequence[float] = SPEEDS) -> list[Clip]:
    """The clips that `folder/index.csv` names, each sound once: of byte-identical files the first is kept.

    `index.csv` has columns clip, actor, sex, emotion; the sound is `<clip>.flac` beside it. Raises `UnreadableCorpus`.
    """
    index = folder / "index.csv"
    if not index.is_file():
        raise UnreadableCorpus(f"{folder} has no index.csv (clip, actor, sex, emotion): point --data at the folder of RAVDESS speech")
    vad = Silero()
    clips: list[Clip] = []
    seen: set[str] = set()
    with index.open(newline="") as lines:
        for row in csv.DictReader(lines):
            path = folder / f"{row['clip']}.flac"
            if not path.is_file():
                raise UnreadableCorpus(f"{index} names {row['clip']}, but {path.name} is not beside it")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest in seen:
                continue
            seen.add(digest)
            samples = read_sound(path)
            spoken = _spoken(samples, vad)
            takes = tuple(log_mel(_at_speed(spoken, speed)) for speed in speeds)
            clips.append(Clip(row["clip"], int(row["actor"]), row["sex"], RAVDESS.index(row["emotion"]), takes, samples))
    return clips


def read_sound(path: Path) -> NDArray[np.float32]:
    """Mono 16 kHz float32 samples (n,) in [-1, 1] of a sound file."""
    import av

    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    parts: list[NDArray[np.float32]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def folds(clips: Sequence[Clip], count: int = 5) -> list[frozenset[int]]:
    """The actors held out in each of `count` folds: every actor once, women and men dealt out evenly."""
    by_sex: dict[str, list[int]] = {}
    for clip in clips:
        actors = by_sex.setdefault(clip.sex, [])
        if clip.actor not in actors:
            actors.append(clip.actor)
    held: list[set[int]] = [set() for _ in range(count)]
    dealt = 0
    for sex in sorted(by_sex):
        for actor in sorted(by_sex[sex]):
            held[dealt % count].add(actor)
            dealt += 1
    return [frozenset(actors) for actors in held]


def _spoken(samples: NDArray[np.float32], vad: Silero) -> NDArray[np.float32]:
    stretches = vad.speech(samples).stretches
    if not len(stretches):
        return samples
    margin = MARGIN_US * SAMPLE_RATE // 1_000_000
    first, last = (int(us) * SAMPLE_RATE // 1_000_000 for us in (stretches[0, 0], stretches[-1, 1]))
    return samples[max(0, first - margin) : last + margin]


def _at_speed(samples: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    if speed == 1.0 or len(samples) < HOP:
        return samples
    moments = np.arange(0, len(samples) - 1, speed)
    return np.interp(moments, np.arange(len(samples)), samples).astype(np.float32)
