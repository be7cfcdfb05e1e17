"""What the clips of a project are labelled with: by people, or by what the actor was asked for."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables


class Truth(StrEnum):
    """Where the right answers come from. The two are different things and are never mixed."""

    JUDGED = "judged"
    """What people said of the clip as a whole."""
    INTENDED = "intended"
    """What the actor was asked for."""


NOT_OF_PEOPLE = ("model", "accepted")
"""Sources of judgements that no model may be measured with: what one wrote itself, and what was taken over from its suggestion."""


def label_weights(session: Session, project_id: int, truth: Truth) -> dict[int, dict[str, float]]:
    """For each labelled clip of a project the emotions of its label, each with its share of the weight; shares sum to 1.

    Every judgement of a clip as a whole counts alike, whatever the sum of its weights. Those that a model wrote, or that were accepted
    from a suggestion, count for nothing.
    """
    statements = _judged(session, project_id) if truth is Truth.JUDGED else _intended(session, project_id)
    given: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (clip, _), weights in statements.items():
        for emotion, weight in weights.items():
            given[clip][emotion] += weight / sum(weights.values())
    return {clip: {emotion: weight / sum(weights.values()) for emotion, weight in weights.items()} for clip, weights in given.items()}


def _intended(session: Session, project_id: int) -> dict[tuple[int, str], dict[str, float]]:
    one = tables.IntendedEmotion
    query = select(one.clip_id, one.emotion, one.weight).join(tables.Clip).where(tables.Clip.project_id == project_id).order_by(one.clip_id)
    statements: dict[tuple[int, str], dict[str, float]] = defaultdict(dict)
    for clip, emotion, weight in session.execute(query):
        statements[clip, ""][emotion] = weight or 1.0
    return statements


def _judged(session: Session, project_id: int) -> dict[tuple[int, str], dict[str, float]]:
    judgement, emotion = tables.Judgement, tables.JudgementEmotion
    query = (
        select(judgement.clip_id, judgement.id, emotion.emotion, emotion.weight)
        .join(emotion, emotion.judgement_id == judgement.id)
        .join(tables.Clip, tables.Clip.id == judgement.clip_id)
        .where(
            tables.Clip.project_id == project_id,
            judgement.removed.is_(False),
            judgement.tier == "clip",
            judgement.start_us.is_(None),
            judgement.outcome == "label",
            judgement.source.not_in(NOT_OF_PEOPLE),
            emotion.weight > 0,
        )
        .order_by(judgement.clip_id)
    )
    statements: dict[tuple[int, str], dict[str, float]] = defaultdict(dict)
    for clip, number, name, weight in session.execute(query):
        statements[clip, number][name] = weight
    return statements
