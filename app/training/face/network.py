"""The face network: a few small residual networks that look at the same face in grey, 48×48 pixels, and are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 48
"""Pixels: what FER-2013 has, and what the network looks at."""


class Onlooker(nn.Module):
    """Faces (B, 1, SIDE, SIDE), standardised as `standardised` does it, to logits (B, K).

    Residual blocks (He et al. 2016) at 24, 12 and 6 pixels, each weighing its channels by what is in the whole picture
    (Hu et al. 2018, "Squeeze-and-excitation networks").
    """

    def __init__(self, classes: int, width: int = 32, blocks: Sequence[int] = (2, 2, 2), dropout: float = 0.2) -> None:
        super().__init__()
        layers: list[nn.Module] = [_convolution(1, width // 2), nn.ReLU(True), _convolution(width // 2, width, stride=2), nn.ReLU()]
        channels = width
        for stage, count in enumerate(blocks):
            for block in range(count):
                wider = stage > 0 and block == 0
                layers.append(_Block(channels, channels * 2 if wider else channels, stride=2 if wider else 1))
                channels = channels * 2 if wider else channels
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels, classes))

    def forward(self, faces: Tensor) -> Tensor:
        return self.head(self.body(faces).mean((2, 3)))


class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs, stride=stride)
        self.second = _convolution(outputs, outputs)
        self.weigh = nn.Sequential(nn.Conv2d(outputs, outputs // 8, 1), nn.ReLU(True), nn.Conv2d(outputs // 8, outputs, 1), nn.Sigmoid())
        narrowed = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.past = narrowed if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(functional.relu(self.first(x), inplace=True))
        y = y * self.weigh(functional.adaptive_avg_pool2d(y, 1))
        return functional.relu(y + self.past(x), inplace=True)


class Beholder(nn.Module):
    """What is shipped: grey faces (B, SIDE, SIDE) float32 in [0, 255] to calibrated probabilities (B, K).

    The logits of all onlookers, of the face and of its mirror image where `mirrored`, are averaged; `bias` (K,) is added to them and they
    are divided by `temperature`.
    """

    def __init__(self, onlookers: Sequence[Onlooker], bias: Tensor | None = None, temperature: float = 1.0, mirrored: bool = True) -> None:
        super().__init__()
        self.onlookers = nn.ModuleList(onlookers)
        self.bias = bias
        self.temperature = temperature
        self.mirrored = mirrored

    def logits(self, faces: Tensor) -> Tensor:
        seen = standardised(faces.unsqueeze(1))
        views = (seen, seen.flip(3)) if self.mirrored else (seen,)
        return torch.stack([onlooker(view) for onlooker in self.onlookers for view in views]).mean(0)

    def forward(self, faces: Tensor) -> Tensor:
        logits = self.logits(faces)
        return torch.softmax((logits if self.bias is None else logits + self.bias) / self.temperature, dim=1)


def standardised(faces: Tensor) -> Tensor:
    """Grey faces (B, 1, SIDE, SIDE) in [0, 255], each to mean 0 and deviation about 1: how bright the room was says nothing."""
    middle = faces.mean((2, 3), keepdim=True)
    spread = ((faces - middle) ** 2).mean((2, 3), keepdim=True)
    return (faces - middle) / torch.sqrt(spread + 10.0)


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs))
