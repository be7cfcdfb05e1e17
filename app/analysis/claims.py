"""The queue as workers see it: who works on which job, and what becomes of the jobs of those who died.

Every change here names the worker, so that one who lost a job (the machine slept, another took over) can neither finish nor spoil it.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import psutil
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.analysis.jobs import ANALYZE, OPEN, State
from app.analysis.plan import AnalysisPlan
from db import tables
from db.tables import Job

SILENT_FOR = timedelta(seconds=60)
"""A worker that said nothing for so long is taken for dead, wherever it runs. It speaks every half second."""

WAKES_IN_S = 10.0
"""A machine that slept finds all its workers silent when it wakes; they get so long to speak again."""

ATTEMPTS = 3
"""A clip whose work kills the process (out of memory, a crash in a codec) is not tried for ever."""

SAME_START_S = 5.0
"""A process is the same if it started within so many seconds of what was noted; the system's clock may have been set in between."""


class JobLost(RuntimeError):
    """The job is no longer this worker's: it was cancelled, or another one has taken it over. Nothing of it may be saved."""


class Pulse(Enum):
    """What a worker hears when it reports on its job."""

    GO_ON = "go on"
    CANCEL = "cancel"
    LOST = "lost"


@dataclass(frozen=True)
class Claimed:
    """A job that is this worker's now."""

    id: int
    clip_id: int
    plan: AnalysisPlan


def identity() -> str:
    """This process: machine, number, time of its start."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.0f}"


def is_alive(worker: str) -> bool | None:
    """Whether the process of an `identity` runs; None where that is another machine's."""
    host, pid, started = worker.rsplit(":", 2)
    if host != socket.gethostname():
        return None
    try:
        process = psutil.Process(int(pid))
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - float(started)) <= SAME_START_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def claim(session: Session, worker: str) -> Claimed | None:
    """Takes the oldest waiting job, or None. Nobody else gets it. Call inside `Database.writing()`."""
    oldest = (
        select(Job.id)
        .where(Job.state == State.WAITING, Job.kind == ANALYZE)
        .order_by(Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    now = tables.now()
    row = session.execute(
        update(Job)
        .where(Job.id == oldest, Job.state == State.WAITING)
        .values(state=State.RUNNING, worker=worker, attempts=Job.attempts + 1, progress=0.0, message="", started_at=now, heartbeat_at=now)
        .returning(Job.id, Job.clip_id, Job.arguments)
    ).one_or_none()
    return None if row is None else Claimed(row.id, row.clip_id, AnalysisPlan.read(row.arguments))


def beat(session: Session, job_id: int, worker: str, progress: float, message: str) -> Pulse:
    """Says that the worker lives and how far it is; hears whether to go on."""
    row = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == State.RUNNING, Job.worker == worker)
        .values(heartbeat_at=tables.now(), progress=progress, message=message)
        .returning(Job.cancel_requested)
    ).one_or_none()
    if row is None:
        return Pulse.LOST
    return Pulse.CANCEL if row.cancel_requested else Pulse.GO_ON


def done(session: Session, job_id: int, worker: str, result: dict[str, Any]) -> None:
    """Ends a job well, in the transaction that saves its work. Raises `JobLost` where it was cancelled or is another's now."""
    if not _end(session, job_id, worker, Job.cancel_requested.is_(False), state=State.DONE, progress=1.0, result=result, message=""):
        raise JobLost(f"job {job_id} is no longer the work of {worker}")


def failed(session: Session, job_id: int, worker: str, reason: str) -> None:
    """Ends a job with a sentence on why. Nothing happens where it is another's."""
    _end(session, job_id, worker, state=State.FAILED, error=reason, message="")


def put_down(session: Session, job_id: int, worker: str) -> None:
    """Ends a job that was cancelled, and leaves any other to the next worker: that this one has to stop is not the job's fault, and
    does not count as an attempt. Nothing happens where it is another's.
    """
    if not _end(session, job_id, worker, Job.cancel_requested, state=State.CANCELLED, message=""):
        _again(session, job_id, worker, attempts=Job.attempts - 1)


class Doubts:
    """Workers that are silent though their processes run here, as one who looks again and again has come to doubt them."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, str, datetime], float] = {}

    def settled(self, job_id: int, worker: str, last_heard: datetime) -> bool:
        """Whether the worker has said nothing for `WAKES_IN_S` since it was first doubted."""
        now = time.monotonic()
        return now - self._since.setdefault((job_id, worker, last_heard), now) > WAKES_IN_S


def any_orphan(session: Session, doubts: Doubts | None = None) -> bool:
    """Whether a running job's worker is dead: a look that takes no lock. Without `doubts`, a process that runs here is alive."""
    return any(_is_orphan(row, doubts) for row in session.execute(_running()))


def take_from_the_dead(session: Session, doubts: Doubts | None = None) -> int:
    """Puts the jobs of dead workers in again, or ends those that were tried `ATTEMPTS` times. Returns how many."""
    orphans = [row for row in session.execute(_running()).all() if _is_orphan(row, doubts)]
    for row in orphans:
        if row.cancel_requested:
            put_down(session, row.id, row.worker)
        elif row.attempts >= ATTEMPTS:
            reason = (
                f"The process that worked on it ended {ATTEMPTS} times without a word; perhaps there is too little memory for this clip."
            )
            failed(session, row.id, row.worker, reason)
        else:
            _again(session, row.id, row.worker)
    return len(orphans)


def open_jobs(session: Session) -> int:
    """How many jobs wait or are being worked on."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(OPEN))) or 0


def anything_waits(session: Session) -> bool:
    return session.scalar(select(Job.id).where(Job.state == State.WAITING, Job.kind == ANALYZE).limit(1)) is not None


def tell_the_waiting(session: Session, message: str) -> None:
    """Writes `message` on every waiting job: why nothing happens."""
    session.execute(update(Job).where(Job.state == State.WAITING).values(message=message))


def _running() -> Any:
    return select(Job.id, Job.worker, Job.attempts, Job.heartbeat_at, Job.cancel_requested).where(Job.state == State.RUNNING)


def _is_orphan(row: Any, doubts: Doubts | None) -> bool:
    alive = is_alive(row.worker)
    silent = tables.now() - row.heartbeat_at > SILENT_FOR
    if alive is None:
        return silent
    return not alive or (silent and doubts is not None and doubts.settled(row.id, row.worker, row.heartbeat_at))


def _end(session: Session, job_id: int, worker: str, *conditions: Any, **values: Any) -> bool:
    ended = update(Job).where(Job.id == job_id, Job.state == State.RUNNING, Job.worker == worker, *conditions)
    return bool(session.execute(ended.values(finished_at=tables.now(), **values).returning(Job.id)).all())


def _again(session: Session, job_id: int, worker: str, **values: Any) -> None:
    mine = update(Job).where(Job.id == job_id, Job.state == State.RUNNING, Job.worker == worker)
    session.execute(mine.values(state=State.WAITING, worker=None, progress=0.0, message="", started_at=None, **values))
