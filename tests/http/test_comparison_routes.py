"""Two analyses of a clip side by side, over HTTP: only of that clip, and not for somebody who judges blind."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.analysis.traces import CLASS, Trace, save
from app.raters import name_local_rater
from app.review.blinding import BLIND
from app.services import Services
from db import tables

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


@pytest.fixture
def clip(services: Services) -> int:
    """A clip of two seconds with two analyses of its one face: angry throughout, and happy in the second half."""
    with services.database.writing() as session:
        name_local_rater(session, "anna")
        project = tables.Project(name="study", scheme_id=session.query(tables.Scheme).one().id)
        medium = tables.Medium(sha256="a" * 64, size=1, container="mp4", duration_us=2_000_000, frames=50, playable=True)
        clip = tables.Clip(project=project, medium=medium, file_name="a.mp4")
        session.add(clip)
        session.flush()
        for moods in (["angry"] * 50, ["angry"] * 25 + ["happy"] * 25):
            seen(session, clip.id, moods)
        return clip.id


def seen(session, clip: int, moods: list[str]) -> None:
    analysis = tables.Analysis(
        clip_id=clip,
        models={"face": {"name": "fer", "version": "1", "mean_recall": 0.5}},
        parameters={},
        program_version="0",
        frames=50,
        seconds=0.1,
    )
    values = np.eye(7, dtype=np.float32)[[CLASSES.index(mood) for mood in moods]]
    columns = tuple(CLASS + name for name in CLASSES)
    times = np.arange(50, dtype=np.int64) * 40_000
    save(session, analysis, [Trace("face", "1", "fer", "fer_justinshenk", times, columns, values)])


def test_all_analyses_of_a_clip_are_listed_newest_first(browser: TestClient, clip: int):
    found = browser.get(f"/api/clips/{clip}/analyses").json()["analyses"]
    assert [one["id"] for one in found] == [2, 1]
    assert found[0]["models"] == {"face": {"name": "fer", "calibrated": False}}


def test_they_agree_in_the_first_half_and_part_in_the_second(browser: TestClient, clip: int):
    compared = browser.get(f"/api/clips/{clip}/comparison?first=1&second=2").json()
    assert (compared["first"]["id"], compared["second"]["id"]) == (1, 2)
    face = next(one for one in compared["sources"] if one["source"] == "face")
    assert (face["both_us"], face["agreed_us"]) == (2_000_000, pytest.approx(1_000_000, abs=200_000))
    (parting,) = face["partings"]
    assert (parting["start_us"], parting["end_us"]) == (pytest.approx(1_000_000, abs=100_000), 2_000_000)
    assert parting["first"] != parting["second"]


@pytest.mark.parametrize(
    ("query", "status", "says"), [("first=1", 400, "second"), ("first=1&second=x", 400, "second"), ("first=1&second=9", 404, "1, 2")]
)
def test_what_is_missing_is_said(browser: TestClient, clip: int, query: str, status: int, says: str):
    answer = browser.get(f"/api/clips/{clip}/comparison?{query}")
    assert answer.status_code == status and says in answer.json()["error"]


def test_another_clips_analysis_is_not_shown(browser: TestClient, services: Services, clip: int):
    with services.database.writing() as session:
        first = session.get_one(tables.Clip, clip)
        medium = tables.Medium(sha256="b" * 64, size=1, container="mp4", duration_us=2_000_000, frames=50, playable=True)
        other = tables.Clip(project=first.project, medium=medium, file_name="b.mp4")
        session.add(other)
        session.flush()
        number = other.id
    assert browser.get(f"/api/clips/{number}/comparison?first=1&second=2").status_code == 404


def test_whoever_judges_blind_sees_neither(browser: TestClient, services: Services, clip: int):
    with services.database.writing() as session:
        session.get_one(tables.Clip, clip).project.options = {BLIND: True}
    for path in ("analyses", "comparison?first=1&second=2"):
        assert browser.get(f"/api/clips/{clip}/{path}").status_code == 403


def test_a_stranger_sees_neither(stranger: TestClient, clip: int):
    for path in ("analyses", "comparison?first=1&second=2"):
        assert stranger.get(f"/api/clips/{clip}/{path}").status_code in (401, 403)
