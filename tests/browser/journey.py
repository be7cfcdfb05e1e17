"""A researcher's moves in the browser, named after what they do."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.server import Server

PATIENCE_MS = 90_000
"""Two cores, models that load for the first time, and other tests beside this one."""


def sign_in(page: Page, server: Server, name: str = "R1") -> None:
    page.goto(server.url)
    page.get_by_label("Your name as a rater").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No clips yet")).to_be_visible(timeout=PATIENCE_MS)


def upload(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(list(files))
    expect(page.get_by_text("added", exact=True)).to_have_count(len(files), timeout=PATIENCE_MS)


def open_clip(page: Page, server: Server, clip: int) -> Locator:
    """The editor, ready."""
    page.goto(f"{server.url}/review?clip={clip}")
    return editor(page)


def editor(page: Page) -> Locator:
    """The editor of the page as it is, once it is ready for keys."""
    timeline = page.get_by_test_id("timeline")
    expect(timeline).to_have_attribute("data-ready", "ready", timeout=PATIENCE_MS)
    return timeline


def label(page: Page, letters: str) -> None:
    """Enter, a few letters, Enter: labels whatever is being worked on."""
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("picker-input")).to_be_focused()
    page.keyboard.type(letters)
    page.keyboard.press("Enter")


def go_to(page: Page, frames: int) -> None:
    """Steps `frames` frames on, ten at a time where it can."""
    for _ in range(frames // 10):
        page.keyboard.press("Shift+Period")
    for _ in range(frames % 10):
        page.keyboard.press("Period")


def stretch(page: Page, start_frame: int, frames: int, letters: str) -> None:
    """Marks a stretch from `start_frame` over `frames` frames, and labels it, from the first frame on."""
    page.keyboard.press("Home")
    go_to(page, start_frame)
    page.keyboard.press("i")
    go_to(page, frames)
    page.keyboard.press("o")
    label(page, letters)


def saved(page: Page) -> None:
    """Waits until every edit is durable in the database."""
    timeline = page.get_by_test_id("timeline")
    expect(timeline).to_have_attribute("data-pending", "0", timeout=PATIENCE_MS)
    expect(timeline).to_have_attribute("data-status", "saved", timeout=PATIENCE_MS)
