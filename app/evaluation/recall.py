"""How often a model is right about labelled clips: class by class, and family by family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis.evidence import ClassEvidence
from app.evaluation.clips import ClipAnswers
from app.scheme import Scheme, crosswalk
from models.calibration.reliability import Reliability, reliability

SURE = 0.95
"""Of the interval around a share."""


@dataclass(frozen=True)
class Recall:
    """Of `cases` labelled `name` the model found `found`; `low` and `high` bound the share with 95 % confidence."""

    name: str
    cases: int
    found: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.found / self.cases


@dataclass(frozen=True)
class Confusion:
    """`counts` (R, K) int64: how many cases with the label `rows[r]` the model called `columns[k]`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]

    def recalls(self) -> list[Recall]:
        """One for each label that occurs."""
        found = []
        for place, name in enumerate(self.rows):
            cases = int(self.counts[place].sum())
            if cases:
                right = int(self.counts[place, self.columns.index(name)]) if name in self.columns else 0
                found.append(Recall(name, cases, right, *wilson(right, cases)))
        return found

    @property
    def cases(self) -> int:
        return int(self.counts.sum())

    @property
    def right(self) -> float:
        """The share of all cases that was called what it was labelled; NaN without a case."""
        return sum(recall.found for recall in self.recalls()) / self.cases if self.cases else float("nan")

    @property
    def mean_recall(self) -> float:
        """Mean over the labels that occur; NaN without a case."""
        shares = [recall.share for recall in self.recalls()]
        return sum(shares) / len(shares) if shares else float("nan")


def by_class(answers: ClipAnswers) -> Confusion:
    """Right class by class called most likely."""
    classes = len(answers.labels)
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (answers.truth, answers.probabilities.argmax(1)), 1)
    return Confusion(answers.labels.classes, answers.labels.classes, counts)


def by_family(answers: ClipAnswers, labelled: Mapping[int, Mapping[str, float]], scheme: Scheme) -> Confusion:
    """Family of the label by family that the evidence speaks for most; clips whose label is shared by families are left out.

    `labelled` is what `label_weights` gives.
    """
    places = {family.id: place for place, family in enumerate(scheme.families)}
    family_of = {emotion.id: emotion.family for emotion in scheme}
    meaning = ClassEvidence.of(answers.labels.classes, crosswalk(answers.labels.name), scheme)
    evidence = meaning.evidence(answers.probabilities).families(scheme)
    counts = np.zeros((len(places), len(places)), np.int64)
    for clip, row in zip(answers.clips.tolist(), evidence, strict=True):
        families = {family_of.get(emotion) for emotion in labelled[clip]}
        if len(families) == 1 and (family := families.pop()) is not None and not np.isnan(row).any():
            counts[places[family], row.argmax()] += 1
    names = tuple(family.name for family in scheme.families)
    return Confusion(names, names, counts)


def belief(answers: ClipAnswers) -> Reliability:
    """How far the model's pooled probabilities can be believed on these clips."""
    return reliability(answers.probabilities, answers.truth)


def wilson(found: int, cases: int) -> tuple[float, float]:
    """Wilson's score interval for a share (Wilson 1927), 95 %. Raises `ValueError` without a case."""
    from scipy.stats import binomtest

    interval = binomtest(found, cases).proportion_ci(SURE, method="wilson")
    return float(interval.low), float(interval.high)
