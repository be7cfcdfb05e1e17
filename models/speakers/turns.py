"""Who speaks when: stretches of speech, cut where the voice changes, and sorted by voice.

Windows of each stretch get a vector of the voice in them (any `SpeakerEmbedder`); vectors are clustered; a turn is a run of windows of
one cluster. Voices are numbered from 1 in the order in which they are first heard. People who speak at once count as one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

WINDOW_US = 1_500_000
"""Long enough to know a voice by, short enough that most windows hold one turn only."""
HOP_US = 500_000

APART = 0.7
"""Cosine distance that the mean directions of two voices keep. Chosen on mixtures of ten RAVDESS actors (`bench/speakers.py`) for `ge2e`,
whose vectors of different people are at right angles on average (distance 1): higher than fits best there, for a voice taken for two is
worse than two taken for one, which the number of speakers, given by hand, mends."""

HEARD = 3
"""Windows that a voice must fill to be counted, where the number is not given: a laugh or a shout is not a further person."""

CROWD = 10
"""Speakers that are found at most; more can be given."""

MOST = 3_000
"""Windows clustered at once: their distances are a matrix. In a longer recording neighbours in a stretch are taken together."""


@dataclass(frozen=True)
class Turn:
    """One person's stretch of speech, [start_us, end_us).

    `confidence` in [0, 1]: how much nearer the voice is to its own speaker's mean than to the next one's, (b − a) / max(a, b) of the two
    cosine distances; None where there is one speaker only, or the stretch was too short to tell.
    """

    start_us: int
    end_us: int
    speaker: int
    confidence: float | None


def windows_of(stretches: NDArray[np.int64]) -> NDArray[np.int64]:
    """Windows (W, 2) µs, sorted, over stretches (S, 2) µs: all of a short stretch, else `WINDOW_US` every `HOP_US`, the last one ending
    with the stretch."""
    found = [np.empty((0, 2), np.int64)]
    for start, end in stretches.tolist():
        if end - start <= WINDOW_US:
            found.append(np.array([[start, end]], np.int64))
        else:
            starts = np.unique(np.append(np.arange(start, end - WINDOW_US, HOP_US, dtype=np.int64), end - WINDOW_US))
            found.append(np.stack([starts, starts + WINDOW_US], 1))
    return np.concatenate(found)


def turns(
    stretches: NDArray[np.int64], windows: NDArray[np.int64], embeddings: NDArray[np.float32], number: int | None = None
) -> tuple[Turn, ...]:
    """Turns that cover `stretches` (S, 2) µs, from the `embeddings` (W, D) of `windows_of(stretches)`.

    `number` of speakers, or None to find it (see `voices`).

    Neighbouring turns of two speakers in one stretch meet half-way between the middles of their windows. A window of NaN takes the voice
    of the nearest that could be told, and no confidence. Raises `ValueError` for a `number` under 1.
    """
    if number is not None and number < 1:
        raise ValueError(f"the number of speakers is 1 or more, or left to be found; got {number}")
    known = np.isfinite(embeddings).all(1)
    labels, sure = np.zeros(len(windows), np.int64), np.full(len(windows), np.nan)
    if known.any():
        labels[known] = _coarse_voices(embeddings[known], number)
        sure[known] = margins(embeddings[known], labels[known])
        middles = windows.sum(1) / 2
        for place in np.flatnonzero(~known):
            labels[place] = labels[known][np.abs(middles[known] - middles[place]).argmin()]
    order = {label: place for place, label in enumerate(dict.fromkeys(labels.tolist()), 1)}
    return tuple(
        turn
        for stretch in stretches
        for turn in _of_stretch(stretch, windows, np.array([order[label] for label in labels.tolist()], np.int64), sure)
    )


def voices(embeddings: NDArray[np.float32], number: int | None = None) -> NDArray[np.int64]:
    """Which rows (W, D) of length 1 are one voice: (W,) labels from 0.

    A Ward tree over the rows, cut at `number`. Where that is None, at the largest number up to `CROWD` at which all voices are `APART`
    and have `HEARD` rows each; one voice, where there is no such number.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(embeddings) < 2 or number == 1:
        return np.zeros(len(embeddings), np.int64)
    tree = linkage(embeddings, "ward")

    def cut(count: int) -> NDArray[np.int64]:
        return np.asarray(fcluster(tree, count, "maxclust"), np.int64) - 1

    if number is not None:
        return cut(number)
    for count in range(min(CROWD, len(embeddings) // HEARD), 1, -1):
        labels = cut(count)
        if np.bincount(labels).min() >= HEARD and _nearest(embeddings, labels) >= APART:
            return labels
    return np.zeros(len(embeddings), np.int64)


def _nearest(embeddings: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Cosine distance of the two means that are nearest to each other."""
    means = _means(embeddings, labels)
    return float(np.min(1 - (means @ means.T)[np.triu_indices(len(means), 1)], initial=np.inf))


def _means(embeddings: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """(K, D) mean direction of the rows of each label, in the labels' order."""
    means = np.stack([embeddings[labels == name].mean(0) for name in np.unique(labels)])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def margins(embeddings: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each row (W, D) the `confidence` of `Turn` (W,); NaN where all `labels` (W,) are one."""
    names = np.unique(labels)
    if len(names) < 2:
        return np.full(len(labels), np.nan)
    distance = 1 - embeddings @ _means(embeddings, labels).T
    own = np.searchsorted(names, labels)
    rows = np.arange(len(labels))
    a = distance[rows, own]
    distance[rows, own] = np.inf
    b = distance.min(1)
    return np.clip((b - a) / np.maximum(np.maximum(a, b), 1e-9), 0, 1)


def _coarse_voices(embeddings: NDArray[np.float32], number: int | None) -> NDArray[np.int64]:
    step = -(-len(embeddings) // MOST)
    if step == 1:
        return voices(embeddings, number)
    owner = np.arange(len(embeddings)) // step
    sums = np.add.reduceat(embeddings, np.arange(0, len(embeddings), step), axis=0)
    return voices((sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32), number)[owner]


def _of_stretch(
    stretch: NDArray[np.int64], windows: NDArray[np.int64], speakers: NDArray[np.int64], sure: NDArray[np.float64]
) -> list[Turn]:
    start, end = int(stretch[0]), int(stretch[1])
    first, last = int(np.searchsorted(windows[:, 0], start)), int(np.searchsorted(windows[:, 0], end))
    runs = [list(places) for _, places in groupby(range(first, last), key=lambda place: int(speakers[place]))]
    middles = windows.sum(1) // 2
    edges = [start, *(int(middles[before[-1]] + middles[after[0]]) // 2 for before, after in pairwise(runs)), end]
    return [
        Turn(begin, until, int(speakers[run[0]]), None if np.isnan(sure[run]).all() else float(np.nanmean(sure[run])))
        for run, (begin, until) in zip(runs, pairwise(edges), strict=True)
    ]
