"""The waveform as a lane draws it: the lowest and the highest sample of equal stretches."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.clock import MICROSECONDS
from app.media.sound import SAMPLE_RATE, sound_chunks

CELL = 32
"""Samples in a stored stretch: 2 ms, finer than a pixel at any zoom a person works at; 3.6 MB an hour."""

FULL_SCALE = 127
"""The int8 that stands for a sample of ±1."""


def write_peaks(media: Path, target: Path) -> None:
    """Writes the stored stretches of a file's sound: int8 pairs (min, max), one for every `CELL` samples from the clip's zero.

    Raises `NoSound`, `UnreadableMedia`.
    """
    with target.open("wb") as file:
        rest = np.zeros(0, np.float32)
        for chunk in sound_chunks(media):
            samples = np.concatenate([rest, chunk])
            whole = len(samples) - len(samples) % CELL
            file.write(_cells(samples[:whole]).tobytes())
            rest = samples[whole:]
        if len(rest):
            file.write(_cells(np.pad(rest, (0, CELL - len(rest)), mode="edge")).tobytes())


def peaks(stored: Path, duration_us: int, buckets: int) -> np.ndarray:
    """The lowest and highest sample, int8 (buckets, 2) with ±127 for full scale, of `buckets` equal stretches of the clip.

    Stretches after the end of the sound are 0, as they sound. Raises `ValueError` for fewer than one bucket.
    """
    if buckets < 1:
        raise ValueError(f"a waveform has at least one bucket; got {buckets}")
    cells = np.fromfile(stored, np.int8).reshape(-1, 2)
    edges = np.arange(buckets + 1) * (duration_us * SAMPLE_RATE / MICROSECONDS / CELL / buckets)
    starts = np.floor(edges[:-1]).astype(np.int64)
    ends = np.maximum(np.ceil(edges[1:]).astype(np.int64), starts + 1)
    cells = np.pad(cells, ((0, max(0, int(ends[-1]) - len(cells) + 1)), (0, 0)))
    bounds = np.column_stack([starts, ends]).ravel()  # reduceat: every second stretch is one that was asked for
    return np.column_stack([np.minimum.reduceat(cells[:, 0], bounds)[::2], np.maximum.reduceat(cells[:, 1], bounds)[::2]])


def _cells(samples: np.ndarray) -> np.ndarray:
    cells = samples.reshape(-1, CELL)
    limits = np.column_stack([cells.min(axis=1, initial=1), cells.max(axis=1, initial=-1)])
    return np.round(np.clip(limits, -1, 1) * FULL_SCALE).astype(np.int8)
