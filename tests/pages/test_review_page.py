"""The review page mounts the editor for the clip of its address, and says so where there is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import component, page


def test_the_editor_is_mounted_for_the_clip_of_the_address(signed_in: AppTest, add_clips: Callable[..., list[int]]) -> None:
    _, clip = add_clips("one.mp4", "two.mp4")
    signed_in.query_params["clip"] = str(clip)
    page(signed_in, "review")
    signed_in.query_params["clip"] = str(clip)
    signed_in.run()
    assert not signed_in.exception
    assert component(signed_in, "timeline")["clip_id"] == clip


@pytest.mark.parametrize("asked", ["99", "-1", "x", "9" * 40])
def test_a_clip_that_is_not_there_is_explained(signed_in: AppTest, asked: str) -> None:
    page(signed_in, "review")
    signed_in.query_params["clip"] = asked
    signed_in.run()
    assert not signed_in.exception
    assert signed_in.markdown[-1].value.startswith("There is no such clip.")
    assert signed_in.page_link[0].value == "To the library"


def test_without_a_clip_the_page_leads_to_the_library(signed_in: AppTest) -> None:
    page(signed_in, "review")
    assert not signed_in.exception
    assert signed_in.markdown[-1].value == "Open a clip in the library to review it."


def test_the_other_pages_follow_the_clip_into_its_project(signed_in: AppTest, add_clips: Callable[..., list[int]]) -> None:
    add_clips("one.mp4", project="a study")
    (clip,) = add_clips("two.mp4", project="z study")
    page(signed_in, "review")
    signed_in.query_params["clip"] = str(clip)
    signed_in.run()
    signed_in.switch_page("../pages/library.py").run()
    assert not signed_in.exception
    assert signed_in.selectbox(key="project").value == "z study"
