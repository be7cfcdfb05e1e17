"""The clip's clock, as measured from the file, is the clock that a browser shows the file by."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from app.media.limits import Limits
from app.media.playability import media_type
from app.media.probe import probe
from app.media.proxy import make_proxy
from app.settings import Settings
from tests.media.crafted import tone, write_clip

FRAMES_SHOWN = """async (wanted) => {
    const video = document.querySelector("video");
    const shown = [];
    await new Promise((enough, failed) => {
        const note = (now, frame) => {
            shown.push(frame.mediaTime);
            if (shown.length >= wanted) enough();
            video.requestVideoFrameCallback(note);
        };
        video.requestVideoFrameCallback(note);
        video.onended = enough;
        video.onerror = () => failed(video.error.message);
        video.muted = true;
        video.src = "/clip";
        video.play();
    });
    return shown;
}"""


def _frame_times_shown(page: Page, clip: Path, wanted: int) -> list[int]:
    """The times in µs of `wanted` frames that the browser puts on the screen while it plays."""

    def clip_bytes(route: Route) -> None:
        route.fulfill(body=clip.read_bytes(), content_type=media_type("webm" if clip.suffix == ".webm" else "mp4", True))

    page.route("http://clip.test/", lambda route: route.fulfill(body="<video></video>", content_type="text/html"))
    page.route("http://clip.test/clip", clip_bytes)
    page.goto("http://clip.test/")
    return [round(time * 1e6) for time in page.evaluate(FRAMES_SHOWN, wanted)]


def _check(page: Page, shown: Path, measured: Path) -> None:
    probed = probe(measured, Limits.of(Settings()))
    assert probed.frame_times_us is not None
    times = _frame_times_shown(page, shown, wanted=16)
    assert len(times) >= 16
    assert set(times) <= set(probed.frame_times_us.tolist())
    assert times[0] in probed.frame_times_us[:3], "its zero is our zero"


@pytest.mark.parametrize("name", ["talking_1.mp4", "no_face.mp4"])
def test_the_browser_shows_a_clip_by_the_measured_times(name: str, page: Page, clips: Path) -> None:
    _check(page, clips / name, clips / name)


@pytest.mark.parametrize("name", ["face_then_none.mov", "talking_1.mp4"])
def test_the_browser_shows_a_proxy_by_the_times_of_its_original(name: str, page: Page, clips: Path, tmp_path: Path) -> None:
    make_proxy(clips / name, tmp_path / "proxy.mp4")
    _check(page, tmp_path / "proxy.mp4", clips / name)


def test_the_browser_shows_the_proxy_of_a_late_clock_from_zero(page: Page, tmp_path: Path) -> None:
    original = write_clip(tmp_path / "late.ts", range(0, 2000, 40), sound=tone(2))
    make_proxy(original, tmp_path / "proxy.mp4")
    _check(page, tmp_path / "proxy.mp4", original)


def test_the_browser_shows_a_variable_rate_by_the_measured_times(page: Page, tmp_path: Path) -> None:
    times = [k * 40 + (k % 3) * 11 for k in range(50)]
    clip = write_clip(tmp_path / "v.webm", times, codec="libvpx")
    _check(page, clip, clip)
