"""The log of corrections and what it comes to, on a real database."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import func, select

from app.analysis.traces import Trace, save
from app.review.change import Ack, Status
from app.review.corrections import LaneKind, correct, corrections_of, lane_document, stray_corrections_of
from app.review.operations import ClipNotFound
from db import tables
from tests.lab import NOW, Lab

S = 1_000_000


def analysed(lab: Lab, xs: tuple[float, ...] = (0.0, 500.0), said: bool = True) -> int:
    """An analysis with two turns of two speakers, and a face track at each of `xs`."""
    times = np.arange(0, 4 * S, S // 10, dtype=np.int64)
    with lab.database.writing() as session:
        row = tables.Analysis(
            clip_id=lab.clip, models={}, parameters={}, program_version="1", frames=40, faces=len(xs), seconds=1.0, speech_us=3 * S * said
        )
        row.utterances = [
            tables.Utterance(start_us=0, end_us=S, speaker="1", speaker_confidence=0.75),
            tables.Utterance(start_us=S, end_us=3 * S, speaker="2"),
        ]
        boxes = [np.tile(np.array([0.9, x, 100, 80, 100], np.float32), (len(times), 1)) for x in xs]
        columns = ("confidence", "box_x", "box_y", "box_w", "box_h")
        save(session, row, [Trace("face", str(n), "m", None, times, columns, box) for n, box in enumerate(boxes, 1)])
        session.flush()
        return row.id


def correction(kind: str, base: int, seen: int | None = None, /, **change: Any) -> dict[str, Any]:
    """`seen`: the analysis that the client saw."""
    return {"op_id": str(uuid4()), "kind": kind, "base_revision": base, "analysis": seen, "change": change}


def send(lab: Lab, *corrections: Any, rater: int | None = None) -> list[Ack]:
    with lab.database.writing() as session:
        return correct(session, lab.clip, rater or lab.anna, corrections, NOW)


def lane(lab: Lab, kind: str = "turn") -> dict[str, Any]:
    with lab.database.reading() as session:
        return lane_document(session, lab.clip, LaneKind(kind))


def spans(lab: Lab) -> list[tuple[int, int, int, str | None]]:
    return [(turn["id"], turn["start_us"], turn["end_us"], turn["speaker"]) for turn in lane(lab)["turns"]]


def test_an_uncorrected_lane_is_what_the_newest_analysis_found(lab: Lab) -> None:
    assert lane(lab) == {"kind": "turn", "revision": 0, "same_as": 0, "analysis": None, "next_id": 1, "speakers": [], "turns": []}
    analysis = analysed(lab)
    assert lane(lab) == {
        "kind": "turn",
        "revision": 0,
        "same_as": 0,
        "analysis": analysis,
        "next_id": 3,
        "speakers": [{"id": "1", "name": None}, {"id": "2", "name": None}],
        "turns": [
            {"id": 1, "start_us": 0, "end_us": S, "speaker": "1", "confidence": 0.75, "corrected": False},
            {"id": 2, "start_us": S, "end_us": 3 * S, "speaker": "2", "confidence": None, "corrected": False},
        ],
    }
    assert lane(lab, "cast") == {
        "kind": "cast",
        "revision": 0,
        "same_as": 0,
        "analysis": analysis,
        "next_id": 3,
        "people": [{"id": 1, "name": None, "tracks": [1]}, {"id": 2, "name": None, "tracks": [2]}],
    }


def test_where_nobody_spoke_there_are_no_turns(lab: Lab) -> None:
    analysed(lab, said=False)
    assert spans(lab) == []


def test_corrections_follow_one_another_and_the_models_own_turns_stay_as_they_were(lab: Lab) -> None:
    analysis = analysed(lab)
    acks = send(
        lab,
        correction("turn", 0, analysis, action="split", turn=2, at_us=2 * S, speaker="1"),
        correction("turn", 1, action="rename", speaker="1", name="Åsa"),
        correction("cast", 0, analysis, action="name", person=1, name="Åsa"),
    )
    assert [(ack.status, ack.revision) for ack in acks] == [(Status.APPLIED, 1), (Status.APPLIED, 2), (Status.APPLIED, 1)]
    assert spans(lab) == [(1, 0, S, "1"), (2, S, 2 * S, "2"), (3, 2 * S, 3 * S, "1")]
    assert lane(lab)["speakers"][0] == {"id": "1", "name": "Åsa"}
    assert lane(lab, "cast")["people"][0]["name"] == "Åsa"
    with lab.database.reading() as session:
        assert [one.speaker for one in session.scalars(select(tables.Utterance))] == ["1", "2"]
        log = corrections_of(session, lab.clip)
    assert [(said["kind"], said["revision"], said["rater"]["name"]) for said in log] == [
        ("cast", 1, "anna"),
        ("turn", 2, "anna"),
        ("turn", 1, "anna"),
    ]


def test_the_same_correction_twice_is_applied_once(lab: Lab) -> None:
    change = correction("turn", 0, analysed(lab), action="delete", turn=1)
    assert [ack.status for ack in send(lab, change, change)] == [Status.APPLIED, Status.DUPLICATE]
    assert spans(lab) == [(2, S, 3 * S, "2")]
    assert send(lab, change, rater=lab.bo)[0].status is Status.REJECTED


def test_a_stale_correction_is_kept_and_answered_with_the_lane_as_it_stands(lab: Lab) -> None:
    analysis = analysed(lab)
    late = correction("turn", 0, analysis, action="delete", turn=2)
    send(lab, correction("turn", 0, analysis, action="delete", turn=1))
    (ack,) = send(lab, late, rater=lab.bo)
    assert (ack.status, ack.revision) == (Status.CONFLICT, 1)
    assert ack.current == lane(lab)
    with lab.database.reading() as session:
        (stray,) = stray_corrections_of(session, lab.clip)
    assert (stray["rater"]["name"], stray["change"], stray["found_revision"]) == ("bo", late["change"], 1)
    assert send(lab, late | {"base_revision": 1}, rater=lab.bo)[0].status is Status.APPLIED
    with lab.database.reading() as session:
        assert stray_corrections_of(session, lab.clip) == []


def test_a_first_correction_of_a_lane_that_a_newer_analysis_replaced_meanwhile_is_a_conflict(lab: Lab) -> None:
    old = analysed(lab)
    analysed(lab)
    assert send(lab, correction("turn", 0, old, action="delete", turn=1))[0].status is Status.CONFLICT


def test_undo_restores_the_revision_before_and_can_be_undone(lab: Lab) -> None:
    analysis = analysed(lab)
    before = lane(lab)["turns"]
    send(lab, correction("turn", 0, analysis, action="delete", turn=1))
    send(lab, correction("turn", 1, action="restore", revision=0))
    assert lane(lab)["turns"] == before and (lane(lab)["revision"], lane(lab)["same_as"]) == (2, 0)
    send(lab, correction("turn", 2, action="restore", revision=1))
    assert spans(lab) == [(2, S, 3 * S, "2")] and lane(lab)["same_as"] == 1
    assert send(lab, correction("turn", 3, action="restore", revision=9))[0].reason == "the lane has no revision 9; it has 0 to 3"


def test_an_id_is_not_given_out_again_after_an_undo(lab: Lab) -> None:
    analysis = analysed(lab)
    add = {"action": "add", "start_us": 3 * S, "end_us": 3 * S + 9}
    send(lab, correction("turn", 0, analysis, **add), correction("turn", 1, action="restore", revision=0), correction("turn", 2, **add))
    assert [turn[0] for turn in spans(lab)] == [1, 2, 4]


def test_a_later_analysis_does_not_move_corrected_turns_until_it_is_adopted(lab: Lab) -> None:
    old = analysed(lab)
    send(lab, correction("turn", 0, old, action="delete", turn=1))
    new = analysed(lab)
    assert spans(lab) == [(2, S, 3 * S, "2")] and lane(lab)["analysis"] == old
    assert send(lab, correction("turn", 1, action="adopt", analysis=new))[0].status is Status.APPLIED
    assert spans(lab) == [(1, 0, S, "1"), (2, S, 3 * S, "2")] and lane(lab)["analysis"] == new
    send(lab, correction("turn", 2, action="restore", revision=1))
    assert spans(lab) == [(2, S, 3 * S, "2")]


def test_undoing_an_adoption_that_came_first_leads_back_to_what_was_found(lab: Lab) -> None:
    old, new = analysed(lab), analysed(lab)
    before = lane(lab)
    send(lab, correction("turn", 0, new, action="adopt", analysis=new), correction("turn", 1, action="restore", revision=0))
    assert lane(lab)["turns"] == before["turns"]
    ack = send(lab, correction("turn", 2, action="adopt", analysis=old, speakers=2))[0]
    assert ack.status is Status.REJECTED and "did not listen for speakers" in (ack.reason or "")
    assert "no analysis 99" in (send(lab, correction("turn", 2, action="adopt", analysis=99))[0].reason or "")


def test_a_corrected_cast_follows_the_faces_into_a_later_analysis_and_is_corrected_on(lab: Lab) -> None:
    send(lab, correction("cast", 0, analysed(lab), action="name", person=2, name="Bo"))
    new = analysed(lab, xs=(505.0, 3.0, 900.0))
    assert lane(lab, "cast") == {
        "kind": "cast",
        "revision": 1,
        "same_as": 1,
        "analysis": new,
        "next_id": 4,
        "people": [{"id": 1, "name": None, "tracks": [2]}, {"id": 2, "name": "Bo", "tracks": [1]}, {"id": 3, "name": None, "tracks": [3]}],
    }
    assert send(lab, correction("cast", 1, action="join", people=[2, 3]))[0].status is Status.CONFLICT, "it was carried over; say so"
    assert send(lab, correction("cast", 1, new, action="join", people=[2, 3]))[0].status is Status.APPLIED
    assert lane(lab, "cast")["people"] == [{"id": 1, "name": None, "tracks": [2]}, {"id": 2, "name": "Bo", "tracks": [1, 3]}]


def test_a_turn_beyond_the_clips_end_is_refused(lab: Lab) -> None:
    (ack,) = send(lab, correction("turn", 0, analysed(lab), action="add", start_us=0, end_us=60 * S))
    assert ack.status is Status.REJECTED and "the clip ends at 4000000" in (ack.reason or "")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("nonsense", "is an object"),
        ({"colour": 1}, "no field colour"),
        ({"op_id": "1"}, "UUID"),
        ({"op_id": str(uuid4()), "kind": "mood"}, "turn or cast"),
        ({"op_id": str(uuid4()), "kind": "turn", "base_revision": -1}, "base_revision"),
        ({"op_id": str(uuid4()), "kind": "turn", "base_revision": 0, "analysis": "x"}, "analysis is the number"),
        ({"op_id": str(uuid4()), "kind": "cast", "base_revision": 0, "change": {"action": "split", "turn": 1, "at_us": 3}}, "split"),
    ],
)
def test_what_is_no_correction_is_rejected_with_the_reason(lab: Lab, given: Any, reason: str) -> None:
    (ack,) = send(lab, given)
    assert ack.status is Status.REJECTED and reason in (ack.reason or "")
    with lab.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(tables.Correction)) == 0


def test_a_clip_that_is_not_there_is_said_to_be_missing(lab: Lab) -> None:
    with lab.database.writing() as session, pytest.raises(ClipNotFound):
        correct(session, 999, lab.anna, [], NOW)
