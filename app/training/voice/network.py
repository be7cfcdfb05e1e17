"""The voice network: a few small convolutional networks side by side that listen to the same window and are averaged."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.voice.logmel import MELS

DYNAMIC_RANGE = 14.0
"""Nepers of power (61 dB) below the loudest band of a window that the network hears; what is fainter is the room, not the voice."""


class Ear(nn.Module):
    """Log-mel windows (B, frames, MELS) to logits (B, K). Frames may be any number from 16.

    Convolutions over time and frequency, then over time, then mean and deviation over time with learnt attention
    (Okabe, Koshinaka & Shinoda 2018, "Attentive statistics pooling").
    """

    def __init__(self, classes: int, width: int = 24, dropout: float = 0.3) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _convolution(1, width, kernel=5, stride=2),
            _convolution(width, 2 * width),
            nn.AvgPool2d((2, 2)),
            _convolution(2 * width, 3 * width),
            nn.AvgPool2d((1, 2)),
            _convolution(3 * width, 4 * width),
            nn.AvgPool2d((1, 2)),
            nn.Dropout2d(0.1),
        )
        bands = MELS // 16
        channels = 5 * width
        self.narrow = nn.Sequential(
            nn.Conv1d(4 * width * bands, channels, 1, bias=False),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
            nn.Conv1d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
        )
        self.attention = nn.Sequential(nn.Conv1d(channels, 48, 1), nn.Tanh(), nn.Conv1d(48, channels, 1))
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * channels, classes))

    def forward(self, log_mel: Tensor) -> Tensor:
        x = self.body(log_mel.unsqueeze(1))
        x = self.narrow(x.transpose(2, 3).flatten(1, 2))
        weight = torch.softmax(self.attention(x), dim=2)
        mean = (weight * x).sum(2)
        deviation = ((weight * x * x).sum(2) - mean * mean).clamp(min=1e-4).sqrt()
        return self.head(torch.cat([mean, deviation], dim=1))


class Listener(nn.Module):
    """What is shipped: log-mel windows (B, frames, MELS) as `log_mel` makes them, to calibrated probabilities (B, K).

    The logits of the ears are averaged and divided by `temperature`.
    """

    def __init__(self, ears: list[Ear], temperature: float = 1.0) -> None:
        super().__init__()
        self.ears = nn.ModuleList(ears)
        self.temperature = temperature

    def logits(self, log_mel: Tensor) -> Tensor:
        heard = level(log_mel)
        return torch.stack([ear(heard) for ear in self.ears]).mean(0)

    def forward(self, log_mel: Tensor) -> Tensor:
        return torch.softmax(self.logits(log_mel) / self.temperature, dim=1)


def level(log_mel: Tensor) -> Tensor:
    """Windows (B, frames, MELS) made independent of loudness: each within DYNAMIC_RANGE of its peak, mean 0, in units of about 1."""
    heard = torch.maximum(log_mel, log_mel.amax((1, 2), keepdim=True) - DYNAMIC_RANGE)
    return (heard - heard.mean((1, 2), keepdim=True)) / 3.0


def _convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
