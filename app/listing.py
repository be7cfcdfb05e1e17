"""Clips as scripts see them: one flat object each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.clock import MICROSECONDS
from app.projects import project_named
from db.tables import Clip, Medium


def clips_of(session: Session, project: str | None = None) -> Iterator[dict[str, Any]]:
    """Every clip, or a project's, in the order they came in. Raises what `project_named` raises for a project that does not exist."""
    query = select(Clip).options(joinedload(Clip.medium).defer(Medium.frame_times), selectinload(Clip.intended)).order_by(Clip.id)
    if project is not None:
        query = query.where(Clip.project_id == project_named(session, project).id)
    return map(as_json, session.scalars(query.execution_options(yield_per=500)))


def as_json(clip: Clip) -> dict[str, Any]:
    """The clip object of the command line's contract."""
    medium = clip.medium
    return {
        "id": clip.id,
        "file": clip.file_name,
        "sha256": clip.sha256,
        "duration_s": medium.duration_us / MICROSECONDS,
        "width": medium.width,
        "height": medium.height,
        "frames": medium.frames,
        "fps": medium.fps,
        "has_video": medium.has_video,
        "has_audio": medium.has_audio,
        "corpus": clip.corpus,
        "actor": clip.actor,
        "intended": [{"emotion": intended.emotion, "weight": intended.weight} for intended in clip.intended],
    }


class UnknownClips(LookupError):
    """Some of the numbers given are no clips."""


def clip_ids(session: Session, ids: Sequence[int], project: str | None) -> list[int]:
    """The clips named by number, then a project's, each once. Raises `UnknownClips`, and what `project_named` raises."""
    missing = [clip_id for clip_id in ids if session.get(Clip, clip_id) is None]
    if missing:
        raise UnknownClips(f"there is no clip {', '.join(map(str, missing))}; `clips` lists the numbers there are")
    of_project: Sequence[int] = []
    if project is not None:
        query = select(Clip.id).where(Clip.project_id == project_named(session, project).id).order_by(Clip.id)
        of_project = session.scalars(query).all()
    return list(dict.fromkeys([*ids, *of_project]))
