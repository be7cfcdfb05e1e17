"""Log-mel spectrogram in plain numpy: the ear of the voice network, one and the same in training and in use."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.types import SAMPLE_RATE

HOP = 250
"""Samples between frames: 15,625 µs, so that 0.25 s are exactly 16 frames."""
WINDOW = 800
"""Samples under a frame's Hann window, 50 ms: long enough to keep the harmonics of a voice apart, which carry its pitch."""
FFT = 1024
MELS = 64
LOWEST_HZ, HIGHEST_HZ = 60.0, 7_600.0
FLOOR = 1e-12
"""Added to each band's power before the logarithm: 120 dB below a full-scale sine, under the noise of any recording, so that it never
tells a soft voice from a loud one."""


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithm of mel-band power, (frames, MELS) float32, of mono 16 kHz `samples` (n,) in [-1, 1].

    Frame i covers samples [i·HOP, i·HOP + WINDOW); nothing is padded, so every frame is wholly measured. Fewer samples
    than WINDOW give no frame at all.
    A band's power is the sum of its bins' powers, each weighted by the band's triangle; see `hann` for their scale.
    """
    if samples.ndim != 1:
        raise ValueError(f"samples must be mono, shape (n,), not {samples.shape}")
    if len(samples) < WINDOW:
        return np.empty((0, MELS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), WINDOW)[::HOP]
    rows = np.empty((len(frames), MELS), np.float32)
    for start in range(0, len(frames), BLOCK):  # a long recording is never held as one spectrum
        spectrum = np.fft.rfft(frames[start : start + BLOCK] * hann(), FFT)
        power = spectrum.real**2 + spectrum.imag**2
        rows[start : start + BLOCK] = np.log(_in_bands(power.astype(np.float32)) + FLOOR)
    return rows


BLOCK = 4_096
"""Frames transformed at once, about 64 s of sound."""


def frame_count(samples: int) -> int:
    """How many frames `log_mel` makes of so many samples."""
    return 0 if samples < WINDOW else 1 + (samples - WINDOW) // HOP


def frames_of(rows: NDArray[np.float32], window: NDArray[np.int64]) -> NDArray[np.float32]:
    """The frames of a whole recording's log-mel `rows` that cover `window` (start and end in µs): a view (frames, MELS).

    The first frame begins with the window or up to one HOP before it, so windows of one length have one number of frames.
    """
    start, end = (int(us) * SAMPLE_RATE // 1_000_000 for us in window)
    first = start // HOP
    return rows[first : first + frame_count(end - start)]


@cache
def hann() -> NDArray[np.float32]:
    """Periodic Hann window (WINDOW,), scaled so that a sine of amplitude 1 has power 1 in the FFT bin of its frequency."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return (2 * window / window.sum()).astype(np.float32)


@cache
def mel_bands() -> NDArray[np.float32]:
    """Triangular bands (FFT // 2 + 1, MELS), peak 1, evenly spaced on the mel scale m = 1127 ln(1 + f / 700) (HTK)."""
    edges = mel_to_hz(np.linspace(hz_to_mel(LOWEST_HZ), hz_to_mel(HIGHEST_HZ), MELS + 2))
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (centre - low)
    falling = (high - bins[:, None]) / (high - centre)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _in_bands(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """`power @ mel_bands()`, each band summed over its own few bins. A matrix product would wake the threads of the linear algebra
    library, which then burn a core for tens of milliseconds waiting for more: longer than all the rest of the work takes.
    """
    rows = np.empty((len(power), MELS), np.float32)
    for band, (first, weights) in enumerate(_band_bins()):
        rows[:, band] = (power[:, first : first + len(weights)] * weights).sum(1)
    return rows


@cache
def _band_bins() -> tuple[tuple[int, NDArray[np.float32]], ...]:
    """The first bin of each band, and the weights from there on."""
    return tuple((int(np.flatnonzero(weights)[0]), np.trim_zeros(weights)) for weights in mel_bands().T)


def hz_to_mel(hz: float) -> float:
    return 1127.0 * float(np.log1p(hz / 700.0))


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700.0 * np.expm1(mel / 1127.0)
