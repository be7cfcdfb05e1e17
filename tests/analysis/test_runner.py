"""The queue is worked off by real processes, and whoever is killed, every clip is analysed once and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.analysis.claims import is_alive
from app.analysis.jobs import JobNow, State, cancel, enqueue, jobs_among
from app.analysis.plan import AnalysisPlan
from app.analysis.runner import Runner, analyse
from app.analysis.worker import Worker
from app.services import Services
from db import tables
from db.tables import Job

QUICK = AnalysisPlan(face=None, voice=None)
"""Only asks whether somebody speaks."""
SLOW = AnalysisPlan(voice=None, every=1)
"""Looks for faces in every frame of a clip: seconds of work, time enough to kill it."""

PATIENCE_S = 300.0
"""Workers run at low priority: on a busy machine everything takes its time."""

PROGRAM = """
import sys, time
from pathlib import Path
from app.analysis.runner import Runner
from app.settings import Settings
with Runner(Settings(home=Path(sys.argv[1])), workers=1):
    time.sleep(600)
"""
"""A whole program with a runner in it, to be killed."""


@pytest.fixture
def put_in(services: Services) -> Callable[..., list[int]]:
    def put_in(plan: AnalysisPlan, *clip_ids: int) -> list[int]:
        with services.database.writing() as session:
            return enqueue(session, clip_ids, plan)

    return put_in


def look(services: Services, ids: list[int]) -> list[JobNow]:
    with services.database.reading() as session:
        return jobs_among(session, ids)


def wait(services: Services, ids: list[int], enough: Callable[[list[JobNow]], bool]) -> list[JobNow]:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        jobs = look(services, ids)
        if enough(jobs):
            return jobs
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain; the jobs are {look(services, ids)}")


def under_way(jobs: list[JobNow]) -> bool:
    return any(job.state is State.RUNNING and 0.05 < job.progress < 0.8 for job in jobs)


def ended(jobs: list[JobNow]) -> bool:
    return not any(job.state.open for job in jobs)


def analyses(services: Services) -> dict[int, int]:
    """How many analyses each clip has."""
    with services.database.reading() as session:
        counts = select(tables.Analysis.clip_id, func.count()).group_by(tables.Analysis.clip_id)
        return dict(session.execute(counts).all())


def worker_of(services: Services, ids: list[int]) -> int:
    with services.database.reading() as session:
        (worker,) = session.scalars(select(Job.worker).where(Job.id.in_(ids), Job.state == State.RUNNING))
    assert worker is not None
    return int(worker.rsplit(":", 2)[1])


def test_a_batch_is_worked_off_and_failures_say_why(services: Services, add: Callable[..., int], tmp_path: Path, clips: Path) -> None:
    moved = tmp_path / "moved.mp4"
    moved.write_bytes((clips / "three_faces_5_frames.mp4").read_bytes())
    good, gone = add("single_face_quiet.mp4"), add(moved, link=True)
    moved.unlink()
    seen: list[float] = []
    done, failed = analyse(services.settings, services.database, [good, gone], QUICK, 1, lambda progress: seen.append(progress.share))
    assert done.state is State.DONE and done.result is not None
    assert (done.result["clip"], done.result["frames"], done.result["speech_s"], done.result["error"]) == (good, 72, 0.0, None)
    assert failed.state is State.FAILED and "moved.mp4" in (failed.error or "")
    assert seen[-1] == 1
    assert analyses(services) == {good: 1}


def test_a_worker_makes_room_for_a_fresh_one_after_so_many_jobs(services: Services, add: Callable[..., int], put_in) -> None:
    ids = put_in(QUICK, add("single_face_quiet.mp4"), add("no_face.mp4"), add("three_faces_5_frames.mp4"))
    Worker(services.database, services.store, idle_s=0, jobs_a_life=2).run()
    assert [job.state for job in look(services, ids)] == [State.DONE, State.DONE, State.WAITING]
    Worker(services.database, services.store, idle_s=0).run()
    assert ended(look(services, ids))


def test_a_clip_that_cannot_be_analysed_says_why_and_the_next_goes_on(services: Services, add: Callable[..., int], put_in) -> None:
    clip, lost = add("single_face_quiet.mp4"), add("no_face.mp4")
    ids = [*put_in(AnalysisPlan(face="nonesuch"), clip), *put_in(QUICK, lost, clip)]
    with services.database.reading() as session:
        services.store.discard(session.get_one(tables.Clip, lost).sha256)
    Worker(services.database, services.store, idle_s=0).run()
    unknown, missing, fine = look(services, ids)
    assert unknown.state is State.FAILED and "nonesuch" in (unknown.error or "") and "fer" in (unknown.error or "")
    assert missing.state is State.FAILED and "backup" in (missing.error or "")
    assert fine.state is State.DONE
    assert analyses(services) == {clip: 1}


def test_a_killed_worker_is_replaced_and_a_cancelled_clip_costs_no_worker(services: Services, add: Callable[..., int], put_in) -> None:
    killed, taken_back, last = add("talking_2.mp4"), add("talking_1.mp4"), add("single_face_quiet.mp4")
    ids = [*put_in(SLOW, killed, taken_back), *put_in(QUICK, last)]
    with Runner(services.settings, workers=1) as runner:
        wait(services, ids[:1], under_way)
        os.kill(worker_of(services, ids), signal.SIGKILL)
        wait(services, ids[1:], under_way)
        pids = runner.pids
        with services.database.writing() as session:
            cancel(session, ids[1])
        jobs = wait(services, ids, ended)
        assert runner.pids == pids, "a cancelled job must not cost the worker its loaded models"
    assert [job.state for job in jobs] == [State.DONE, State.CANCELLED, State.DONE]
    assert analyses(services) == {killed: 1, last: 1}
    with services.database.reading() as session:
        assert [session.get_one(Job, job_id).attempts for job_id in ids] == [2, 1, 1]


def test_a_killed_program_is_taken_up_by_the_next_without_repeating_what_was_done(
    services: Services, add: Callable[..., int], put_in
) -> None:
    first, second, third = add("single_face_quiet.mp4"), add("talking_3.mp4"), add("no_face.mp4")
    ids = [*put_in(QUICK, first), *put_in(SLOW, second), *put_in(QUICK, third)]
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(services.settings.home)], start_new_session=True)
    try:
        wait(services, ids, lambda jobs: jobs[0].state is State.DONE and under_way(jobs))
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    assert analyses(services) == {first: 1}
    assert [job.state for job in look(services, ids)] == [State.DONE, State.RUNNING, State.WAITING]
    with Runner(services.settings, workers=1):
        wait(services, ids, ended)
    assert analyses(services) == {first: 1, second: 1, third: 1}


def test_a_worker_does_not_outlive_its_program(services: Services, add: Callable[..., int], put_in) -> None:
    ids = put_in(QUICK, add("single_face_quiet.mp4"))
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(services.settings.home)], start_new_session=True)
    wait(services, ids, ended)
    with services.database.reading() as session:
        worker = session.get_one(Job, ids[0]).worker
    assert worker is not None and is_alive(worker), "an idle worker keeps its models for the next clip"
    program.kill()
    program.wait()
    wait(services, ids, lambda _: not is_alive(worker))


def test_a_stopped_runner_leaves_its_job_to_the_next(services: Services, add: Callable[..., int], put_in) -> None:
    ids = put_in(SLOW, add("talking_1.mp4"))
    with Runner(services.settings, workers=1) as runner:
        wait(services, ids, under_way)
    assert runner.pids == []
    with services.database.reading() as session:
        job = session.get_one(Job, ids[0])
        assert (job.state, job.attempts, job.worker) == ("waiting", 0, None)
    assert analyses(services) == {}


def test_two_runners_at_once_do_every_clip_once(services: Services, add: Callable[..., int], put_in, data: Path) -> None:
    names = sorted((data / "ravdess_speech").glob("03-01-0?-01-01-01-0[12].flac"))[:12]
    clips = [add(name) for name in names]
    ids = put_in(QUICK, *clips)
    with Runner(services.settings, workers=1), Runner(services.settings, workers=1):
        wait(services, ids, ended)
    assert analyses(services) == dict.fromkeys(clips, 1)
    with services.database.reading() as session:
        assert set(session.scalars(select(Job.attempts))) == {1}
        assert len(set(session.scalars(select(Job.worker)))) == 2
