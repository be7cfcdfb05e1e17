"""Labelled clips: what the newest analysis with a model says of each, beside what people said of it, or what the actor was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    actors = dict(session.execute(select(tables.Clip.id, tables.Clip.actor).where(tables.Clip.project_id == project_id)).tuples())
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
    return ((clip, emotion, weight or 1.0) for clip, emotion, weight in session.execute(query).tuples())


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
    return session.execute(query).tuples()


def _newest_with(session: Session, project_id: int, part: str, model: str) -> dict[int, int]:
    """Clip → its newest analysis in which `part` was done by `model`."""
    analysis = tables.Analysis
    query = (
        select(analysis.clip_id, analysis.id, analysis.models)
        .join(tables.Clip)
        .where(tables.Clip.project_id == project_id)
        .order_by(analysis.id)
    )
    return {clip: number for clip, number, models in session.execute(query).tuples() if _by(models, part, model)}


def _by(models: Mapping[str, dict[str, object]], part: str, model: str) -> bool:
    return models.get(part, {}).get("name") == model


def _row(session: Session, analysis_id: int, part: str, labels: LabelSet) -> NDArray[np.float64] | None:
    """The pooled probabilities (K,) of an analysis; None where the model said nothing of the clip, or says other classes by now."""
    traces: list[Trace] = [trace for trace in load(session, analysis_id, (part,)) if trace.classes == labels.classes]
    analysis = session.get_one(tables.Analysis, analysis_id, options=[defer(tables.Analysis.notes)])
    row = pooled(traces, part, analysis.models.get(part, {})) if traces else None
    return None if row is None or np.isnan(row).any() else row
