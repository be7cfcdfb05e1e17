"""How far the models are with a project."""

from __future__ import annotations

import pytest

from app.analysis.jobs import State, enqueue, retry
from app.analysis.plan import AnalysisPlan
from app.progress import failures_of, open_job_ids, untouched, work_of
from app.projects import project_named
from app.services import Services
from db.tables import Analysis, Clip, Job, Medium, now


@pytest.fixture
def project(services: Services) -> int:
    """Five clips, the last in another project."""
    with services.database.writing() as session:
        study, other = project_named(session, "study", create=True), project_named(session, "other", create=True)
        for number in range(5):
            medium = Medium(sha256=f"{number:064d}", size=1, container="mp4", duration_us=1, frames=0, playable=True)
            session.add(Clip(project_id=(other if number == 4 else study).id, file_name=f"{number}.mp4", medium=medium))
        session.flush()
        return study.id


def jobs(services: Services, *states: tuple[int, str, float]) -> None:
    with services.database.writing() as session:
        for clip, state, progress in states:
            error = f"reason {clip}" if state == "failed" else None
            job = Job(kind="analyze", arguments={}, clip_id=clip, state=state, progress=progress, error=error, message=state)
            job.created_at = now()
            job.finished_at = None if state in ("waiting", "running") else now()
            session.add(job)
            session.flush()


def test_nothing_goes_on_where_nothing_is_open(services: Services, project: int) -> None:
    jobs(services, (1, "done", 1.0), (2, "failed", 0.2), (5, "running", 0.5))
    with services.database.reading() as session:
        work = work_of(session, project)
        assert not work.active and work.share == 1.0
        assert open_job_ids(session, project) == []


def test_the_bar_counts_what_ended_since_the_oldest_open_job_came_in_and_half_done_as_half(services: Services, project: int) -> None:
    jobs(services, (1, "done", 1.0), (1, "running", 0.5), (2, "cancelled", 0.1), (3, "done", 1.0), (4, "waiting", 0.0))
    with services.database.reading() as session:
        work = work_of(session, project)
    assert (work.waiting, work.running, work.ended) == (1, 1, 2)
    assert work.share == pytest.approx(2.5 / 4)
    assert work.message == "running"


def test_the_bar_never_runs_back_while_a_batch_is_worked_off(services: Services, project: int) -> None:
    with services.database.writing() as session:
        ids = enqueue(session, [1, 2, 3, 4], AnalysisPlan())
    shares = []
    for job_id in ids:
        with services.database.writing() as session:
            session.get_one(Job, job_id).state = "done"
            session.get_one(Job, job_id).finished_at = now()
        with services.database.reading() as session:
            shares.append(work_of(session, project).share)
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_a_clip_that_is_tried_again_begins_a_bar_of_its_own(services: Services, project: int) -> None:
    jobs(services, (1, "failed", 0.0), (2, "done", 1.0), (3, "done", 1.0))
    with services.database.writing() as session:
        assert retry(session, 1) is State.WAITING
    with services.database.reading() as session:
        work = work_of(session, project)
    assert (work.waiting, work.ended, work.share) == (1, 0, 0.0), "what ended before the second try is no part of it"


def test_a_failure_that_was_made_good_is_none_any_more(services: Services, project: int) -> None:
    jobs(services, (1, "failed", 0.0), (2, "failed", 0.0), (1, "done", 1.0), (3, "failed", 0.0))
    with services.database.reading() as session:
        failures = failures_of(session, project)
        assert [(one.clip_id, one.file_name, one.reason) for one in failures] == [(3, "2.mp4", "reason 3"), (2, "1.mp4", "reason 2")]
        assert len(failures_of(session, project, limit=1)) == 1


def test_untouched_are_clips_without_any_job_or_analysis(services: Services, project: int) -> None:
    jobs(services, (1, "cancelled", 0.0))
    with services.database.writing() as session:
        session.add(Analysis(clip_id=2, models={}, parameters={}, program_version="0", frames=1, seconds=1.0))
    with services.database.reading() as session:
        assert untouched(session, [4, 3, 2, 1]) == [4, 3]
