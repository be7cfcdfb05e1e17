"""The main job in a browser: upload, watch the analysis, label a clip and a stretch, reload, undo, history, export."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.journey import PATIENCE_MS, editor, label, open_clip, saved, sign_in, stretch, upload
from tests.browser.server import Server

SURPRISED = "01-01-08-02-01-01-19.mp4"


@pytest.fixture(scope="module")
def analysed(server: Server, browser: object, clips: Path) -> Server:
    """A server with two clips that were uploaded through the page, and analysed while it was watched."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})  # type: ignore[attr-defined]
    page = context.new_page()
    sign_in(page, server)
    upload(page, clips / SURPRISED, clips / "talking_1.mp4")
    expect(page.get_by_text("Analysing")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("Analysing")).to_be_hidden(timeout=2 * PATIENCE_MS)
    context.close()
    return server


def test_what_is_labelled_survives_a_reload_is_undone_has_a_history_and_is_exported_exactly(
    analysed: Server, context: BrowserContext, page: Page
) -> None:
    page.goto(analysed.url)
    timeline = open_clip(page, analysed, 1)
    expect(page.get_by_test_id("suggestion")).to_be_visible()

    label(page, "positive sur")
    page.keyboard.press("e")
    page.keyboard.press("3")
    expect(page.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "positive_surprise")
    stretch(page, 30, 40, "ang")
    saved(page)
    stretch_of = page.locator("[data-testid=segment][data-emotions=anger]")
    expect(stretch_of).to_have_count(1)
    start_us, end_us = (int(stretch_of.get_attribute(f"data-{edge}-us") or "") for edge in ("start", "end"))
    assert 0 < start_us < end_us

    page.reload()
    timeline = editor(page)
    expect(page.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "positive_surprise")
    expect(page.locator(f"[data-testid=segment][data-emotions=anger][data-start-us='{start_us}'][data-end-us='{end_us}']")).to_have_count(1)

    page.keyboard.press("Control+z")
    saved(page)
    expect(page.locator("[data-testid=segment][data-emotions=anger]")).to_have_count(0)
    page.keyboard.press("Control+y")
    saved(page)
    expect(page.locator("[data-testid=segment][data-emotions=anger]")).to_have_count(1)
    page.keyboard.press("Escape")
    timeline.get_by_text("History", exact=True).click()
    expect(page.get_by_test_id("version")).to_have_count(2)  # the label, then its intensity
    expect(timeline).to_have_attribute("data-status", "saved")

    files = download(context, analysed)
    labels = list(csv.DictReader(io.StringIO(files["labels.csv"].decode(), newline="")))
    stretch_seconds = (f"{start_us / 1e6:.6f}", f"{end_us / 1e6:.6f}")
    said = {
        (row["tier"], row["start_s"], row["end_s"], row["emotion"], row["intensity"], row["annotator"], row["outcome"]) for row in labels
    }
    assert said == {
        ("clip", "", "", "positive_surprise", "3", "R1", "label"),
        (
            "clip",
            *stretch_seconds,
            "anger",
            "",
            "R1",
            "label",
        ),
    }
    assert {row["intended_emotion"] for row in labels} == {"positive_surprise|negative_surprise"}
    clips_csv = list(csv.DictReader(io.StringIO(files["clips.csv"].decode(), newline="")))
    assert len(clips_csv) == 2, "the clip without a label is there too"
    manifest = json.loads(files["manifest.json"])
    assert manifest["counts"]["judgements"] == 2


def download(context: BrowserContext, server: Server) -> dict[str, bytes]:
    """The files of the export, fetched as the page's button fetches them."""
    page = context.new_page()
    page.goto(f"{server.url}/export")
    with page.expect_download(timeout=PATIENCE_MS) as started:
        page.get_by_role("link", name="Download").click()
    path = started.value.path()
    page.close()
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_picture_under_frame_0_is_frame_0_and_not_the_poster(analysed: Server, page: Page) -> None:
    page.goto(analysed.url)
    timeline = open_clip(page, analysed, 2)
    video = timeline.locator("video")
    video.evaluate("video => video.readyState >= 2 || new Promise(done => video.addEventListener('loadeddata', done, { once: true }))")
    page.wait_for_timeout(300)
    first = video.screenshot()
    page.keyboard.press("Period")
    expect(timeline).to_have_attribute("data-frame", "1")
    page.keyboard.press("Comma")
    expect(timeline).to_have_attribute("data-frame", "0")
    page.wait_for_timeout(500)
    assert video.screenshot() == first


def test_playback_goes_on_undisturbed_while_edits_are_made(analysed: Server, page: Page) -> None:
    page.goto(analysed.url)
    open_clip(page, analysed, 2)
    video = page.get_by_test_id("timeline").locator("video")
    video.evaluate(
        """video => { video.muted = true; video.__times = []; video.__marker = Math.random();
            for (const event of ["emptied", "seeking", "stalled", "abort", "pause"]) video.addEventListener(event, () => video.__times.push(event)); }"""
    )
    marker = video.evaluate("video => video.__marker")
    page.keyboard.press("Space")
    times = []
    for intensity in ("1", "2", "3", "4"):
        if intensity == "1":
            label(page, "joy")
        page.keyboard.press("e")
        page.keyboard.press(intensity)
        times.append(video.evaluate("video => video.currentTime"))
        page.wait_for_timeout(250)
    assert times == sorted(times), "it never jumped back"
    assert times[-1] > times[0] + 0.5, "it went on playing"
    assert video.evaluate("video => video.__marker") == marker, "it is the same element"
    assert video.evaluate("video => video.__times") == [], "it was neither reloaded, sought nor paused"
    saved(page)
    expect(page.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "happiness_joy")


def test_edits_made_while_the_server_is_down_arrive_when_it_is_back(analysed: Server, page: Page) -> None:
    page.goto(analysed.url)
    timeline = open_clip(page, analysed, 2)
    analysed.kill()
    label(page, "relief")
    stretch(page, 20, 20, "sad")
    expect(timeline).not_to_have_attribute("data-pending", "0")
    expect(timeline).not_to_have_attribute("data-status", "saved")
    analysed.start()
    page.reload()
    editor(page)
    saved(page)
    page.reload()
    editor(page)
    expect(page.get_by_test_id("label-clip")).to_have_attribute("data-emotions", "relief")
    expect(page.locator("[data-testid=segment][data-emotions=sadness]")).to_have_count(1)


def test_an_analysis_that_comes_while_one_looks_is_shown_though_its_lanes_failed_at_first(analysed: Server, page: Page) -> None:
    def not_analysed_yet(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "analysis": None, "suggestion": None})

    page.goto(analysed.url)
    page.route("**/api/clips/1", not_analysed_yet, times=1)
    page.route("**/clips/1/traces*", lambda route: route.abort(), times=1)
    with page.expect_response(lambda answer: "/clips/1/traces" in answer.url, timeout=PATIENCE_MS):
        open_clip(page, analysed, 1)
        expect(page.get_by_test_id("suggestion")).to_have_attribute("data-family", "")
    expect(page.get_by_test_id("suggestion")).not_to_have_attribute("data-family", "")
