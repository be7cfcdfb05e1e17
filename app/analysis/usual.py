"""Which models a project's clips are analysed with where nobody says otherwise: the project's own choice, or the program's."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.analysis.plan import AnalysisPlan
from db.tables import Project

MODELS = "models"
"""Key of a project's options."""


def usual_plan(project: Project) -> AnalysisPlan:
    return AnalysisPlan.read(project.options.get(MODELS, {}))


def set_usual_plan(session: Session, project_id: int, plan: AnalysisPlan) -> None:
    """From now on. Raises what `AnalysisPlan.check` does, where the plan cannot run here; then nothing changes."""
    plan.check()
    project = session.get_one(Project, project_id)
    project.options = project.options | {MODELS: plan.document()}
