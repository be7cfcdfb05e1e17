"""Which models a project's clips are analysed with where nobody says otherwise: the project's own choice, or the program's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.analysis.plan import AnalysisPlan
from db.tables import Clip, Project

MODELS = "models"
"""Key of a project's options."""

AT_ONCE = 500
"""Clips in one question to the database."""


def usual_plan(project: Project) -> AnalysisPlan:
    return AnalysisPlan.read(project.options.get(MODELS, {}))


def usual_plans(session: Session, clip_ids: Sequence[int]) -> dict[int, AnalysisPlan]:
    """For each clip that is there the usual plan of its project."""
    plans = {project.id: usual_plan(project) for project in session.scalars(select(Project))}
    found: dict[int, AnalysisPlan] = {}
    for start in range(0, len(clip_ids), AT_ONCE):
        some = select(Clip.id, Clip.project_id).where(Clip.id.in_(clip_ids[start : start + AT_ONCE]))
        found |= {clip_id: plans[project_id] for clip_id, project_id in session.execute(some)}
    return found


def set_usual_plan(session: Session, project_id: int, plan: AnalysisPlan) -> None:
    """From now on. Raises what `AnalysisPlan.check` does, where the plan cannot run here; then nothing changes."""
    plan.check()
    project = session.get_one(Project, project_id)
    project.options = project.options | {MODELS: plan.document()}
