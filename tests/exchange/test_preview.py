"""What an export will hold is what it holds."""

from __future__ import annotations

import csv
from collections.abc import Callable
from uuid import uuid4

from app.exchange.preview import contents, first_labels
from app.review.operations import apply
from db.tables import Analysis, now
from tests.lab import Lab


def test_counts_and_first_rows_are_those_of_the_files(lab: Lab, exported: Callable) -> None:
    blend = {
        "tier": "clip",
        "outcome": "label",
        "source": "human",
        "emotions": [{"id": "anger", "weight": 0.7}, {"id": "disgust", "weight": 0.3}],
    }
    with lab.database.writing() as session:
        for rater in (lab.anna, lab.bo):
            operation = {
                "op_id": str(uuid4()),
                "kind": "put",
                "judgement_id": str(uuid4()),
                "base_revision": 0,
                "judgement": blend,
                "context": {},
            }
            apply(session, lab.clip, rater, [operation], now())
        session.add(Analysis(clip_id=lab.clip, models={}, parameters={}, program_version="0", frames=7, seconds=1.0))
        session.add(Analysis(clip_id=lab.clip, models={}, parameters={}, program_version="0", frames=9, seconds=1.0))
    made = exported()
    rows = list(csv.DictReader((made.folder / "labels.csv").open(encoding="utf-8", newline="")))
    with lab.database.reading() as session:
        there = contents(session, lab.project)
        assert (there.clips, there.labelled, there.judgements, there.raters) == (1, 1, made.judgements, 2)
        assert (there.analysed, there.frames) == (1, 9), "the newest analysis of each clip counts"
        shown = first_labels(session, lab.project, 3)
    assert [(row["judgement_id"], row["emotion"]) for row in shown] == [(row["judgement_id"], row["emotion"]) for row in rows[:3]]


def test_an_empty_project_has_nothing_and_does_not_fail(lab: Lab) -> None:
    with lab.database.reading() as session:
        there = contents(session, lab.project)
        assert (there.judgements, there.raters, there.analysed, there.frames) == (0, 0, 0, 0)
        assert first_labels(session, lab.project, 5) == []
