"""Face and voice together: evidence over the scheme, for a clip, a stretch of it, or over time, and the suggestion that follows.

**Pooling in time.** The probabilities of a face are averaged over the frames in which it is seen, all faces alike. Those of a voice are
pooled as its model was calibrated (`models.voice.windows.pool`): the geometric mean over the windows, each counting by the share of it
that is speech, raised to the model's sharpness. What was not measured takes no part.

**Combination.** A linear opinion pool (Stone 1961; the sum rule of Kittler et al. 1998, which stands errors of its experts better
than the product): fused = Σ w·evidence / Σ w over the models that said something. A product would let the voice's classes, which name nine
of the 44, forbid all others. The weight is the model's mean recall over its K classes on data it has not seen, set right for chance,
w = (recall − 1/K) / (1 − 1/K), the "adjusted balanced accuracy" of scikit-learn. It is stored with the analysis.

**Suggestion.** The family with the largest sum. Emotions are named only by classes that name emotions; a class that stands for a set
gives the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis.evidence import ClassEvidence, Evidence
from app.analysis.traces import Trace
from app.clock import Span
from app.scheme import Scheme, crosswalk, label_sets
from models.calibration.reliability import margin
from models.voice.windows import LEAST

UNMEASURED = 0.2
"""Weight of a model whose recall nobody has measured: under half of what the weakest measured one here has (FER, 0.45)."""

TIED = 1e-9
"""Families closer than this are equally likely."""

SET_COUNTS = 0.1
"""A set is shown when it holds at least this share of the suggested family's evidence."""

EVERYTHING = np.array([[np.iinfo(np.int64).min, np.iinfo(np.int64).max]])
"""A stretch that holds the whole clip."""


class Source(str, Enum):
    FACE = "face"
    VOICE = "voice"
    FUSED = "fused"


@dataclass(frozen=True)
class Suggestion:
    """What the models propose for a clip or a stretch of it; a person decides.

    `score` is the evidence for `family`, in [0, 1]; `emotions` its members that a class names, most likely first, with their
    evidence; `sets` what the model cannot tell apart; `families` the evidence of all; `uncertainty` their entropy, 0 sure to 1 clueless;
    `margin` how far the family is ahead of the next, in [0, 1]; `abstained` the share of the models' own probability that says nothing
    about the scheme, in [0, 1].
    """

    family: str
    score: float
    emotions: tuple[tuple[str, float], ...]
    sets: tuple[tuple[str, ...], ...]
    source: Source
    model: str
    families: Mapping[str, float]
    uncertainty: float
    margin: float
    abstained: float

    def document(self) -> dict[str, Any]:
        """As JSON, see "Editor document" in docs/architecture.md."""
        return {
            "family": self.family,
            "score": self.score,
            "emotions": [{"id": emotion, "score": score} for emotion, score in self.emotions],
            "sets": [list(one) for one in self.sets],
            "source": self.source.value,
            "model": self.model,
            "families": dict(self.families),
            "uncertainty": self.uncertainty,
            "margin": self.margin,
            "abstained": self.abstained,
        }


def evidence(
    traces: Iterable[Trace], models: Mapping[str, Any], scheme: Scheme, span: Span | None = None, prior: NDArray[np.float64] | None = None
) -> dict[Source, Evidence]:
    """Evidence of each source that says something about the clip, or about `span` of it, in one row; empty where none does.

    `models` is the analysis' own record of them, see `db.tables.Analysis.models`.
    """
    stretches = EVERYTHING if span is None else np.array([[span.start_us, span.end_us]])
    return {source: said for source, said in evidence_at(traces, models, scheme, stretches, prior).items() if said.said.any()}


def evidence_at(
    traces: Iterable[Trace],
    models: Mapping[str, Any],
    scheme: Scheme,
    stretches: NDArray[np.int64] | Mapping[Source, NDArray[np.int64]],
    prior: NDArray[np.float64] | None = None,
) -> dict[Source, Evidence]:
    """Evidence of each source in each of `stretches` (W, 2) µs, start ≤ time < end. They may overlap, which makes a moving mean.

    Face and voice may be asked each about W stretches of its own, which are then brought together one by one.
    """
    listed = list(traces)
    found: dict[Source, Evidence] = {}
    weights: list[float] = []
    for source in (Source.FACE, Source.VOICE):
        mine = [trace for trace in listed if trace.kind == source.value and trace.label_set is not None and trace.classes]
        if mine:
            about = models.get(source.value, {})
            asked = stretches[source] if isinstance(stretches, Mapping) else stretches
            found[source] = _meaning(mine[0], about, scheme, prior).evidence(_pooled(mine, source, about, asked))
            weights.append(weight(about.get("mean_recall"), len(mine[0].classes)))
    if found:
        found[Source.FUSED] = _combined(list(found.values()), weights)
    return found


def pooled(traces: list[Trace], part: str, about: Mapping[str, Any]) -> NDArray[np.float64]:
    """Class probabilities (K,) of one `part` (`face` or `voice`) for the clip as a whole, in the order of the first trace; NaN where it
    says nothing.

    `about` is the analysis' record of the model.
    """
    return _pooled(traces, Source(part), about, EVERYTHING)[0]


def weight(mean_recall: float | None, classes: int) -> float:
    """What a model counts in the pool: its mean recall set right for chance, at least 0; `UNMEASURED` where it is not known."""
    if mean_recall is None:
        return UNMEASURED
    return max(0.0, (mean_recall - 1 / classes) / (1 - 1 / classes))


def suggest(found: Mapping[Source, Evidence], models: Mapping[str, Any], scheme: Scheme) -> Suggestion | None:
    """The suggestion that `evidence` supports; None where nothing was said or two families are equally likely."""
    fused = found.get(Source.FUSED)
    if fused is None or not fused.said[0]:
        return None
    families = fused.families(scheme)[0]
    best, *others = np.argsort(-families, kind="stable")
    if others and families[best] - families[others[0]] < TIED:
        return None
    family = scheme.families[int(best)].id
    members = {emotion.id for emotion in scheme.emotions if emotion.family == family}
    named = fused.emotions[0] - fused.unresolved[0]
    scores = [
        (emotion.id, float(score)) for emotion, score in zip(scheme.emotions, named, strict=True) if emotion.id in members and score > TIED
    ]
    speakers = [source for source in (Source.FACE, Source.VOICE) if source in found and found[source].said[0]]
    return Suggestion(
        family=family,
        score=float(families[best]),
        emotions=tuple(sorted(scores, key=lambda one: -one[1])),
        sets=_open_sets(fused, members, float(families[best])),
        source=Source.FUSED if len(speakers) > 1 else speakers[0],
        model=" + ".join(named_version(models.get(source.value, {})) for source in speakers),
        families={one.id: float(share) for one, share in zip(scheme.families, families, strict=True)},
        uncertainty=uncertainty(families),
        margin=float(margin(families[None])[0]) if others else 1.0,
        abstained=float(fused.abstained[0]),
    )


def uncertainty(families: NDArray[np.float64]) -> float:
    """Shannon entropy of (F,) shares that sum to 1, over its maximum ln F: 0 where one has all, 1 where all have the same."""
    positive = families[families > 0]
    return float(np.clip(-(positive * np.log(positive)).sum() / np.log(len(families)), 0, 1)) if len(families) > 1 else 0.0


def named_version(model: Mapping[str, Any]) -> str:
    """A model's name with its version, as an export keeps it."""
    name, version = str(model.get("name", "?")), str(model.get("version", "?"))
    return version if version.startswith(name) else f"{name} {version}"


def _meaning(trace: Trace, about: Mapping[str, Any], scheme: Scheme, prior: NDArray[np.float64] | None) -> ClassEvidence:
    """What the classes say; a disputed one what labelled faces settled when the calibration was made that the analysis notes."""
    known = crosswalk(trace.label_set) if trace.label_set in label_sets() else None
    for label, (its_set, name) in about.get("calibration", {}).get("settles", {}).items():
        known = None if known is None else known.settled(label, crosswalk(its_set)[name])
    return ClassEvidence.of(trace.classes, known, scheme, prior)


def _pooled(traces: list[Trace], source: Source, about: Mapping[str, Any], stretches: NDArray[np.int64]) -> NDArray[np.float64]:
    return _mean(traces, stretches) if source is Source.FACE else _sharpened(traces, stretches, about.get("sharpness", 1.0))


def _mean(traces: list[Trace], stretches: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean class probabilities (W, K) over the rows within each stretch, NaN where there is none."""
    rows = _rows(traces)
    return _weighted_mean(_times(traces), rows, np.ones(len(rows)), stretches)


def _sharpened(traces: list[Trace], stretches: NDArray[np.int64], sharpness: float) -> NDArray[np.float64]:
    """The pooled class probabilities (W, K) of the windows whose middles lie within each stretch, NaN where there is none."""
    speech = np.concatenate([trace["speech"] for trace in traces]).astype(np.float64)
    logs = sharpness * _weighted_mean(_times(traces), np.log(np.maximum(_rows(traces), LEAST)), speech, stretches)
    grown = np.exp(logs - logs.max(1, keepdims=True))
    return grown / grown.sum(1, keepdims=True)


def _weighted_mean(
    times: NDArray[np.int64], rows: NDArray[np.float64], counts: NDArray[np.float64], stretches: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean (W, K) of those `rows` (T, K) whose time lies within each stretch, each by its count; rows with a NaN are left out."""
    measured = ~np.isnan(rows).any(1) & (counts > 0)
    order = np.flatnonzero(measured)[np.argsort(times[measured], kind="stable")]
    times, rows, counts = times[order], rows[order], counts[order, None]
    total = np.vstack([np.zeros((1, rows.shape[1] + 1)), np.cumsum(np.hstack([rows * counts, counts]), 0)])
    within = total[np.searchsorted(times, stretches[:, 1])] - total[np.searchsorted(times, stretches[:, 0])]
    weight = within[:, -1:]
    return np.divide(within[:, :-1], weight, out=np.full((len(stretches), rows.shape[1]), np.nan), where=weight > TIED)


def _times(traces: list[Trace]) -> NDArray[np.int64]:
    return np.concatenate([trace.times_us for trace in traces])


def _rows(traces: list[Trace]) -> NDArray[np.float64]:
    """The probabilities of all, in the order of the first one's classes."""
    return np.concatenate([_in_order(trace, traces[0].classes) for trace in traces]).astype(np.float64)


def _in_order(trace: Trace, classes: tuple[str, ...]) -> NDArray[np.float32]:
    return trace.probabilities if trace.classes == classes else trace.probabilities[:, [trace.classes.index(label) for label in classes]]


def _combined(parts: list[Evidence], weights: list[float]) -> Evidence:
    """The linear opinion pool of `parts` in every stretch, over those that said something there."""
    present = np.stack([part.said for part in parts])
    share = present * np.asarray(weights)[:, None]
    alone = present & (share.sum(0) == 0)  # a model no better than chance still speaks where no other does
    share = np.where(alone, 1.0, share)
    total = share.sum(0)
    share = np.divide(share, total, out=np.full(share.shape, np.nan), where=total > 0)
    sets = tuple(dict.fromkeys(one for part in parts for one in part.sets))

    def pool(tables: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        pooled = sum(w[:, None] * np.nan_to_num(table) for w, table in zip(share, tables, strict=True))
        return np.asarray(pooled)

    by_set = [np.stack([_column(part, one) for one in sets], 1) if sets else np.empty((len(part), 0)) for part in parts]
    return Evidence(
        pool([part.emotions for part in parts]),
        pool([part.unresolved for part in parts]),
        sets,
        pool(by_set),
        pool([part.abstained[:, None] for part in parts])[:, 0],
    )


def _column(part: Evidence, one: tuple[str, ...]) -> NDArray[np.float64]:
    return part.set_shares[:, part.sets.index(one)] if one in part.sets else np.zeros(len(part))


def _open_sets(fused: Evidence, members: set[str], family: float) -> tuple[tuple[str, ...], ...]:
    """The sets that matter to a family, the weightiest first."""
    within = {one: share * len(members.intersection(one)) / len(one) for one, share in zip(fused.sets, fused.set_shares[0], strict=True)}
    return tuple(one for one in sorted(within, key=lambda one: -within[one]) if within[one] >= SET_COUNTS * family)
