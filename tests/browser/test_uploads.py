"""Files on their way into the library, as the one who sends them sees it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.journey import PATIENCE_MS, sign_in
from tests.browser.server import Server

SLOW_BYTES_A_SECOND = 60_000


def test_uploads_go_on_while_other_pages_are_looked_at_and_can_be_cancelled(
    server: Server, context: BrowserContext, page: Page, clips: Path
) -> None:
    sign_in(page, server)
    throttle(context, page, SLOW_BYTES_A_SECOND)
    page.locator("input[type=file]").first.set_input_files([clips / "talking_1.mp4", clips / "talking_2.mp4", clips.parent / "README.md"])
    sending = page.locator("[data-state=sending]")
    expect(sending).to_contain_text("talking_1.mp4")
    expect(sending.get_by_role("progressbar")).not_to_have_js_property("value", 0)

    page.get_by_role("link", name="Export").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="Library").click()
    expect(sending).to_contain_text("talking_1.mp4", timeout=PATIENCE_MS)

    waiting = page.locator("[data-state=waiting]").filter(has_text="talking_2.mp4")
    waiting.get_by_role("button", name="cancel").click()
    expect(page.locator("[data-state=cancelled]")).to_contain_text("talking_2.mp4")
    throttle(context, page, -1)
    expect(page.locator("[data-state=added]")).to_contain_text("talking_1.mp4", timeout=PATIENCE_MS)
    refused = page.locator("[data-state=refused]")
    expect(refused).to_contain_text("README.md", timeout=PATIENCE_MS)
    expect(refused).to_contain_text("Accepted are MP4")

    card = page.locator("article.card")
    expect(card).to_have_count(1, timeout=PATIENCE_MS)
    expect(card).to_contain_text("talking_1.mp4")
    page.locator("[data-state=added]").get_by_role("link", name="open").click()
    expect(page.get_by_test_id("timeline")).to_have_attribute("data-ready", "ready", timeout=PATIENCE_MS)


def throttle(context: BrowserContext, page: Page, upload: int) -> None:
    """Lets the page send so many bytes a second; -1: as fast as it can."""
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload}
    session.send("Network.emulateNetworkConditions", limits)
