"""Whatever is sent, in whatever order: the projection is what the log comes to, and a plain model of the rules agrees with both."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.review.operations import apply, current, history, rebuild, strays
from db import tables
from tests.lab import NOW, Lab

EMOTIONS = ("anger", "fear", "relief", "happiness_joy")


def identity(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 64) + number + 1))


@st.composite
def judgements(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(st.sampled_from(EMOTIONS), max_size=3, unique=True))
    start = draw(st.none() | st.integers(0, 3_000_000))
    return {
        "tier": draw(st.sampled_from(["clip", "both", "face:1", "voice:S1"])),
        "start_us": start,
        "end_us": None if start is None else start + draw(st.integers(1, 1_000_000)),
        "emotions": [{"id": emotion, "weight": draw(st.floats(0.01, 1))} for emotion in ids],
        "outcome": "label" if ids else draw(st.sampled_from(["none_of_these", "cannot_judge"])),
        "intensity": draw(st.none() | st.integers(1, 4)),
        "valence": draw(st.none() | st.floats(-1, 1)),
        "note": draw(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)),
    }


@st.composite
def operations(draw: st.DrawFn) -> tuple[int, dict[str, Any]]:
    """An operation by one of two raters on one of three judgements, with few enough numbers that they meet each other."""
    kind = draw(st.sampled_from(["put", "put", "remove"]))
    operation = {
        "op_id": identity(1, draw(st.integers(0, 40))),
        "kind": kind,
        "judgement_id": identity(2, draw(st.integers(0, 2))),
        "base_revision": draw(st.integers(0, 4)),
        "judgement": draw(judgements()) if kind == "put" else None,
        "context": draw(st.sampled_from([{}, {"suggestion_visible": True}, {"replays": 2}])),
    }
    return draw(st.integers(0, 1)), operation


@dataclass
class Said:
    """The rules in short: what each judgement says, by whom, and what became of every operation."""

    judgements: dict[str, tuple[int, int, bool, dict[str, Any] | None]] = field(default_factory=dict)
    done: dict[str, tuple[int, str, int]] = field(default_factory=dict)

    def answer(self, rater: int, operation: dict[str, Any]) -> tuple[str, int | None]:
        one, before = operation["judgement_id"], self.done.get(operation["op_id"])
        if before:
            return ("duplicate", before[2]) if before[:2] == (rater, one) else ("rejected", None)
        author, revision, _, content = self.judgements.get(one, (rater, 0, True, None))
        if author != rater:
            return "rejected", None
        if revision != operation["base_revision"]:
            return "conflict", revision
        removing = operation["kind"] == "remove"
        if removing and not revision:
            return "rejected", None
        self.judgements[one] = (rater, revision + 1, removing, content if removing else operation["judgement"])
        self.done[operation["op_id"]] = (rater, one, revision + 1)
        return "applied", revision + 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.lists(operations(), min_size=1, max_size=6), min_size=1, max_size=6))
def test_any_sequence_leaves_log_projection_and_rules_in_agreement(batches: list[list[tuple[int, dict[str, Any]]]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.at(Path(home))
        try:
            _check(lab, batches)
        finally:
            lab.database.close()


def _check(lab: Lab, batches: list[list[tuple[int, dict[str, Any]]]]) -> None:
    rules, raters, conflicts = Said(), (lab.anna, lab.bo), set()
    for minute, batch in enumerate(batches):
        with lab.database.writing() as session:
            for rater, operation in batch:
                (ack,) = apply(session, lab.clip, raters[rater], [operation], NOW + timedelta(minutes=minute))
                assert (ack.status.value, ack.revision) == rules.answer(rater, operation)
                if ack.status.value == "conflict":
                    conflicts.add(operation["op_id"])
    with lab.database.reading() as session:
        stored = current(session, lab.clip, removed=True)
        assert {one["id"]: (one["revision"], one["removed"]) for one in stored} == {
            one: (revision, removed) for one, (_, revision, removed, _) in rules.judgements.items()
        }
        for one in stored:
            said = rules.judgements[one["id"]][3]
            assert said is not None
            assert {name: one[name] for name in said} == said
            past = history(session, one["id"])
            assert [operation["revision"] for operation in past] == list(range(one["revision"], 0, -1))
            assert {operation["op_id"] for operation in past} <= rules.done.keys()
        kept = {late["op_id"] for number in range(3) for late in strays(session, identity(2, number))}
        assert kept == conflicts - rules.done.keys()
    with lab.database.writing() as session:
        assert rebuild(session) == 0
    with lab.database.writing() as session:
        for row in session.scalars(select(tables.Judgement)):
            session.delete(row)
    with lab.database.writing() as session:
        assert rebuild(session) == len(stored)
    with lab.database.reading() as session:
        assert current(session, lab.clip, removed=True) == stored
