"""Correcting who speaks when and who is who under real keys and a real pointer, and what the database holds afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from app.review.blinding import set_blind
from app.services import Services
from app.settings import Settings
from app.training.voice.data import read_sound
from db import tables
from tests.browser.journey import open_clip, saved, sign_in
from tests.browser.server import ROOT, Server

CLIP = 1
TAKES = [(5, "01-01"), (10, "01-01"), (5, "02-01"), (10, "02-01"), (5, "01-02"), (10, "01-02")]
FPS, SIDE = 6, 240


@pytest.fixture(scope="session")
def talk(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A man and a woman of RAVDESS in turn, three sentences each; in the picture two other people side by side."""
    sound = np.concatenate([read_sound(data / "ravdess_speech" / f"03-01-02-01-{take}-{actor:02}.flac") for actor, take in TAKES])
    left, right = (faces(data / "clips" / name, len(sound) * FPS // 16_000) for name in ("talking_1.mp4", "talking_2.mp4"))
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    with av.open(str(path), "w") as container:
        video, audio = container.add_stream("libx264", rate=FPS), container.add_stream("aac", rate=16_000, layout="mono")
        video.width, video.height, video.pix_fmt = 2 * SIDE, SIDE, "yuv420p"
        for pair in zip(left, right, strict=True):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(np.hstack(pair)), "rgb24")))
        container.mux(video.encode(None))
        whole = av.AudioFrame.from_ndarray((sound * 32_767).astype(np.int16)[None], "s16", "mono")
        whole.sample_rate = 16_000
        cut = av.AudioResampler("fltp", "mono", 16_000, frame_size=1024)
        for frame in [*cut.resample(whole), *cut.resample(None)]:
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


def faces(clip: Path, count: int) -> list[np.ndarray]:
    """So many pictures of a clip, back and forth."""
    with av.open(str(clip)) as container:
        found = [frame.reformat(SIDE, SIDE, "rgb24").to_ndarray() for frame in container.decode(video=0)][::4]
    there_and_back = [*found, *found[::-1]]
    return [there_and_back[k % len(there_and_back)] for k in range(count)]


@pytest.fixture(scope="module")
def talked(server: Server, browser: Browser, talk: Path) -> Server:
    """A server with that clip, analysed with the real weights: two speakers, two people."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    sign_in(context.new_page(), server)
    context.close()
    for command in (
        ["import", str(talk), "--project", "talk"],
        ["analyze", str(CLIP), "--speakers", "ge2e", "--voice", "none", "--every", "5"],
    ):
        environment = os.environ | {"PORTRAYAL_HOME": str(server.home)}
        subprocess.run([sys.executable, "-m", "app", *command], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)
    return server


@pytest.fixture
def at_clip(talked: Server, page: Page) -> Page:
    """The clip in the editor, both lanes as they were found."""
    page.goto(talked.url)
    for kind in ("turns", "cast"):
        lane = lanes(page, talked)[kind]
        if lane["same_as"]:
            send(page, talked, lane, action="restore", revision=0)
    open_clip(page, talked, CLIP)
    return page


def lanes(page: Page, server: Server) -> dict[str, Any]:
    return page.request.get(f"{server.url}/api/clips/{CLIP}/corrections").json()


def turns(page: Page, server: Server) -> list[dict[str, Any]]:
    return lanes(page, server)["turns"]["turns"]


def people(page: Page, server: Server) -> list[tuple[str | None, list[int]]]:
    return [(person["name"], person["tracks"]) for person in lanes(page, server)["cast"]["people"]]


def send(page: Page, server: Server, lane: dict[str, Any], **change: Any) -> None:
    """A correction from elsewhere."""
    said = {"op_id": str(uuid4()), "kind": lane["kind"], "base_revision": lane["revision"], "analysis": lane["analysis"], "change": change}
    answer = page.evaluate(
        """([id, said]) => fetch(`/api/clips/${id}/corrections`, { method: "POST", headers: { "X-Portrayal": "1" },
            body: JSON.stringify({ corrections: [said] }) }).then((answer) => answer.json())""",
        [CLIP, said],
    )
    assert answer["acks"][0]["status"] == "applied"


def to_first_turn(page: Page) -> None:
    """From the first tier up to the speakers, and to the first of their turns."""
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("speakers")).to_have_attribute("data-focused", "true")
    page.keyboard.press("Home")
    page.keyboard.press("]")
    expect(page.locator("[data-testid=turn][data-chosen]")).to_have_count(1)


def point(page: Page, us: float, row: int) -> tuple[float, float]:
    """Where a time lies in a speaker's row, on the page."""
    box = page.get_by_test_id("speakers").locator("canvas").bounding_box()
    duration = page.evaluate("async (id) => (await (await fetch(`/api/clips/${id}`)).json()).clip.duration_us", CLIP)
    assert box is not None
    return box["x"] + us / duration * box["width"], box["y"] + 20 * row + 10


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def test_turns_are_given_split_nudged_merged_named_and_undone_by_keys_alone(talked: Server, at_clip: Page) -> None:
    found = turns(at_clip, talked)
    assert {turn["speaker"] for turn in found} == {"1", "2"}, "the real model tells these two apart"
    first = found[0]
    to_first_turn(at_clip)
    at_clip.keyboard.press("0")
    saved(at_clip)
    given = turns(at_clip, talked)[0]
    assert (given["speaker"], given["corrected"], given["confidence"]) == ("3", True, None)

    at_clip.keyboard.press("Shift+Period")
    at_clip.keyboard.press("s")
    saved(at_clip)
    left, right = turns(at_clip, talked)[:2]
    assert left["end_us"] == right["start_us"] and (left["start_us"], right["end_us"]) == (first["start_us"], first["end_us"])

    at_clip.keyboard.press("[")
    at_clip.keyboard.press("m")
    saved(at_clip)
    assert next((turn["start_us"], turn["end_us"]) for turn in turns(at_clip, talked)) == (first["start_us"], first["end_us"])

    at_clip.keyboard.press("Alt+ArrowRight")
    saved(at_clip)
    assert turns(at_clip, talked)[0]["start_us"] > first["start_us"]

    at_clip.keyboard.press("Enter")
    at_clip.keyboard.type("Anna")
    at_clip.keyboard.press("Enter")
    saved(at_clip)
    assert {"id": "3", "name": "Anna"} in lanes(at_clip, talked)["turns"]["speakers"]
    at_clip.keyboard.press("x")
    saved(at_clip)
    assert len(turns(at_clip, talked)) == len(found) - 1

    at_clip.reload()
    open_clip(at_clip, talked, CLIP)
    for _ in range(6):
        at_clip.keyboard.press("Control+z")
        saved(at_clip)
    assert turns(at_clip, talked) == found, "undone one by one, also after a reload"
    at_clip.keyboard.press("Control+y")
    saved(at_clip)
    assert turns(at_clip, talked)[0]["speaker"] == "3"


def test_a_turn_is_made_moved_and_given_to_another_row_by_the_pointer(talked: Server, at_clip: Page) -> None:
    found = turns(at_clip, talked)
    first, second = found[:2]
    gap = (first["end_us"], second["start_us"])
    middle = (gap[0] + gap[1]) / 2
    drag(at_clip, point(at_clip, middle, 0), point(at_clip, (middle + gap[1]) / 2, 0))
    saved(at_clip)
    (made,) = [turn for turn in turns(at_clip, talked) if turn["id"] not in {one["id"] for one in found}]
    assert made["speaker"] == first["speaker"] and gap[0] < made["start_us"] < made["end_us"] < gap[1]

    body = (made["start_us"] + made["end_us"]) / 2
    drag(at_clip, point(at_clip, body, 0), point(at_clip, body, 1))
    saved(at_clip)
    assert next(turn for turn in turns(at_clip, talked) if turn["id"] == made["id"])["speaker"] == second["speaker"]

    drag(at_clip, point(at_clip, made["start_us"], 1), point(at_clip, (gap[0] + made["start_us"]) / 2, 1))
    saved(at_clip)
    moved = next(turn for turn in turns(at_clip, talked) if turn["id"] == made["id"])
    assert moved["start_us"] < made["start_us"] and moved["end_us"] == made["end_us"]

    at_clip.get_by_test_id("speakers").locator("[data-speaker='1']").first.dblclick()
    at_clip.get_by_test_id("speaker-name").fill("=Bo")
    at_clip.keyboard.press("Enter")
    saved(at_clip)
    assert lanes(at_clip, talked)["turns"]["speakers"][0]["name"] == "=Bo"
    expect(at_clip.get_by_test_id("tiers").get_by_text("=Bo")).to_be_visible()


def test_the_turns_are_found_anew_for_a_number_of_speakers_and_back(talked: Server, at_clip: Page) -> None:
    found = turns(at_clip, talked)
    at_clip.get_by_test_id("anew").select_option("1")
    saved(at_clip)
    assert {turn["speaker"] for turn in turns(at_clip, talked)} == {"1"}
    expect(at_clip.locator("[data-testid=turn][data-speaker='2']")).to_have_count(0)
    at_clip.keyboard.press("Control+z")
    saved(at_clip)
    assert turns(at_clip, talked) == found


def test_people_are_named_joined_and_taken_apart_by_keys_and_have_their_pictures(talked: Server, at_clip: Page) -> None:
    assert people(at_clip, talked) == [(None, [1]), (None, [2])]
    expect(at_clip.locator("[data-testid=person] .portrait canvas")).to_have_count(2)
    spread = "canvas => { const p = canvas.getContext('2d').getImageData(0, 0, 72, 72).data; return Math.max(...p) - p[4 * 36 * 72]; }"
    assert at_clip.locator("[data-testid=person] .portrait canvas").first.evaluate(spread) > 20, "a picture, not a blank"

    at_clip.keyboard.press("g")
    at_clip.keyboard.press("Enter")
    at_clip.keyboard.type("Cleo")
    at_clip.keyboard.press("Enter")
    saved(at_clip)
    assert people(at_clip, talked) == [("Cleo", [1]), (None, [2])]
    at_clip.keyboard.press("ArrowRight")
    at_clip.keyboard.press("1")
    saved(at_clip)
    assert people(at_clip, talked) == [("Cleo", [1, 2])]
    at_clip.keyboard.press("ArrowDown")
    at_clip.keyboard.press("0")
    saved(at_clip)
    assert people(at_clip, talked) == [("Cleo", [2]), (None, [1])]
    at_clip.keyboard.press("Escape")
    for _ in range(3):
        at_clip.keyboard.press("Control+z")
        saved(at_clip)
    assert people(at_clip, talked) == [(None, [1]), (None, [2])]


def test_what_was_corrected_while_the_server_was_away_outlives_a_reload_and_is_sent(talked: Server, at_clip: Page) -> None:
    found = turns(at_clip, talked)
    address = f"**/api/clips/{CLIP}/corrections"
    at_clip.route(address, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    to_first_turn(at_clip)
    at_clip.keyboard.press("0")
    at_clip.keyboard.press("Enter")
    at_clip.keyboard.type("Dag")
    at_clip.keyboard.press("Enter")
    timeline = at_clip.get_by_test_id("timeline")
    expect(timeline).to_have_attribute("data-pending", "2")
    expect(timeline).to_have_attribute("data-status", "offline")
    at_clip.once("dialog", lambda dialog: dialog.accept())
    at_clip.reload()
    expect(at_clip.locator("[data-testid=turn]").first).to_have_attribute("data-speaker", "3")
    assert turns(at_clip, talked) == found
    at_clip.unroute(address)
    saved(at_clip)
    assert turns(at_clip, talked)[0]["speaker"] == "3"
    assert {"id": "3", "name": "Dag"} in lanes(at_clip, talked)["turns"]["speakers"]


def test_when_another_corrected_the_lane_meanwhile_both_are_shown_and_neither_is_lost(talked: Server, at_clip: Page) -> None:
    found = turns(at_clip, talked)
    looks = f"**/api/clips/{CLIP}/judgements"
    at_clip.route(looks, lambda route: route.abort())
    send(at_clip, talked, lanes(at_clip, talked)["turns"], action="rename", speaker="2", name="Eva")
    to_first_turn(at_clip)
    at_clip.keyboard.press("x")
    conflict = at_clip.get_by_test_id("conflict")
    expect(conflict).to_contain_text("deleted")
    expect(conflict).to_contain_text("Eva")
    assert turns(at_clip, talked) == found, "nothing is written over"
    conflict.get_by_test_id("keep-mine").click()
    saved(at_clip)
    assert len(turns(at_clip, talked)) == len(found) - 1
    assert {"id": "2", "name": "Eva"} in lanes(at_clip, talked)["turns"]["speakers"]

    send(at_clip, talked, lanes(at_clip, talked)["turns"], action="rename", speaker="2", name="Fia")
    at_clip.unroute(looks)
    expect(at_clip.get_by_test_id("speakers").locator("[data-speaker='2']").first).to_contain_text("Fia", timeout=15_000)


def test_blind_nothing_of_it_is_shown(talked: Server, at_clip: Page) -> None:
    services = Services.open(Settings(home=talked.home))
    try:
        with services.database.writing() as session:
            project = session.get_one(tables.Clip, CLIP).project_id
            set_blind(session, project, blind=True, reveal=False)
        open_clip(at_clip, talked, CLIP)
        expect(at_clip.get_by_test_id("speakers")).to_be_hidden()
        expect(at_clip.get_by_test_id("cast")).to_be_hidden()
        with services.database.writing() as session:
            set_blind(session, project, blind=False, reveal=False)
    finally:
        services.close()
