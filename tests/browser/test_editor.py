"""The review editor under real keys and a real pointer, and what the database holds afterwards."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.journey import PATIENCE_MS, editor, label, open_clip, saved, sign_in, stretch, upload
from tests.browser.server import Server

CLIP, NEXT = 1, 2


@pytest.fixture(scope="module")
def uploaded(server: Server, browser: Browser, clips: Path) -> Server:
    """A server with a clip of uneven frame rate, and another after it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, server)
    upload(page, clips / "talking_1.mp4", clips / "single_face_quiet.mp4")
    context.close()
    return server


@pytest.fixture
def at_clip(uploaded: Server, page: Page) -> Page:
    """The clip in the editor, with no judgement on it."""
    page.goto(uploaded.url)
    open_clip(page, uploaded, CLIP)
    for _ in range(len(in_database(page, uploaded))):
        page.get_by_test_id("timeline").press("Escape")
        if page.get_by_test_id("label-clip").get_attribute("data-emotions") == "":
            page.keyboard.press("]")
        page.keyboard.press("x")
    saved(page)
    assert in_database(page, uploaded) == []
    return page


def in_database(page: Page, server: Server) -> list[dict[str, Any]]:
    return page.request.get(f"{server.url}/api/clips/{CLIP}/judgements").json()["judgements"]


def spans(judgements: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return sorted(
        ((one["emotions"][0]["id"], one["start_us"], one["end_us"]) for one in judgements if one["start_us"] is not None),
        key=lambda span: span[1],
    )


def row_of(page: Page, place: int) -> tuple[float, float, float]:
    """Left end, width and height of the middle of a tier's row, on the page; row 0 is the whole clip's."""
    box = page.get_by_test_id("tiers").locator("canvas").bounding_box()
    assert box is not None
    return box["x"], box["width"], box["y"] + (11 if place == 0 else 22 + 24 * (place - 1) + 12)


def click(page: Page, place: int, share: float) -> None:
    """On a tier's row, at a share of the clip's length, where the row is when the pointer goes down."""
    box = page.get_by_test_id("tiers").locator("canvas").bounding_box()
    assert box is not None
    _, width, y = row_of(page, place)
    page.get_by_test_id("tiers").locator("canvas").click(position={"x": share * width, "y": y - box["y"]})


def drag(page: Page, place: int, start: float, end: float) -> None:
    """Along a tier, from one share of the clip's length to another."""
    left, width, y = row_of(page, place)
    page.mouse.move(left + start * width, y)
    page.mouse.down()
    page.mouse.move(left + (start + end) / 2 * width, y, steps=3)
    page.mouse.move(left + end * width, y, steps=3)
    page.mouse.up()


def test_the_frame_on_screen_is_the_frame_named_however_uneven_the_frames(uploaded: Server, at_clip: Page) -> None:
    times = at_clip.evaluate(
        f"async () => [...new Float64Array(await (await fetch('/clips/{CLIP}/frame-times')).arrayBuffer())].map(Math.round)"
    )
    assert len({b - a for a, b in pairwise(times)}) > 1, "this clip's frame rate varies"
    timeline = at_clip.get_by_test_id("timeline")
    timeline.locator("video").evaluate(
        """video => { const note = (_, frame) => { video.__drawn = frame.mediaTime; video.requestVideoFrameCallback(note); };
            video.requestVideoFrameCallback(note); }"""
    )
    for frame in (1, 2, 3, 13, 12, 22):
        now = int(timeline.get_attribute("data-frame") or "0")
        at_clip.keyboard.press({1: "Period", -1: "Comma", 10: "Shift+Period"}[frame - now])
        expect(timeline).to_have_attribute("data-frame", str(frame))
        at_clip.wait_for_function(
            """([host, due]) => Math.abs(host.querySelector("video").__drawn * 1e6 - due) < 1000""",
            arg=[timeline.element_handle(), times[frame]],
        )
        expect(timeline).to_have_attribute("data-time-us", str(times[frame]))
        expect(at_clip.get_by_test_id("playhead")).to_have_attribute("data-time-us", str(times[frame]))
        milliseconds = times[frame] // 1000
        expect(at_clip.get_by_test_id("time")).to_have_text(f"0:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}")


def test_a_stretch_is_drawn_labelled_carved_and_its_edge_moved_by_the_pointer(uploaded: Server, at_clip: Page) -> None:
    drag(at_clip, 1, 0.2, 0.6)
    label(at_clip, "ang")
    drag(at_clip, 1, 0.7, 0.5)
    label(at_clip, "fear")
    saved(at_clip)
    first, second = spans(in_database(at_clip, uploaded))
    assert (first[0], second[0]) == ("anger", "fear")
    assert first[2] == second[1], "the newer stretch trimmed the older"

    drag(at_clip, 1, 0.7, 0.8)
    saved(at_clip)
    moved = spans(in_database(at_clip, uploaded))[1]
    assert moved[2] > second[2]
    at_clip.keyboard.press("Control+z")
    saved(at_clip)
    assert spans(in_database(at_clip, uploaded)) == [first, second]


def test_a_stretch_is_cut_joined_and_nudged_by_keys(uploaded: Server, at_clip: Page) -> None:
    stretch(at_clip, 10, 20, "joy")
    saved(at_clip)
    (whole,) = spans(in_database(at_clip, uploaded))
    at_clip.keyboard.press("Shift+Comma")
    at_clip.keyboard.press("s")
    saved(at_clip)
    left, right = spans(in_database(at_clip, uploaded))
    assert (left[1], left[2], right[2]) == (whole[1], right[1], whole[2])

    at_clip.keyboard.press("[")
    at_clip.keyboard.press("m")
    saved(at_clip)
    assert spans(in_database(at_clip, uploaded)) == [whole]
    at_clip.keyboard.press("Home")
    at_clip.keyboard.press("Alt+ArrowRight")
    saved(at_clip)
    ((_, start, end),) = spans(in_database(at_clip, uploaded))
    assert start > whole[1], "the edge nearer to the playhead moved"
    assert end == whole[2]


def test_a_note_belongs_to_what_it_was_typed_about(uploaded: Server, at_clip: Page) -> None:
    stretch(at_clip, 10, 10, "ang")
    stretch(at_clip, 60, 10, "fear")
    at_clip.keyboard.press("t")
    at_clip.keyboard.type("r and c, typed about the second")
    click(at_clip, 1, 15 / 135)
    expect(at_clip.get_by_test_id("label-segment")).to_have_attribute("data-emotions", "anger")
    expect(at_clip.get_by_test_id("note")).to_have_value("")
    at_clip.get_by_test_id("timeline").focus()
    saved(at_clip)
    notes = {one["emotions"][0]["id"]: one["note"] for one in in_database(at_clip, uploaded)}
    assert notes == {"anger": "", "fear": "r and c, typed about the second"}


def test_two_versions_are_both_kept_until_one_is_chosen(uploaded: Server, at_clip: Page, browser: Browser) -> None:
    label(at_clip, "ang")
    saved(at_clip)
    elsewhere = browser.new_context(viewport={"width": 1280, "height": 800})
    other = elsewhere.new_page()
    other.goto(uploaded.url)
    open_clip(other, uploaded, CLIP)
    label(other, "disg")
    saved(other)
    elsewhere.close()

    label(at_clip, "fear")
    timeline = at_clip.get_by_test_id("timeline")
    expect(timeline).to_have_attribute("data-status", "conflict")
    expect(at_clip.get_by_test_id("conflict")).to_contain_text("Fear")
    expect(at_clip.get_by_test_id("conflict")).to_contain_text("Disgust")
    assert [one["emotions"][0]["id"] for one in in_database(at_clip, uploaded)] == ["disgust"]
    at_clip.reload()
    editor(at_clip)
    at_clip.get_by_test_id("keep-mine").click()
    saved(at_clip)
    assert [one["emotions"][0]["id"] for one in in_database(at_clip, uploaded)] == ["fear"]


def test_what_is_said_in_another_browser_is_shown_without_a_touch_and_without_disturbing(
    uploaded: Server, at_clip: Page, browser: Browser
) -> None:
    label(at_clip, "ang")
    saved(at_clip)
    elsewhere = browser.new_context(viewport={"width": 1280, "height": 800})
    other = elsewhere.new_page()
    other.goto(uploaded.url)
    open_clip(other, uploaded, CLIP)
    expect(other.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "anger")
    label(at_clip, "shame")
    saved(at_clip)
    expect(other.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "shame", timeout=10_000)
    expect(other.get_by_test_id("status")).to_have_text("Saved")

    # A note in the midst of being typed keeps what it was begun upon; that both were changed is then told.
    other.keyboard.press("t")
    other.keyboard.type("begun ")
    label(at_clip, "relief")
    saved(at_clip)
    for _ in range(7):
        other.keyboard.type("word ")
        other.wait_for_timeout(1000)
    expect(other.get_by_test_id("note")).to_have_value("begun " + 7 * "word ")
    other.keyboard.press("Escape")
    expect(other.get_by_test_id("conflict")).to_contain_text("Relief")
    expect(other.get_by_test_id("conflict")).to_contain_text("Shame")
    elsewhere.close()


def test_a_second_tab_sees_what_the_first_one_says(uploaded: Server, at_clip: Page) -> None:
    second = at_clip.context.new_page()
    open_clip(second, uploaded, CLIP)
    at_clip.bring_to_front()
    label(at_clip, "relief")
    saved(at_clip)
    expect(second.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "relief")
    saved(second)
    history = at_clip.request.get(f"{uploaded.url}/api/judgements/{in_database(at_clip, uploaded)[0]['id']}/history").json()
    assert len(history["operations"]) == 1, "sent once"


def test_a_note_typed_while_the_next_clip_is_on_its_way_belongs_to_the_clip_that_is_left(uploaded: Server, at_clip: Page) -> None:
    label(at_clip, "ang")
    saved(at_clip)
    held: list[Route] = []
    at_clip.route(f"**/api/clips/{NEXT}", lambda route: held.append(route))
    with at_clip.expect_request(f"**/api/clips/{NEXT}"):
        at_clip.keyboard.press("n")
    at_clip.keyboard.press("t")
    at_clip.keyboard.type("typed late")
    held[0].continue_()
    expect(at_clip.get_by_test_id("timeline")).to_have_attribute("data-clip-id", str(NEXT))
    saved(at_clip)
    assert [one["note"] for one in in_database(at_clip, uploaded)] == ["typed late"]


def operations_fail(page: Page) -> None:
    page.route("**/operations", lambda route: route.abort())


def test_edits_arrive_after_the_editor_was_left_for_another_page(uploaded: Server, at_clip: Page) -> None:
    operations_fail(at_clip)
    label(at_clip, "relief")
    expect(at_clip.get_by_test_id("timeline")).to_have_attribute("data-status", "offline")
    at_clip.get_by_role("link", name="Library").click()
    expect(at_clip.get_by_test_id("timeline")).to_have_count(0)
    assert in_database(at_clip, uploaded) == []
    at_clip.unroute("**/operations")
    wait_until(lambda: len(in_database(at_clip, uploaded)) == 1, at_clip)
    at_clip.go_back()
    editor(at_clip)
    expect(at_clip.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "relief")
    saved(at_clip)


def test_the_export_says_how_many_edits_are_still_in_the_browser_and_sends_them(uploaded: Server, at_clip: Page) -> None:
    operations_fail(at_clip)
    label(at_clip, "relief")
    expect(at_clip.get_by_test_id("timeline")).to_have_attribute("data-status", "offline")
    at_clip.goto(f"{uploaded.url}/export")
    waiting = at_clip.get_by_test_id("waiting")
    expect(waiting).to_contain_text("1 edit waits")
    at_clip.unroute("**/operations")
    expect(waiting).to_be_hidden(timeout=PATIENCE_MS)
    assert len(in_database(at_clip, uploaded)) == 1


def wait_until(condition: Callable[[], bool], page: Page) -> None:
    deadline = monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert monotonic() < deadline
        page.wait_for_timeout(200)


def test_a_note_without_an_emotion_is_not_said_to_be_saved(uploaded: Server, at_clip: Page) -> None:
    at_clip.keyboard.press("t")
    at_clip.keyboard.type("laughs")
    at_clip.keyboard.press("Escape")
    timeline = at_clip.get_by_test_id("timeline")
    expect(timeline).to_have_attribute("data-status", "draft")
    expect(at_clip.get_by_test_id("status")).to_contain_text("choose an emotion")
    label(at_clip, "ang")
    saved(at_clip)
    assert [one["note"] for one in in_database(at_clip, uploaded)] == ["laughs"]
