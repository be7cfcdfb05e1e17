"""What raters say, over HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.http.access import Access
from app.http.middleware import middleware
from app.http.routes import routes
from app.raters import name_local_rater
from app.review.blinding import set_blind
from app.review.operations import apply, current, history
from app.services import Services
from db import tables
from tests.lab import NOW, Lab

ANGER: dict[str, Any] = {"tier": "clip", "emotions": [{"id": "anger", "weight": 1}]}


def put(judgement_id: str | None = None, base: int = 0, **said: Any) -> dict[str, Any]:
    one = judgement_id or str(uuid4())
    return {"op_id": str(uuid4()), "kind": "put", "judgement_id": one, "base_revision": base, "judgement": ANGER | said, "context": {}}


@pytest.fixture
def lab(services: Services) -> Lab:
    return Lab.within(services.database)


def send(browser: TestClient | httpx.Client, lab: Lab, *operations: Any) -> dict[str, Any]:
    answer = browser.post(f"/api/clips/{lab.clip}/operations", json={"operations": list(operations)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_is_said_is_acknowledged_and_found_again(browser: TestClient, lab: Lab, services: Services) -> None:
    operation = put(note="Ånger? 👀", start_us=0, end_us=1_000_000)
    answer = send(browser, lab, operation)
    ack = {"op_id": operation["op_id"], "status": "applied", "revision": 1, "current": None, "reason": None}
    assert answer == {"boot": services.boot, "acks": [ack]}
    there = browser.get(f"/api/clips/{lab.clip}/judgements").json()
    assert there["boot"] == services.boot
    (judgement,) = there["judgements"]
    assert (judgement["id"], judgement["note"], judgement["rater"]["name"]) == (operation["judgement_id"], "Ånger? 👀", "anna")
    past = browser.get(f"/api/judgements/{judgement['id']}/history").json()
    assert [(said["op_id"], said["revision"]) for said in past["operations"]] == [(operation["op_id"], 1)]
    assert past["strays"] == []


def test_each_operation_has_its_own_acknowledgement(browser: TestClient, lab: Lab) -> None:
    first = put()
    late, bad = put(first["judgement_id"], 0, intensity=2), put(intensity=99)
    acks = send(browser, lab, first, first, late, bad, "nonsense")["acks"]
    assert [ack["status"] for ack in acks] == ["applied", "duplicate", "conflict", "rejected", "rejected"]
    assert acks[2]["current"]["revision"] == 1
    assert "intensity" in acks[3]["reason"]
    assert acks[4]["op_id"] is None
    past = browser.get(f"/api/judgements/{first['judgement_id']}/history").json()
    assert past["strays"][0]["judgement"]["intensity"] == 2


def test_whoever_judges_blind_is_not_shown_what_others_said(browser: TestClient, lab: Lab, services: Services) -> None:
    with services.database.writing() as session:
        apply(session, lab.clip, lab.bo, [put(note="bo's")], NOW)
        set_blind(session, lab.project, blind=True, reveal=True)
    there = f"/api/clips/{lab.clip}/judgements"
    assert browser.get(there).json()["judgements"] == []
    send(browser, lab, put(note="anna's"))
    assert {said["note"] for said in browser.get(there).json()["judgements"]} == {"anna's", "bo's"}


def test_judgements_that_have_not_changed_do_not_travel_again(browser: TestClient, lab: Lab) -> None:
    there = f"/api/clips/{lab.clip}/judgements"
    etag = browser.get(there).headers["etag"]
    assert browser.get(there, headers={"If-None-Match": etag}).status_code == 304
    send(browser, lab, put())
    assert browser.get(there, headers={"If-None-Match": etag}).status_code == 200


def test_before_anybody_is_named_nothing_is_taken_and_the_answer_says_what_to_do(browser: TestClient, lab: Lab, services: Services) -> None:
    with services.database.writing() as session:
        session.get_one(tables.Rater, lab.anna).local = False
    answer = browser.post(f"/api/clips/{lab.clip}/operations", json={"operations": [put()]})
    assert answer.status_code == 403
    assert "give yourself a name" in answer.json()["error"]
    with services.database.writing() as session:
        name_local_rater(session, "carl")
    assert send(browser, lab, put())["acks"][0]["status"] == "applied"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b'{"operations": {}}',
        b'{"operations": null}',
        b"[" * 100_000,
        b"\xff",
        b'{"operations": ' + b"[1]" + b"}x",
    ],
)
def test_what_is_no_list_of_operations_is_refused_in_words(browser: TestClient, lab: Lab, body: bytes) -> None:
    answer = browser.post(f"/api/clips/{lab.clip}/operations", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_a_body_without_end_is_cut_off(browser: TestClient, lab: Lab) -> None:
    answer = browser.post(f"/api/clips/{lab.clip}/operations", content=b" " * (9 * 2**20))
    assert answer.status_code == 413


@pytest.mark.parametrize("value", ["\ud800", float("nan"), 10**400, "x" * 100_000, [[[[]]]], {"a": 1}, -(2**63) - 1])
def test_odd_values_anywhere_are_rejected_and_never_break_the_server(browser: TestClient, lab: Lab, value: Any) -> None:
    operations = [{**put(), field: value} for field in put()]
    operations += [
        put(**{field: value}) for field in ("start_us", "note", "intensity", "valence", "emotions", "model", "model_score", "tier")
    ]
    operations += [{**put(), "context": {field: value}} for field in ("task", "latency_ms", "replays", "options_shown", "client_time")]
    answer = browser.post(f"/api/clips/{lab.clip}/operations", content=json.dumps({"operations": [*operations, put()]}))
    assert answer.status_code == 200
    *odd, good = answer.json()["acks"]
    assert good["status"] == "applied"
    assert {ack["status"] for ack in odd} <= {"rejected", "applied"}
    assert browser.get(f"/api/clips/{lab.clip}/judgements").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/clips/999",
        "/api/clips/999/judgements",
        "/api/judgements/nothing/history",
        f"/api/clips/{2**70}",
        f"/api/clips/{2**70}/judgements",
        f"/clips/{2**70}/media",
        "/clips/999/media",
        "/clips/999/traces",
        "/clips/999/peaks?buckets=5",
        "/clips/999/poster.jpg",
        "/clips/999/spectrogram/0.png",
        "/clips/999/frame-times",
        "/api/jobs?project=none",
        "/api/projects/none/export.zip",
        "/assets/timeline/1/none.js",
    ],
)
def test_what_is_not_there_is_404_in_words(browser: TestClient, lab: Lab, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_changes_to_what_is_not_there_are_404_in_words(browser: TestClient, lab: Lab) -> None:
    for path in ("/api/clips/999/operations", f"/api/clips/{2**70}/operations", "/api/jobs/999/cancel"):
        answer = browser.post(path, json={"operations": [put()]})
        assert (answer.status_code, list(answer.json())) == (404, ["error"]), path


def test_the_wrong_method_is_404_in_words(browser: TestClient, lab: Lab) -> None:
    assert browser.get(f"/api/clips/{lab.clip}/operations").status_code == 404
    assert browser.delete(f"/clips/{lab.clip}/media").status_code == 404


def test_twenty_raters_at_once_lose_nothing(services: Services, access: Access, lab: Lab) -> None:
    """Twenty browsers send their queues over a real connection, some twice, as after a break; eight of them write to one judgement
    and mend their conflicts."""
    shared, rounds = str(uuid4()), 6

    def rater(number: int, address: str) -> list[str]:
        wrong: list[str] = []
        with httpx.Client(base_url=address, headers=headers(access, address), timeout=30) as client:
            known = 1
            for turn in range(rounds):
                mine = [put(note=f"{number}/{turn}/{k}") for k in range(3)]
                for again in range(1 + turn % 2):
                    statuses = {ack["status"] for ack in send(client, lab, *mine)["acks"]}
                    if statuses != {"duplicate" if again else "applied"}:
                        wrong.append(f"{number}: {statuses}")
                while number < 8:
                    (ack,) = send(client, lab, put(shared, known, note=f"shared {number}/{turn}"))["acks"]
                    known = ack["revision"]
                    if ack["status"] == "applied":
                        break
                    if ack["status"] != "conflict":
                        wrong.append(str(ack))
        return wrong

    with serving(Starlette(routes=list(routes(services)), middleware=middleware(access))) as address, ThreadPoolExecutor(20) as raters:
        with httpx.Client(base_url=address, headers=headers(access, address)) as first:
            send(first, lab, put(shared))
        assert list(chain.from_iterable(raters.map(rater, range(20), [address] * 20))) == []

    with services.database.reading() as session:
        said = current(session, lab.clip)
        past = history(session, shared)
        count = session.scalar(select(func.count()).select_from(tables.Operation))
    assert {one["note"] for one in said if one["id"] != shared} == {
        f"{n}/{turn}/{k}" for n in range(20) for turn in range(rounds) for k in range(3)
    }
    assert [one["revision"] for one in past] == list(range(1 + 8 * rounds, 0, -1))
    assert {one["judgement"]["note"] for one in past} == {""} | {f"shared {n}/{turn}" for n in range(8) for turn in range(rounds)}
    assert count == 1 + 20 * rounds * 3 + 8 * rounds


def headers(access: Access, address: str) -> dict[str, str]:
    return {"X-Portrayal": "1", "Origin": address, "Cookie": access.new_cookie().split(";")[0]}


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """`app` at a free port of this machine, as in production: one process, one event loop, threads."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
