"""The CSV files, letter by letter."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.exchange import Exported
from app.exchange.formats.csv import guarded, number
from app.review.operations import apply
from db import tables
from tests.lab import NOW, Lab

ONE, TWO, THREE, GONE = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3, 4))


def op(number: int) -> str:
    return f"00000000-0000-4000-9000-{number:012}"


def put(number: int, judgement_id: str, said: dict[str, Any], base: int = 0, **context: Any) -> dict[str, Any]:
    return {"op_id": op(number), "kind": "put", "judgement_id": judgement_id, "base_revision": base, "judgement": said, "context": context}


@pytest.fixture
def study(lab: Lab) -> Lab:
    """Two clips: one judged by two raters in three ways, one not judged; and one of another project."""
    with lab.database.writing() as session:
        clip = session.get_one(tables.Clip, lab.clip)
        clip.corpus, clip.actor, clip.mode, clip.intended_intensity, clip.split = "sentimotion", "A102", "p", 2, "train"
        clip.created_at = datetime(2026, 2, 27, 8, tzinfo=UTC)
        clip.intended = [
            tables.IntendedEmotion(position=0, emotion="anger", weight=0.7),
            tables.IntendedEmotion(position=1, emotion="disgust", weight=0.3),
        ]
        clip.medium.width, clip.medium.height, clip.medium.frames, clip.medium.fps = 700, 700, 88, 22.125
        clip.medium.audio_codec = "aac"
        other = tables.Clip(
            project_id=lab.project,
            medium=tables.Medium(
                sha256="b" * 64,
                size=1,
                container="flac",
                duration_us=3_270_001,
                frames=0,
                playable=True,
                audio_codec="flac",
                sample_rate=16000,
            ),
            file_name='=cmd|"/c calc"!A1,.flac',
            corpus="ravdess",
            name_error="no grammar fits",
            created_at=datetime(2026, 2, 28, 23, 59, 59, 1, tzinfo=UTC),
        )
        other.intended = [
            tables.IntendedEmotion(position=0, emotion="positive_surprise", weight=None),
            tables.IntendedEmotion(position=1, emotion="negative_surprise", weight=None),
        ]
        elsewhere = tables.Project(name="elsewhere", scheme_id=1)
        session.add_all([other, tables.Clip(project=elsewhere, sha256="b" * 64, file_name="elsewhere.mp4")])
        session.add(
            tables.Analysis(
                clip_id=lab.clip,
                models={"face": {"name": "fer", "version": "25.10.3"}},
                parameters={},
                program_version="0.1.0",
                frames=88,
                frames_with_face=80,
                faces=1,
                speech_us=2_200_000,
                seconds=1.0,
            )
        )
        blend = {
            "tier": "face:1",
            "start_us": 1_066_733,
            "end_us": 2_000_000,
            "emotions": [{"id": "anger", "weight": 0.75}, {"id": "disgust", "weight": 0.25}],
            "intensity": 3,
            "confidence": 4,
            "genuineness": 2,
            "valence": -0.5,
            "arousal": 0.1,
            "source": "corrected",
            "note": 'said "no",\r\nthen left',
            "model": "fer 25.10.3",
            "model_score": 0.41,
        }
        saw = {"task": "free", "options_shown": ["anger", "disgust", "neutral"], "suggestion_visible": True, "intended_visible": False}
        first = put(1, ONE, {"tier": "clip", "emotions": [{"id": "fear"}]}, latency_ms=1534, replays=2)
        apply(session, lab.clip, lab.anna, [first, put(2, ONE, {"tier": "clip", "outcome": "cannot_judge", "note": "=1+1"}, 1)], NOW)
        apply(session, lab.clip, lab.anna, [put(3, TWO, blend, **saw)], NOW)
        apply(session, lab.clip, lab.bo, [put(4, THREE, {"tier": "both", "outcome": "none_of_these"}, latency_ms=12.5, replays=0)], NOW)
        gone = {"op_id": op(6), "kind": "remove", "judgement_id": GONE, "base_revision": 1}
        apply(session, lab.clip, lab.anna, [put(5, GONE, {"tier": "clip", "emotions": [{"id": "awe"}]}), gone], NOW)
    return lab


A, B = "a" * 64, "b" * 64

LABELS = f"""\
judgement_id,revision,clip_id,file_name,sha256,corpus,actor,mode,intended_emotion,intended_intensity,tier,start_s,end_s,emotion,emotion_native_id,family,weight,intensity,confidence,genuineness,valence,arousal,outcome,source,annotator,task,options_shown,suggestion_visible,intended_visible,model,model_score,latency_ms,replays,note,scheme,scheme_version,created_at,split
{ONE},2,1,A102_ang_p_2.mp4,{A},sentimotion,A102,p,anger:0.7|disgust:0.3,2,clip,,,,,,,,,,,,cannot_judge,human,anna,,,,,,,,,'=1+1,emotions-44,1,2026-03-01T12:30:00.000000Z,train
{THREE},1,1,A102_ang_p_2.mp4,{A},sentimotion,A102,p,anger:0.7|disgust:0.3,2,both,,,,,,,,,,,,none_of_these,human,bo,,,,,,,12.5,0,,emotions-44,1,2026-03-01T12:30:00.000000Z,train
{TWO},1,1,A102_ang_p_2.mp4,{A},sentimotion,A102,p,anger:0.7|disgust:0.3,2,face:1,1.066733,2.000000,anger,12,hostility,0.75,3,4,2,-0.5,0.1,label,corrected,anna,free,anger|disgust|neutral,true,false,fer 25.10.3,0.41,,,"said ""no"",
then left",emotions-44,1,2026-03-01T12:30:00.000000Z,train
{TWO},1,1,A102_ang_p_2.mp4,{A},sentimotion,A102,p,anger:0.7|disgust:0.3,2,face:1,1.066733,2.000000,disgust,35,hostility,0.25,3,4,2,-0.5,0.1,label,corrected,anna,free,anger|disgust|neutral,true,false,fer 25.10.3,0.41,,,"said ""no"",
then left",emotions-44,1,2026-03-01T12:30:00.000000Z,train
"""

CLIPS = f"""\
clip_id,file_name,sha256,duration_s,width,height,frames,fps,has_video,has_audio,corpus,actor,mode,intended_emotion,intended_intensity,name_error,judgements,analysis,frames_with_face,faces,speech_s,created_at,split
1,A102_ang_p_2.mp4,{A},4.000000,700,700,88,22.125,true,true,sentimotion,A102,p,anger:0.7|disgust:0.3,2,,3,1,80,1,2.200000,2026-02-27T08:00:00.000000Z,train
2,"'=cmd|""/c calc""!A1,.flac",{B},3.270001,,,0,,false,true,ravdess,,,positive_surprise|negative_surprise,,no grammar fits,0,,,,,2026-02-28T23:59:59.000001Z,
"""


def text_of(exported: Exported, name: str) -> str:
    """With the line ends of RFC 4180 made visible as ordinary ones, once it is certain that there are no others."""
    text = (exported.folder / name).read_bytes().decode("utf-8")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return text.replace("\r\n", "\n")


def test_labels_are_exactly_what_was_said(study: Lab, exported: Callable[..., Exported]) -> None:
    result = exported()
    assert text_of(result, "labels.csv") == LABELS
    assert result.judgements == 3


def test_clips_are_all_there_the_unlabelled_too(study: Lab, exported: Callable[..., Exported]) -> None:
    assert text_of(exported(), "clips.csv") == CLIPS


def test_a_program_reads_the_cells_back_as_they_were(study: Lab, exported: Callable[..., Exported]) -> None:
    rows = list(csv.DictReader(io.StringIO((exported(raw=True).folder / "labels.csv").read_bytes().decode(), newline="")))
    assert rows[0]["note"] == "=1+1"
    assert rows[2]["note"] == 'said "no",\r\nthen left'
    assert [float(row["weight"]) for row in rows[2:]] == [0.75, 0.25]


def test_raw_leaves_text_as_it_is(study: Lab, exported: Callable[..., Exported]) -> None:
    assert text_of(exported(raw=True), "labels.csv") == LABELS.replace("'=1+1", "=1+1")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "="])
def test_what_a_spreadsheet_would_run_is_shown_instead(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=b", "1-2", " =1", "'=1", "ångest"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


def test_a_negative_number_is_no_formula(study: Lab, exported: Callable[..., Exported]) -> None:
    assert ",-0.5," in text_of(exported(), "labels.csv")


@pytest.mark.parametrize(
    ("value", "written"), [(0.3, "0.3"), (1.0, "1"), (-1, "-1"), (1 / 3, "0.3333333333333333"), (1534.0, "1534"), (0.0, "0")]
)
def test_numbers_are_as_short_as_they_can_be_and_exact(value: float, written: str) -> None:
    assert number(value) == written
    assert float(written) == value


def test_a_project_without_clips_has_headers(lab: Lab, exported: Callable[..., Exported]) -> None:
    with lab.database.writing() as session:
        session.delete(session.get_one(tables.Clip, lab.clip))
    result = exported(frames=True)
    assert result.judgements == 0
    assert [len(text_of(result, name).splitlines()) for name in ("labels.csv", "clips.csv", "frames.csv")] == [1, 1, 1]
