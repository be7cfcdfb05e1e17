"""wav2vec 2.0 (Baevski et al. 2020, https://arxiv.org/abs/2006.11477) as an encoder of emotion, built from files and never from a hub.

Architecture and weights are transformers' own; only the small heads are written here, for none of its classes has them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Wav2Vec2Config, Wav2Vec2Model

ONLY_TRAINING = "masked_spec_embed"
"""The vector that stands for hidden frames in training."""

RENAMED = {"conv.weight_g": "conv.parametrizations.weight.original0", "conv.weight_v": "conv.parametrizations.weight.original1"}
"""Torch's older names for the two parts of a weight-normalised convolution."""


class PooledClassifier(nn.Module):
    """The head of r-f/wav2vec-english-speech-emotion-recognition: mean over time, dense, tanh, projection."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.wav2vec2 = Wav2Vec2Model(config)
        width, classes = config.hidden_size, len(config.id2label or ())
        self.classifier = nn.ModuleDict({"dense": nn.Linear(width, width), "out_proj": nn.Linear(width, classes)})

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Logits (B, K) of normalised sound (B, n)."""
        mean = self.wav2vec2(sound).last_hidden_state.mean(1)
        return self.classifier["out_proj"](torch.tanh(self.classifier["dense"](mean)))


class AverageClassifier(nn.Module):
    """The head of speechbrain's IEMOCAP recipe: the encoder's output brought to mean 0 and variance 1, averaged over time, projected."""

    def __init__(self, config: Wav2Vec2Config, classes: int, output_norm: bool) -> None:
        super().__init__()
        self.encoder = Wav2Vec2Model(config)
        self.head = nn.Linear(config.hidden_size, classes, bias=False)
        self.output_norm = output_norm

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Logits (B, K) of normalised sound (B, n)."""
        out = self.encoder(sound).last_hidden_state
        if self.output_norm:
            out = nn.functional.layer_norm(out, out.shape[1:])
        return self.head(out.mean(1))


def configuration(path: Path) -> Wav2Vec2Config:
    """The architecture that a `config.json` of wav2vec 2.0 describes."""
    return Wav2Vec2Config.from_dict(json.loads(path.read_text(encoding="utf-8")))


def renamed(tensors: dict[str, Any]) -> dict[str, Any]:
    """With torch's present names of parameters."""
    return {_renamed(key): value for key, value in tensors.items()}


def _renamed(key: str) -> str:
    for old, new in RENAMED.items():
        if key.endswith(old):
            return key.removesuffix(old) + new
    return key
