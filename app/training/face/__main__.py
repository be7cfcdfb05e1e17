"""Trains the face network and writes it with its card, measured beside fer's:

python -m app.training.face --data ../shared/data/faces --out models/face
"""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path

from app.training.face.fit import Recipe
from app.training.face.train import train


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.training.face", description="Trains the face network on FER-2013.")
    parser.add_argument("--data", type=Path, required=True, help="folder with fer2013_training.tar and fer2013_public_test.tar")
    parser.add_argument("--out", type=Path, help="folder for the network and its card; without it only the held-out fold is measured")
    parser.add_argument("--onlookers", type=int, default=2, help="networks averaged (default 2)")
    parser.add_argument("--folds", type=int, default=10, help="folds of the training images, the first held out (default 10)")
    parser.add_argument("--workers", type=int, default=1, help="networks trained at a time, one thread each (default 1)")
    parser.add_argument("--keep", type=Path, help="folder where what is trained is put, and found when a run is taken up again")
    parser.add_argument("--mirrored", action=argparse.BooleanOptionalAction, default=True, help="look at the mirror image too")
    for field in fields(Recipe):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    recipe = Recipe(**{field.name: getattr(asked, field.name) for field in fields(Recipe)})
    facts = train(asked.data, asked.out, recipe, asked.onlookers, asked.folds, asked.workers, asked.keep, asked.mirrored)
    print(json.dumps(facts.get("figures", facts), indent=1))
