"""Keeps workers at the queue: starts them when there is work, replaces those that die, puts their jobs in again.

It runs as a thread of the web program or of the command line, imports nothing heavy, and holds nothing: several of them, in several
programs, can work on one database, and any of them can be killed.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Self

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.analysis import claims
from app.analysis.jobs import JobNow, Progress, enqueue, jobs_among
from app.analysis.plan import AnalysisPlan
from app.settings import Settings
from db.engine import Database

ROOT = Path(__file__).resolve().parents[2]
"""Where `python -m app.analysis.worker` is found."""

LOOK_S = 0.5
"""Between two looks at the queue and the workers."""

STARTS_IN_S = 10.0
"""A worker that ends sooner with an error has not been able to start; the next try waits as long, so that nothing spins."""

GRACE_S = 5.0
"""What a worker has to leave its job in order when the program ends."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1")
"""For a worker's native libraries: the other cores are for pages and edits."""

log = logging.getLogger("portrayal.runner")


class Runner:
    """Up to `workers` processes at the queue of one home folder, while it is started.

    >>> with Runner(settings):                                                                              # doctest: +SKIP
    ...     serve()
    """

    def __init__(self, settings: Settings, workers: int | None = None) -> None:
        self._settings = settings
        self._most = settings.workers if workers is None else workers
        self._database = Database(settings.url)
        self._workers: list[tuple[subprocess.Popen[bytes], float]] = []
        self._not_before = 0.0
        self._told = False
        """Whether the waiting jobs say why nothing happens."""
        self._doubts = claims.Doubts()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="runner", daemon=True)

    def start(self) -> Self:
        """Begins to watch the queue, in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends the workers; the jobs they were at wait for the next runner. Takes at most a few seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for process, _ in self._workers:
            _close_input(process)
        until = time.monotonic() + GRACE_S
        for process, _ in self._workers:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._workers.clear()
        with self._database.writing() as session:
            claims.take_from_the_dead(session)
        self._database.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> list[int]:
        """The worker processes that run now."""
        return [process.pid for process, _ in self._workers if process.poll() is None]

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except OperationalError as error:  # the database is busy for once; the next look comes soon
                log.warning("the queue could not be looked at: %s", error)
            except Exception as error:  # whatever it is, the queue must not stand still without a word
                log.exception("the queue cannot be worked off")
                self._hold_off(f"The work cannot go on now ({type(error).__name__}: {error}). It is tried again; the log says more.")
                self._stopping.wait(STARTS_IN_S)
            self._stopping.wait(LOOK_S)

    def _look(self) -> None:
        self._bury()
        with self._database.reading() as session:
            orphaned, open_jobs = claims.any_orphan(session, self._doubts), claims.open_jobs(session)
        if orphaned:
            with self._database.writing() as session:
                claims.take_from_the_dead(session, self._doubts)
        while len(self._workers) < min(self._most, open_jobs) and time.monotonic() >= self._not_before:
            self._workers.append((self._start_worker(), time.monotonic()))
        if self._told and time.monotonic() >= self._not_before + STARTS_IN_S:
            self._tell("")

    def _bury(self) -> None:
        """Forgets workers that have ended. One that could not even start makes the next one wait, and says so on the waiting jobs."""
        for process, since in list(self._workers):
            if (status := process.poll()) is None:
                continue
            self._workers.remove((process, since))
            _close_input(process)
            if status > 0 and time.monotonic() - since < STARTS_IN_S:
                log.error("a worker ended with status %s before it could work; the next one starts in %.0f s", status, STARTS_IN_S)
                self._hold_off("The analysis process cannot start; run `python -m app doctor` or read the log.")

    def _hold_off(self, reason: str) -> None:
        """Starts no worker for a while, and says why on the waiting jobs."""
        self._not_before = time.monotonic() + STARTS_IN_S
        self._tell(reason)

    def _tell(self, message: str) -> None:
        try:
            with self._database.writing() as session:
                claims.tell_the_waiting(session, message)
            self._told = bool(message)
        except SQLAlchemyError as error:  # the trouble may be the database itself
            log.warning("the waiting jobs could not be told: %s", error)

    def _start_worker(self) -> subprocess.Popen[bytes]:
        environment = os.environ | ONE_THREAD
        environment |= {"PORTRAYAL_HOME": str(self._settings.home.absolute()), "PORTRAYAL_DATABASE_URL": self._settings.url}
        environment["PORTRAYAL_WEIGHTS"] = str(self._settings.weights.absolute())
        return subprocess.Popen(
            [sys.executable, "-m", "app.analysis.worker", "--leave-with-parent"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )


def analyse(
    settings: Settings,
    database: Database,
    clip_ids: Iterable[int],
    plan: AnalysisPlan | Mapping[int, AnalysisPlan] | None,
    workers: int | None = None,
    report: Callable[[Progress], None] | None = None,
) -> list[JobNow]:
    """Puts clips in, works until all of them have ended, and returns their jobs in the clips' order. `report` hears of it twice a second.

    Where the web program runs on the same home folder, its workers help. Broken off, what is left stays in the queue.
    """
    with database.writing() as session:
        ids = enqueue(session, clip_ids, plan)
    with Runner(settings, workers):
        while True:
            with database.reading() as session:
                jobs = jobs_among(session, ids)
            progress = Progress.of(jobs)
            if report is not None:
                report(progress)
            if progress.ended:
                by_id = {job.id: job for job in jobs}
                return [by_id[job_id] for job_id in ids]
            time.sleep(LOOK_S)


def _close_input(process: subprocess.Popen[bytes]) -> None:
    """Tells a worker that its program ends: the pipe also closes by itself when the program is killed."""
    if process.stdin is not None:
        process.stdin.close()
