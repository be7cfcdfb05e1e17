"""Whose mouth moves with whose voice: an offer with a score, never a fact. Somebody off screen may speak while somebody in view chews.

Mouths and voices both come and go within seconds, so two that have nothing to do with each other correlate easily: in a clip of 2 to 4 s by
0.25 or more in one of six. What a correlation is worth is therefore told by the clip itself. The voice is moved along the clip, what leaves
it at the end coming in at its beginning, in steps of `STEP_US`; at each step the person is found whose mouth fits it best. Were mouth and
voice unrelated, its true place would be as good as any other, so the share of the places where somebody fits at least as well as at the
true one is a p value (a permutation test over the group of circular shifts), already set right for the number of people in view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.traces import Trace

OPENING = "mouth_opening"

SPREAD_US = 300_000
"""A mouth's movement is how much its opening varies over this long: a syllable or two."""

STEP_US = 100_000
"""Mouths and voice are compared in steps of this length, and the voice is moved by it."""

LEAST_US = 500_000
"""So long must a face be seen while the voice sounds, and so long while it does not, for the two to be compared."""

SEEN_US = 10_000_000
"""So long must a person be seen in all: a shorter clip has too few places to move the voice to."""

CHANGES = 6
"""So often must the voice begin or end while the person is seen: three stretches of speech. One long one fits whoever chews after lunch."""

LEVEL = 0.05
"""An offer is made below this p value, shared among the speakers of the clip."""

FLAT = 1e-9
"""A variance below this is none: a mouth that stays within 0.00003 heights of the face, a voice that neither begins nor ends."""


@dataclass(frozen=True)
class Offer:
    """`person` (or track, where nobody asked for people) may be `speaker`.

    `score` in (0, 1] is the correlation (Pearson's) of the mouth's movement with the voice over the `seen_us` in which both could be told;
    it is no probability of being right. `p` in (0, 1] is the share of places along the clip where the voice fits somebody at least as well.
    """

    speaker: str
    person: int
    score: float
    seen_us: int
    p: float


def offers(traces: Sequence[Trace], turns: Sequence[tuple[int, int, str]], people: Mapping[int, int] | None = None) -> tuple[Offer, ...]:
    """For each speaker of `turns` (start_us, end_us, speaker) the person whose mouth moves with it most, best first.

    None where there is too little to go by (`SEEN_US`, `LEAST_US`, `CHANGES`), or where chance would do as well (`LEVEL`). `traces` of
    kinds `face` with a column `mouth_opening` (others are passed over) and `speech`, of one analysis.
    """
    speech = next((trace for trace in traces if trace.kind == "speech"), None)
    faces = [trace for trace in traces if trace.kind == "face" and OPENING in trace.columns]
    if speech is None or len(speech) < 2 or not faces:
        return ()
    middles = np.arange(speech.times_us[0], speech.times_us[-1], STEP_US, dtype=np.int64) + STEP_US // 2
    mouths = _mouths(faces, middles, people or {})
    speakers = list(dict.fromkeys(name for _, _, name in turns))
    found = [_offer(name, _voice(speech, middles, [(start, end) for start, end, who in turns if who == name]), mouths) for name in speakers]
    return tuple(sorted((one for one in found if one is not None and one.p < LEVEL / len(speakers)), key=lambda one: -one.score))


def _mouths(faces: Sequence[Trace], middles: NDArray[np.int64], people: Mapping[int, int]) -> dict[int, NDArray[np.float64]]:
    """For each person the movement of the mouth in each step (T,), NaN where it could not be told."""
    mouths: dict[int, NDArray[np.float64]] = {}
    for person in dict.fromkeys(people.get(int(face.subject), int(face.subject)) for face in faces):
        sums = np.zeros((2, len(middles)))
        for face in faces:
            if people.get(int(face.subject), int(face.subject)) == person:
                movement = _movement(face.times_us, face[OPENING].astype(np.float64))
                step = (face.times_us - (middles[:1] - STEP_US // 2)) // STEP_US
                there = np.isfinite(movement) & (step >= 0) & (step < len(middles))
                sums += [np.bincount(step[there], values, len(middles)) for values in (movement[there], np.ones(there.sum()))]
        mouths[person] = np.divide(sums[0], sums[1], out=np.full(len(middles), np.nan), where=sums[1] > 0)
    return mouths


def _movement(times_us: NDArray[np.int64], opening: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation of the opening within `SPREAD_US` around each frame; NaN where fewer than three frames are known."""
    first = np.searchsorted(times_us, times_us - SPREAD_US // 2)
    last = np.searchsorted(times_us, times_us + SPREAD_US // 2, "right")
    known = np.isfinite(opening)
    values = np.where(known, opening, 0.0)
    count, total, squares = (np.append(0.0, np.cumsum(row)) for row in (known.astype(float), values, values**2))
    n = count[last] - count[first]
    mean = (total[last] - total[first]) / np.maximum(n, 1)
    variance = (squares[last] - squares[first]) / np.maximum(n, 1) - mean**2
    return np.where(n >= 3, np.sqrt(np.maximum(variance, 0)), np.nan)


def _voice(speech: Trace, middles: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """The probability that this voice sounds in each step (T,): that of speech within its turns, 0 outside."""
    within = np.zeros(len(middles), bool)
    for start, end in spans:
        within |= (middles >= start) & (middles < end)
    return np.where(within, np.interp(middles, speech.times_us, np.nan_to_num(speech["probability"])), 0.0)


def _offer(speaker: str, voice: NDArray[np.float64], mouths: Mapping[int, NDArray[np.float64]]) -> Offer | None:
    heard = [person for person, movement in mouths.items() if _enough(movement, voice)]
    if not heard:
        return None
    fits = np.stack([_fits(mouths[person], voice) for person in heard])
    best = int(fits[:, 0].argmax())
    score = float(fits[best, 0])
    if score <= 0:
        return None
    anywhere = fits.max(0)
    compared = anywhere > -np.inf
    p = float((anywhere[compared] >= score - FLAT).mean())
    return Offer(speaker, heard[best], score, int(np.isfinite(mouths[heard[best]]).sum()) * STEP_US, p)


def _enough(movement: NDArray[np.float64], voice: NDArray[np.float64]) -> bool:
    seen = np.isfinite(movement)
    sounding = voice[seen] >= 0.5
    return seen.sum() * STEP_US >= SEEN_US and int(np.abs(np.diff(sounding.astype(int))).sum()) >= CHANGES


def _fits(movement: NDArray[np.float64], voice: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlation of a mouth with the voice moved by 0, 1, 2 … steps around the clip (T,); -inf where the two cannot be compared there.

    All shifts at once: sums over the steps in which the mouth is seen are circular correlations, products of Fourier transforms.
    """
    seen = np.isfinite(movement)
    n = seen.sum()
    x = np.where(seen, movement - movement[seen].mean(), 0.0)
    moving = (x**2).sum() / n
    if moving < FLAT:
        return np.full(len(voice), -np.inf)

    def at_each_shift(weights: NDArray[np.float64], moved: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.fft.irfft(np.fft.rfft(weights) * np.conj(np.fft.rfft(moved)), len(weights))

    there = seen.astype(np.float64)
    mean = at_each_shift(there, voice) / n
    variance = at_each_shift(there, voice**2) / n - mean**2
    sounding = at_each_shift(there, (voice >= 0.5).astype(np.float64)) * STEP_US
    compared = (np.minimum(sounding, n * STEP_US - sounding) > LEAST_US - STEP_US / 2) & (variance > FLAT)
    return np.where(compared, at_each_shift(x, voice) / n / np.sqrt(np.maximum(variance, FLAT) * moving), -np.inf)
