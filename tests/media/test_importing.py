from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.corpora import UnknownName
from app.media.importing import Duplicate, Imported, Outcome, PassedOver, Rejected, as_json, import_file, import_paths
from app.media.limits import Limits
from app.media.probe import probe, unpack_times
from app.services import Services
from db.tables import Clip, Medium
from tests.media.conftest import files_in
from tests.media.crafted import tone, write_clip

SHORT = range(0, 400, 40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def _import(services: Services, paths: Sequence[Path], project: str = "p", **how: Any) -> list[Outcome]:
    how.setdefault("prepared", False)
    return list(import_paths(services.database, services.store, Limits.of(services.settings), project, paths, **how))


def _clip(services: Services, outcome: Outcome) -> Clip:
    assert isinstance(outcome, Imported), outcome
    with services.database.reading() as session:
        clip = session.get_one(Clip, outcome.clip_id)
        _ = clip.medium, clip.intended
        return clip


def _counts(services: Services) -> tuple[int, int]:
    with services.database.reading() as session:
        return session.scalar(select(func.count(Clip.id))) or 0, session.scalar(select(func.count(Medium.sha256))) or 0


def test_a_clip_comes_in_with_its_measures_and_what_its_name_says(services: Services, clips: Path, limits: Limits) -> None:
    [outcome] = _import(services, [clips / "01-01-08-02-01-01-19.mp4"])
    clip, probed = _clip(services, outcome), probe(clips / "01-01-08-02-01-01-19.mp4", limits)
    assert (clip.file_name, clip.corpus, clip.actor, clip.intended_intensity) == ("01-01-08-02-01-01-19.mp4", "ravdess", "19", 2)
    assert {each.emotion for each in clip.intended} == {"positive_surprise", "negative_surprise"}
    assert all(each.weight is None for each in clip.intended), "the name does not say which of the two"
    medium = clip.medium
    assert (medium.container, medium.frames, medium.duration_us, medium.playable) == ("mp4", 122, probed.duration_us, False)
    assert medium.frame_times is not None
    assert unpack_times(medium.frame_times).tolist() == probed.frame_times_us.tolist()  # type: ignore[union-attr]
    assert services.store.original(medium).read_bytes() == (clips / "01-01-08-02-01-01-19.mp4").read_bytes()


def test_a_name_that_says_nothing_is_imported_without_intended_label_and_reported(services: Services, clips: Path) -> None:
    [outcome] = _import(services, [clips / "three_faces_5_frames.mp4"])
    clip = _clip(services, outcome)
    assert (clip.intended, clip.corpus) == ([], None)
    assert clip.name_error
    assert as_json([outcome])["clips"][0]["name_error"] == clip.name_error


def test_importing_again_changes_nothing(services: Services, clips: Path) -> None:
    paths = [clips / "talking_2.mp4", clips / "three_faces_5_frames.mp4"]
    first = _import(services, paths)
    before = _counts(services), files_in(services.store.root)
    second = _import(services, paths)
    assert all(isinstance(outcome, Imported) for outcome in first)
    assert [outcome.same_as for outcome in second if isinstance(outcome, Duplicate)] == ["talking_2.mp4", "three_faces_5_frames.mp4"]
    assert (_counts(services), files_in(services.store.root)) == before


def test_two_recordings_with_the_same_bytes_are_one_clip(services: Services, data: Path) -> None:
    paths = sorted((data / "ravdess_speech").glob("03-01-03-01-02-0?-07.flac"))
    document = as_json(_import(services, paths))
    assert document["imported"] == 1
    assert document["duplicates"] == [{"file": "03-01-03-01-02-02-07.flac", "same_as": "03-01-03-01-02-01-07.flac"}]
    assert [(clip["file"], clip["actor"], clip["intensity"]) for clip in document["clips"]] == [("03-01-03-01-02-01-07.flac", "07", 1)]


def test_an_import_that_was_killed_is_taken_up_again(services: Services, clips: Path) -> None:
    services.store.adopt(clips / "three_faces_5_frames.mp4")  # the file was kept, then the power went
    [outcome] = _import(services, [clips / "three_faces_5_frames.mp4"])
    assert isinstance(outcome, Imported)


def test_two_who_import_the_same_at_once_make_one_clip(services: Services, clips: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for [outcome] in pool.map(lambda _: _import(services, [clips / "three_faces_5_frames.mp4"]), range(4))]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Duplicate"] * 3 + ["Imported"]
    assert _counts(services) == (1, 1)
    assert len(files_in(services.store.root)) == 1


def test_another_project_shares_the_medium(services: Services, clips: Path) -> None:
    for project in ("one", "two"):
        [outcome] = _import(services, [clips / "three_faces_5_frames.mp4"], project)
        assert isinstance(outcome, Imported)
    assert _counts(services) == (2, 1)
    assert len(files_in(services.store.root)) == 1


def test_a_folder_is_taken_in_with_all_below_it_in_the_order_of_names(services: Services, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / ".hidden").mkdir()
    for k, name in enumerate(["b.mp4", "a/2.mp4", "a/1.mp4", ".hidden/x.mp4", ".y.mp4"]):
        write_clip(folder / name, range(0, 400 + 40 * k, 40))
    told: list[tuple[int, int, str]] = []
    outcomes = _import(services, [folder], progress=lambda *told_now: told.append(told_now))
    assert [outcome.file for outcome in outcomes] == ["b.mp4", "a/1.mp4", "a/2.mp4"]
    assert told == [(0, 3, "b.mp4"), (1, 3, "a/1.mp4"), (2, 3, "a/2.mp4")]


def test_what_lies_beside_clips_in_a_folder_is_passed_over_but_a_broken_clip_is_reported(services: Services, folder: Path) -> None:
    write_clip(folder / "x.mp4", SHORT).rename(folder / "no ending")
    (folder / "index.csv").write_text("file,actor\n")
    (folder / "notes.txt").write_text("#EXTM3U\n")
    (folder / "broken.mp4").write_bytes(b"")
    kinds = {outcome.file: type(outcome) for outcome in _import(services, [folder])}
    assert kinds == {"no ending": Imported, "index.csv": PassedOver, "notes.txt": PassedOver, "broken.mp4": Rejected}


def test_a_file_that_is_named_is_never_passed_over(services: Services, folder: Path) -> None:
    (folder / "index.csv").write_text("file,actor\n")
    [outcome] = _import(services, [folder / "index.csv"])
    assert isinstance(outcome, Rejected) and "text file" in outcome.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"#EXTM3U\n#EXTINF:10,\nhttp://example.org/a.ts\n", "points to other files"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "points to other files"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "still image"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(500), "cut short"),
        (b"OggS\x00" + bytes(500), "cannot be read"),
    ],
)
def test_what_is_no_clip_is_rejected_with_the_reason_and_leaves_nothing(
    content: bytes, reason: str, services: Services, folder: Path
) -> None:
    (folder / "clip.mp4").write_bytes(content)
    [outcome] = _import(services, [folder / "clip.mp4"])
    assert isinstance(outcome, Rejected) and reason in outcome.reason, outcome
    assert _counts(services) == (0, 0)
    assert files_in(services.store.root) == []


def test_a_path_that_is_not_there_is_rejected_and_the_rest_goes_on(services: Services, clips: Path, folder: Path) -> None:
    missing, there = _import(services, [folder / "gone.mp4", clips / "three_faces_5_frames.mp4"])
    assert isinstance(missing, Rejected) and "cannot be read" in missing.reason
    assert isinstance(there, Imported)


def test_a_corpus_that_does_not_exist_is_an_error_before_anything_is_imported(services: Services, clips: Path) -> None:
    with pytest.raises(UnknownName, match="ravdess"):
        _import(services, [clips / "talking_2.mp4"], corpus="ravdes")
    assert files_in(services.store.root) == []


def test_a_disk_that_fails_is_no_rejection_of_the_clip(services: Services, clips: Path) -> None:
    services.store.root.parent.mkdir(exist_ok=True)
    services.store.root.write_text("a file where the folder should be")
    with pytest.raises(OSError):
        _import(services, [clips / "three_faces_5_frames.mp4"])
    assert _counts(services) == (0, 0)


def test_linked_files_stay_where_they_are(services: Services, folder: Path) -> None:
    path = write_clip(folder / "clip.mp4", SHORT)
    [outcome] = _import(services, [path], link=True)
    medium = _clip(services, outcome).medium
    assert services.store.original(medium) == path
    assert files_in(services.store.root) == []


def test_a_linked_file_that_moved_is_found_again_by_importing_it_from_there(services: Services, folder: Path) -> None:
    path = write_clip(folder / "clip.mp4", SHORT)
    [outcome] = _import(services, [path], link=True)
    moved = path.rename(folder / "moved.mp4")
    [again] = _import(services, [moved], link=True)
    assert isinstance(again, Duplicate)
    assert services.store.original(_clip(services, outcome).medium) == moved


def test_a_lost_linked_file_is_mended_by_importing_it_without_link(services: Services, folder: Path) -> None:
    [outcome] = _import(services, [write_clip(folder / "clip.mp4", SHORT)], link=True)
    moved = (folder / "clip.mp4").rename(folder / "moved.mp4")
    [again] = _import(services, [moved])
    assert isinstance(again, Duplicate)
    moved.unlink()
    medium = _clip(services, outcome).medium
    assert medium.linked_path is None
    assert services.store.original(medium) == services.store.path(medium.sha256), "the store has a copy of its own"


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("project", ["p", "another"])
def test_a_file_that_the_store_has_lost_is_mended_by_importing_it_again(project: str, link: bool, services: Services, folder: Path) -> None:
    path = write_clip(folder / "clip.mp4", SHORT)
    [outcome] = _import(services, [path])
    assert isinstance(outcome, Imported)
    services.store.path(outcome.sha256).unlink()
    _import(services, [path], project, link=link)
    medium = _clip(services, outcome).medium
    assert services.store.original(medium) == (path if link else services.store.path(outcome.sha256))
    assert services.store.original(medium).read_bytes() == path.read_bytes()


def test_a_linked_file_that_is_another_now_is_mended_by_importing_the_old_one(services: Services, folder: Path) -> None:
    path = write_clip(folder / "clip.mp4", SHORT)
    [outcome] = _import(services, [path], link=True)
    path.rename(folder / "old.mp4")
    write_clip(path, range(0, 800, 40))
    _import(services, [folder / "old.mp4"], link=True)
    assert services.store.original(_clip(services, outcome).medium) == folder / "old.mp4"


@pytest.mark.parametrize("name", ["pipe", "pipe.mp4"])
def test_a_pipe_in_a_folder_holds_nothing_up(name: str, services: Services, folder: Path) -> None:
    os.mkfifo(folder / name)
    write_clip(folder / "x.mp4", SHORT)
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(_import, services, [folder])
        try:
            kinds = {outcome.file: type(outcome) for outcome in going.result(timeout=60)}
        finally:
            writer = None if going.done() else os.open(folder / name, os.O_RDWR)
            if writer is not None:
                os.close(writer)
    assert kinds == {name: PassedOver if name == "pipe" else Rejected, "x.mp4": Imported}


def test_importing_with_preparation_leaves_nothing_to_wait_for(services: Services, folder: Path) -> None:
    path = write_clip(folder / "clip.avi", SHORT, codec="mpeg4", ticks=25, sound=tone(0.4), sound_codec="pcm_s16le")
    [outcome] = _import(services, [path], prepared=True)
    assert isinstance(outcome, Imported)
    assert {file.name.partition(".")[2] for file in files_in(services.store.root)} >= {
        "1.proxy.mp4",
        "1.poster.jpg",
        "1.peaks",
        "1.spectrogram.zip",
    }


def test_the_report_has_the_shape_of_the_contract(services: Services, clips: Path, folder: Path) -> None:
    (folder / "empty.mp4").write_bytes(b"")
    named = shutil.copy(clips / "three_faces_5_frames.mp4", folder / "A404_mix_ang_disg_7030.mp4")
    document = as_json(_import(services, [Path(named), folder / "empty.mp4", clips / "three_faces_5_frames.mp4"]))
    [clip] = document["clips"]
    assert (document["imported"], document["passed_over"]) == (1, [])
    assert clip == {
        "id": clip["id"],
        "file": "A404_mix_ang_disg_7030.mp4",
        "corpus": "sentimotion",
        "actor": "A404",
        "intended": [{"emotion": "anger", "weight": 0.7}, {"emotion": "disgust", "weight": 0.3}],
        "intensity": None,
        "mode": clip["mode"],
        "name_error": None,
    }
    assert document["duplicates"] == [{"file": "three_faces_5_frames.mp4", "same_as": "A404_mix_ang_disg_7030.mp4"}]
    assert [rejected["file"] for rejected in document["rejected"]] == ["empty.mp4"]


def test_a_file_can_be_imported_under_another_name(services: Services, clips: Path) -> None:
    outcome = import_file(
        services.database,
        services.store,
        Limits.of(services.settings),
        "p",
        clips / "three_faces_5_frames.mp4",
        file_name="03-01-05-01-02-01-12.mp4",
    )
    assert _clip(services, outcome).actor == "12"
