"""Which models a project's clips are analysed with where nobody says otherwise: the project's own choice, or the program's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.analysis.plan import AnalysisPlan
from db.tables import Clip, Project

MODELS = "models"
"""Key of a project's options."""


def usual_plan(project: Project) -> AnalysisPlan:
    return AnalysisPlan.read(project.options.get(MODELS, {}))


def usual_plan_of(session: Session, clip_ids: Sequence[int]) -> AnalysisPlan:
    """The usual plan of the project that all these clips are in; the program's own where they are in several."""
    projects = {session.get_one(Clip, clip_id).project_id for clip_id in clip_ids}
    return usual_plan(session.get_one(Project, projects.pop())) if len(projects) == 1 else AnalysisPlan()


def set_usual_plan(session: Session, project_id: int, plan: AnalysisPlan) -> None:
    """From now on. Raises what `AnalysisPlan.check` does, where the plan cannot run here; then nothing changes."""
    plan.check()
    project = session.get_one(Project, project_id)
    project.options = project.options | {MODELS: plan.document()}
