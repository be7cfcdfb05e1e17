"""The pages in windows of any width, by day and by night: nothing covers anything, everything is named, nothing jumps."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.journey import PATIENCE_MS, editor, label, open_clip, saved, sign_in, upload
from tests.browser.server import Server

CONTROLS = "button, input, select, textarea, summary, [role=button], [role=slider], [role=option], [role=radio]"

OUT_OF_PLACE = """(host) => {
    const box = (element) => element.getBoundingClientRect();
    const shown = (element) => element.checkVisibility() && box(element).width > 1 && box(element).height > 1;
    const said = (element) => element.getAttribute("aria-label") || element.dataset.testid || element.textContent.trim() || element.className;
    const wrong = [];
    const controls = [...host.querySelectorAll(".transport button, .transport select, .transport .time, .transport .frame, .headline > *, .foot button, .foot textarea")]
        .filter((element) => shown(element) && !element.closest("dialog"));
    for (const [nth, one] of controls.entries()) {
        const a = box(one);
        if (a.right > host.getBoundingClientRect().right + 1) wrong.push(`${said(one)} leaves the editor`);
        for (const other of controls.slice(nth + 1)) {
            const b = box(other);
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (across > 1 && down > 1 && !one.contains(other) && !other.contains(one)) wrong.push(`${said(one)} covers ${said(other)}`);
        }
    }
    const [left, right] = [box(host.querySelector(".left")), box(host.querySelector(".right"))];
    const besides = Math.min(left.right, right.right) - Math.max(left.left, right.left) <= 1;
    const below = right.top >= left.bottom - 1;
    if (!besides && !below) wrong.push("the panel covers the lanes");
    for (const bar of host.querySelectorAll(".bar, .headline, .top"))
        if (bar.scrollWidth > bar.clientWidth + 1) wrong.push(`${bar.className} is wider than its place`);
    for (const name of host.querySelectorAll(".families .name, .familyname"))
        if (shown(name) && name.scrollWidth > name.clientWidth + 1) wrong.push(`${name.textContent} is cut`);
    return wrong;
}"""

NAMELESS = """(selector) => {
    const roots = (node) => [node, ...[...node.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? roots(one.shadowRoot) : []))];
    const named = (element) => {
        const root = element.getRootNode();
        const by = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => id && root.getElementById(id)?.textContent).join("");
        const labels = [...(element.labels || [])].map((one) => one.textContent).join("");
        const own = ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName) ? "" : element.textContent;
        return [element.getAttribute("aria-label"), by, labels, own, element.title].some((text) => text && text.trim());
    };
    const hidden = (element) => element.closest("[aria-hidden=true]") || element.type === "hidden" || !element.checkVisibility();
    return roots(document)
        .flatMap((root) => [...root.querySelectorAll(selector)])
        .filter((element) => !hidden(element) && !named(element))
        .map((element) => element.outerHTML.slice(0, 120));
}"""

SHIFTS = """() => new Promise((done) => {
    const seen = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
    const streamlits = ({ node }) => node?.dataset?.testid?.startsWith("st");
    setTimeout(() => done(seen.filter((entry) => !entry.sources.every(streamlits)).reduce((sum, entry) => sum + entry.value, 0)), 500);
})"""
"""The sum of layout shifts since the page was loaded, but for Streamlit's own frame, which it draws first."""


@pytest.fixture(scope="module")
def analysed(server: Server, browser: Browser, clips: Path) -> Server:
    """A server with one clip that its models have looked at."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, server)
    upload(page, clips / "single_face_quiet.mp4")
    expect(page.get_by_text("Analysing")).to_be_visible(timeout=PATIENCE_MS)  # the page has told the program of the clip
    open_clip(page, server, 1)
    expect(page.get_by_test_id("suggestion")).not_to_have_attribute("data-family", "", timeout=2 * PATIENCE_MS)
    context.close()
    return server


def window(browser: Browser, server: Server, width: int, height: int, scheme: Literal["light", "dark"] = "light") -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.goto(server.url)
    open_clip(page, server, 1)
    return page


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768), (1024, 768), (800, 700), (640, 800)])
def test_at_any_width_nothing_of_the_review_page_covers_or_leaves_its_place(
    analysed: Server, browser: Browser, width: int, height: int
) -> None:
    page = window(browser, analysed, width, height)
    timeline = page.get_by_test_id("timeline")
    page.wait_for_timeout(300)
    assert timeline.evaluate(OUT_OF_PLACE) == []
    # What is suggested, and what completes a label, are in sight without scrolling; where the panel is below the lanes, with it.
    expect(page.locator(".suggested .chip")).to_be_in_viewport(ratio=1)
    if width < 700:
        page.get_by_test_id("none_of_these").scroll_into_view_if_needed()
    for name in ("confidence", "none_of_these", "cannot_judge", "note"):
        expect(page.get_by_test_id(name)).to_be_in_viewport(ratio=1)
    # With a stretch, a blend and a note of what was done it holds, too.
    page.keyboard.press("o")
    label(page, "ang")
    page.keyboard.press("Shift+Equal")
    saved(page)
    assert timeline.evaluate(OUT_OF_PLACE) == []
    expect(page.locator(".suggested .chip")).to_be_in_viewport(ratio=1)
    page.keyboard.press("x")
    saved(page)
    page.context.close()


def test_nothing_jumps_while_the_review_page_loads(analysed: Server, browser: Browser) -> None:
    page = window(browser, analysed, 1280, 800)
    page.reload()
    editor(page)
    assert page.evaluate(SHIFTS) < 0.01, "0.1 counts as good"
    page.context.close()


def test_every_control_has_a_name(analysed: Server, browser: Browser) -> None:
    page = window(browser, analysed, 1280, 800)
    label(page, "ang")
    assert page.evaluate(NAMELESS, CONTROLS) == []
    for key, dialog in (("Shift+Slash", "help"), ("v", "compare")):
        page.get_by_test_id("timeline").focus()
        page.keyboard.press(key)
        expect(page.get_by_test_id(dialog)).to_be_visible()
        assert page.evaluate(NAMELESS, CONTROLS) == []
        page.keyboard.press("Escape")
    for path in ("", "models", "export", "settings"):
        page.goto(f"{analysed.url}/{path}")
        page.get_by_test_id("stMainBlockContainer").wait_for()
        page.wait_for_timeout(1500)
        assert page.evaluate(NAMELESS, CONTROLS) == [], path
    page.context.close()


def test_after_a_restart_the_page_says_so_and_goes_on(analysed: Server, browser: Browser) -> None:
    page = window(browser, analysed, 1280, 800)
    analysed.kill()
    label(page, "relief")
    expect(page.get_by_test_id("timeline")).to_have_attribute("data-status", "offline", timeout=PATIENCE_MS)
    analysed.start()
    saved(page)
    notice = page.get_by_test_id("restarted")
    expect(notice).to_contain_text("The program was restarted. Nothing is lost", timeout=PATIENCE_MS)
    expect(notice.get_by_role("button", name="Reload")).to_be_visible()
    expect(page.get_by_test_id("status")).to_have_text("Saved")
    notice.get_by_role("button", name="I have seen it").click()
    expect(notice).to_have_count(0)
    label(page, "ang")
    saved(page)
    page.context.close()
