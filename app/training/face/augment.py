"""The same faces otherwise framed, lit and covered."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def seen_otherwise(faces: Tensor, strength: float, random: torch.Generator, side: int) -> Tensor:
    """Faces (B, 1, S, S) in [0, 255] mirrored, turned, scaled, shifted, relit, blurred and partly covered, each in its own way.

    They come out as (B, 1, side, side). At `strength` 1: up to ±15° , ±15 % of size, ±8 % of the side, contrast by up to 1.5 either way.
    """
    faces = _framed(faces, strength, random, side)
    faces = _lit(faces, strength, random)
    faces = _blurred(faces, 0.15 * strength, random)
    return _covered(faces, 0.4 * strength, random)


def blended(faces: Tensor, target: Tensor, share: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """`share` of batches with each face and its target laid over another of the batch (Zhang et al. 2018, "mixup"), else as they are."""
    if float(torch.rand(1, generator=random)) >= share:
        return faces, target
    other = torch.randperm(len(faces), generator=random)
    part = 0.5 * torch.rand(len(faces), 1, 1, 1, generator=random) ** 2  # mostly a trace of the other, at most half
    return faces.lerp(faces[other], part), target.lerp(target[other], part[:, :, 0, 0])


def _framed(faces: Tensor, strength: float, random: torch.Generator, side: int) -> Tensor:
    count = len(faces)
    angle = _within(count, random) * math.radians(15) * strength
    size = torch.exp(_within(count, random) * math.log(1.15) * strength)
    mirrored = torch.where(torch.rand(count, generator=random) < 0.5, -1.0, 1.0)
    shift = torch.stack([_within(count, random), _within(count, random)], 1) * 0.16 * strength
    cosine, sine = torch.cos(angle) * size, torch.sin(angle) * size
    matrix = torch.stack([torch.stack([cosine * mirrored, -sine], 1), torch.stack([sine * mirrored, cosine], 1)], 1)
    grid = functional.affine_grid(torch.cat([matrix, shift[:, :, None]], 2), [count, 1, side, side], align_corners=False)
    return functional.grid_sample(faces, grid, padding_mode="border", align_corners=False)


def _lit(faces: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Gamma: dark and bright parts pulled apart or together. Mean and contrast as such are taken out by the network itself."""
    gamma = torch.exp(_within(len(faces), random) * math.log(1.5) * strength)[:, None, None, None]
    return 255 * (faces / 255).clamp(1e-4, 1) ** gamma


def _blurred(faces: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Some faces as if seen from afar: halved and brought back."""
    small = functional.interpolate(functional.avg_pool2d(faces, 2), scale_factor=2.0, mode="bilinear")
    chosen = torch.rand(len(faces), 1, 1, 1, generator=random) < share
    return torch.where(chosen, small, faces)


def _covered(faces: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Some faces with a rectangle of 10 to 40 % of the side greyed out (Zhong et al. 2020, "Random erasing")."""
    count, side = len(faces), faces.shape[-1]
    place = torch.arange(side)[None, :]
    inside = []
    for _ in range(2):
        length = side * (0.1 + 0.3 * torch.rand(count, 1, generator=random))
        start = torch.rand(count, 1, generator=random) * (side - length)
        inside.append((place >= start) & (place < start + length))
    rectangle = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    chosen = torch.rand(count, 1, 1, 1, generator=random) < share
    grey = 255 * torch.rand(count, 1, 1, 1, generator=random)
    return torch.where(rectangle & chosen, grey, faces)


def _within(count: int, random: torch.Generator) -> Tensor:
    """`count` numbers between -1 and 1."""
    return 2 * torch.rand(count, generator=random) - 1
