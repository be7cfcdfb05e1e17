"""Labelled clips: what the newest analysis with a model says of each, beside what people said of it, or what the actor was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.analysis.fusion import pooled
from app.analysis.traces import Trace, load
from app.evaluation.labels import Truth, label_weights
from app.evaluation.matching import right_answers
from db import tables
from models.types import LabelSet, ModelInfo

MOMENTS = 40
"""Of each clip that a calibration looks at: more are near copies of their neighbours."""

MAJORITY = 0.5
"""Share of a label's weight from which an answer is the right one."""


class NoLabelledClips(ValueError):
    """No clip has both a label and an answer of the model; the message says which of the two is missing and what to do."""


@dataclass(frozen=True)
class ClipAnswers:
    """What a model said of N labelled clips: pooled probabilities (N, K) float64, the right class (N,), clip and actor of each.

    The right class is the one for which at least half of the label's weight speaks. Left out are `split` clips, whose label has no such
    class, and `unlike` ones, whose label is none of the model's answers; `earlier` clips were analysed by another version of the model
    only.
    """

    labels: LabelSet
    clips: NDArray[np.int64]
    actors: tuple[str | None, ...]
    probabilities: NDArray[np.float64]
    truth: NDArray[np.int64]
    split: int
    unlike: int
    earlier: int

    def __len__(self) -> int:
        return len(self.clips)


@dataclass(frozen=True)
class MomentAnswers:
    """What a model said, uncalibrated, of M moments (frames, windows) of labelled clips.

    `probabilities` (M, K); the right class, the clip and a number for its actor (M,) each; `shares` (M,), how much each counts when the
    moments of a clip are pooled. A clip has one label for all of its moments, so what can be learnt from these is how often a moment's
    answer is the clip's.
    """

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    clips: NDArray[np.int64]
    actors: NDArray[np.int64]
    shares: NDArray[np.float64]


def clip_answers(session: Session, project_id: int, part: str, info: ModelInfo, truth: Truth, *, calibrated: bool = False) -> ClipAnswers:
    """What a model (the `part`, `face` or `voice`, of an analysis) said of the labelled clips of a project, one row a clip.

    Of each clip the newest analysis by this version of the model counts, with or without a calibration in force, as asked. Raises
    `NoLabelledClips`.
    """
    labels = _labels(info)
    labelled = label_weights(session, project_id, truth)
    if not labelled:
        said = "a judgement of the clip as a whole" if truth is Truth.JUDGED else "an intended emotion"
        raise NoLabelledClips(f"no clip of this project has {said}, so there is nothing to compare with")
    newest, others = _newest(session, project_id, part, info, calibrated=calibrated)
    right = right_answers(sorted({emotion for weights in labelled.values() for emotion in weights}), labels)
    actors = dict(session.execute(select(tables.Clip.id, tables.Clip.actor).where(tables.Clip.project_id == project_id)).all())
    clips, rows, truths = [], [], []
    left_out: Counter[str] = Counter()
    for clip, weights in labelled.items():
        answer = _answer(weights, right)
        if isinstance(answer, str):
            left_out[answer] += 1
        elif clip in newest and (row := _row(session, newest[clip], part, labels)) is not None:
            clips.append(clip)
            rows.append(row)
            truths.append(answer)
        elif clip in others:
            left_out["earlier"] += 1
    if not clips:
        there = len(labelled) - left_out["unlike"] - left_out["split"]
        with_it = "with a calibration in force " if calibrated else ""
        older = f" {left_out['earlier']} of them were analysed by another version of it;" if left_out["earlier"] else ""
        raise NoLabelledClips(
            f"{info.name} has said nothing yet {with_it}of the {there} clips whose label is one of its answers;{older} "
            "have them analysed with it first"
        )
    chosen = tuple(actors.get(clip) for clip in clips)
    found = np.array(clips, np.int64), chosen, np.stack(rows), np.array(truths, np.int64)
    return ClipAnswers(labels, *found, left_out["split"], left_out["unlike"], left_out["earlier"])


def moment_answers(session: Session, project_id: int, part: str, info: ModelInfo, truth: Truth) -> MomentAnswers:
    """Moments of the labelled clips that the model analysed without a calibration, at most `MOMENTS` of each, evenly spread.

    Raises `NoLabelledClips`.
    """
    labels = _labels(info)
    answers = clip_answers(session, project_id, part, info, truth)
    newest, _ = _newest(session, project_id, part, info, calibrated=False)
    rows, shares, counts = [], [], []
    for clip in answers.clips.tolist():
        said, weights = _moments([trace for trace in load(session, newest[clip], (part,)) if trace.classes == labels.classes])
        chosen = np.unique(np.linspace(0, len(said) - 1, MOMENTS).round().astype(int))
        rows.append(said[chosen])
        shares.append(weights[chosen])
        counts.append(len(chosen))
    return MomentAnswers(
        np.concatenate(rows),
        np.repeat(answers.truth, counts),
        np.repeat(answers.clips, counts),
        np.repeat(numbered(answers.actors), counts),
        np.concatenate(shares),
    )


def numbered(actors: tuple[str | None, ...]) -> NDArray[np.int64]:
    """(N,) a number for each actor, and one of its own for each clip of whom nobody knows."""
    known = {name: place for place, name in enumerate(dict.fromkeys(name for name in actors if name is not None))}
    return np.array([known[name] if name is not None else len(known) + place for place, name in enumerate(actors)], np.int64)


def _labels(info: ModelInfo) -> LabelSet:
    assert info.labels is not None, f"{info.name} has no classes"
    return info.labels


def _answer(weights: Mapping[str, float], right: Mapping[str, int]) -> int | str:
    """The class for which most of a label speaks, or why there is none."""
    shares: Counter[int] = Counter()
    for emotion, weight in weights.items():
        if emotion in right:
            shares[right[emotion]] += weight  # type: ignore[assignment] — a counter of shares
    if not shares:
        return "unlike"
    (best, share), *others = shares.most_common(2)
    return best if share >= MAJORITY and not (others and others[0][1] == share) else "split"


def _moments(traces: list[Trace]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """What was said (M, K) and how much each moment counts (M,), of all traces together; what said nothing is left out."""
    rows = np.concatenate([trace.probabilities for trace in traces])
    shares = np.concatenate([trace["speech"] if "speech" in trace.columns else np.ones(len(trace)) for trace in traces])
    kept = ~np.isnan(rows).any(1) & (shares > 0)
    return rows[kept], shares[kept].astype(np.float64)


def _newest(session: Session, project_id: int, part: str, info: ModelInfo, *, calibrated: bool) -> tuple[dict[int, int], set[int]]:
    """Clip → its newest analysis in which `part` was done by this version of the model; and the clips that only another version saw."""
    analysis = tables.Analysis
    query = (
        select(analysis.clip_id, analysis.id, analysis.models)
        .join(tables.Clip)
        .where(tables.Clip.project_id == project_id)
        .order_by(analysis.id)
    )
    found: dict[int, int] = {}
    others: set[int] = set()
    for clip, number, models in session.execute(query):
        by = models.get(part, {})
        if by.get("name") != info.name:
            continue
        if by.get("version") != info.version:
            others.add(clip)
        elif ("calibration" in by) == calibrated:
            found[clip] = number
    return found, others - found.keys()


def _row(session: Session, analysis_id: int, part: str, labels: LabelSet) -> NDArray[np.float64] | None:
    """The pooled probabilities (K,) of an analysis; None where the model said nothing of the clip."""
    traces: list[Trace] = [trace for trace in load(session, analysis_id, (part,)) if trace.classes == labels.classes]
    analysis = session.get_one(tables.Analysis, analysis_id, options=[defer(tables.Analysis.notes)])
    row = pooled(traces, part, analysis.models.get(part, {})) if traces else None
    return None if row is None or np.isnan(row).any() else row
