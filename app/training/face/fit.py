"""Training one onlooker."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from app.training.face.augment import blended, seen_otherwise
from app.training.face.data import FER2013, Faces, log_frequency
from app.training.face.network import SIDE, Onlooker, standardised

EARLY_SIDE = 32


@dataclass(frozen=True)
class Recipe:
    """How an onlooker is trained."""

    epochs: int = 28
    batch: int = 128
    rate: float = 4e-3
    weight_decay: float = 2e-2
    smoothing: float = 0.1
    balance: float = 1.0
    """How much of the classes' frequencies the loss takes on itself, so that the network need not learn that disgust is rare
    (Menon et al. 2021, "Long-tail learning via logit adjustment", eq. 10, τ)."""
    strength: float = 0.7
    """Of the augmentation."""
    blend: float = 0.0
    """Share of batches with faces laid over one another."""
    early: float = 0.6
    """Share of the epochs, the first, that look at faces of EARLY_SIDE pixels, which cost less than half."""
    average: float = 0.999
    """The trained weights are a moving average over steps with this memory; it is what is evaluated and shipped."""
    width: int = 32
    depth: int = 2
    """Residual blocks at each of the three sizes."""
    dropout: float = 0.2


def onlooker(recipe: Recipe) -> Onlooker:
    """An untrained network of the recipe's size."""
    return Onlooker(len(FER2013), recipe.width, [recipe.depth] * 3, recipe.dropout)


def fit(faces: Faces, recipe: Recipe, seed: int, kept: Path | None = None, told: Callable[[str], None] = print) -> Onlooker:
    """An onlooker trained on `faces`. The same seed, machine and thread count give the same one.

    After every epoch all that goes on is put into the file `kept`; a run that was cut off goes on from there.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    network = onlooker(recipe).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    slow = onlooker(recipe)
    slow.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(_groups(network, recipe.weight_decay), recipe.rate)
    steps = math.ceil(len(faces) / recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.epochs * steps, pct_start=0.15)
    goes_on = {"network": network, "slow": slow, "optimiser": optimiser, "schedule": schedule}
    begun = _taken_up(kept, goes_on, random)
    pixels, emotions = torch.from_numpy(faces.pixels)[:, None], torch.from_numpy(faces.emotions)
    frequency = recipe.balance * torch.from_numpy(log_frequency(faces))
    for epoch in range(begun, recipe.epochs):
        network.train()
        losses = []
        side = EARLY_SIDE if epoch < recipe.early * recipe.epochs else SIDE
        for step, which in enumerate(torch.randperm(len(faces), generator=random).split(recipe.batch)):
            seen = standardised(seen_otherwise(pixels[which].float(), recipe.strength, random, side))
            target = functional.one_hot(emotions[which], len(FER2013)).float()
            seen, target = blended(seen, target, recipe.blend, random)
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(seen.contiguous(memory_format=torch.channels_last)).float()
            loss = functional.cross_entropy(logits + frequency, target, label_smoothing=recipe.smoothing)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            done = epoch * steps + step + 1
            _follow(slow, network, min(recipe.average, done / (done + 10)))
            losses.append(loss.item())
        told(f"epoch {epoch + 1}/{recipe.epochs}, loss {np.mean(losses):.4f}")
        if kept:
            _keep(kept, goes_on, random, epoch + 1)
    return slow.eval()


def _groups(network: Onlooker, decay: float) -> list[dict[str, Any]]:
    """Kernels decay; biases and the scales of normalisation do not."""
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _keep(path: Path, goes_on: dict[str, Any], random: torch.Generator, epochs: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {name: part.state_dict() for name, part in goes_on.items()}
    half = path.with_suffix(".half")
    torch.save({**state, "random": random.get_state(), "drawn": torch.get_rng_state(), "epochs": epochs}, half)
    half.replace(path)


def _taken_up(path: Path | None, goes_on: dict[str, Any], random: torch.Generator) -> int:
    """The number of epochs already trained, everything being as it was after them."""
    if path is None or not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in goes_on.items():
        part.load_state_dict(state[name])
    random.set_state(state["random"])
    torch.set_rng_state(state["drawn"])
    return state["epochs"]


@torch.no_grad()
def _follow(slow: Onlooker, network: Onlooker, memory: float) -> None:
    for kept, fast in zip(slow.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(fast, 1 - memory)
        else:
            kept.copy_(fast)
