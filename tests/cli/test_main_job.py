"""The main job without a browser, on real clips with the real models: init, import, analyze, predictions, export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, run

SURPRISED = "01-01-08-02-01-01-19.mp4"


@pytest.fixture(scope="module")
def corpus(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with three clips, analysed."""
    home = tmp_path_factory.mktemp("corpus") / "home"
    assert run(home, "init", "--json").status == 0
    imported = run(
        home, "import", clips / SURPRISED, clips / "no_face.mp4", clips / "three_faces_5_frames.mp4", "--project", "pilot", "--json"
    )
    assert imported.status == 0, imported.stderr
    analysed = run(home, "analyze", "--project", "pilot", "--json")
    assert analysed.status == 0, analysed.stdout + analysed.stderr
    (home / "analysed.json").write_text(analysed.stdout)
    return home


def table(home: Path, clip: int, name: str) -> list[dict[str, str]]:
    printed = run(home, "predictions", str(clip), "--table", name)
    assert printed.status == 0, printed.stderr
    return list(csv.DictReader(io.StringIO(printed.stdout, newline="")))


def test_import_says_what_the_name_says(corpus: Path) -> None:
    surprised = next(clip for clip in run(corpus, "clips", "--project", "pilot", "--json").json if clip["file"] == SURPRISED)
    assert (surprised["corpus"], surprised["actor"]) == ("ravdess", "19")
    assert {intended["emotion"] for intended in surprised["intended"]} == {"positive_surprise", "negative_surprise"}
    assert all(intended["weight"] is None for intended in surprised["intended"]), "the name does not say which of the two"
    assert (surprised["width"], surprised["height"], surprised["has_video"], surprised["has_audio"]) == (720, 720, True, True)
    assert surprised["fps"] == pytest.approx(29.97, abs=0.01)


def test_importing_again_finds_everything_there_already(corpus: Path, clips: Path) -> None:
    again = run(corpus, "import", clips / SURPRISED, "--project", "pilot", "--json")
    assert again.status == 0
    assert again.json["imported"] == 0
    assert again.json["duplicates"] == [{"file": SURPRISED, "same_as": SURPRISED}]


def test_analyze_reports_each_clip(corpus: Path) -> None:
    by_clip = {summary["clip"]: summary for summary in json.loads((corpus / "analysed.json").read_text())}
    assert {summary["error"] for summary in by_clip.values()} == {None}
    surprised, without_face, three = (by_clip[clip] for clip in (1, 2, 3))
    assert surprised["frames_with_face"] == surprised["frames"]
    assert surprised["faces"] == 1
    assert surprised["speech_s"] == pytest.approx(2.2, abs=0.4)
    assert (without_face["faces"], without_face["frames_with_face"]) == (0, 0)
    assert three["frames"] == 5
    assert three["speech_s"] is None, "no sound track: speech was not looked for, and is not zero"


def test_every_frame_has_a_row_and_a_missing_face_is_empty(corpus: Path) -> None:
    rows = table(corpus, 2, "frames")
    frames = next(clip for clip in run(corpus, "clips", "--json").json if clip["id"] == 2)["frames"]
    assert [int(row["frame"]) for row in rows] == list(range(frames))
    for row in rows:
        said = {key: value for key, value in row.items() if value}
        assert said == {"frame": row["frame"], "timestamp": row["timestamp"], "num_faces": "0", "success": "0"}


def test_frame_rows_of_a_face_carry_probabilities_that_sum_to_one(corpus: Path) -> None:
    classes = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"]
    for row in table(corpus, 1, "frames"):
        assert (row["num_faces"], row["success"], row["face_id"]) == ("1", "1", "1")
        scores = {name: float(row[name]) for name in classes}
        assert sum(scores.values()) == pytest.approx(1, abs=1e-4)
        assert row["predicted_emotion"] == max(scores, key=lambda name: scores[name])


def test_utterances_lie_where_somebody_speaks(corpus: Path) -> None:
    rows = table(corpus, 1, "utterances")
    printed = run(corpus, "predictions", "1", "--table", "utterances", "--json").json
    assert [float(row["start_s"]) for row in rows] == [row["start_s"] for row in printed], "JSON has numbers, and the same ones"
    assert float(rows[0]["start_s"]) == pytest.approx(1.06, abs=0.3)
    assert float(rows[-1]["end_s"]) == pytest.approx(3.26, abs=0.3)
    assert sum(
        float(rows[0][name]) for name in ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
    ) == pytest.approx(1, abs=1e-4)


def test_evidence_over_the_scheme_sums_to_one_for_each_source_and_level(corpus: Path) -> None:
    rows = table(corpus, 1, "scheme")
    for source in ("face", "voice", "fused"):
        for level, count in (("emotion", 44), ("family", 12)):
            shares = [float(row["evidence"]) for row in rows if (row["source"], row["level"]) == (source, level)]
            assert len(shares) == count
            assert sum(shares) == pytest.approx(1, abs=1e-6)


def test_a_source_that_said_nothing_has_no_evidence(corpus: Path) -> None:
    assert "voice" not in {row["source"] for row in table(corpus, 3, "scheme")}
    assert "face" not in {row["source"] for row in table(corpus, 2, "scheme")}


def test_export_writes_what_it_says(corpus: Path, tmp_path: Path) -> None:
    exported = run(corpus, "export", "--project", "pilot", "--out", tmp_path / "out", "--frames", "--json")
    assert exported.status == 0, exported.stderr
    assert exported.json["judgements"] == 0
    assert {Path(file).name for file in exported.json["files"]} == {
        "labels.csv",
        "clips.csv",
        "frames.csv",
        "codebook.csv",
        "manifest.json",
    }
    with (tmp_path / "out" / "clips.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3, "clips without a label are in it too"


def test_what_cannot_be_imported_is_listed_and_the_rest_is_imported(portrayal: Callable[..., Ran], clips: Path, tmp_path: Path) -> None:
    bad = tmp_path / "A1_ang_p_2.mp4"
    bad.write_text("#EXTM3U\nhttp://127.0.0.1:9/secret.ts\n")
    ran = portrayal("import", bad, clips / "three_faces_5_frames.mp4", "--project", "p", "--json")
    assert ran.status == 1
    assert ran.json["imported"] == 1
    assert [rejected["file"] for rejected in ran.json["rejected"]] == ["A1_ang_p_2.mp4"]
    assert ran.json["rejected"][0]["reason"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["analyze", "1", "--face", "nonesuch"], "fer"),
        (["analyze", "7"], "there is no clip 7"),
        (["predictions", "7", "--table", "frames"], "there is no clip 7"),
        (["export", "--project", "nonesuch", "--out", "out"], "nonesuch"),
        (["parse-name", "x.mp4", "--corpus", "nonesuch"], "ravdess"),
        (["models", "check", "nonesuch"], "mtcnn"),
    ],
)
def test_a_mistake_ends_with_status_1_and_says_what_there_is(portrayal: Callable[..., Ran], arguments: list[str], expected: str) -> None:
    ran = portrayal(*arguments)
    assert ran.status == 1
    assert expected in ran.stderr
    assert "Traceback" not in ran.stderr


def test_wrong_usage_ends_with_status_2(portrayal: Callable[..., Ran]) -> None:
    assert portrayal("analyze").status == 2
    assert portrayal("import").status == 2
    assert portrayal("nonesuch").status == 2


def test_names_are_read_from_stdin_too(portrayal: Callable[..., Ran]) -> None:
    ran = portrayal("parse-name", "--corpus", "sentimotion", "--json", stdin="A102_ang_p_2\nA404_mix_ang_disg_7030\nnonsense\n")
    assert ran.status == 1, "one name could not be read"
    first, blend, unread = ran.json
    assert first["intended"] == [{"emotion": "anger", "weight": 1.0}]
    assert blend["intended"] == [{"emotion": "anger", "weight": 0.7}, {"emotion": "disgust", "weight": 0.3}]
    assert unread["error"]
    assert unread["intended"] == []
