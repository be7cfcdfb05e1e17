"""The settings: name, projects, blindness, models, backup, doctor."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from app.raters import local_rater
from app.services import Services
from db.tables import Project
from tests.pages.conftest import page


def tab(at: AppTest, name: str) -> AppTest:
    at.session_state["settings_tab"] = name
    return at.run()


def test_a_project_is_made_and_can_be_chosen(signed_in: AppTest, opened: Services) -> None:
    page(signed_in, "settings")
    signed_in.text_input(key="new_project_name").set_value("study")
    signed_in.form_submit_button[0].click().run()
    assert not signed_in.exception
    assert "study" in signed_in.selectbox(key="project").options
    with opened.database.reading() as session:
        assert "study" in session.scalars(select(Project.name)).all()


def test_a_project_is_made_blind_and_open_again(signed_in: AppTest, add_clips: Callable[..., list[int]], opened: Services) -> None:
    add_clips("one.mp4")
    page(signed_in, "settings")
    for blind in (True, False):
        signed_in.toggle[0].set_value(blind).run()
        assert not signed_in.exception
        with opened.database.reading() as session:
            assert session.scalars(select(Project)).one().options["blind"] is blind


def test_the_name_is_corrected_while_nothing_was_judged(signed_in: AppTest, opened: Services) -> None:
    tab(page(signed_in, "settings"), "You")
    signed_in.text_input[0].set_value("R2")
    signed_in.form_submit_button[0].click().run()
    with opened.database.reading() as session:
        rater = local_rater(session)
    assert rater is not None and rater.name == "R2"


def test_a_backup_is_made_and_the_doctor_reports(signed_in: AppTest, opened: Services) -> None:
    tab(page(signed_in, "settings"), "Data and health")
    signed_in.button(key="make_backup").click().run()
    assert not signed_in.exception
    (copy,) = (opened.settings.home / "backups").iterdir()
    assert copy.read_bytes().startswith(b"SQLite format 3")
    signed_in.button(key="examine").click().run()
    assert not signed_in.exception
    assert {"python", "database", "home folder", "model fer"} <= set(signed_in.dataframe[0].value["Check"])


def test_a_scheme_with_mistakes_is_refused_line_by_line(signed_in: AppTest) -> None:
    page(signed_in, "settings")
    signed_in.file_uploader[0].upload("own.csv", b"id,name,family,definition\nanger,Anger,hostility,\nanger,Anger,hostility,x\n")
    signed_in.run()
    signed_in.text_input(key="scheme_name").set_value("own").run()
    signed_in.button(key="add_scheme").click().run()
    assert not signed_in.exception
    assert any("line" in text.value for text in signed_in.text)
