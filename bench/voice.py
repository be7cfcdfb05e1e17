"""Seconds of sound a second: Silero VAD and the voice network end to end, on one thread each, in one process.

    python -m bench.voice --data ../shared/data/ravdess_speech

Sound is decoded beforehand; models are loaded beforehand. "lane" scores the windows that are at least half speech, as the product does;
"all" scores every window, as if somebody spoke without a pause. Beside the time on the wall stands the
processor's, which a busy machine stretches less.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from app.training.voice.data import read_sound
from models.speech.silero import Silero
from models.types import SAMPLE_RATE
from models.voice.logmel import log_mel
from models.voice.portrayal_voice import PortrayalVoice
from models.voice.windows import speech_share, windows

AIM = 50.0
"""Seconds of sound a second, VAD and network together."""


def main(data: Path, clips: int, rounds: int) -> None:
    paths = sorted(data.glob("*.flac"))
    sounds = [read_sound(path) for path in paths[:: max(1, len(paths) // clips)][:clips]]
    seconds = sum(map(len, sounds)) / SAMPLE_RATE
    vad, voice = Silero(), PortrayalVoice()

    def lane(samples: NDArray[np.float32], spoken_share: float) -> None:
        spans = windows(len(samples) * 1_000_000 // SAMPLE_RATE)
        share = speech_share(spans, vad.speech(samples).stretches)
        voice.score(samples, spans[share >= spoken_share])

    steps: dict[str, Callable[[NDArray[np.float32]], object]] = {
        "VAD alone": vad.speech,
        "log-mel alone": log_mel,
        "VAD + network, lane": lambda samples: lane(samples, 0.5),
        "VAD + network, all windows": lambda samples: lane(samples, 0.0),
    }
    wall: dict[str, list[float]] = {name: [] for name in steps}
    processor: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):  # in turn, so that a busy machine slows all alike
        for name, step in steps.items():
            start, worked = perf_counter(), process_time()
            for samples in sounds:
                step(samples)
            wall[name].append(perf_counter() - start)
            processor[name].append(process_time() - worked)
    print(f"{len(sounds)} clips, {seconds:.0f} s of sound; seconds of sound a second, median (range) of {rounds} rounds")
    for name in steps:
        print(f"{name:28} wall {_speeds(seconds, wall[name])}   processor {_speeds(seconds, processor[name])}")
    speed = seconds / median(wall["VAD + network, all windows"])
    print(f"all windows, wall: {speed / AIM:.1f} times the aim of {AIM:.0f}")


def _speeds(seconds: float, times: list[float]) -> str:
    return f"{seconds / median(times):5.0f} ({seconds / max(times):.0f} to {seconds / min(times):.0f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Seconds of sound a second through VAD and voice network")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/ravdess_speech"))
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    main(asked.data, asked.clips, asked.rounds)
