"""Trains the voice network and writes it with its card:

python -m app.training.voice --data ../shared/data/ravdess_speech --out models/voice
"""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path

import torch

from app.training.voice.fit import Recipe
from app.training.voice.train import train


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.training.voice", description="Trains the voice network on RAVDESS speech.")
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv and the FLAC files")
    parser.add_argument("--out", type=Path, required=True, help="folder for portrayal_voice.onnx, .json and .md")
    parser.add_argument("--ears", type=int, default=3, help="networks of a fold, averaged to measure it (default 3)")
    parser.add_argument("--folds", type=int, default=5, help="folds by actor (default 5)")
    parser.add_argument("--workers", type=int, default=1, help="networks trained at a time, one thread each (default 1)")
    parser.add_argument("--keep", type=Path, help="folder where trained networks are put, and found when a run is taken up again")
    for field in fields(Recipe):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    torch.set_num_threads(1)
    recipe = Recipe(**{field.name: getattr(asked, field.name) for field in fields(Recipe)})
    facts = train(asked.data, asked.out, recipe, asked.ears, asked.folds, asked.workers, asked.keep)
    print(json.dumps(facts["figures"], indent=1))
