"""From a folder of clips to a network with its card: folds by actor measure the recipe, then all actors teach the network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.training.voice.card import card
from app.training.voice.data import RAVDESS, SPEEDS, Clip, folds, read_clips
from app.training.voice.evaluate import Heard, hear, temperature_of
from app.training.voice.export import export
from app.training.voice.figures import figures
from app.training.voice.fit import Recipe, fit
from app.training.voice.network import Ear, Listener

NAME = "portrayal_voice"
VERSION = "1"


@dataclass(frozen=True)
class Lesson:
    """One ear to train: on all actors but `held_out`, begun from `seed`."""

    held_out: frozenset[int]
    seed: int


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    ears: int = 3,
    fold_count: int = 5,
    workers: int = 1,
    speeds: Sequence[float] = SPEEDS,
    limit: int | None = None,
) -> dict[str, Any]:
    """Trains, measures and writes `portrayal_voice.onnx`, `.json` and `.md` into `out`; returns what the JSON says.

    `ears` networks are averaged; `workers` are trained at a time, each on one thread. Raises `UnreadableCorpus`.
    """
    clips = read_clips(data, speeds, limit)
    held = folds(clips, fold_count)
    lessons = [Lesson(actors, seed) for actors in [*held, frozenset[int]()] for seed in range(ears)]
    taught = _taught(lessons, data, recipe, workers, speeds, limit)
    heard: list[list[Heard]] = []
    for actors in held:
        listener = Listener([next(taught) for _ in range(ears)]).eval()
        heard.append(hear(listener, [clip for clip in clips if clip.actor in actors]))
    everyone = [clip for fold in heard for clip in fold]
    listener = Listener(list(taught), temperature_of(everyone)).eval()
    out.mkdir(parents=True, exist_ok=True)
    weights = out / f"{NAME}.onnx"
    export(listener, weights)
    facts = {
        "name": NAME,
        "version": VERSION,
        "file": weights.name,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "label_set": RAVDESS.name,
        "classes": list(RAVDESS.classes),
        "temperature": listener.temperature,
        "parameters": sum(p.numel() for p in listener.parameters()),
        "data": {
            "name": "RAVDESS, speech",
            "licence": "CC BY-NC-SA 4.0",
            "clips": len(clips),
            "actors": len({clip.actor for clip in clips}),
            "duplicates": _rows(data, limit) - len(clips),
            "speeds": list(speeds),
        },
        "recipe": {"ears": ears, **asdict(recipe)},
        "figures": figures(heard),
    }
    (out / f"{NAME}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / f"{NAME}.md").write_text(card(facts), encoding="utf-8")
    return facts


def _rows(data: Path, limit: int | None) -> int:
    with (data / "index.csv").open() as lines:
        return len(list(lines)[1:][:limit])


# --- one process a lesson ------------------------------------------------------------------------------------------------------------

_clips: list[Clip] = []


def _taught(
    lessons: Sequence[Lesson], data: Path, recipe: Recipe, workers: int, speeds: Sequence[float], limit: int | None
) -> Iterator[Ear]:
    """The ears of `lessons`, in their order, as they are ready."""
    with ProcessPoolExecutor(workers, get_context("spawn"), _sit_down, (data, tuple(speeds), limit)) as school:
        for weights in school.map(_learn, lessons, [recipe] * len(lessons)):
            ear = Ear(len(RAVDESS), recipe.width, recipe.dropout)
            ear.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
            yield ear.eval()


def _sit_down(data: Path, speeds: tuple[float, ...], limit: int | None) -> None:
    torch.set_num_threads(1)
    _clips.extend(read_clips(data, speeds, limit))


def _learn(lesson: Lesson, recipe: Recipe) -> dict[str, np.ndarray]:
    name = f"without {sorted(lesson.held_out)}, seed {lesson.seed}"
    clips = [clip for clip in _clips if clip.actor not in lesson.held_out]
    ear = fit(clips, recipe, lesson.seed, lambda line: print(f"{name}: {line}", flush=True))
    return {key: value.numpy() for key, value in ear.state_dict().items()}
