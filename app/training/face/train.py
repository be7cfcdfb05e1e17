"""From FER-2013's archives to a network with its card. All is chosen on a fold of the training images; PublicTest is looked at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from app.training.face.card import card
from app.training.face.data import FER2013, PUBLIC_TEST, TRAINING, Faces, folds, log_frequency, read_faces
from app.training.face.evaluate import calibrate, logits_of, probabilities, worth
from app.training.face.export import export
from app.training.face.figures import figures
from app.training.face.fit import Recipe
from app.training.face.lessons import Lesson, taught
from app.training.face.network import Beholder

NAME = "portrayal_face"
VERSION = "1"


def train(
    data: Path,
    out: Path | None,
    recipe: Recipe,
    onlookers: int = 2,
    fold_count: int = 10,
    workers: int = 1,
    kept: Path | None = None,
    mirrored: bool = True,
) -> dict[str, Any]:
    """Trains `onlookers` networks, which differ by their seed, on all folds but the first, and calibrates their average on that one.

    Writes `portrayal_face.onnx`, `.json` and `.md` into `out` and returns what the JSON says. Without `out` nothing is written, nothing
    measured on PublicTest, and only the figures of the held-out fold are returned: for choosing a recipe. `workers` are trained at a
    time, each on one thread; a run that was cut off goes on from what is in the folder `kept`. Raises `UnreadableFaces`.
    """
    public = read_faces(data / PUBLIC_TEST)
    everything = read_faces(data / TRAINING)
    faces = everything.without(public)
    held = folds(faces, fold_count) == 0
    learnt, unseen = faces.chosen(~held), faces.chosen(held)
    networks = taught([Lesson(learnt, recipe, seed, kept) for seed in range(onlookers)], workers)
    common = recipe.balance * log_frequency(learnt)
    logits = logits_of(Beholder(networks, mirrored=mirrored).eval(), unseen)
    calibration = calibrate(logits, unseen.emotions, common)
    held_out = worth(probabilities(logits, common, calibration), unseen.emotions)
    if out is None:
        return {"recipe": asdict(recipe), "calibration": asdict(calibration), "held_out": held_out}
    bias = torch.from_numpy(calibration.commonness * common)
    beholder = Beholder(networks, bias, calibration.temperature, mirrored).eval()
    out.mkdir(parents=True, exist_ok=True)
    weights = out / f"{NAME}.onnx"
    export(beholder, weights)
    uncalibrated = probabilities(logits_of(beholder, public), common, replace(calibration, temperature=1.0))
    facts = {
        "name": NAME,
        "version": VERSION,
        "file": weights.name,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "label_set": FER2013.name,
        "classes": list(FER2013.classes),
        **asdict(calibration),
        "mirrored": mirrored,
        "onlookers": onlookers,
        "parameters": sum(p.numel() for p in beholder.parameters()),
        "data": _data(everything, faces, learnt),
        "recipe": asdict(recipe),
        "figures": {"held_out": held_out, **figures(weights, public, uncalibrated)},
    }
    (out / f"{NAME}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / f"{NAME}.md").write_text(card(facts), encoding="utf-8")
    return facts


def _data(everything: Faces, faces: Faces, learnt: Faces) -> dict[str, Any]:
    return {
        "name": "FER-2013",
        "training_images": len(everything),
        "also_in_public_test": len(everything) - len(faces),
        "learnt_from": len(learnt),
        "held_out": len(faces) - len(learnt),
        "counts": {name: int((learnt.emotions == k).sum()) for k, name in enumerate(FER2013.classes)},
    }
