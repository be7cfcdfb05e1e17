"""Training one ear of the voice network."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from app.training.voice.augment import masked, recorded_elsewhere
from app.training.voice.data import RAVDESS, Clip
from app.training.voice.network import Ear, level


@dataclass(frozen=True)
class Recipe:
    """How an ear is trained. Frames last 15.625 ms."""

    epochs: int = 40
    batch: int = 32
    rate: float = 3e-3
    weight_decay: float = 1e-2
    smoothing: float = 0.05
    shortest: int = 80
    longest: int = 160
    """Crops are drawn between these lengths in frames (1.25–2.5 s), around the 1.5 s of the voice lane."""
    average: float = 0.995
    """The trained weights are a moving average over steps with this memory; it is what is evaluated and shipped."""
    width: int = 24
    dropout: float = 0.3
    noise: float = 0.5
    """Share of crops heard as another microphone and a noisier room would have them."""


def fit(clips: Sequence[Clip], recipe: Recipe, seed: int, told: Callable[[str], None] = print) -> Ear:
    """An ear trained on `clips`. Every class is drawn equally often. The same seed, machine and thread count give the same ear."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    ear = Ear(len(RAVDESS), recipe.width, recipe.dropout).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    kept = Ear(len(RAVDESS), recipe.width, recipe.dropout)
    kept.load_state_dict(ear.state_dict())
    optimiser = torch.optim.AdamW(ear.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    draws = _draws(clips)
    steps = recipe.epochs * math.ceil(len(draws) / recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps, pct_start=0.15)
    step = 0
    for epoch in range(recipe.epochs):
        ear.train()
        losses = []
        order = draws[torch.randperm(len(draws), generator=random)]
        for chosen in order.split(recipe.batch):
            heard, target = _batch([clips[i] for i in chosen.tolist()], recipe, random)
            with torch.autocast("cpu", torch.bfloat16):
                logits = ear(level(heard)).float()
            loss = functional.cross_entropy(logits, target, label_smoothing=recipe.smoothing)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(ear.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            step += 1
            _follow(kept, ear, min(recipe.average, step / (step + 10)))
            losses.append(loss.item())
        if epoch % 10 == 9 or epoch + 1 == recipe.epochs:
            told(f"epoch {epoch + 1}/{recipe.epochs}, loss {np.mean(losses):.3f}")
    return kept.eval()


def _draws(clips: Sequence[Clip]) -> Tensor:
    """Indices of clips for one epoch, rarer classes repeated until all are about as frequent."""
    counts = np.bincount([clip.emotion for clip in clips], minlength=len(RAVDESS))
    return torch.tensor([i for i, clip in enumerate(clips) for _ in range(round(counts.max() / counts[clip.emotion]))])


def _batch(clips: Sequence[Clip], recipe: Recipe, random: torch.Generator) -> tuple[Tensor, Tensor]:
    frames = int(torch.randint(recipe.shortest, recipe.longest + 1, (1,), generator=random))
    crops = []
    for clip in clips:
        take = clip.takes[int(torch.randint(len(clip.takes), (1,), generator=random))]
        crops.append(crop(take, frames, float(torch.rand(1, generator=random))))
    heard = torch.from_numpy(np.stack(crops))
    target = functional.one_hot(torch.tensor([clip.emotion for clip in clips]), len(RAVDESS)).float()
    elsewhere = torch.rand(len(clips), 1, 1, generator=random) < recipe.noise
    heard = torch.where(elsewhere, recorded_elsewhere(heard, random), heard)
    return masked(heard, random), target


def crop(take: np.ndarray, frames: int, place: float) -> np.ndarray:
    """`frames` frames of `take`, from `place` in [0, 1) of where they can start; a shorter take is repeated from its beginning."""
    if len(take) < frames:
        take = np.tile(take, (-(-frames // len(take)), 1))
    start = int(place * (len(take) - frames + 1))
    return take[start : start + frames]


@torch.no_grad()
def _follow(kept: Ear, ear: Ear, memory: float) -> None:
    for slow, fast in zip(kept.state_dict().values(), ear.state_dict().values(), strict=True):
        if slow.dtype.is_floating_point:
            slow.lerp_(fast, 1 - memory)
        else:
            slow.copy_(fast)
