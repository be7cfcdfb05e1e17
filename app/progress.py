"""How far the models are with a project, counted by the database however many clips there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.analysis.jobs import OPEN, State, newest_job
from db.tables import Analysis, Clip, Job

CHUNK = 500
"""Numbers in one `IN (…)`: databases limit them."""


@dataclass(frozen=True)
class Work:
    """The jobs that are open, with those that ended since the oldest of them came in: one stretch of work with one bar."""

    waiting: int
    running: int
    ended: int
    share: float
    """0 to 1; what is half done counts as half."""
    message: str
    """Of the job at work."""

    @property
    def active(self) -> bool:
        return bool(self.waiting or self.running)


@dataclass(frozen=True)
class Failure:
    """A clip whose latest job failed, and why."""

    job_id: int
    clip_id: int
    file_name: str
    reason: str


def work_of(session: Session, project_id: int) -> Work:
    """What is going on in a project."""
    of_project = Clip.project_id == project_id
    is_open = Job.state.in_(OPEN)
    since = session.scalar(select(func.min(Job.created_at)).join(Clip, Clip.id == Job.clip_id).where(of_project, is_open))
    if since is None:
        return Work(0, 0, 0, 1.0, "")
    counted = (
        select(Job.state, func.count(), func.sum(Job.progress))
        .join(Clip, Clip.id == Job.clip_id)
        .where(of_project, or_(is_open, Job.finished_at >= since))
        .group_by(Job.state)
    )
    counts = {state: (count, progress) for state, count, progress in session.execute(counted)}
    total = sum(count for count, _ in counts.values())
    waiting, running = (counts.get(state, (0, 0.0))[0] for state in OPEN)
    half_done = sum(counts.get(state, (0, 0.0))[1] for state in OPEN)
    message = session.scalar(
        select(Job.message).join(Clip, Clip.id == Job.clip_id).where(Clip.project_id == project_id, Job.state == State.RUNNING).limit(1)
    )
    ended = total - waiting - running
    return Work(waiting, running, ended, (ended + half_done) / total, message or "")


def open_job_ids(session: Session, project_id: int) -> Sequence[int]:
    """Jobs of a project that have not ended."""
    query = select(Job.id).join(Clip, Clip.id == Job.clip_id).where(Clip.project_id == project_id, Job.state.in_(OPEN))
    return session.scalars(query.order_by(Job.id)).all()


def failures_of(session: Session, project_id: int, limit: int | None = None) -> list[Failure]:
    """Clips whose latest job failed, newest first."""
    query = (
        select(Job.id, Clip.id, Clip.file_name, Job.error)
        .join(Job, Job.id == newest_job())
        .where(Clip.project_id == project_id, Job.state == State.FAILED)
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return [Failure(job_id, clip_id, name, error or "no reason was given") for job_id, clip_id, name, error in session.execute(query)]


def untouched(session: Session, clip_ids: Sequence[int]) -> list[int]:
    """Those of these clips that no model has looked at and no job is or was there for."""
    seen: set[int] = set()
    for start in range(0, len(clip_ids), CHUNK):
        some = clip_ids[start : start + CHUNK]
        seen.update(session.scalars(select(Job.clip_id).where(Job.clip_id.in_(some))).all())  # pyright: ignore[reportArgumentType]
        seen.update(session.scalars(select(Analysis.clip_id).where(Analysis.clip_id.in_(some))).all())
    return [clip_id for clip_id in clip_ids if clip_id not in seen]
