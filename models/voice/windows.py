"""Windows over a recording: where the voice lane looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import SAMPLE_RATE

LENGTH_US = 1_500_000
"""Long enough for a phrase's melody, short enough for the lane to show a change of tone within a sentence."""
HOP_US = 250_000


@dataclass(frozen=True)
class Listening:
    """How a voice model wants to be asked about a recording. One that says nothing, by a member `listening`, is asked like this."""

    window_us: int = LENGTH_US
    hop_us: int = HOP_US
    at_once: int = 64
    """Windows in one call, at most about two seconds of work: between two calls a cancelled job can stop."""


def windows(duration_us: int, length_us: int = LENGTH_US, hop_us: int = HOP_US) -> NDArray[np.int64]:
    """Start and end in µs, (W, 2) int64, of windows of `length_us` every `hop_us` over a recording of `duration_us`.

    All windows lie inside the recording. The last one ends with it, even where that is less than a hop after the one before,
    so that no sound goes unheard. A recording no longer than a window has one window, all of it; an empty one has none.
    """
    if length_us <= 0 or hop_us <= 0:
        raise ValueError(f"length and hop must be positive µs, not {length_us} and {hop_us}")
    if duration_us <= 0:
        return np.empty((0, 2), np.int64)
    if duration_us <= length_us:
        return np.array([[0, duration_us]], np.int64)
    starts = np.arange(0, duration_us - length_us + 1, hop_us, dtype=np.int64)
    if starts[-1] + length_us < duration_us:
        starts = np.append(starts, duration_us - length_us)
    return np.stack([starts, starts + length_us], axis=1)


def reaches(middles: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each window speaks for, (W, 2) µs, from the middles (W,) of all windows of a recording, ascending: without gaps or overlaps.

    It is half-way to its neighbours, and for the first and the last to the recording's ends, which they hear.
    """
    if not len(middles):
        return np.empty((0, 2), np.int64)
    between = (middles[:-1] + middles[1:]) // 2
    return np.stack([np.append(0, between), np.append(between, middles[-1] + middles[0])], axis=1)


def speech_share(spans: NDArray[np.int64], stretches: NDArray[np.int64]) -> NDArray[np.float32]:
    """How much of each span (W, 2) µs lies within the disjoint `stretches` (S, 2) µs: (W,) float32 in [0, 1]. A span of no length has 0."""
    begin = np.maximum(spans[:, None, 0], stretches[None, :, 0])
    end = np.minimum(spans[:, None, 1], stretches[None, :, 1])
    spoken = np.maximum(0, end - begin).sum(1)
    return (spoken / np.maximum(1, spans[:, 1] - spans[:, 0])).astype(np.float32)


def widened(spans: NDArray[np.int64], samples: int, shortest_us: int) -> NDArray[np.int64]:
    """The spans (W, 2) µs, those shorter than `shortest_us` grown around their middle as far as a recording of `samples` has room.

    Raises `ValueError` for spans that have no length or reach beyond the recording.
    """
    duration = -(-samples * 1_000_000 // SAMPLE_RATE)
    if len(spans) and (spans.min() < 0 or spans.max() > duration or (spans[:, 1] <= spans[:, 0]).any()):
        given = f"{spans.min()} to {spans.max()} µs"
        raise ValueError(f"windows must have a length and lie within the recording, 0 to {duration} µs; given: {given}")
    lacking = np.maximum(0, shortest_us - (spans[:, 1] - spans[:, 0]))
    start = np.clip(spans[:, 0] - lacking // 2, 0, np.maximum(0, duration - shortest_us))
    wide = np.stack([start, np.minimum(start + shortest_us, duration)], axis=1)
    return np.where(lacking[:, None] > 0, wide, spans)


def pieces(samples: NDArray[np.float32], spans: NDArray[np.int64], shortest_us: int) -> list[NDArray[np.float32]]:
    """The sound of each span (W, 2) µs of mono 16 kHz `samples` (n,), at least `shortest_us` long: with what is around it, or repeated
    where the recording has no more. Spans of one length give pieces of one length. Raises `ValueError` as `widened` does.
    """
    least = shortest_us * SAMPLE_RATE // 1_000_000
    cut: list[NDArray[np.float32]] = []
    for start, end in widened(spans, len(samples), shortest_us).tolist():
        length = max(1, round((end - start) * SAMPLE_RATE / 1_000_000))
        first = min(round(start * SAMPLE_RATE / 1_000_000), max(0, len(samples) - length))
        piece = np.asarray(samples[first : first + length], np.float32)
        cut.append(piece if len(piece) >= least else np.resize(piece, least))
    return cut


def pool(
    probabilities: NDArray[np.float32], weights: NDArray[np.float32] | None = None, sharpness: float = 1.0
) -> NDArray[np.float32] | None:
    """One answer for a clip or an utterance from those for its windows (W, K): (K,) float32, summing to 1.

    The weighted geometric mean, raised to `sharpness` and brought to sum 1, which is the softmax of the mean logits: windows that
    overlap are several looks at one thing, and a look that rules a class out counts. Several looks are surer than one; how much surer a
    model says by its `sharpness`, found in calibration. `weights` (W,) ≥ 0 are all alike where not given; the share of speech in each
    window is the natural choice, and 0 leaves a window out. None where nothing has weight: nobody spoke, so there is nothing to say.
    """
    share = np.ones(len(probabilities)) if weights is None else np.asarray(weights, np.float64)
    if share.shape != (len(probabilities),) or (share < 0).any():
        raise ValueError(f"{len(probabilities)} windows need as many weights of at least 0, not shape {share.shape}")
    if not share.sum() > 0:
        return None
    logs = np.log(np.maximum(probabilities, LEAST))
    mean = sharpness * (share @ logs) / share.sum()
    grown = np.exp(mean - mean.max())
    return (grown / grown.sum()).astype(np.float32)


LEAST = 1e-9
"""The probability that stands for a flat nought, so that one window cannot forbid a class for ever."""
