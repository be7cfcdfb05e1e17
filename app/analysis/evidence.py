"""From a model's own classes to evidence about the emotions of a scheme, through the crosswalk.

A class is evidence about a set of emotions (scheme/README.md, "Crosswalk"):

- `exact`, `nearest`: all of the class's probability goes to the first target;
- `anchor+family`: half to the anchor, the other half shared equally by the rest;
- `split`, `broader`: shared equally by all targets, and the set is carried along as *unresolved*: nobody may take it for one of them;
- `none`, `CONFLICT`, or no row at all: the model abstains. Its share is taken out, the rest is scaled up to 1, and the share reported.

A project's prior acts within each class's set: the class keeps its probability, the prior says how it is shared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.scheme import Crosswalk, Mapping, Match, Scheme

ANCHOR_SHARE = 0.5
"""Of an `anchor+family` class: the crosswalk's start value, until labelled clips say better."""

LEAST_SAID = 1e-6
"""A model that leaves less than this to the scheme has said nothing."""


@dataclass(frozen=True)
class Evidence:
    """What is said about the E emotions of a scheme in each of W stretches of a clip. NaN rows: nothing was said.

    `emotions` (W, E) float64, rows sum to 1; `unresolved` (W, E), the part of it that comes from sets of which the model cannot
    say which; `sets`, those sets, and `set_shares` (W, S), how much of the evidence each holds;
    `abstained` (W,), the share of the model's own probability that says nothing about the scheme.
    """

    emotions: NDArray[np.float64]
    unresolved: NDArray[np.float64]
    sets: tuple[tuple[str, ...], ...]
    set_shares: NDArray[np.float64]
    abstained: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.emotions)

    @property
    def said(self) -> NDArray[np.bool_]:
        """(W,) where there is evidence."""
        return np.asarray(~np.isnan(self.emotions).any(1))

    def families(self, scheme: Scheme) -> NDArray[np.float64]:
        """(W, F): the sums over the emotions of each family of `scheme`, in its order."""
        return self.emotions @ membership(scheme)


@dataclass(frozen=True)
class ClassEvidence:
    """What each of K classes says about E emotions: rows of `named` + `unresolved` (K, E) sum to 1, or to 0 where the class abstains.

    `sets` are the sets that stay open, `set_of` (K, S) which class stands for which.
    """

    named: NDArray[np.float64]
    unresolved: NDArray[np.float64]
    sets: tuple[tuple[str, ...], ...]
    set_of: NDArray[np.float64]

    @classmethod
    def of(
        cls, classes: tuple[str, ...], crosswalk: Crosswalk | None, scheme: Scheme, prior: NDArray[np.float64] | None = None
    ) -> ClassEvidence:
        """For `classes` of the crosswalk's set; without a crosswalk all abstain. `prior` (E,) ≥ 0 in the scheme's order, None for none."""
        place = {emotion.id: i for i, emotion in enumerate(scheme.emotions)}
        weight = np.ones(len(place)) if prior is None else np.asarray(prior, np.float64)
        named, unresolved = np.zeros((len(classes), len(place))), np.zeros((len(classes), len(place)))
        sets: list[tuple[str, ...]] = []
        set_of: list[tuple[int, int]] = []
        for row, label in enumerate(classes):
            shares = _shares(crosswalk[label]) if crosswalk is not None and label in crosswalk else None
            if shares is None:
                continue
            targets, share, is_set = shares
            vector = np.zeros(len(place))
            for target, part in zip(targets, share, strict=True):
                if target in place:
                    vector[place[target]] = part * weight[place[target]]
            if vector.sum() <= 0:
                continue
            (unresolved if is_set else named)[row] = vector / vector.sum()
            if is_set:
                if targets not in sets:
                    sets.append(targets)
                set_of.append((row, sets.index(targets)))
        chosen = np.zeros((len(classes), len(sets)))
        for row, column in set_of:
            chosen[row, column] = 1
        return cls(named, unresolved, tuple(sets), chosen)

    def evidence(self, probabilities: NDArray[np.floating]) -> Evidence:
        """From class probabilities (W, K), rows summing to 1 or NaN where the model said nothing."""
        p = np.asarray(probabilities, np.float64)
        named, unresolved, shares = p @ self.named, p @ self.unresolved, p @ self.set_of
        said = (named + unresolved).sum(1)
        said = np.where(said > LEAST_SAID, said, np.nan)[:, None]
        nothing = np.isnan(said[:, 0])
        shares = np.where(nothing[:, None], np.nan, shares / said)
        abstained = np.where(np.isnan(p).any(1), np.nan, np.where(nothing, 1.0, 1 - said[:, 0]))
        return Evidence((named + unresolved) / said, unresolved / said, self.sets, shares, np.clip(abstained, 0, 1))


def membership(scheme: Scheme) -> NDArray[np.float64]:
    """(E, F): 1 where an emotion belongs to a family."""
    place = {family.id: i for i, family in enumerate(scheme.families)}
    belongs = np.zeros((len(scheme.emotions), len(place)))
    for row, emotion in enumerate(scheme.emotions):
        belongs[row, place[emotion.family]] = 1
    return belongs


def _shares(mapping: Mapping) -> tuple[tuple[str, ...], list[float], bool] | None:
    """Targets, the share of each, and whether they are a set that stays open; None for abstention."""
    if not mapping.targets or mapping.match in (Match.NONE, Match.CONFLICT):
        return None
    targets = tuple(mapping.targets)
    if mapping.match in (Match.EXACT, Match.NEAREST):
        return targets[:1], [1.0], False
    if mapping.match is Match.ANCHOR_FAMILY:
        rest = len(targets) - 1
        return targets, [1.0] if rest == 0 else [ANCHOR_SHARE, *[(1 - ANCHOR_SHARE) / rest] * rest], False
    return targets, [1 / len(targets)] * len(targets), True
