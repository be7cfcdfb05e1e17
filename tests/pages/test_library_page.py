"""The library: empty, filled, filtered, at work, failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from app.review.blinding import set_blind
from app.services import Services
from db.tables import Analysis, Clip, IntendedEmotion, Job, Project, now
from tests.pages.conftest import cards, component, page, shown_names

AddClips = Callable[..., list[int]]


def test_an_empty_library_offers_a_demo_clip_which_then_waits_for_its_analysis(signed_in: AppTest, opened: Services) -> None:
    signed_in.run()
    signed_in.button(key="make_demo").click().run()
    assert not signed_in.exception
    (card,) = cards(signed_in)
    assert card["name"] == "synthetic_demo.mp4"
    assert card["has_video"] and card["has_audio"]
    assert card["job"] == "waiting"
    with opened.database.reading() as session:
        assert session.scalars(select(Clip.id)).one() == card["id"]
        assert opened.store.original(session.get_one(Clip, card["id"]).medium).stat().st_size > 100_000


def test_clips_are_shown_newest_first_and_a_word_finds_some(signed_in: AppTest, add_clips: AddClips) -> None:
    add_clips("A1_ang_p_2.mp4", "B2_hap_p_1.mp4", "B2_ang_v_1.mp4")
    signed_in.run()
    assert shown_names(signed_in) == ["B2_ang_v_1.mp4", "B2_hap_p_1.mp4", "A1_ang_p_2.mp4"]
    signed_in.text_input(key="search").set_value("ang b2").run()
    assert shown_names(signed_in) == ["B2_ang_v_1.mp4"]
    signed_in.text_input(key="search").set_value("%").run()
    assert not signed_in.exception
    assert "No clip passes these filters." in [text.value for text in signed_in.markdown]


def test_facets_name_what_there_is_with_counts_and_narrow_the_clips(signed_in: AppTest, add_clips: AddClips, opened: Services) -> None:
    angry, calm = add_clips("one.mp4", corpus="sentimotion", actor="A1") + add_clips("two.mp4", corpus="ravdess", actor="03")
    with opened.database.writing() as session:
        session.add_all(
            [
                IntendedEmotion(clip_id=angry, position=0, emotion="anger", weight=1.0),
                IntendedEmotion(clip_id=calm, position=0, emotion="relief", weight=1.0),
            ]
        )
    signed_in.run()
    assert signed_in.multiselect(key="filter_families").options == ["Calm (1)", "Hostility (1)"]
    assert signed_in.multiselect(key="filter_actors").options == ["03 (1)", "A1 (1)"]
    signed_in.multiselect(key="filter_families").set_value(["Hostility"]).run()
    assert not signed_in.exception
    assert shown_names(signed_in) == ["one.mp4"]
    signed_in.multiselect(key="filter_corpora").set_value(["ravdess"]).run()
    assert "wall" not in [one.key for one in signed_in.get("bidi_component")] or not cards(signed_in)


def test_a_clip_that_could_not_be_analysed_says_why_and_can_be_tried_again(
    signed_in: AppTest, add_clips: AddClips, opened: Services
) -> None:
    (clip,) = add_clips("broken.mp4")
    with opened.database.writing() as session:
        session.add(Job(kind="analyze", arguments={}, clip_id=clip, state="failed", error="The file has gone."))
    signed_in.run()
    assert cards(signed_in)[0]["error"] == "The file has gone."
    assert signed_in.dataframe[0].value["Why"].tolist() == ["The file has gone."]
    signed_in.button(key="retry_all").click().run()
    assert not signed_in.exception
    assert cards(signed_in)[0]["job"] == "waiting"
    signed_in.button(key="cancel_all").click().run()
    assert cards(signed_in)[0]["job"] == "cancelled"


def test_progress_of_the_models_is_counted(signed_in: AppTest, add_clips: AddClips, opened: Services) -> None:
    done, running, waiting = add_clips("a.mp4", "b.mp4", "c.mp4")
    began = now()
    with opened.database.writing() as session:
        for clip, state, share in ((running, "running", 0.5), (done, "done", 1.0), (waiting, "waiting", 0.0)):
            job = Job(kind="analyze", arguments={}, clip_id=clip, state=state, progress=share, message="Faces" if share == 0.5 else "")
            job.created_at, job.finished_at = began, now() if state == "done" else None
            session.add(job)
    signed_in.run()
    bar = signed_in.get("progress")[0]
    assert (bar.value, bar.text) == (50, "Analysing: 1 of 3 done · Faces")


def test_a_blind_project_sends_neither_names_nor_intended_emotions_to_the_browser(
    signed_in: AppTest, add_clips: AddClips, opened: Services
) -> None:
    (clip,) = add_clips("A1_ang_p_2.mp4", actor="A1")
    with opened.database.writing() as session:
        session.add(IntendedEmotion(clip_id=clip, position=0, emotion="anger", weight=1.0))
        set_blind(session, session.scalars(select(Project.id)).one(), blind=True, reveal=False)
    signed_in.run()
    (card,) = cards(signed_in)
    assert card["name"] == f"Clip {clip}" and card["intended"] == []
    assert "ang" not in str(component(signed_in, "wall")).replace("language", "")
    assert "filter_families" not in [one.key for one in signed_in.multiselect]
    signed_in.text_input(key="search").set_value("ang").run()
    assert not signed_in.exception
    assert not [one for one in signed_in.get("bidi_component") if one.key == "wall"] or not cards(signed_in)


def test_names_from_people_reach_the_page_as_text(signed_in: AppTest, add_clips: AddClips, opened: Services) -> None:
    hostile = "<img src=x onerror=alert(1)>**x**.mp4"
    (clip,) = add_clips(hostile, project="# <b>p</b> [a](javascript:b)")
    with opened.database.writing() as session:
        session.add(Job(kind="analyze", arguments={}, clip_id=clip, state="failed", error=hostile))
    signed_in.run()
    assert not signed_in.exception
    assert shown_names(signed_in) == [hostile]
    assert not any("<" in one.value and "style" not in one.value for one in [*signed_in.markdown, *signed_in.get("html")])


def test_an_import_of_what_is_not_there_says_so(signed_in: AppTest, opened: Services) -> None:
    signed_in.run()
    signed_in.text_input(key="import_path").set_value("/no/such/folder")
    signed_in.button(key="import_begin").click().run()
    assert not signed_in.exception
    assert any("/no/such/folder" in text.value for text in signed_in.text)


@pytest.mark.parametrize("analysed", [True, False])
def test_the_models_filter_keeps_clips_they_have_seen_apart(
    signed_in: AppTest, add_clips: AddClips, opened: Services, analysed: bool, tmp_path: Path
) -> None:
    seen, _ = add_clips("seen.mp4", "new.mp4")
    with opened.database.writing() as session:
        session.add(
            Analysis(clip_id=seen, models={}, parameters={}, program_version="0", frames=50, frames_with_face=0, faces=0, seconds=1.0)
        )
    signed_in.run()
    signed_in.selectbox(key="filter_work").set_value("Analysed" if analysed else "Not analysed").run()
    assert not signed_in.exception
    assert shown_names(signed_in) == (["seen.mp4"] if analysed else ["new.mp4"])


def test_the_pager_keeps_its_page_while_another_page_is_looked_at_and_begins_anew_with_other_filters(
    signed_in: AppTest, add_clips: AddClips
) -> None:
    add_clips(*(f"{number:03d}.mp4" for number in range(130)))
    signed_in.run()
    assert len(cards(signed_in)) == 60
    signed_in.session_state["page"] = 3
    signed_in.run()
    assert shown_names(signed_in) == [f"{number:03d}.mp4" for number in reversed(range(10))]
    page(signed_in, "export")
    signed_in.switch_page("../pages/library.py").run()
    assert len(cards(signed_in)) == 10
    signed_in.text_input(key="search").set_value("0").run()
    assert not signed_in.exception
    assert len(cards(signed_in)) == min(60, sum("0" in f"{number:03d}" for number in range(130)))


def test_all_that_the_filters_show_are_put_into_the_queue(signed_in: AppTest, add_clips: AddClips, opened: Services) -> None:
    chosen, _ = add_clips("this.mp4", "other.mp4")
    signed_in.run()
    signed_in.text_input(key="search").set_value("this")
    signed_in.session_state["analyse_menu"] = True
    signed_in.run()
    button = next(one for one in signed_in.button if one.label == "The 1 not analysed yet")
    button.click().run()
    assert not signed_in.exception
    with opened.database.reading() as session:
        assert session.scalars(select(Job.clip_id)).all() == [chosen]


def test_clearing_the_filters_shows_everything_again(signed_in: AppTest, add_clips: AddClips) -> None:
    add_clips("one.mp4", actor="A1")
    add_clips("two.mp4", actor="B2")
    signed_in.run()
    signed_in.multiselect(key="filter_actors").set_value(["A1"])
    signed_in.selectbox(key="filter_work").set_value("Not analysed")
    signed_in.text_input(key="search").set_value("one").run()
    assert shown_names(signed_in) == ["one.mp4"]
    next(one for one in signed_in.button if one.label == "Clear filters").click().run()
    assert not signed_in.exception
    assert shown_names(signed_in) == ["two.mp4", "one.mp4"]
