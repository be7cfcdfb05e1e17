"""From a folder of clips to a network with its card. The ears of the folds are measured on actors they never heard, then averaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.training.voice.card import card
from app.training.voice.data import RAVDESS, SPEEDS, folds, read_clips
from app.training.voice.evaluate import Heard, calibrate, hear
from app.training.voice.export import export
from app.training.voice.figures import figures
from app.training.voice.fit import Recipe
from app.training.voice.lessons import Lesson, ears_of
from app.training.voice.network import Ear, Listener

NAME = "portrayal_voice"
VERSION = "1"


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    ears: int = 3,
    fold_count: int = 5,
    workers: int = 1,
    kept: Path | None = None,
    speeds: Sequence[float] = SPEEDS,
) -> dict[str, Any]:
    """Trains, measures and writes `portrayal_voice.onnx`, `.json` and `.md` into `out`; returns what the JSON says.

    Each fold is measured with the average of `ears` networks, which differ by their seed. What is written averages one network of every
    fold: together they have heard all actors, and each was measured. `workers` are trained at a time, each on one thread;
    those found in the folder `kept` are not trained again. Raises `UnreadableCorpus`.
    """
    clips = read_clips(data, speeds)
    held = folds(clips, fold_count)
    lessons = [Lesson(actors, seed) for actors in held for seed in range(ears)]
    taught = ears_of(lessons, clips, recipe, workers, kept)
    heard: list[list[Heard]] = []
    shipped: list[Ear] = []
    for actors in held:
        own = [next(taught) for _ in range(ears)]
        heard.append(hear(Listener(own).eval(), [clip for clip in clips if clip.actor in actors]))
        shipped.append(own[0])
    calibration = calibrate([clip for fold in heard for clip in fold])
    listener = Listener(shipped, calibration.temperature).eval()
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
        **asdict(calibration),
        "parameters": sum(p.numel() for p in listener.parameters()),
        "data": {
            "name": "RAVDESS, speech",
            "licence": "CC BY-NC-SA 4.0",
            "clips": len(clips),
            "actors": len({clip.actor for clip in clips}),
            "duplicates": _rows(data) - len(clips),
            "speeds": list(speeds),
        },
        "recipe": {"ears": ears, **asdict(recipe)},
        "figures": figures(heard),
    }
    (out / f"{NAME}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / f"{NAME}.md").write_text(card(facts), encoding="utf-8")
    return facts


def _rows(data: Path) -> int:
    with (data / "index.csv").open() as lines:
        return len(list(lines)) - 1
