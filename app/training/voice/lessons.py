"""Several ears taught side by side, each in its own process on one thread."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from app.training.voice.data import RAVDESS, Clip
from app.training.voice.fit import Recipe, fit
from app.training.voice.network import Ear


@dataclass(frozen=True)
class Lesson:
    """One ear to train: on all actors but `held_out`, begun from `seed`."""

    held_out: frozenset[int]
    seed: int

    def learn(self, clips: Sequence[Clip], recipe: Recipe, kept: Path | None = None) -> Ear:
        """The ear, having heard those of `clips` that the lesson may use; taken from the folder `kept` where it was learnt before."""
        heard = [clip for clip in clips if clip.actor not in self.held_out]
        path = kept / f"{self._key(heard, recipe)}.pt" if kept else None
        if path and path.is_file():
            ear = Ear(len(RAVDESS), recipe.width, recipe.dropout)
            ear.load_state_dict(torch.load(path, weights_only=True))
            return ear.eval()
        name = f"without {sorted(self.held_out)}, seed {self.seed}"
        ear = fit(heard, recipe, self.seed, lambda line: print(f"{name}: {line}", flush=True))
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.save(ear.state_dict(), path)
        return ear

    def _key(self, heard: Sequence[Clip], recipe: Recipe) -> str:
        """The same for the same clips, recipe and seed only."""
        told = repr((self.seed, recipe, [(clip.name, [len(take) for take in clip.takes]) for clip in heard]))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def ears_of(lessons: Sequence[Lesson], clips: Sequence[Clip], recipe: Recipe, workers: int = 1, kept: Path | None = None) -> Iterator[Ear]:
    """The ears of `lessons`, in their order, as they are ready; with one worker they are taught in this process.

    Where a folder `kept` is given each is put there, and a run that was cut off goes on from the ears it finds.
    """
    if workers == 1:
        for lesson in lessons:
            yield lesson.learn(clips, recipe, kept)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _sit_down, (list(clips), recipe, kept)) as school:
        for weights in school.map(_learn, lessons):
            ear = Ear(len(RAVDESS), recipe.width, recipe.dropout)
            ear.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
            yield ear.eval()


_desk: list[tuple[list[Clip], Recipe, Path | None]] = []
"""What a worker was given when it sat down: handed over once, not with every lesson."""


def _sit_down(clips: list[Clip], recipe: Recipe, kept: Path | None) -> None:
    torch.set_num_threads(1)
    _desk.append((clips, recipe, kept))


def _learn(lesson: Lesson) -> dict[str, np.ndarray]:
    [(clips, recipe, kept)] = _desk
    return {key: value.numpy() for key, value in lesson.learn(clips, recipe, kept).state_dict().items()}
