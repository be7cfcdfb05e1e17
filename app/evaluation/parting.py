"""Two analyses of one clip side by side: where they agree, and where they part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.analysis.fusion import Source, evidence_at
from app.analysis.traces import load
from app.scheme import Scheme
from db import tables
from models.voice.windows import reaches

STEP_US = 100_000
"""The grid on which the two are asked; a quarter of the shortest thing that anybody would label."""

SHORTEST_US = 300_000
"""Shorter partings are the flicker of a frame or two and are not listed."""


@dataclass(frozen=True)
class Parting:
    """A stretch in which the two speak for different families: which, and how much of the evidence each gives its own, in [0, 1]."""

    start_us: int
    end_us: int
    first: str
    first_score: float
    second: str
    second_score: float

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class SideBySide:
    """What two analyses say through one source (`face`, `voice`, `fused`) over a clip.

    `both_us`, `agreed_us`: how long both said something, and how long of that they spoke for the same family; `only_first_us` and
    `only_second_us`: how long one alone did. `overlap` is the mean share of the families' evidence that the two have in common, 1 minus
    half the sum of differences, in [0, 1]; None where there is no time in which both spoke. `partings` the longest first.
    """

    source: str
    both_us: int
    agreed_us: int
    only_first_us: int
    only_second_us: int
    overlap: float | None
    partings: tuple[Parting, ...]

    def document(self) -> dict[str, Any]:
        return {**vars(self), "partings": [one.document() for one in self.partings]}


def side_by_side(session: Session, first: tables.Analysis, second: tables.Analysis, duration_us: int, scheme: Scheme) -> list[SideBySide]:
    """`first` and `second`, two analyses of one clip, through each source that at least one of them has."""
    starts = np.arange(0, duration_us, STEP_US, dtype=np.int64)
    grid = np.stack([starts, np.minimum(starts + STEP_US, duration_us)], axis=1)
    ours, theirs = (_families(session, analysis, grid, scheme) for analysis in (first, second))
    return [
        _compared(source.value, ours.get(source), theirs.get(source), grid, scheme)
        for source in Source
        if source in ours or source in theirs
    ]


def _families(session: Session, analysis: tables.Analysis, grid: np.ndarray, scheme: Scheme) -> dict[Source, np.ndarray]:
    """(W, F) evidence of each source in each step; NaN where it said nothing. A window of the voice speaks as far as its lane shows it."""
    traces = load(session, analysis.id, ("face", "voice"))
    heard = next((trace.times_us for trace in traces if trace.kind == Source.VOICE.value), np.empty(0, np.int64))
    found = evidence_at(traces, analysis.models, scheme, {Source.FACE: grid, Source.VOICE: _windows_of(heard, grid)})
    return {source: said.families(scheme) for source, said in found.items()}


def _windows_of(middles: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """For each step a stretch that holds the middle of the window that speaks for it, and of no other; an empty one where none does."""
    within = grid.sum(1) // 2
    reach = reaches(middles)
    if not len(reach):
        return np.zeros_like(grid)
    window = np.clip(np.searchsorted(reach[:, 0], within, side="right") - 1, 0, None)
    length = (within < reach[window, 1]).astype(np.int64)
    return np.stack([middles[window], middles[window] + length], axis=1)


def _compared(source: str, first: np.ndarray | None, second: np.ndarray | None, grid: np.ndarray, scheme: Scheme) -> SideBySide:
    nothing = np.full((len(grid), len(scheme.families)), np.nan)
    one, other = (nothing if said is None else said for said in (first, second))
    here, there = ~np.isnan(one).any(1), ~np.isnan(other).any(1)
    length = grid[:, 1] - grid[:, 0]
    both = here & there
    lead_one, lead_other = (np.where(spoke, np.nan_to_num(said).argmax(1), -1) for said, spoke in ((one, here), (other, there)))
    common = 1 - np.abs(one[both] - other[both]).sum(1) / 2
    return SideBySide(
        source=source,
        both_us=int(length[both].sum()),
        agreed_us=int(length[both & (lead_one == lead_other)].sum()),
        only_first_us=int(length[here & ~there].sum()),
        only_second_us=int(length[there & ~here].sum()),
        overlap=float(np.average(common, weights=length[both])) if length[both].any() else None,
        partings=_partings(np.where(both, lead_one, -1), np.where(both, lead_other, -1), one, other, grid, scheme),
    )


def _partings(
    lead_one: np.ndarray, lead_other: np.ndarray, one: np.ndarray, other: np.ndarray, grid: np.ndarray, scheme: Scheme
) -> tuple[Parting, ...]:
    """Runs of steps with the same two leading families, where these differ."""
    found: list[Parting] = []
    if not len(grid):
        return ()
    changes = np.flatnonzero((np.diff(lead_one) != 0) | (np.diff(lead_other) != 0)) + 1
    for run in np.split(np.arange(len(grid)), changes):
        mine, theirs = int(lead_one[run[0]]), int(lead_other[run[0]])
        start, end = int(grid[run[0], 0]), int(grid[run[-1], 1])
        if mine != theirs and end - start >= SHORTEST_US:
            scores = float(one[run, mine].mean()), float(other[run, theirs].mean())
            found.append(Parting(start, end, scheme.families[mine].id, scores[0], scheme.families[theirs].id, scores[1]))
    return tuple(sorted(found, key=lambda parting: parting.start_us - parting.end_us))
