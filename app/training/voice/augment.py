"""What is done to log-mel windows in training so that the network learns the voice and not the recording."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def recorded_elsewhere(log_mel: Tensor, random: torch.Generator) -> Tensor:
    """Windows (B, frames, MELS) as other microphones and rooms would have them: a tilted, rippled response, and steady noise underneath."""
    count, _, mels = log_mel.shape
    band = torch.linspace(-1, 1, mels)
    tilt = torch.randn(count, 1, 1, generator=random) * 0.5
    ripple = functional.interpolate(torch.randn(count, 1, 8, generator=random) * 0.35, mels, mode="linear")
    heard = log_mel + tilt * band + ripple
    peak = heard.amax((1, 2), keepdim=True)
    depth = 6 + 10 * torch.rand(count, 1, 1, generator=random)
    colour = torch.randn(count, 1, 1, generator=random) * band
    grain = torch.randn(log_mel.shape, generator=random) * 0.5
    return torch.logaddexp(heard, peak - depth + colour + grain)


def masked(log_mel: Tensor, random: torch.Generator, bands: int = 10, share: float = 0.2) -> Tensor:
    """Windows with two runs of bands and two of frames put to each window's mean (Park et al. 2019, "SpecAugment")."""
    count, frames, mels = log_mel.shape
    hidden = torch.zeros_like(log_mel, dtype=torch.bool)
    for _ in range(2):
        hidden |= _run(count, mels, bands, random)[:, None, :]
        hidden |= _run(count, frames, int(frames * share), random)[:, :, None]
    return torch.where(hidden, log_mel.mean((1, 2), keepdim=True), log_mel)


def _run(count: int, length: int, longest: int, random: torch.Generator) -> Tensor:
    """A run of at most `longest` at a random place in each of `count` rows of `length`: (count, length) bool."""
    size = torch.rand(count, 1, generator=random) * longest
    start = torch.rand(count, 1, generator=random) * (length - size)
    place = torch.arange(length)
    return (place >= start) & (place < start + size)
