"""What people say is kept, once, in order, and whoever comes too late is told so and loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.review.change import Ack, Status
from app.review.operations import ClipNotFound, apply, current, history, rebuild, strays
from db import tables
from tests.lab import NOW, Lab

ANGER: dict[str, Any] = {"tier": "clip", "emotions": [{"id": "anger", "weight": 1.0}]}
FEAR: dict[str, Any] = {"tier": "clip", "emotions": [{"id": "fear", "weight": 1.0}]}


def put(judgement_id: str, base: int = 0, said: dict[str, Any] = ANGER, **more: Any) -> dict[str, Any]:
    return {"op_id": str(uuid4()), "kind": "put", "judgement_id": judgement_id, "base_revision": base, "judgement": said, **more}


def remove(judgement_id: str, base: int) -> dict[str, Any]:
    return {"op_id": str(uuid4()), "kind": "remove", "judgement_id": judgement_id, "base_revision": base}


def send(lab: Lab, *operations: object, rater: int | None = None, later: float = 0) -> list[Ack]:
    with lab.database.writing() as session:
        return apply(session, lab.clip, rater or lab.anna, operations, NOW + timedelta(seconds=later))


def statuses(acks: list[Ack]) -> list[str]:
    return [ack.status.value for ack in acks]


def now_said(lab: Lab, **options: Any) -> list[dict[str, Any]]:
    with lab.database.reading() as session:
        return current(session, lab.clip, **options)


def test_a_put_is_there_afterwards_as_it_was_said(lab: Lab) -> None:
    one = str(uuid4())
    said = {
        "tier": "face:1",
        "start_us": 0,
        "end_us": 1_500_000,
        "emotions": [{"id": "disgust", "weight": 0.25}, {"id": "anger", "weight": 0.75}],
        "intensity": 3,
        "note": "<b>ond</b>",
    }
    (ack,) = send(lab, put(one, said=said, context={"task": "free", "suggestion_visible": True, "analysis": 7}))
    assert (ack.status, ack.revision, ack.reason) == (Status.APPLIED, 1, None)
    assert now_said(lab) == [
        {
            "id": one,
            "revision": 1,
            "removed": False,
            "rater": {"id": lab.anna, "name": "anna"},
            "tier": "face:1",
            "start_us": 0,
            "end_us": 1_500_000,
            "emotions": [{"id": "disgust", "weight": 0.25}, {"id": "anger", "weight": 0.75}],
            "intensity": 3,
            "confidence": None,
            "genuineness": None,
            "valence": None,
            "arousal": None,
            "outcome": "label",
            "source": "human",
            "note": "<b>ond</b>",
            "model": None,
            "model_score": None,
            "analysis": 7,
            "changed_at": "2026-03-01T12:30:00.000000Z",
        }
    ]


def test_the_same_operation_twice_is_applied_once(lab: Lab) -> None:
    operation = put(str(uuid4()))
    assert [(ack.status.value, ack.revision) for ack in send(lab, operation, operation)] == [("applied", 1), ("duplicate", 1)]
    assert [(ack.status.value, ack.revision) for ack in send(lab, operation)] == [("duplicate", 1)]
    assert len(now_said(lab)) == 1


def test_a_duplicate_of_an_old_operation_tells_the_revision_that_it_made(lab: Lab) -> None:
    one = str(uuid4())
    first = put(one)
    send(lab, first, put(one, 1, FEAR))
    (ack,) = send(lab, first)
    assert (ack.status, ack.revision) == (Status.DUPLICATE, 1)
    assert now_said(lab)[0]["emotions"] == [{"id": "fear", "weight": 1.0}]


def test_who_comes_too_late_is_shown_what_is_there_and_what_they_said_is_kept(lab: Lab) -> None:
    one = str(uuid4())
    send(lab, put(one), put(one, 1, FEAR))
    late = put(one, 1, ANGER | {"note": "an hour of thought"}, context={"replays": 3})
    (ack,) = send(lab, late, later=5)
    assert (ack.status, ack.revision) == (Status.CONFLICT, 2)
    assert ack.current == now_said(lab)[0]
    assert ack.current["emotions"] == [{"id": "fear", "weight": 1.0}]
    with lab.database.reading() as session:
        (kept,) = strays(session, one)
    assert kept["judgement"]["note"] == "an hour of thought"
    assert kept["context"] == {"replays": 3}
    assert (kept["op_id"], kept["base_revision"], kept["found_revision"]) == (late["op_id"], 1, 2)


def test_a_late_operation_sent_again_conflicts_again_and_is_kept_once(lab: Lab) -> None:
    one = str(uuid4())
    late = put(one, 0, FEAR)
    send(lab, put(one))
    assert statuses(send(lab, late, late)) == ["conflict", "conflict"]
    with lab.database.reading() as session:
        assert len(strays(session, one)) == 1


def test_a_late_operation_can_be_said_again_on_what_is_there(lab: Lab) -> None:
    one = str(uuid4())
    late = put(one, 0, FEAR)
    send(lab, put(one))
    assert statuses(send(lab, late)) == ["conflict"]
    assert statuses(send(lab, late | {"base_revision": 1})) == ["applied"]
    assert now_said(lab)[0]["emotions"][0]["id"] == "fear"
    with lab.database.reading() as session:
        assert strays(session, one) == []


def test_a_base_that_the_database_has_never_seen_is_a_conflict_without_current(lab: Lab) -> None:
    """As after a restored backup: the browser remembers more than the database."""
    (ack,) = send(lab, put(str(uuid4()), 7))
    assert (ack.status, ack.revision, ack.current) == (Status.CONFLICT, 0, None)


def test_a_removed_judgement_is_gone_from_what_is_said_and_stays_in_the_log(lab: Lab) -> None:
    one = str(uuid4())
    assert [ack.revision for ack in send(lab, put(one), remove(one, 1))] == [1, 2]
    assert now_said(lab) == []
    (gone,) = now_said(lab, removed=True)
    assert (gone["removed"], gone["revision"], gone["emotions"]) == (True, 2, [{"id": "anger", "weight": 1.0}])
    with lab.database.reading() as session:
        assert [said["kind"] for said in history(session, one)] == ["remove", "put"]


def test_a_put_on_a_removed_judgement_brings_it_back(lab: Lab) -> None:
    one = str(uuid4())
    send(lab, put(one), remove(one, 1), put(one, 2, FEAR))
    (back,) = now_said(lab)
    assert (back["revision"], back["removed"], back["emotions"][0]["id"]) == (3, False, "fear")


def test_what_never_was_cannot_be_removed(lab: Lab) -> None:
    (ack,) = send(lab, remove(str(uuid4()), 0))
    assert (ack.status, ack.reason) == (Status.REJECTED, "there is no such judgement to remove")


def test_nobody_changes_what_another_said(lab: Lab) -> None:
    one = str(uuid4())
    send(lab, put(one))
    acks = send(lab, put(one, 1, FEAR), remove(one, 1), put(one, 0, FEAR), rater=lab.bo)
    assert statuses(acks) == ["rejected"] * 3
    assert "another rater's" in str(acks[0].reason)
    assert now_said(lab)[0]["emotions"][0]["id"] == "anger"


def test_nobody_takes_another_changes_id(lab: Lab) -> None:
    operation = put(str(uuid4()))
    send(lab, operation)
    assert statuses(send(lab, operation | {"judgement_id": str(uuid4())})) == ["rejected"]
    assert statuses(send(lab, operation, rater=lab.bo)) == ["rejected"]


def test_a_judgement_stays_with_its_clip(lab: Lab) -> None:
    one = str(uuid4())
    send(lab, put(one))
    with lab.database.writing() as session:
        medium = tables.Medium(sha256="b" * 64, size=1, container="mp4", duration_us=1, frames=0, playable=True)
        other = tables.Clip(project_id=lab.project, medium=medium, file_name="b.mp4")
        session.add(other)
        session.flush()
        (ack,) = apply(session, other.id, lab.anna, [put(one, 1)], NOW)
    assert (ack.status, ack.reason) == (Status.REJECTED, f"this judgement is about clip {lab.clip}, not about clip {other.id}")


def test_one_bad_operation_does_not_hold_the_others_up(lab: Lab) -> None:
    good, after = put(str(uuid4())), put(str(uuid4()), said=FEAR)
    bad: list[object] = [
        put(str(uuid4()), said={"tier": "clip", "emotions": [{"id": "angre", "weight": 1}]}),
        put(str(uuid4()), said={"tier": "clip", "start_us": 0, "end_us": 9_000_000, "emotions": [{"id": "anger"}]}),
        put(str(uuid4()), said=ANGER | {"intensity": 9}),
        {"op_id": "no uuid", "kind": "put"},
        "not even an object",
        None,
        put(str(uuid4())) | {"kind": "destroy"},
        put(str(uuid4())) | {"base_revision": -1},
        put(str(uuid4())) | {"context": {"suggestion_visible": "maybe?"}},
        put(str(uuid4())) | {"surprise": 1},
        put("A" * 36),
    ]
    acks = send(lab, good, *bad, after)
    assert statuses(acks) == ["applied", *["rejected"] * len(bad), "applied"]
    assert all(ack.reason for ack in acks[1:-1])
    assert len(now_said(lab)) == 2


def test_an_unknown_emotion_is_answered_with_close_ones(lab: Lab) -> None:
    (ack,) = send(lab, put(str(uuid4()), said={"tier": "clip", "emotions": [{"id": "angre", "weight": 1}]}))
    assert "angre" in str(ack.reason)
    assert "anger" in str(ack.reason)


def test_the_browsers_end_of_the_clip_may_be_a_little_later_than_ours(lab: Lab) -> None:
    assert statuses(send(lab, put(str(uuid4()), said=ANGER | {"start_us": 0, "end_us": 4_040_000}))) == ["applied"]


def test_a_clip_that_is_not_there_is_said_to_be(lab: Lab) -> None:
    with lab.database.writing() as session, pytest.raises(ClipNotFound, match="no clip 4711"):
        apply(session, 4711, lab.anna, [put(str(uuid4()))], NOW)


def test_history_tells_who_said_what_when_and_what_they_saw(lab: Lab) -> None:
    one = str(uuid4())
    send(lab, put(one, context={"suggestion_visible": True}))
    send(lab, put(one, 1, FEAR, context={"suggestion_visible": False}), later=60)
    with lab.database.reading() as session:
        newest, oldest = history(session, one)
        assert history(session, str(uuid4())) == []
    assert (newest["revision"], oldest["revision"]) == (2, 1)
    assert oldest["judgement"]["emotions"] == [{"id": "anger", "weight": 1.0}]
    assert newest["context"] == {"suggestion_visible": False}
    assert newest["rater"] == {"id": lab.anna, "name": "anna"}
    assert newest["created_at"] == "2026-03-01T12:31:00.000000Z"


def test_one_raters_judgements_can_be_asked_for_alone_in_the_order_of_the_clip(lab: Lab) -> None:
    whole, early, late = (str(uuid4()) for _ in range(3))
    send(lab, put(late, said=ANGER | {"start_us": 2_000_000, "end_us": 3_000_000}))
    send(lab, put(early, said=ANGER | {"start_us": 1_000_000, "end_us": 3_000_000}), put(whole))
    send(lab, put(str(uuid4())), rater=lab.bo)
    assert [said["id"] for said in now_said(lab, rater_id=lab.anna)] == [whole, early, late]
    assert len(now_said(lab)) == 4


def test_a_batch_that_breaks_half_way_leaves_nothing_behind(lab: Lab) -> None:
    class Broken(Exception):
        pass

    with pytest.raises(Broken), lab.database.writing() as session:
        apply(session, lab.clip, lab.anna, [put(str(uuid4())), put(str(uuid4()))], NOW)
        raise Broken
    with lab.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(tables.Operation)) == 0
    assert now_said(lab) == []


def test_rebuilding_repairs_what_something_else_wrote(lab: Lab) -> None:
    one, two = str(uuid4()), str(uuid4())
    send(lab, put(one), put(two, said=FEAR), remove(two, 1))
    before = now_said(lab, removed=True)
    with lab.database.writing() as session:
        session.get_one(tables.Judgement, one).note = "tampered with"
        session.delete(session.get_one(tables.Judgement, two))
    with lab.database.writing() as session:
        assert rebuild(session) == 2
    assert now_said(lab, removed=True) == before
    with lab.database.writing() as session:
        assert rebuild(session) == 0
