"""Whose mouth moves with whose voice: an offer with a score, never a fact. Somebody off screen may speak while somebody in view chews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.traces import Trace

OPENING = "mouth_opening"

SPREAD_US = 300_000
"""A mouth's movement is how much its opening varies over this long: a syllable or two."""

LEAST_US = 500_000
"""So long must a face be seen while the voice sounds, and so long while it does not, for the two to be compared."""

OFFERED = 0.25
"""Correlation from which an offer is made. By chance two such signals of some seconds correlate by about 0.1. Chosen, not measured: no
labelled clip here shows several people talking."""


@dataclass(frozen=True)
class Offer:
    """`person` (or track, where nobody asked for people) may be `speaker`.

    `score` in [-1, 1] is the correlation of the mouth's movement with the voice over the `seen_us` in which both could be told.
    """

    speaker: str
    person: int
    score: float
    seen_us: int


def offers(traces: Sequence[Trace], turns: Sequence[tuple[int, int, str]], people: Mapping[int, int] | None = None) -> tuple[Offer, ...]:
    """For each speaker of `turns` (start_us, end_us, speaker) the person whose mouth moves with it most, best first; none below `OFFERED`.

    `traces` of kinds `face` with a column `mouth_opening` (others are passed over) and `speech`, of one analysis.
    """
    speech = next((trace for trace in traces if trace.kind == "speech"), None)
    faces = [trace for trace in traces if trace.kind == "face" and OPENING in trace.columns]
    if speech is None or not len(speech) or not faces:
        return ()
    found: list[Offer] = []
    for speaker in dict.fromkeys(name for _, _, name in turns):
        spans = [(start, end) for start, end, name in turns if name == speaker]
        by_person: dict[int, list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]]] = {}
        for face in faces:
            track = int(face.subject)
            seen = _side_by_side(face, speech, spans)
            if len(seen[0]):
                by_person.setdefault((people or {}).get(track, track), []).append(seen)
        scored = [offer for person, seen in by_person.items() if (offer := _offer(speaker, person, seen)) is not None]
        found += sorted(scored, key=lambda offer: -offer.score)[:1]
    return tuple(sorted((offer for offer in found if offer.score >= OFFERED), key=lambda offer: -offer.score))


def _side_by_side(
    face: Trace, speech: Trace, spans: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Movement of the mouth, probability that this voice sounds, and how long each frame lasts, at the frames where both are known."""
    movement = _movement(face.times_us, face[OPENING].astype(np.float64))
    voice = np.interp(face.times_us, speech.times_us, speech["probability"])
    within = np.zeros(len(face), bool)
    for start, end in spans:
        within |= (face.times_us >= start) & (face.times_us < end)
    lasting = np.diff(face.times_us, append=face.times_us[-1:])
    known = np.isfinite(movement) & np.isfinite(voice) & (lasting <= SPREAD_US)  # a longer gap: the face was away
    return movement[known], np.where(within, voice, 0.0)[known], lasting[known]


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


def _offer(speaker: str, person: int, seen: Sequence[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]]) -> Offer | None:
    movement, voice, lasting = (np.concatenate(rows) for rows in zip(*seen, strict=True))
    sounding = voice >= 0.5
    if min(int(lasting[sounding].sum()), int(lasting[~sounding].sum())) < LEAST_US or movement.std() < 1e-9 or voice.std() < 1e-9:
        return None
    return Offer(speaker, person, float(np.corrcoef(movement, voice)[0, 1]), int(lasting.sum()))
