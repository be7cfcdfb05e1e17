"""What is kept from a rater in a blind project: whatever tells, or suggests, the answer.

Blind is a rule of rating, not a lock: the one user of a machine can switch it off in the settings, and every operation says what
was visible.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import Clip, Judgement, Project

BLIND = "blind"
REVEAL = "reveal"
"""Keys of a project's options: whether it is blind, and whether it ceases to be once the rater has judged a clip."""


def is_blind(session: Session, clip: Clip, rater_id: int | None) -> bool:
    """Whether this rater has to judge this clip blind, now."""
    options = clip.project.options
    if not options.get(BLIND, False):
        return False
    return not (options.get(REVEAL, False) and rater_id is not None and _has_judged(session, clip.id, rater_id))


def blinded(document: dict[str, Any], rater_id: int | None) -> dict[str, Any]:
    """The editor's document without file name, what it says, what models say, and what others said."""
    clip = document["clip"] | {
        "file_name": f"Clip {document['clip']['id']}",
        "corpus": None,
        "intended": [],
        "intended_intensity": None,
        "mode": None,
    }
    own = [judgement for judgement in document["judgements"] if judgement["rater"]["id"] == rater_id]
    hidden = {"analysis": None, "suggestion": None, "turns": None, "cast": None, "speaking": []}
    return document | hidden | {"clip": clip, "judgements": own}


def set_blind(session: Session, project_id: int, *, blind: bool, reveal: bool) -> None:
    """Makes a project blind or open. Call inside `Database.writing()`."""
    project = session.get_one(Project, project_id)
    project.options = project.options | {BLIND: blind, REVEAL: reveal}


def _has_judged(session: Session, clip_id: int, rater_id: int) -> bool:
    said = select(Judgement.id).where(Judgement.clip_id == clip_id, Judgement.rater_id == rater_id, Judgement.removed.is_(False))
    return session.scalar(said.limit(1)) is not None
