"""What an export of a project will hold, before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.analysis.latest import newest_analysis
from app.exchange.rows import label_rows
from app.exchange.sheets import LABELS
from db.tables import Analysis, Clip, Judgement


@dataclass(frozen=True)
class Contents:
    clips: int
    labelled: int
    """Clips with a judgement by anybody."""
    judgements: int
    raters: int
    analysed: int
    frames: int
    """Video frames of the analysed clips: `frames.csv` has at least as many rows."""


def contents(session: Session, project_id: int) -> Contents:
    """Counts of a project."""
    of_project = Clip.project_id == project_id
    judgements, labelled, raters = session.execute(
        select(func.count(), func.count(Judgement.clip_id.distinct()), func.count(Judgement.rater_id.distinct()))
        .join(Clip, Clip.id == Judgement.clip_id)
        .where(of_project, Judgement.removed.is_(False))
    ).one()
    newest = select(func.count(), func.sum(Analysis.frames)).join(Clip).where(of_project, Analysis.id == newest_analysis())
    analysed, frames = session.execute(newest.select_from(Analysis)).one()
    clips = session.scalar(select(func.count()).select_from(Clip).where(of_project)) or 0
    return Contents(clips, labelled, judgements, raters, analysed, frames or 0)


def first_labels(session: Session, project_id: int, rows: int) -> list[dict[str, Any]]:
    """The first `rows` rows of `labels.csv`, by column."""
    return [dict(zip(LABELS.header, row, strict=True)) for row in islice(label_rows(session, project_id), rows)]
