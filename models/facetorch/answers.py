"""From faces to the networks' inputs, and from their answers to scores: one place for the registered model and the whole analyzer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.facetorch.networks import Network
from models.types import FaceScores

if TYPE_CHECKING:
    import torch

SIDE = 260
"""Pixels a side, which all faces are brought to first: facetorch's unifier for this expression network."""


def as_faces(crops: NDArray[np.uint8]) -> torch.Tensor:
    """(N, H, W, 3) RGB uint8 → (N, 3, 260, 260) float32 in [0, 1]; N ≥ 1."""
    import torch
    from torchvision.transforms.functional import resize

    faces = torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2).float() / 255
    return resize(faces, [SIDE, SIDE], antialias=True)


def prepared(faces: torch.Tensor, network: Network) -> torch.Tensor:
    """(N, 3, H, W) in [0, 1] → what `network` looks at."""
    from torchvision.transforms.functional import normalize, resize

    return normalize(resize(faces, [network.side, network.side], antialias=True), list(network.mean), list(network.deviation))


def first(answer: Any) -> torch.Tensor:
    """Some of the networks answer with several tensors; the first is the one that counts."""
    return answer[0] if isinstance(answer, (tuple, list)) else answer


def as_scores(answers: Mapping[str, torch.Tensor]) -> FaceScores:
    """What the networks answered for N faces, by their names.

    fer: raw logits (N, 8), softmaxed here. va: (N, 2) in [-1, 1]. au: (N, 41) cosines in [0, 1], no probabilities. embed: (N, D), brought
    to length 1.
    """
    import torch

    def rows(name: str) -> torch.Tensor | None:
        return answers[name].detach().float().flatten(1) if name in answers else None

    va, au, embed = rows("va"), rows("au"), rows("embed")
    return FaceScores(
        torch.softmax(answers["fer"].detach().float(), 1).cpu().numpy(),
        valence=None if va is None else va[:, 0].clamp(-1, 1).cpu().numpy(),
        arousal=None if va is None else va[:, 1].clamp(-1, 1).cpu().numpy(),
        action_units=None if au is None else au.clamp(0, 1).cpu().numpy(),
        embedding=None if embed is None else torch.nn.functional.normalize(embed, dim=1).cpu().numpy(),
    )
