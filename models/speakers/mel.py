"""Mel power spectrogram in plain numpy, as the GE2E voice encoder was trained on: librosa's `melspectrogram`, without importing it.

A test holds the two against each other.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.types import SAMPLE_RATE

HOP = 160
"""Samples between frames, 10 ms."""
WINDOW = 400
"""Samples under a frame's periodic Hann window, 25 ms; also the length of the Fourier transform."""
MELS = 40

BREAK_HZ, BREAK_MEL = 1_000.0, 15.0
"""Slaney's mel scale (Auditory Toolbox, 1998) is linear below this, 200/3 Hz a mel, and logarithmic above, 27 mels to a factor of 6.4."""


def mel_power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mel-band power (frames, MELS) float32 of mono 16 kHz `samples` (n,); no logarithm is taken.

    Frame i is centred at sample i · HOP; before the first and after the last sample there is silence. 1 + n // HOP frames.
    """
    padded = np.pad(np.asarray(samples, np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectrum = np.fft.rfft(frames * _hann())
    return ((spectrum.real**2 + spectrum.imag**2) @ mel_bands()).astype(np.float32)


@cache
def mel_bands() -> NDArray[np.float64]:
    """Triangles (WINDOW // 2 + 1, MELS) from 0 Hz to half the sample rate, evenly spaced in mel, each of area 1 per Hz (Slaney's norm)."""
    edges = _hz(np.linspace(0.0, _mel(SAMPLE_RATE / 2), MELS + 2))
    bins = np.arange(WINDOW // 2 + 1) * SAMPLE_RATE / WINDOW
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (centre - low)
    falling = (high - bins[:, None]) / (high - centre)
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (high - low))


@cache
def _hann() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def _mel(hz: float) -> float:
    return hz * BREAK_MEL / BREAK_HZ if hz < BREAK_HZ else BREAK_MEL + 27 * float(np.log(hz / BREAK_HZ) / np.log(6.4))


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < BREAK_MEL, mel * BREAK_HZ / BREAK_MEL, BREAK_HZ * 6.4 ** ((mel - BREAK_MEL) / 27))
