"""Onlookers taught side by side, each in its own process on one thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from app.training.face.data import Faces
from app.training.face.fit import Recipe, fit, onlooker
from app.training.face.network import Onlooker


@dataclass(frozen=True)
class Lesson:
    """One onlooker to train on `faces`, begun from `seed`; in the folder `kept` what is trained stays, and is found again."""

    faces: Faces
    recipe: Recipe
    seed: int
    kept: Path | None = None

    def learn(self) -> dict[str, np.ndarray]:
        """The trained weights by name."""
        torch.set_num_threads(1)
        trained = fit(self.faces, self.recipe, self.seed, self._file(), lambda line: print(f"seed {self.seed}: {line}", flush=True))
        return {name: value.numpy() for name, value in trained.state_dict().items()}

    def _file(self) -> Path | None:
        """Another for every other recipe, seed or choice of faces."""
        told = repr((self.recipe, self.seed)).encode() + self.faces.emotions.tobytes() + self.faces.pixels.tobytes()
        return self.kept / f"{hashlib.sha256(told).hexdigest()[:16]}.pt" if self.kept else None


def taught(lessons: Sequence[Lesson], workers: int = 1) -> list[Onlooker]:
    """The onlookers of `lessons`, in their order, `workers` trained at a time; with one worker in this process."""
    if workers == 1:
        return [_network(lesson, lesson.learn()) for lesson in lessons]
    with ProcessPoolExecutor(workers, get_context("spawn")) as school:
        return [_network(lesson, weights) for lesson, weights in zip(lessons, school.map(Lesson.learn, lessons), strict=True)]


def _network(lesson: Lesson, weights: dict[str, np.ndarray]) -> Onlooker:
    network = onlooker(lesson.recipe)
    network.load_state_dict({name: torch.from_numpy(np.asarray(value)) for name, value in weights.items()})
    return network.eval()
