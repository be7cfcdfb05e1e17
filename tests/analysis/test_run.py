"""What the models say of real clips, by the real models; and what they do not say stays empty all the way into the tables."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from app.analysis.latest import editor_analysis, latest_analysis, suggestion_of
from app.analysis.plan import AnalysisPlan, AnalysisSummary
from app.analysis.run import analyze_clip
from app.analysis.tables import frames_csv, scheme_csv, utterances_csv
from app.analysis.traces import Trace, load
from app.media.probe import unpack_times
from app.scheme import shipped_scheme
from app.services import Services
from db import tables

FACE = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"]
RAVDESS = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
Rows = list[dict[str, str]]


@dataclass
class Analysed:
    """A clip after its analysis, as the tables and the editor show it."""

    summary: AnalysisSummary
    traces: list[Trace]
    frames: Rows
    utterances: Rows
    scheme: Rows
    times: np.ndarray
    notes: list[str]
    editor: dict[str, Any]
    suggestion: dict[str, Any] | None

    def of_kind(self, kind: str) -> list[Trace]:
        return [trace for trace in self.traces if trace.kind == kind]


@pytest.fixture
def analysed(services: Services, add: Callable[..., int]) -> Callable[..., Analysed]:
    def run(name: str, plan: AnalysisPlan | None = None) -> Analysed:
        clip_id = add(name)
        summary = analyze_clip(services.database, services.store, clip_id, plan or AnalysisPlan())
        with services.database.reading() as session:
            analysis = latest_analysis(session, clip_id)
            assert analysis is not None and analysis.id == summary.analysis
            packed = session.get_one(tables.Clip, clip_id).medium.frame_times
            suggestion = suggestion_of(session, clip_id)
            editor = editor_analysis(session, clip_id)
            assert editor is not None
            return Analysed(
                summary,
                load(session, analysis.id),
                read(frames_csv(session, analysis)),
                read(utterances_csv(session, analysis)),
                read(scheme_csv(session, analysis)),
                np.empty(0) if packed is None else unpack_times(packed),
                analysis.notes,
                editor,
                None if suggestion is None else suggestion.document(),
            )

    return run


def read(lines) -> Rows:
    return list(csv.DictReader("".join(lines).splitlines()))


def sums_to_one(row: dict[str, str], classes: list[str]) -> bool:
    return abs(sum(float(row[label]) for label in classes) - 1) < 1e-4


def test_a_portrayal_has_a_face_in_every_frame_a_voice_where_it_speaks_and_evidence_from_both(analysed) -> None:
    found = analysed("01-01-08-02-01-01-19.mp4")
    assert (found.summary.frames, found.summary.frames_with_face, found.summary.faces) == (122, 122, 1)
    assert found.summary.realtime_factor and found.summary.seconds and found.summary.error is None
    assert found.summary.document()["speech_s"] == pytest.approx(2.2, abs=0.4)

    assert [int(row["frame"]) for row in found.frames] == list(range(122))
    assert [round(float(row["timestamp"]) * 1e6) for row in found.frames] == found.times.tolist()
    assert list(found.frames[0])[16:] == FACE
    for row in found.frames:
        assert (row["face_id"], row["num_faces"], row["success"], row["valence"]) == ("1", "1", "1", "")
        assert sums_to_one(row, FACE)
        assert row["predicted_emotion"] == max(FACE, key=lambda label: float(row[label]))
        assert 0 < float(row["box_x"]) < 720 and 100 < float(row["box_w"]) < 720 and abs(float(row["yaw"])) < 40

    (voice,) = found.of_kind("voice")
    assert voice.classes == tuple(RAVDESS)
    spoken = voice["speech"] >= 0.5
    np.testing.assert_array_equal(np.isnan(voice.probabilities).any(1), ~spoken)
    assert 1.0 <= float(found.utterances[0]["start_s"]) <= 1.2 and 3.1 <= float(found.utterances[-1]["end_s"]) <= 3.5
    assert all(sums_to_one(row, RAVDESS) for row in found.utterances)

    totals = {(row["level"], row["source"]): 0.0 for row in found.scheme}
    assert set(totals) == {(level, source) for level in ("emotion", "family") for source in ("face", "voice", "fused")}
    for row in found.scheme:
        totals[row["level"], row["source"]] += float(row["evidence"])
    assert all(total == pytest.approx(1, abs=1e-6) for total in totals.values())
    assert sum(row["level"] == "emotion" and row["source"] == "fused" for row in found.scheme) == 44
    assert sum(row["level"] == "family" and row["source"] == "fused" for row in found.scheme) == 12

    assert found.suggestion is not None and found.suggestion["source"] == "fused"
    assert set(found.suggestion["families"]) == {family.id for family in shipped_scheme().families}
    assert found.editor["faces"] == [{"subject": 1, "from_us": 0, "to_us": int(found.times[-1])}]
    assert found.editor["models"]["voice"]["name"] == "portrayal_voice"
    assert sum(end - start for start, end in found.editor["speech"]) == found.summary.speech_us


def test_where_no_face_is_the_rows_are_there_and_empty(analysed) -> None:
    found = analysed("no_face.mp4", AnalysisPlan(voice=None))
    assert (found.summary.frames_with_face, found.summary.faces) == (0, 0)
    assert len(found.frames) == found.summary.frames == len(found.times)
    for row in found.frames:
        assert (row.pop("num_faces"), row.pop("success")) == ("0", "0")
        assert row.pop("frame") and row.pop("timestamp")
        assert set(row.values()) == {""}
    assert found.of_kind("face") == []
    assert "No face was found in any frame." in found.notes
    assert found.suggestion is None and found.scheme == [] and found.editor["faces"] == []


def test_a_face_that_goes_leaves_a_gap_and_not_zeros(analysed) -> None:
    found = analysed("face_then_none.mov", AnalysisPlan(voice=None))
    assert found.summary.frames_with_face is not None and 0 < found.summary.frames_with_face < len(found.times)
    seen = [row for row in found.frames if row["success"] == "1"]
    gone = [row for row in found.frames if row["success"] == "0"]
    assert len(seen) == found.summary.frames_with_face and len(gone) == len(found.times) - len(seen)
    assert all(row["num_faces"] == "0" and row["Happy"] == "" and row["box_x"] == "" for row in gone)
    assert found.editor["faces"][0]["to_us"] < found.times[-1]


def test_sound_without_speech_is_one_utterance_that_says_nothing(analysed) -> None:
    found = analysed("single_face_quiet.mp4")
    assert found.summary.speech_us == 0
    (row,) = found.utterances
    assert float(row["start_s"]) == 0 and float(row["end_s"]) == pytest.approx(2.4, abs=0.1)
    assert row["predicted_emotion"] == "" and [row[label] for label in RAVDESS] == [""] * 8
    (voice,) = found.of_kind("voice")
    assert len(voice) and (voice["speech"] == 0).all() and np.isnan(voice.probabilities).all()
    assert {row["source"] for row in found.scheme} == {"face", "fused"}
    assert found.editor["speech"] == []
    assert "Nobody was heard to speak." in found.notes


def test_digital_silence_has_no_utterance_at_all(analysed) -> None:
    found = analysed("silent_audio_track.mp4", AnalysisPlan(face=None))
    assert found.utterances == [] and found.summary.speech_us == 0
    assert "The sound track is digital silence." in found.notes
    assert found.suggestion is None
    assert (found.summary.frames_with_face, found.summary.faces) == (None, None)
    assert {(row["num_faces"], row["success"]) for row in found.frames} == {("", "")}


def test_a_clip_without_sound_says_so_and_has_no_voice(analysed) -> None:
    found = analysed("three_faces_5_frames.mp4")
    assert found.of_kind("voice") == found.of_kind("speech") == [] and found.utterances == []
    assert found.summary.speech_us is None and found.summary.document()["speech_s"] is None
    assert "The clip has no sound." in found.notes
    assert {int(row["frame"]) for row in found.frames} == set(range(5))


def test_sound_alone_is_heard_and_nothing_is_looked_for(analysed, data) -> None:
    found = analysed(data / "ravdess_speech" / "03-01-05-02-01-01-01.flac")
    assert (found.summary.frames, found.summary.frames_with_face, found.summary.faces) == (0, None, None)
    assert found.frames == [] and found.utterances
    assert "The clip has no pictures, so no face was looked for." in found.notes
    assert found.suggestion is not None and found.suggestion["source"] == "voice"


def test_what_is_stopped_or_fails_leaves_nothing(services: Services, add: Callable[..., int]) -> None:
    class Enough(Exception):
        pass

    def stop(done: float, what: str) -> None:
        if done > 0.5:
            raise Enough

    clip_id = add("talking_2.mp4")
    with pytest.raises(Enough):
        analyze_clip(services.database, services.store, clip_id, AnalysisPlan(voice=None), stop)
    with services.database.reading() as session:
        assert session.query(tables.Analysis).count() == session.query(tables.Trace).count() == session.query(tables.Utterance).count() == 0


def test_a_second_analysis_stands_beside_the_first_and_says_the_same(services: Services, add: Callable[..., int]) -> None:
    clip_id = add("single_face_quiet.mp4")
    plan = AnalysisPlan(voice=None)
    first, second = (analyze_clip(services.database, services.store, clip_id, plan) for _ in range(2))
    assert first.analysis != second.analysis
    with services.database.reading() as session:
        assert first.analysis and second.analysis
        for one, other in zip(load(session, first.analysis), load(session, second.analysis), strict=True):
            np.testing.assert_array_equal(one.values, other.values)
        latest = latest_analysis(session, clip_id)
        assert latest is not None and latest.id == second.analysis


def test_progress_only_grows_and_reaches_the_end(services: Services, add: Callable[..., int]) -> None:
    told: list[float] = []
    clip_id = add("single_face_quiet.mp4")
    analyze_clip(services.database, services.store, clip_id, AnalysisPlan(), lambda done, what: told.append(done))
    assert told == sorted(told) and told[0] == 0 and 0.89 < told[-1] <= 1


def test_the_documentation_names_every_column() -> None:
    from pathlib import Path

    from app.analysis.tables import FRAME_COLUMNS, SCHEME_COLUMNS, UTTERANCE_COLUMNS

    text = (Path(__file__).parents[2] / "docs" / "predictions.md").read_text(encoding="utf-8")
    rows = "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    assert [name for name in (*FRAME_COLUMNS, *UTTERANCE_COLUMNS, *SCHEME_COLUMNS) if f"`{name}`" not in rows] == []
