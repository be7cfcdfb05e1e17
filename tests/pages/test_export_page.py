"""The export page: what will be in it, and the address it comes from."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from app.review.operations import apply
from app.services import Services
from db.tables import Rater, now
from tests.pages.conftest import page

AddClips = Callable[..., list[int]]


def label(opened: Services, clip_id: int, emotion: str | None) -> None:
    """Without an emotion: none of these."""
    emotions, outcome = ([{"id": emotion, "weight": 1.0}], "label") if emotion else ([], "none_of_these")
    judgement = {"tier": "clip", "outcome": outcome, "source": "human", "emotions": emotions}
    operation = {
        "op_id": str(uuid4()),
        "kind": "put",
        "judgement_id": str(uuid4()),
        "base_revision": 0,
        "judgement": judgement,
        "context": {},
    }
    with opened.database.writing() as session:
        rater = session.scalars(select(Rater)).one()
        (ack,) = apply(session, clip_id, rater.id, [operation], now())
    assert ack.status == "applied", ack


def test_it_counts_what_there_is_and_shows_the_first_labels(signed_in: AppTest, add_clips: AddClips, opened: Services) -> None:
    first, _ = add_clips("one.mp4", "two.mp4")
    label(opened, first, "anger")
    page(signed_in, "export")
    assert not signed_in.exception
    assert any(caption.value.startswith("1 judgement by 1 rater on 1 of 2 clips") for caption in signed_in.caption)
    assert signed_in.dataframe[0].value[["file_name", "emotion", "annotator"]].values.tolist() == [["one.mp4", "anger", "R1"]]


def test_a_row_without_an_emotion_says_why(signed_in: AppTest, add_clips: AddClips, opened: Services) -> None:
    (clip,) = add_clips("one.mp4")
    label(opened, clip, None)
    page(signed_in, "export")
    assert signed_in.dataframe[0].value["outcome"].tolist() == ["none_of_these"]


def test_the_button_leads_to_the_closed_route_with_the_options(signed_in: AppTest, add_clips: AddClips) -> None:
    add_clips("one.mp4", project="a/b & c?")
    page(signed_in, "export")
    signed_in.checkbox(key="export_frames").check().run()
    assert signed_in.link_button[0].url == "/api/projects/a%2Fb%20%26%20c%3F/export.zip?format=csv&frames=1"


def test_it_says_what_every_file_holds(signed_in: AppTest) -> None:
    page(signed_in, "export")
    columns = {name for table in signed_in.dataframe if "Column" in table.value for name in table.value["Column"]}
    assert {"judgement_id", "options_shown", "sha256", "num_faces", "meaning"} <= columns
