"""A folder comes in by a process of its own: told as it goes on, stopped when asked, and taken up again."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.demo import make_demo
from app.folder_import import FolderImport, NoSuchFolder, Said, begin, forget, import_of, run
from app.services import Services
from db.tables import Clip, Job, Medium

PATIENCE_S = 60


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clip twice, one text that calls itself a clip, and a note."""
    folder = tmp_path_factory.mktemp("corpus")
    made = make_demo(folder)
    made.rename(folder / "A1_ang_p_2.mp4")
    shutil.copy(folder / "A1_ang_p_2.mp4", folder / "copy.mp4")
    (folder / "broken.mp4").write_text("this is no film")
    (folder / "notes.txt").write_text("recorded in May")
    return folder


def finished(going: FolderImport) -> FolderImport:
    until = time.monotonic() + PATIENCE_S
    while not going.over:
        assert time.monotonic() < until, going
        time.sleep(0.05)
    return going


def test_what_came_in_what_was_there_and_what_was_not_taken_is_told(services: Services, corpus: Path) -> None:
    going = finished(begin(services.settings, "study", f"  {corpus} ", link=True, analyse=True))
    assert going.error is None and going.outcome is not None
    assert going.outcome["imported"] == 1
    assert [one["file"] for one in going.outcome["duplicates"]] == ["copy.mp4"]
    assert [one["file"] for one in going.outcome["rejected"]] == ["broken.mp4"]
    assert going.outcome["passed_over"] == ["notes.txt"]
    assert going.of == 4
    with services.database.reading() as session:
        clip = session.scalars(select(Clip)).one()
        assert clip.actor == "A1"
        assert session.scalars(select(Medium.linked_path)).one() == str(corpus / "A1_ang_p_2.mp4")
        assert session.scalars(select(Job.clip_id)).all() == [clip.id], "it waits for its analysis without any page being open"


def test_one_import_at_a_time_goes_into_a_project(services: Services, corpus: Path) -> None:
    first = begin(services.settings, "study", str(corpus), link=True, analyse=False)
    assert begin(services.settings, "study", str(corpus), link=True, analyse=False) is first
    assert import_of(services.settings, "study") is first
    finished(first)
    forget(services.settings, "study")
    assert import_of(services.settings, "study") is None


def test_stopped_it_says_so_and_the_same_import_takes_up_the_rest(services: Services, corpus: Path) -> None:
    stopped = FolderImport.start(services.settings, "study", str(corpus), link=True, analyse=False)
    stopped.stop()
    assert finished(stopped).stopped
    again = finished(FolderImport.start(services.settings, "study", str(corpus), link=True, analyse=False))
    assert again.outcome is not None
    assert again.outcome["imported"] + len(again.outcome["duplicates"]) == 2


def test_it_says_which_file_is_at_hand_before_that_comes_in(services: Services, corpus: Path) -> None:
    said: list[tuple[str, int]] = []

    def say(line: Said) -> None:
        with services.database.reading() as session:
            said.append((line.get("file", "over"), session.scalar(select(func.count(Clip.id))) or 0))

    run(services.settings, "study", corpus, say, link=True, analyse=False)
    assert said == [("A1_ang_p_2.mp4", 0), ("broken.mp4", 1), ("copy.mp4", 1), ("notes.txt", 1), ("over", 1)]


@pytest.mark.parametrize("stray", ["a warning", "3", "[]", '{"outcome": null}'])
def test_a_stray_line_of_a_library_does_not_end_the_watching(stray: str) -> None:
    talks = subprocess.Popen(
        [sys.executable, "-c", f'print({stray!r}); print(\'{{"error": "no disk"}}\')'], stdout=subprocess.PIPE, text=True
    )
    going = FolderImport("study", Path(), _process=talks)
    going._follow()
    assert going.error == "no disk"


def test_an_import_that_ends_without_a_word_is_over_and_says_so() -> None:
    silent = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], stdout=subprocess.PIPE, text=True)
    going = FolderImport("study", Path(), _process=silent)
    going._follow()
    assert "status 3" in (going.error or "")


@pytest.mark.parametrize("given", ["", "   ", "/no/such/folder", "tests"])
def test_a_path_that_means_nothing_on_this_machine_is_refused_before_anything_starts(services: Services, given: str) -> None:
    with pytest.raises(NoSuchFolder, match="full path"):
        FolderImport.start(services.settings, "study", given, link=False, analyse=False)
