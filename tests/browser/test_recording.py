"""Recording in the browser, with Chromium's own fake camera and microphone: a moving picture and a beep."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from app.services import Services
from app.settings import Settings
from db.tables import Clip
from tests.browser.conftest import CHROMIUM_ARGUMENTS
from tests.browser.journey import PATIENCE_MS, editor, go_to
from tests.browser.server import Server

FAKE_DEVICES = "--use-fake-device-for-media-stream"
ENOUGH_MS = 2500
"""Of a recording: over twenty frames also where two busy cores encode them."""


@pytest.fixture(scope="module")
def recording_browser(browser: Browser) -> Iterator[Browser]:
    """Apart from the other tests' browser, which has no camera."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    chromium = browser.browser_type.launch(executable_path=executable, args=[*CHROMIUM_ARGUMENTS, FAKE_DEVICES])
    yield chromium
    chromium.close()


@pytest.fixture
def context(recording_browser: Browser) -> Iterator[BrowserContext]:
    fresh = recording_browser.new_context(viewport={"width": 1280, "height": 800}, permissions=["camera", "microphone"])
    yield fresh
    fresh.close()


@pytest.fixture
def recorder(server: Server, page: Page) -> Page:
    """The page with camera and microphone on, nothing analysed, no countdown."""
    name_rater(page, server)
    page.get_by_text("Analyse clips as they come in").click()
    page.get_by_role("button", name="Turn on camera and microphone").click()
    expect(page.get_by_role("button", name="Record")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Countdown").select_option("0")
    return page


def name_rater(page: Page, server: Server) -> None:
    """On the record page, with a name: the first time it has to be given."""
    page.goto(f"{server.url}/record")
    ready = page.get_by_test_id("reason")
    asked = page.get_by_label("Your name as a rater")
    expect(ready.or_(asked)).to_be_visible(timeout=PATIENCE_MS)
    if asked.is_visible():
        asked.fill("R1")
        page.keyboard.press("Enter")
    expect(ready).to_be_visible(timeout=PATIENCE_MS)


def state(page: Page, phase: str) -> None:
    expect(page.locator(".recorder")).to_have_attribute("data-phase", phase, timeout=PATIENCE_MS)


def record(page: Page, ms: int = ENOUGH_MS) -> None:
    page.keyboard.press("Space")
    state(page, "recording")
    page.wait_for_timeout(ms)
    page.keyboard.press("Space")
    state(page, "judging")


def clips_of(server: Server) -> list[Clip]:
    opened = Services.open(Settings(home=server.home))
    try:
        with opened.database.reading() as session:
            found = list(session.scalars(select(Clip).order_by(Clip.id)))
            for clip in found:
                assert clip.medium and isinstance(clip.intended, list)  # loaded while the session is there
            return found
    finally:
        opened.close()


SETTLED = """async (video, wanted) => {
    const shown = () => new Promise((resolve) => {
        video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime));
        video.currentTime += 1e-4;
        setTimeout(resolve, 2000, NaN);
    });
    let last = NaN;
    for (let look = 0; look < 10 && !(Math.abs(last - wanted) < 1e-3); look++) last = await shown();
    return last;
}"""
"""The time of the frame on screen, once the seeks of fifteen key presses have come to rest: each look may still see the one before."""


def test_a_take_is_recorded_by_keys_kept_and_opens_in_the_editor_on_its_real_frame_times(server: Server, recorder: Page) -> None:
    assert recorder.locator("video.live").evaluate("video => getComputedStyle(video).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
    recorder.get_by_label("Actor").fill("Åsa 7")
    recorder.get_by_label("Intended emotion").select_option("anger")
    recorder.locator(".state").click()  # away from the fields
    record(recorder)
    play = recorder.get_by_label("Playback")
    expect(play).not_to_have_js_property("duration", 0)
    assert play.evaluate("video => getComputedStyle(video).transform") == "none"
    recorder.keyboard.press("Enter")
    expect(recorder.get_by_test_id("takes-status")).to_have_text("Saved", timeout=PATIENCE_MS)
    assert stored(recorder) == 0

    clip = clips_of(server)[-1]
    assert clip.medium.frames > 20 and clip.medium.audio_codec == "opus" and clip.medium.has_audio
    assert abs(clip.medium.duration_us / 1000 - ENOUGH_MS) < 1500
    assert (clip.actor, [one.emotion for one in clip.intended]) == ("Åsa 7", ["anger"])
    assert clip.file_name.startswith("R1-") and clip.file_name.endswith(".webm")

    recorder.get_by_role("link", name=f"Review {clip.file_name}").click()
    timeline = editor(recorder)
    go_to(recorder, 15)
    expect(timeline).to_have_attribute("data-frame", "15")
    expect(timeline).to_have_attribute("data-time-us", str(times_us(clip)[15]))
    shown = recorder.locator("video").evaluate(SETTLED, times_us(clip)[15] / 1e6)
    assert abs(shown * 1e6 - times_us(clip)[15]) < 1000, "the picture is the frame that is named"
    recorder.get_by_role("link", name="Library").click()
    expect(recorder.locator("article.card").filter(has_text=clip.file_name)).to_be_visible(timeout=PATIENCE_MS)


def times_us(clip: Clip) -> list[int]:
    from app.media.probe import unpack_times

    return unpack_times(clip.medium.frame_times).tolist()


def test_a_page_closed_in_mid_recording_loses_nothing_that_was_a_second_old(
    server: Server, context: BrowserContext, recorder: Page
) -> None:
    before = len(clips_of(server))
    recorder.keyboard.press("Space")
    state(recorder, "recording")
    recorder.wait_for_timeout(3200)
    recorder.close()

    page = context.new_page()
    name_rater(page, server)
    offered = page.locator(".row[data-state=recorded]")
    expect(offered).to_contain_text("was not kept", timeout=PATIENCE_MS)
    expect(offered).to_contain_text("A take of 0:0")
    offered.get_by_role("button", name="play").click()
    state(page, "judging")
    page.locator(".state").click()
    page.keyboard.press("k")
    expect(page.get_by_test_id("takes-status")).to_have_text("Saved", timeout=PATIENCE_MS)
    clips = clips_of(server)
    assert len(clips) == before + 1
    assert clips[-1].medium.duration_us > 2_000_000


def test_a_take_waits_in_the_browser_while_the_server_is_away_and_goes_when_it_is_back(server: Server, recorder: Page) -> None:
    before = len(clips_of(server))
    record(recorder, 1200)
    server.kill()
    recorder.get_by_role("button", name="Keep").click()
    waiting = recorder.locator(".row[data-state=keeping]")
    expect(waiting).to_contain_text("The take waits in this browser", timeout=PATIENCE_MS)
    expect(recorder.get_by_test_id("takes-status")).to_have_text("1 waiting")
    server.start()
    expect(recorder.get_by_test_id("takes-status")).to_have_text("Saved", timeout=PATIENCE_MS)
    assert stored(recorder) == 0
    assert len(clips_of(server)) == before + 1


def test_a_take_can_be_paused_discarded_brought_back_and_discarded(server: Server, recorder: Page) -> None:
    before = len(clips_of(server))
    recorder.keyboard.press("Space")
    state(recorder, "recording")
    recorder.keyboard.press("p")
    state(recorder, "paused")
    recorder.keyboard.press("p")
    state(recorder, "recording")
    recorder.wait_for_timeout(700)
    recorder.keyboard.press("Space")
    state(recorder, "judging")
    recorder.keyboard.press("d")
    state(recorder, "ready")
    recorder.get_by_role("button", name="bring it back").click()
    expect(recorder.locator(".row[data-state=recorded]")).to_be_visible()
    recorder.locator(".row").get_by_role("button", name="discard").click()
    recorder.get_by_role("link", name="Export").click()
    expect(recorder.get_by_role("link", name="Download")).to_be_visible(timeout=PATIENCE_MS)
    assert stored(recorder) == 0
    assert len(clips_of(server)) == before


def test_who_refuses_the_camera_reads_what_to_do(server: Server, recording_browser: Browser) -> None:
    with recording_browser.new_context() as context:  # nothing is allowed: Chromium without a window answers no
        page = context.new_page()
        name_rater(page, server)
        reason = page.get_by_test_id("reason")
        expect(reason).to_have_attribute("data-kind", "not-asked")
        page.get_by_role("button", name="Turn on camera and microphone").click()
        expect(reason).to_have_attribute("data-kind", "refused", timeout=PATIENCE_MS)
        expect(reason).to_contain_text("allow camera and microphone for this page")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_who_has_no_camera_reads_that(server: Server, browser: Browser) -> None:
    with browser.new_context(permissions=["camera", "microphone"]) as context:
        page = context.new_page()
        name_rater(page, server)
        page.get_by_role("button", name="Turn on camera and microphone").click()
        expect(page.get_by_test_id("reason")).to_contain_text("No camera or microphone was found", timeout=PATIENCE_MS)


def stored(page: Page) -> int:
    """Takes and pieces that are still in the browser."""
    return page.evaluate(
        """() => new Promise((resolve) => {
            const request = indexedDB.open("portrayal-takes");
            request.onsuccess = () => {
                const reading = request.result.transaction(["takes", "pieces"]);
                const counts = ["takes", "pieces"].map((name) => reading.objectStore(name).count());
                reading.oncomplete = () => resolve(counts.reduce((sum, one) => sum + one.result, 0));
            };
        })"""
    )
