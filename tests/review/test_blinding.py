"""Blind, nothing that tells the answer leaves the server."""

from __future__ import annotations

import json
from uuid import uuid4

from app.http.document import editor_document
from app.review.blinding import set_blind
from app.review.operations import apply
from db.tables import Clip, IntendedEmotion, now
from tests.lab import Lab


def document(lab: Lab) -> dict:
    with lab.database.reading() as session:
        return editor_document(session, lab.clip)


def say(lab: Lab, rater: int, emotion: str) -> None:
    judgement = {"tier": "clip", "outcome": "label", "source": "human", "emotions": [{"id": emotion, "weight": 1.0}]}
    operation = {
        "op_id": str(uuid4()),
        "kind": "put",
        "judgement_id": str(uuid4()),
        "base_revision": 0,
        "judgement": judgement,
        "context": {},
    }
    with lab.database.writing() as session:
        (ack,) = apply(session, lab.clip, rater, [operation], now())
    assert ack.status == "applied"


def make_blind(lab: Lab, *, reveal: bool) -> None:
    with lab.database.writing() as session:
        clip = session.get_one(Clip, lab.clip)
        clip.intended = [IntendedEmotion(position=0, emotion="anger", weight=1.0)]
        clip.corpus, clip.mode, clip.intended_intensity = "sentimotion", "p", 2
        set_blind(session, lab.project, blind=True, reveal=reveal)


def test_an_open_project_shows_everything(lab: Lab) -> None:
    assert document(lab)["project"]["blind"] is False
    assert document(lab)["clip"]["file_name"] == "A102_ang_p_2.mp4"


def test_name_intended_emotion_models_and_others_are_kept_back(lab: Lab) -> None:
    make_blind(lab, reveal=False)
    say(lab, lab.bo, "disgust")
    shown = document(lab)
    assert shown["project"]["blind"] is True
    assert shown["clip"]["file_name"] == f"Clip {lab.clip}"
    assert (shown["clip"]["intended"], shown["clip"]["intended_intensity"], shown["clip"]["mode"]) == ([], None, None)
    assert shown["analysis"] is None and shown["suggestion"] is None
    assert shown["judgements"] == []
    assert "ang_p" not in json.dumps(shown)


def test_it_stays_blind_after_the_judgement_unless_the_project_reveals(lab: Lab) -> None:
    make_blind(lab, reveal=False)
    say(lab, lab.anna, "relief")
    assert document(lab)["project"]["blind"] is True
    assert len(document(lab)["judgements"]) == 1, "one's own words are not kept from oneself"
    make_blind(lab, reveal=True)
    assert document(lab)["project"]["blind"] is False
    assert document(lab)["clip"]["intended"] == [{"emotion": "anger", "weight": 1.0}]


def test_another_raters_judgement_reveals_nothing_to_me(lab: Lab) -> None:
    make_blind(lab, reveal=True)
    say(lab, lab.bo, "relief")
    assert document(lab)["project"]["blind"] is True
