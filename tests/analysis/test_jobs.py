"""Work that is put in is done once, by one; it can be taken back, and nobody's death loses it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.analysis import claims
from app.analysis.claims import JobLost, Pulse, claim, identity, is_alive
from app.analysis.jobs import Progress, State, UnknownJob, cancel, enqueue, job, jobs_among, jobs_of, retry
from app.analysis.plan import AnalysisPlan
from app.services import Services
from db import tables
from db.engine import Database
from db.tables import Job

PLAN = AnalysisPlan()
DEAD = "{host}:999999999:1"


@pytest.fixture
def database(services: Services) -> Iterator[Database]:
    """A project of twelve clips without any media: the queue does not open them."""
    with services.database.writing() as session:
        scheme = session.query(tables.Scheme).first()
        assert scheme is not None
        project = tables.Project(name="p", scheme_id=scheme.id)
        for i in range(12):
            medium = tables.Medium(sha256=f"{i:064}", size=1, container="mp4", duration_us=1, frames=0, playable=True)
            session.add(tables.Clip(project=project, medium=medium, file_name=f"{i}.mp4"))
    yield services.database


def put_in(database: Database, *clips: int, plan: AnalysisPlan = PLAN) -> list[int]:
    with database.writing() as session:
        return enqueue(session, clips, plan)


def take(database: Database, worker: str) -> int | None:
    with database.writing() as session:
        claimed = claim(session, worker)
        return None if claimed is None else claimed.id


def state(database: Database, job_id: int) -> State:
    with database.reading() as session:
        return job(session, job_id).state


def test_a_clip_that_waits_is_not_put_in_again_with_the_same_plan(database: Database) -> None:
    first = put_in(database, 1, 2, 2)
    assert first[1] == first[2]
    assert put_in(database, 2, 1) == [first[1], first[0]]
    assert put_in(database, 1, plan=AnalysisPlan(every=5)) != first[:1]


def test_a_clip_that_is_done_can_be_analysed_again(database: Database) -> None:
    (one,) = put_in(database, 1)
    take(database, "w:1:1")
    with database.writing() as session:
        claims.done(session, one, "w:1:1", {})
    assert put_in(database, 1) != [one]


def test_a_worker_gets_the_plan_as_it_was_put_in(database: Database) -> None:
    plan = AnalysisPlan(voice=None, every=3)
    put_in(database, 4, plan=plan)
    with database.writing() as session:
        claimed = claim(session, "w:1:1")
    assert claimed is not None and claimed.clip_id == 4 and claimed.plan == plan


def test_no_job_is_given_to_two_workers_and_the_oldest_goes_first(database: Database) -> None:
    ids = put_in(database, *range(1, 13))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda i: take(database, f"w:{i}:1"), range(16)))
    assert sorted(one for one in taken if one is not None) == ids
    assert taken.count(None) == 4
    first, second = put_in(database, 1, plan=AnalysisPlan(every=1)), put_in(database, 2, plan=AnalysisPlan(every=1))
    assert [take(database, "w:1:1"), take(database, "w:1:1")] == first + second


def test_a_waiting_job_is_cancelled_at_once(database: Database) -> None:
    (one,) = put_in(database, 1)
    with database.writing() as session:
        assert cancel(session, one) is State.CANCELLED
    assert take(database, "w:1:1") is None


def test_a_running_job_hears_that_it_is_cancelled_and_may_no_longer_end_well(database: Database) -> None:
    (one,) = put_in(database, 1)
    take(database, "w:1:1")
    with database.writing() as session:
        assert claims.beat(session, one, "w:1:1", 0.2, "Faces") is Pulse.GO_ON
        assert cancel(session, one) is State.RUNNING
        assert claims.beat(session, one, "w:1:1", 0.3, "Faces") is Pulse.CANCEL
    with pytest.raises(JobLost), database.writing() as session:
        claims.done(session, one, "w:1:1", {})
    with database.writing() as session:
        claims.put_down(session, one, "w:1:1")
    assert state(database, one) is State.CANCELLED


def test_an_ended_job_keeps_its_end(database: Database) -> None:
    (one,) = put_in(database, 1)
    take(database, "w:1:1")
    with database.writing() as session:
        claims.done(session, one, "w:1:1", {"clip": 1})
        assert cancel(session, one) is State.DONE
        assert retry(session, one) is State.DONE
        assert job(session, one).result == {"clip": 1}


def test_who_has_lost_a_job_can_neither_end_nor_spoil_it(database: Database) -> None:
    (one,) = put_in(database, 1)
    take(database, "first:1:1")
    with database.writing() as session:
        session.execute(update(Job).values(heartbeat_at=tables.now() - timedelta(minutes=5)))
        assert claims.take_from_the_dead(session) == 1
    take(database, "second:1:1")
    with database.writing() as session:
        assert claims.beat(session, one, "first:1:1", 0.9, "") is Pulse.LOST
        claims.failed(session, one, "first:1:1", "no")
        claims.put_down(session, one, "first:1:1")
        with pytest.raises(JobLost):
            claims.done(session, one, "first:1:1", {})
    assert state(database, one) is State.RUNNING


def test_the_job_of_a_dead_process_is_put_in_again_at_once(database: Database) -> None:
    (one,) = put_in(database, 1)
    take(database, DEAD.format(host=identity().rsplit(":", 2)[0]))
    with database.writing() as session:
        assert claims.any_orphan(session)
        assert claims.take_from_the_dead(session) == 1
        assert not claims.any_orphan(session)
    assert state(database, one) is State.WAITING


def test_the_living_keep_their_jobs(database: Database) -> None:
    put_in(database, 1, 2)
    take(database, identity())
    take(database, "another-machine:1:1")
    with database.writing() as session:
        assert claims.take_from_the_dead(session) == 0


def test_a_machine_that_slept_costs_its_workers_no_job_but_one_that_never_speaks_again_loses_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = put_in(database, 1)
    take(database, identity())
    doubts = claims.Doubts()

    def orphan(slept: timedelta) -> bool:
        with database.writing() as session:
            session.execute(update(Job).values(heartbeat_at=tables.now() - slept))
            return claims.any_orphan(session, doubts)

    assert not orphan(timedelta(hours=8)), "the machine wakes: runner and worker both do, and the runner looks first"
    assert not orphan(timedelta(0)), "the worker has spoken"
    monkeypatch.setattr(claims, "WAKES_IN_S", 0)
    with database.writing() as session:
        session.execute(update(Job).values(heartbeat_at=tables.now() - timedelta(hours=8)))
        assert claims.take_from_the_dead(session, doubts) == 0
        assert claims.take_from_the_dead(session, doubts) == 1
    assert state(database, one) is State.WAITING


def test_a_job_that_kills_its_worker_three_times_fails_and_says_so(database: Database) -> None:
    (one,) = put_in(database, 1)
    dead = DEAD.format(host=identity().rsplit(":", 2)[0])
    for expected in (State.WAITING, State.WAITING, State.FAILED):
        take(database, dead)
        with database.writing() as session:
            claims.take_from_the_dead(session)
        assert state(database, one) is expected
    with database.reading() as session:
        assert "3 times" in (job(session, one).error or "")


def test_being_put_down_by_a_worker_that_has_to_stop_is_no_attempt(database: Database) -> None:
    (one,) = put_in(database, 1)
    for _ in range(5):
        take(database, "w:1:1")
        with database.writing() as session:
            claims.put_down(session, one, "w:1:1")
    with database.reading() as session:
        row = session.get_one(Job, one)
        assert (row.state, row.attempts) == ("waiting", 0)


def test_a_failed_job_can_be_tried_again_from_the_start(database: Database) -> None:
    (one,) = put_in(database, 1)
    take(database, "w:1:1")
    with database.writing() as session:
        claims.failed(session, one, "w:1:1", "The file is gone.")
        assert job(session, one).error == "The file is gone."
        assert retry(session, one) is State.WAITING
        assert job(session, one).error is None
    assert take(database, "w:1:1") == one


def test_an_unknown_job_is_said_to_be_unknown(database: Database) -> None:
    with pytest.raises(UnknownJob, match="77"), database.writing() as session:
        cancel(session, 77)


def test_progress_counts_what_is_half_done_as_half(database: Database) -> None:
    ids = put_in(database, 1, 2, 3, 4)
    take(database, "w:1:1")
    take(database, "w:1:1")
    with database.writing() as session:
        claims.done(session, ids[0], "w:1:1", {})
        claims.beat(session, ids[1], "w:1:1", 0.5, "Faces: frame 3 of 6")
    with database.reading() as session:
        assert Progress.of(jobs_of(session, 1)) == Progress(2, 1, 1, 0, 0, share=1.5 / 4, message="Faces: frame 3 of 6")
        assert [one.id for one in jobs_among(session, ids[1:3])] == ids[1:3]
    assert Progress.of([]).ended


def test_a_project_shows_the_latest_job_of_each_clip(database: Database) -> None:
    put_in(database, 1, 2)
    again = put_in(database, 1, plan=AnalysisPlan(every=2))
    with database.reading() as session:
        assert [(one.id, one.clip) for one in jobs_of(session, 1)] == [(2, 2), (again[0], 1)]


def test_a_process_is_known_by_more_than_its_number() -> None:
    me = identity()
    host, pid, started = me.rsplit(":", 2)
    assert is_alive(me) is True
    assert is_alive(f"{host}:{pid}:{float(started) - 3600:.0f}") is False
    assert is_alive(f"elsewhere:{pid}:{started}") is None


def test_the_queue_and_its_runner_import_nothing_heavy(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import app.analysis.runner, app.analysis.run, app.analysis.latest, sys;"
        "heavy = {'torch', 'cv2', 'av', 'onnxruntime', 'pyarrow', 'pandas', 'sklearn', 'streamlit'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
