"""The first visit takes a name, once."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from app.raters import local_rater
from app.services import Services


def test_nothing_is_shown_before_the_rater_has_a_name(program: AppTest) -> None:
    program.run()
    assert not program.exception
    assert program.title[0].value == "Welcome to Portrayal"
    assert not program.get("bidi_component")


def test_the_name_is_kept_and_the_page_that_was_asked_for_comes(program: AppTest, opened: Services) -> None:
    program.run()
    program.text_input[0].set_value("  R1 ")
    program.button[0].click().run()
    assert not program.exception
    assert program.subheader[0].value == "No clips yet"
    with opened.database.reading() as session:
        rater = local_rater(session)
    assert rater is not None and rater.name == "R1"


def test_a_name_that_cannot_be_is_refused_with_the_reason(program: AppTest, opened: Services) -> None:
    program.run()
    program.button[0].click().run()
    assert "printable characters" in program.error[0].value
    with opened.database.reading() as session:
        assert local_rater(session) is None


def test_the_name_is_asked_for_once(signed_in: AppTest) -> None:
    signed_in.run()
    assert not signed_in.title
    assert signed_in.subheader[0].value == "No clips yet"
