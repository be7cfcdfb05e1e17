"""The queue is worked off by real processes, and whoever is killed, every clip is analysed once and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from app.analysis import claims
from app.analysis import runner as runner_module
from app.analysis.claims import is_alive
from app.analysis.jobs import JobNow, State, cancel, enqueue, jobs_among
from app.analysis.plan import AnalysisPlan
from app.analysis.runner import Runner, analyse
from app.analysis.worker import BEAT_S, Worker
from app.analysis.worker import _Heart as Heart
from app.media.sound import sound
from app.services import Services
from db import tables
from db.tables import Job
from models.types import SAMPLE_RATE

QUICK = AnalysisPlan(face=None, voice=None)
"""Only asks whether somebody speaks."""
SLOW = AnalysisPlan(face=None)
"""Listens to the voice: seconds of work on the long recordings below, time enough to kill it."""

LONG_S = 300

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


@pytest.fixture
def long_speech(tmp_path: Path, data: Path, add: Callable[..., int]) -> Callable[[str], int]:
    """Minutes of one actor's speech as a clip."""

    def make(actor: str) -> int:
        spoken = [sound(path) for path in sorted((data / "ravdess_speech").glob(f"*-{actor}.flac"))[:8]]
        samples = np.resize(np.concatenate(spoken), LONG_S * SAMPLE_RATE)
        path = tmp_path / f"long-{actor}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes((samples * 32767).astype("<i2").tobytes())
        return add(path, link=True)

    return make


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


def test_pictures_that_cannot_be_shown_do_not_keep_the_sound_from_being_heard(
    services: Services, add: Callable[..., int], put_in, data: Path
) -> None:
    clip = add(next((data / "ravdess_speech").glob("*.flac")))
    with services.database.writing() as session:
        session.get_one(tables.Clip, clip).medium.frames = 1  # there is no picture to make a poster of
    (one,) = put_in(QUICK, clip)
    Worker(services.database, services.store, idle_s=0).run()
    assert look(services, [one])[0].state is State.DONE


def test_a_runner_that_cannot_start_a_worker_says_so_and_tries_again(
    services: Services, add: Callable[..., int], put_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "STARTS_IN_S", 0.2)
    ids = put_in(QUICK, add("three_faces_5_frames.mp4"))
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    with Runner(services.settings, workers=1):
        wait(services, ids, lambda jobs: "FileNotFoundError" in jobs[0].message)
        monkeypatch.undo()
        wait(services, ids, ended)
    assert analyses(services)


def test_a_heart_goes_on_after_a_beat_that_failed(services: Services, add: Callable[..., int], put_in) -> None:
    ids = put_in(QUICK, add("three_faces_5_frames.mp4"))
    with services.database.writing() as session:
        job = claims.claim(session, claims.identity())
    assert job is not None
    with Heart(services.database, claims.identity(), job, threading.Event()) as heart:
        heart.report(object(), "what no database keeps")  # type: ignore[arg-type]
        time.sleep(1.5 * BEAT_S)
        heart.report(0.5, "half")
        wait(services, ids, lambda jobs: jobs[0].progress == 0.5)


def test_a_killed_worker_is_replaced_and_a_cancelled_clip_costs_no_worker(
    services: Services, add: Callable[..., int], long_speech, put_in
) -> None:
    killed, taken_back, last = long_speech("01"), long_speech("02"), add("single_face_quiet.mp4")
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
    services: Services, add: Callable[..., int], put_in, long_speech
) -> None:
    first, second, third = add("single_face_quiet.mp4"), long_speech("03"), add("no_face.mp4")
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


def test_a_worker_does_not_outlive_its_program(services: Services, add: Callable[..., int], long_speech, put_in) -> None:
    ids = put_in(QUICK, add("single_face_quiet.mp4"))
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(services.settings.home)], start_new_session=True)
    wait(services, ids, ended)
    with services.database.reading() as session:
        worker = session.get_one(Job, ids[0]).worker
    assert worker is not None and is_alive(worker), "an idle worker keeps its models for the next clip"
    program.kill()
    program.wait()
    wait(services, ids, lambda _: not is_alive(worker))


def test_a_stopped_runner_leaves_its_job_to_the_next(services: Services, put_in, long_speech) -> None:
    ids = put_in(SLOW, long_speech("04"))
    with Runner(services.settings, workers=1) as runner:
        wait(services, ids, under_way)
    assert runner.pids == []
    with services.database.reading() as session:
        job = session.get_one(Job, ids[0])
        assert (job.state, job.attempts, job.worker) == ("waiting", 0, None)
    assert analyses(services) == {}


def test_two_runners_at_once_do_every_clip_once(services: Services, add: Callable[..., int], put_in, data: Path) -> None:
    names = sorted((data / "ravdess_speech").glob("03-01-0[1-4]-01-01-01-0[123].flac"))
    clips = [add(name) for name in names]
    ids = put_in(QUICK, *clips)
    with Runner(services.settings, workers=1), Runner(services.settings, workers=1):
        wait(services, ids, ended)
    assert analyses(services) == dict.fromkeys(clips, 1)
    with services.database.reading() as session:
        assert set(session.scalars(select(Job.attempts))) == {1}
