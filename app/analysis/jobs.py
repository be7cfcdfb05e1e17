"""The queue as its users see it: put work in, watch it, take it back. Workers see it through `claims`; `runner` keeps them going."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.orm import Session

from app.analysis.plan import AnalysisPlan
from app.analysis.usual import usual_plans
from db import tables
from db.tables import Job

ANALYZE = "analyze"


class UnknownJob(LookupError):
    """There is no job of that number."""


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether it has not ended yet."""
        return self in OPEN


OPEN = (State.WAITING, State.RUNNING)


@dataclass(frozen=True)
class JobNow:
    """A job as it stands. `progress` 0 to 1; `error` a sentence where it failed; `result` the summary where it is done."""

    id: int
    clip: int | None
    state: State
    progress: float
    message: str
    error: str | None
    result: dict[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, see `GET /api/jobs`."""
        return {
            "id": self.id,
            "clip": self.clip,
            "state": self.state.value,
            "progress": self.progress,
            "message": self.message,
            "error": self.error,
        }


def enqueue(session: Session, clip_ids: Iterable[int], plan: AnalysisPlan | Mapping[int, AnalysisPlan] | None = None) -> list[int]:
    """Puts each clip in for analysis; returns the jobs' numbers in the clips' order. Call inside `Database.writing()`.

    `plan` is one for all, or one for each; without it each clip gets its project's usual one. A clip that waits or is being worked on with
    the same plan keeps that job.
    """
    clip_ids = list(clip_ids)
    plans = dict.fromkeys(clip_ids, plan) if isinstance(plan, AnalysisPlan) else plan or usual_plans(session, clip_ids)
    arguments = {clip_id: one.document() for clip_id, one in plans.items()}
    there = {
        clip_id: job_id
        for job_id, clip_id, asked in session.execute(
            select(Job.id, Job.clip_id, Job.arguments).where(Job.kind == ANALYZE, Job.state.in_(OPEN), Job.cancel_requested.is_(False))
        )
        if clip_id is not None and asked == arguments.get(clip_id)
    }
    jobs: dict[int, Job] = {}
    for clip_id in clip_ids:
        if clip_id not in there and clip_id not in jobs:
            jobs[clip_id] = Job(kind=ANALYZE, arguments=arguments[clip_id], clip_id=clip_id)
    session.add_all(jobs.values())
    session.flush()
    there |= {clip_id: job.id for clip_id, job in jobs.items()}
    return [there[clip_id] for clip_id in clip_ids]


def cancel(session: Session, job_id: int) -> State:
    """Takes a job back. A waiting one ends at once; a running one within about a second, and leaves nothing. Raises `UnknownJob`.

    Returns its state after this; a job that has already ended keeps its end.
    """
    if not _change(session, job_id, State.WAITING, state=State.CANCELLED, finished_at=tables.now(), message=""):
        _change(session, job_id, State.RUNNING, cancel_requested=True, message="Stopping")
    return job(session, job_id).state


def retry(session: Session, job_id: int) -> State:
    """Puts a failed or cancelled job in again, as if it came in now. Raises `UnknownJob`. Returns its state after this."""
    for ended in (State.FAILED, State.CANCELLED):
        _change(
            session,
            job_id,
            ended,
            state=State.WAITING,
            attempts=0,
            progress=0.0,
            message="",
            error=None,
            worker=None,
            cancel_requested=False,
            created_at=tables.now(),
            started_at=None,
            finished_at=None,
        )
    return job(session, job_id).state


def newest_job() -> ScalarSelect[int]:
    """Within a query that has `Clip` in it, the id of the clip's newest job, NULL where it never had one."""
    jobs = Job.__table__.alias()
    return select(func.max(jobs.c.id)).where(jobs.c.clip_id == tables.Clip.id).correlate(tables.Clip).scalar_subquery()


def job(session: Session, job_id: int) -> JobNow:
    """One job. Raises `UnknownJob`."""
    row = session.execute(_now().where(Job.id == job_id)).one_or_none()
    if row is None:
        raise UnknownJob(f"there is no job {job_id}")
    return _read(row)


def jobs_of(session: Session, project_id: int) -> list[JobNow]:
    """The latest job of every clip of a project that ever had one, oldest first."""
    latest = _now().join(tables.Clip, tables.Clip.id == Job.clip_id).where(tables.Clip.project_id == project_id, Job.id == newest_job())
    return [_read(row) for row in session.execute(latest.order_by(Job.id))]


def jobs_among(session: Session, job_ids: Sequence[int]) -> list[JobNow]:
    """These jobs, in the order of their numbers."""
    if not job_ids:
        return []
    wanted = set(job_ids)
    rows = session.execute(_now().where(Job.id.between(min(wanted), max(wanted))).order_by(Job.id))
    return [_read(row) for row in rows if row.id in wanted]


@dataclass(frozen=True)
class Progress:
    """How far a batch of jobs is. `share` 0 to 1 counts what is half done as half."""

    waiting: int
    running: int
    done: int
    failed: int
    cancelled: int
    share: float
    message: str

    @classmethod
    def of(cls, jobs: Sequence[JobNow]) -> Progress:
        share = sum(one.progress if one.state.open else 1.0 for one in jobs) / len(jobs) if jobs else 1.0
        at_work = [one.message for one in jobs if one.state is State.RUNNING and one.message]
        return cls(
            waiting=sum(one.state is State.WAITING for one in jobs),
            running=sum(one.state is State.RUNNING for one in jobs),
            done=sum(one.state is State.DONE for one in jobs),
            failed=sum(one.state is State.FAILED for one in jobs),
            cancelled=sum(one.state is State.CANCELLED for one in jobs),
            share=share,
            message=at_work[0] if at_work else "",
        )

    @property
    def ended(self) -> bool:
        return not self.waiting and not self.running


def _change(session: Session, job_id: int, was: State, /, **values: Any) -> bool:
    changed = session.execute(update(Job).where(Job.id == job_id, Job.state == was).values(**values).returning(Job.id)).all()
    return bool(changed)


def _now() -> Any:
    return select(Job.id, Job.clip_id, Job.state, Job.progress, Job.message, Job.error, Job.result)


def _read(row: Any) -> JobNow:
    return JobNow(row.id, row.clip_id, State(row.state), row.progress, row.message, row.error, row.result)
