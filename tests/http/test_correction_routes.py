"""Corrections of turns and cast, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.review.blinding import set_blind
from app.services import Services
from db import tables
from tests.lab import Lab


@pytest.fixture
def lab(services: Services) -> Lab:
    lab = Lab.within(services.database)
    with services.database.writing() as session:
        row = tables.Analysis(clip_id=lab.clip, models={}, parameters={}, program_version="1", frames=0, seconds=1.0, speech_us=9)
        row.utterances = [tables.Utterance(start_us=0, end_us=1_000_000, speaker="1")]
        session.add(row)
    return lab


def delete(base: int = 0) -> dict[str, Any]:
    return {"op_id": str(uuid4()), "kind": "turn", "base_revision": base, "analysis": 1, "change": {"action": "delete", "turn": 1}}


def test_the_editors_document_has_both_lanes_and_a_correction_changes_them(browser: TestClient, lab: Lab, services: Services) -> None:
    document = browser.get(f"/api/clips/{lab.clip}").json()
    assert [turn["speaker"] for turn in document["turns"]["turns"]] == ["1"]
    assert (document["cast"]["people"], document["speaking"]) == ([], [])
    asked = delete()
    answer = browser.post(f"/api/clips/{lab.clip}/corrections", json={"corrections": [asked, asked, delete()]}).json()
    assert answer["boot"] == services.boot
    assert [ack["status"] for ack in answer["acks"]] == ["applied", "duplicate", "conflict"]
    document = browser.get(f"/api/clips/{lab.clip}").json()
    assert (document["turns"]["turns"], document["turns"]["revision"]) == ([], 1)
    assert answer["acks"][2]["current"] == document["turns"]
    assert document["analysis"]["utterances"][0]["speaker"] == "1", "what the model found stays"
    past = browser.get(f"/api/clips/{lab.clip}/corrections").json()
    assert [said["op_id"] for said in past["corrections"]] == [asked["op_id"]]
    assert len(past["strays"]) == 1 and past["turns"] == document["turns"]


def test_it_stands_behind_the_same_door_as_every_other_change(stranger: TestClient, browser: TestClient, lab: Lab) -> None:
    url, body = f"/api/clips/{lab.clip}/corrections", {"corrections": [delete()]}
    del browser.headers["X-Portrayal"]
    assert browser.post(url, json=body).status_code == 403
    browser.headers["X-Portrayal"] = "1"
    assert browser.post(url, json=body, headers={"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}).status_code == 403
    browser.cookies.clear()
    assert browser.post(url, json=body).status_code == 401
    assert browser.get(url).status_code == 401


def test_whoever_looks_for_labels_hears_that_turns_were_corrected(browser: TestClient, lab: Lab) -> None:
    look = f"/api/clips/{lab.clip}/judgements"
    assert browser.get(look).json()["lanes"] == {"turn": 0, "cast": 0}
    add = {"action": "add", "start_us": 0, "end_us": 9}
    said = {"op_id": str(uuid4()), "kind": "turn", "base_revision": 0, "analysis": None, "change": add}
    shown = browser.get(f"/api/clips/{lab.clip}").json()["turns"]
    browser.post(f"/api/clips/{lab.clip}/corrections", json={"corrections": [said | {"analysis": shown["analysis"]}]})
    assert browser.get(look).json()["lanes"] == {"turn": 1, "cast": 0}


def test_whoever_judges_blind_neither_sees_nor_corrects_what_models_found(browser: TestClient, lab: Lab, services: Services) -> None:
    with services.database.writing() as session:
        set_blind(session, lab.project, blind=True, reveal=False)
    document = browser.get(f"/api/clips/{lab.clip}").json()
    assert (document["turns"], document["cast"], document["speaking"]) == (None, None, [])
    answer = browser.post(f"/api/clips/{lab.clip}/corrections", json={"corrections": [delete()]})
    assert answer.status_code == 409 and "blind" in answer.json()["error"]
    assert browser.get(f"/api/clips/{lab.clip}/corrections").status_code == 403


def test_what_is_no_list_of_corrections_and_a_clip_that_is_not_there_are_refused(browser: TestClient, lab: Lab) -> None:
    assert browser.post(f"/api/clips/{lab.clip}/corrections", json={"corrections": 3}).status_code == 400
    assert browser.post("/api/clips/999/corrections", json={"corrections": []}).status_code == 404
