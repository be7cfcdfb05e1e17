"""A process that works off the queue: `python -m app.analysis.worker`. It may die at any moment; the database then tells what is left.

It runs at low priority, and its `runner` gives it one thread, so that pages and edits stay quick. It keeps models in memory, and ends
when there is nothing to do for a while or when it has grown; the next one is started when there is work.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.analysis import claims
from app.analysis.claims import Claimed, JobLost, Pulse
from app.analysis.run import UnknownClip, keep, measure, subject
from db.engine import Database

if TYPE_CHECKING:
    from app.media.store import Store
    from db.tables import Medium

BEAT_S = 0.5
"""Between two signs of life; also how soon a cancelled job hears of it."""

PATIENCE_S = 1.0
"""A job that was told to stop and is deep in one long computation is ended with its process after so long. It leaves nothing either way."""

IDLE_S = 60.0
"""Models are kept this long for the next clip; then the memory is given back."""

LOOK_S = 0.25
"""Between two looks into an empty queue."""

JOBS_A_LIFE = 200
LARGEST_BYTES = 3 * 2**30
"""After so many jobs, or when it has grown beyond this, a worker makes room for a fresh one: what native libraries leak ends here."""

LOW_PRIORITY = 10

log = logging.getLogger("portrayal.worker")


class Interrupted(Exception):
    """Ends the work on a job from within its progress report."""


class Worker:
    """Works off the queue of one home folder until nothing is left for `idle_s`, it has grown, or it is told to stop."""

    def __init__(self, database: Database, store: Store, idle_s: float = IDLE_S, jobs_a_life: int = JOBS_A_LIFE) -> None:
        self._database = database
        self._store = store
        self._idle_s = idle_s
        self._jobs_a_life = jobs_a_life
        self._name = claims.identity()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Asks for an end as soon as may be; the job at hand is left to the next worker."""
        self._stopping.set()

    def run(self) -> None:
        """Returns when the worker's life is over."""
        jobs, idle_since = 0, time.monotonic()
        while not self._stopping.is_set() and jobs < self._jobs_a_life and _resident_bytes() < LARGEST_BYTES:
            job = self._next()
            if job is not None:
                self._work(job)
                jobs, idle_since = jobs + 1, time.monotonic()
            elif time.monotonic() - idle_since > self._idle_s:
                return
            else:
                self._stopping.wait(LOOK_S)

    def _next(self) -> Claimed | None:
        with self._database.reading() as session:
            if not claims.anything_waits(session):
                return None
        with self._database.writing() as session:
            return claims.claim(session, self._name)

    def _work(self, job: Claimed) -> None:
        with _Heart(self._database, self._name, job, self._stopping) as heart:
            try:
                self._analyse(job, heart)
            except (Interrupted, JobLost):
                heart.put_down()
            except _mendable() as error:
                self._failed(job, str(error))
            except Exception as error:  # one clip's trouble, whatever it is, must not end the queue
                log.exception("job %s, clip %s", job.id, job.clip_id)
                self._failed(job, f"The analysis ran into an error of the program ({type(error).__name__}: {error}). The log says where.")

    def _analyse(self, job: Claimed, heart: _Heart) -> None:
        with self._database.reading() as session:
            medium = subject(session, job.clip_id)
        self._prepare(medium, heart)
        measured = measure(medium, self._store.original(medium), job.plan, heart.report)
        with self._database.writing() as session:
            summary = keep(session, job.clip_id, medium, job.plan, measured)
            claims.done(session, job.id, self._name, summary.document())

    def _prepare(self, medium: Medium, heart: _Heart) -> None:
        """Makes what the editor plays and draws before the analysis, so that nobody waits when the clip is opened."""
        from app.media.prepare import prepare
        from app.media.proxy import ProxyFailed
        from app.media.sniffing import UnreadableMedia

        heart.report(0.0, "Preparing playback")
        try:
            prepare(self._store, medium, lambda done: heart.report(0.0, f"Preparing playback: {done:.0%}"))
        except (ProxyFailed, UnreadableMedia) as failure:  # models may still see or hear it; opening the clip says why it does not play
            log.warning("clip of medium %s: %s", medium.sha256, failure)

    def _failed(self, job: Claimed, reason: str) -> None:
        with self._database.writing() as session:
            claims.failed(session, job.id, self._name, reason)


class _Heart:
    """Beats while a job is worked on: tells the database that the worker lives, and the worker when to stop."""

    def __init__(self, database: Database, worker: str, job: Claimed, stopping: threading.Event) -> None:
        self._database = database
        self._worker = worker
        self._job = job
        self._stopping = stopping
        self._taken_back = False
        self._over = threading.Event()
        self._progress, self._message = 0.0, ""
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    def __enter__(self) -> _Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def report(self, progress: float, message: str) -> None:
        """How far the job is. Raises `Interrupted` where it has to stop."""
        self._progress, self._message = progress, message
        if self._taken_back or self._stopping.is_set():
            raise Interrupted

    def put_down(self) -> None:
        """Ends the job if it was cancelled, else leaves it to the next worker."""
        with self._database.writing() as session:
            claims.put_down(session, self._job.id, self._worker)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            self._taken_back = self._pulse() is not Pulse.GO_ON
            if self._taken_back or self._stopping.is_set():
                if not self._over.wait(PATIENCE_S):
                    try:
                        self.put_down()
                    finally:
                        _leave()
                return

    def _pulse(self) -> Pulse:
        try:
            with self._database.writing() as session:
                return claims.beat(session, self._job.id, self._worker, self._progress, self._message)
        except Exception:  # mostly a busy database; a heart that stopped would be taken for dead, and could not be cancelled
            log.exception("a sign of life could not be written")
            return Pulse.GO_ON


def main(arguments: list[str] | None = None) -> None:
    """`--leave-with-parent`: ends when standard input does, as the runner's worker, so that no worker outlives its program."""
    from app.media.store import Store
    from app.settings import Settings
    from models.weights.store import use

    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(process)d: %(message)s", stream=sys.stderr)
    settings = Settings()
    use(settings.weights)
    if hasattr(os, "nice"):
        os.nice(LOW_PRIORITY)
    database = Database(settings.url)
    worker = Worker(database, Store(settings.media))
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    signal.signal(signal.SIGINT, lambda *_: worker.stop())
    if "--leave-with-parent" in (sys.argv[1:] if arguments is None else arguments):
        threading.Thread(target=_when_input_ends, args=(worker.stop,), daemon=True).start()
    worker.run()
    database.close()
    _leave()


def _when_input_ends(stop: Callable[[], None]) -> None:
    while sys.stdin.buffer.read(1):
        pass
    stop()


def _leave() -> None:
    """Ends the process without waiting for native threads, which hang now and then on the way out."""
    logging.shutdown()
    os._exit(0)


def _mendable() -> tuple[type[Exception], ...]:
    """What the user can mend; the message says how."""
    from app.media.sniffing import UnreadableMedia
    from app.media.sound import NoSound
    from app.media.store import ORIGINAL_LOST
    from models.registry import UnknownName
    from models.types import WeightsMissing
    from models.weights.errors import PinsDamaged, UnreadableWeights, UnsafeWeights

    weights = (WeightsMissing, UnreadableWeights, UnsafeWeights, PinsDamaged)
    return (UnreadableMedia, NoSound, *ORIGINAL_LOST, UnknownName, *weights, UnknownClip)


def _resident_bytes() -> int:
    import psutil

    return psutil.Process().memory_info().rss


if __name__ == "__main__":
    main()
