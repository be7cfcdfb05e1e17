"""From a folder of clips to a network with its card: folds by actor measure the recipe, then all actors teach the network."""

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
from app.training.voice.network import Listener

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

    `ears` networks are averaged; `workers` are trained at a time, each on one thread;
    those found in the folder `kept` are not trained again. Raises `UnreadableCorpus`.
    """
    clips = read_clips(data, speeds)
    held = folds(clips, fold_count)
    lessons = [Lesson(actors, seed) for actors in [*held, frozenset[int]()] for seed in range(ears)]
    taught = ears_of(lessons, clips, recipe, workers, kept)
    heard: list[list[Heard]] = []
    for actors in held:
        listener = Listener([next(taught) for _ in range(ears)]).eval()
        heard.append(hear(listener, [clip for clip in clips if clip.actor in actors]))
    calibration = calibrate([clip for fold in heard for clip in fold])
    listener = Listener(list(taught), calibration.temperature).eval()
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
