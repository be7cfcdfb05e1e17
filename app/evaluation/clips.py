"""Labelled clips: what the newest analysis with a model says of each, beside what people said of it, or what the actor was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.analysis.fusion import pooled
from app.analysis.traces import Trace, load
from app.evaluation.matching import right_answers
from db import tables
from models.types import LabelSet

MOMENTS = 40
"""Of each clip that a calibration looks at: more are near copies of their neighbours."""


class Truth(StrEnum):
    """Where the right answers come from. The two are different things and are never mixed."""

    JUDGED = "judged"
    """What people said of the clip as a whole."""
    INTENDED = "intended"
    """What the actor was asked for."""


class NoLabelledClips(ValueError):
    """No clip has both a label and an answer of the model; the message says which of the two is missing and what to do."""


@dataclass(frozen=True)
class ClipAnswers:
    """What a model said of N labelled clips: pooled probabilities (N, K) float64, the right class (N,), clip and actor of each.

    `unlike` counts labelled clips that were left out because their label is no single answer of the model.
    """

    labels: LabelSet
    clips: NDArray[np.int64]
    actors: tuple[str | None, ...]
    probabilities: NDArray[np.float64]
    truth: NDArray[np.int64]
    unlike: int

    def __len__(self) -> int:
        return len(self.clips)


def clip_answers(session: Session, project_id: int, part: str, model: str, labels: LabelSet, truth: Truth) -> ClipAnswers:
    """What `model` (the `part`, `face` or `voice`, of an analysis) said of the labelled clips of a project, one row a clip.

    Of each clip the newest analysis with that model counts. Raises `NoLabelledClips`.
    """
    labelled = label_weights(session, project_id, truth)
    if not labelled:
        said = "a judgement of the clip as a whole" if truth is Truth.JUDGED else "an intended emotion"
        raise NoLabelledClips(f"no clip of this project has {said}, so there is nothing to compare with")
    newest = _newest_with(session, project_id, part, model)
    right = right_answers(sorted({emotion for weights in labelled.values() for emotion in weights}), labels)
    actors = dict(session.execute(select(tables.Clip.id, tables.Clip.actor).where(tables.Clip.project_id == project_id)).all())
    clips, rows, truths, unlike = [], [], [], 0
    for clip, weights in labelled.items():
        answers = {right.get(emotion) for emotion in weights}
        if len(answers) != 1 or (answer := answers.pop()) is None:
            unlike += 1
        elif clip in newest and (row := _row(session, newest[clip], part, labels)) is not None:
            clips.append(clip)
            rows.append(row)
            truths.append(answer)
    if not clips:
        raise NoLabelledClips(
            f"{model} has said nothing yet of the {len(labelled) - unlike} clips whose label is one of its answers; "
            "have them analysed with it first"
        )
    chosen = tuple(actors.get(clip) for clip in clips)
    return ClipAnswers(labels, np.array(clips, np.int64), chosen, np.stack(rows), np.array(truths, np.int64), unlike)


@dataclass(frozen=True)
class MomentAnswers:
    """What a model said, uncalibrated, of M moments (frames, windows) of labelled clips.

    `probabilities` (M, K); the right class, the clip and a number for its actor (M,) each.

    A clip has one label for all of its moments, so what can be learnt from these is how often a moment's answer is the clip's.
    """

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    clips: NDArray[np.int64]
    actors: NDArray[np.int64]


def moment_answers(session: Session, project_id: int, part: str, model: str, labels: LabelSet, truth: Truth) -> MomentAnswers:
    """Moments of the labelled clips that `clip_answers` finds, at most `MOMENTS` of each, evenly spread. Raises `NoLabelledClips`."""
    answers = clip_answers(session, project_id, part, model, labels, truth)
    newest = _newest_with(session, project_id, part, model, calibrated=False)
    rows, counts = [], []
    for clip in answers.clips.tolist():
        traces = [] if clip not in newest else load(session, newest[clip], (part,))
        said = [trace.probabilities for trace in traces if trace.classes == labels.classes]
        heard = np.concatenate([one[~np.isnan(one).any(1)] for one in said]) if said else np.empty((0, len(labels)), np.float32)
        chosen = heard[np.unique(np.linspace(0, len(heard) - 1, MOMENTS).round().astype(int))] if len(heard) else heard
        rows.append(chosen)
        counts.append(len(chosen))
    if not sum(counts):
        raise NoLabelledClips(
            f"every analysis by {model} here was made with a calibration in force; "
            "take it out of force and have the clips analysed again first"
            "take it out of force and have the clips analysed again first"
        )
    return MomentAnswers(
        np.concatenate(rows),
        np.repeat(answers.truth, counts),
        np.repeat(answers.clips, counts),
        np.repeat(numbered(answers.actors), counts),
    )


def numbered(actors: Sequence[str | None]) -> NDArray[np.int64]:
    """(N,) a number for each actor, and one of its own for each clip of whom nobody knows."""
    known = {name: place for place, name in enumerate(dict.fromkeys(name for name in actors if name is not None))}
    return np.array([known[name] if name is not None else len(known) + place for place, name in enumerate(actors)], np.int64)


def label_weights(session: Session, project_id: int, truth: Truth) -> dict[int, dict[str, float]]:
    """For each labelled clip of a project the emotions of its label, each with its share of the weight; shares sum to 1.

    Several people's judgements of a clip count alike. Judgements that came from a model unseen by a person count for nothing.
    """
    given: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for clip, emotion, weight in _judged(session, project_id) if truth is Truth.JUDGED else _intended(session, project_id):
        given[clip][emotion] += weight
    return {clip: {emotion: weight / sum(weights.values()) for emotion, weight in weights.items()} for clip, weights in given.items()}


def _intended(session: Session, project_id: int) -> Iterable[tuple[int, str, float]]:
    one = tables.IntendedEmotion
    query = select(one.clip_id, one.emotion, one.weight).join(tables.Clip).where(tables.Clip.project_id == project_id).order_by(one.clip_id)
    return ((clip, emotion, weight or 1.0) for clip, emotion, weight in session.execute(query))


def _judged(session: Session, project_id: int) -> Iterable[tuple[int, str, float]]:
    judgement, emotion = tables.Judgement, tables.JudgementEmotion
    query = (
        select(judgement.clip_id, emotion.emotion, emotion.weight)
        .join(emotion, emotion.judgement_id == judgement.id)
        .join(tables.Clip, tables.Clip.id == judgement.clip_id)
        .where(
            tables.Clip.project_id == project_id,
            judgement.removed.is_(False),
            judgement.start_us.is_(None),
            judgement.outcome == "label",
            judgement.source != "model",
        )
        .order_by(judgement.clip_id)
    )
    return session.execute(query)


def _newest_with(session: Session, project_id: int, part: str, model: str, *, calibrated: bool = True) -> dict[int, int]:
    """Clip → its newest analysis in which `part` was done by `model`; with `calibrated` False by the model alone."""
    analysis = tables.Analysis
    query = (
        select(analysis.clip_id, analysis.id, analysis.models)
        .join(tables.Clip)
        .where(tables.Clip.project_id == project_id)
        .order_by(analysis.id)
    )
    found = ((clip, number, models.get(part, {})) for clip, number, models in session.execute(query))
    return {clip: number for clip, number, by in found if by.get("name") == model and (calibrated or "calibration" not in by)}


def _row(session: Session, analysis_id: int, part: str, labels: LabelSet) -> NDArray[np.float64] | None:
    """The pooled probabilities (K,) of an analysis; None where the model said nothing of the clip, or says other classes by now."""
    traces: list[Trace] = [trace for trace in load(session, analysis_id, (part,)) if trace.classes == labels.classes]
    analysis = session.get_one(tables.Analysis, analysis_id, options=[defer(tables.Analysis.notes)])
    row = pooled(traces, part, analysis.models.get(part, {})) if traces else None
    return None if row is None or np.isnan(row).any() else row
