"""Predictions as tables: frames, utterances, evidence over the scheme. What was not measured is empty. Columns: docs/predictions.md."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.analysis.fusion import evidence
from app.analysis.traces import Trace, load
from app.clock import seconds
from app.scheme.store import load_scheme
from db import tables

FRAME_COLUMNS = (
    "frame",
    "timestamp",
    "face_id",
    "num_faces",
    "success",
    "confidence_score",
    "predicted_emotion",
    "valence",
    "arousal",
    "box_x",
    "box_y",
    "box_w",
    "box_h",
    "pitch",
    "yaw",
    "roll",
)
UTTERANCE_COLUMNS = ("utterance", "start_s", "end_s", "speaker", "text", "language", "events", "predicted_emotion")
SCHEME_COLUMNS = ("level", "id", "source", "evidence")

PLACES = {"box_x": 2, "box_y": 2, "box_w": 2, "box_h": 2, "pitch": 2, "yaw": 2, "roll": 2}
"""Decimals that mean something: hundredths of a pixel and of a degree. Everything else is a share and has six."""


@dataclass(frozen=True)
class Rows:
    """A table that is made row by row while it is read, once."""

    header: tuple[str, ...]
    rows: Iterator[tuple[str, ...]]

    def csv(self) -> Iterator[str]:
        """Its lines as CSV (RFC 4180), each with its line end, the header first."""
        buffer = StringIO()
        writer = csv.writer(buffer)
        writer.writerow(self.header)
        for row in self.rows:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
            writer.writerow(row)
        yield buffer.getvalue()


def frames_csv(session: Session, analysis: tables.Analysis) -> Iterator[str]:
    return frame_rows(session, analysis).csv()


def utterances_csv(session: Session, analysis: tables.Analysis) -> Iterator[str]:
    return utterance_rows(analysis).csv()


def scheme_csv(session: Session, analysis: tables.Analysis) -> Iterator[str]:
    return scheme_rows(session, analysis).csv()


PREDICTIONS: dict[str, Callable[[Session, tables.Analysis], Iterator[str]]] = {
    "frames": frames_csv,
    "utterances": utterances_csv,
    "scheme": scheme_csv,
}
"""The tables of the command `predictions`, by name."""


def frame_rows(session: Session, analysis: tables.Analysis) -> Rows:
    """Every frame of the clip at least once, once a face where there are faces. Frames count from 0, faces from 1."""
    traces = load(session, analysis.id, ("faces", "face"))
    faces = [trace for trace in traces if trace.kind == "face"]
    counts = next((trace for trace in traces if trace.kind == "faces"), None)
    classes = tuple(analysis.models.get("face", {}).get("classes", ()))
    return Rows((*FRAME_COLUMNS, *classes), _frames(_frame_times(session, analysis.clip_id), counts, faces, classes))


def utterance_rows(analysis: tables.Analysis) -> Rows:
    """Each stretch of speech; where there is sound without speech, one row over all of it that says nothing."""
    classes = tuple(analysis.models.get("voice", {}).get("classes", ()))
    return Rows((*UTTERANCE_COLUMNS, *classes), (_utterance(i, one, classes) for i, one in enumerate(analysis.utterances, 1)))


def scheme_rows(session: Session, analysis: tables.Analysis) -> Rows:
    """Evidence for every emotion and every family from each source that said something; a source that said nothing has no rows."""
    clip = session.get_one(tables.Clip, analysis.clip_id)
    scheme = load_scheme(session, clip.project.scheme_id)
    found = evidence(load(session, analysis.id, ("face", "voice")), analysis.models, scheme)

    def rows() -> Iterator[tuple[str, ...]]:
        for source, said in found.items():
            for emotion, share in zip(scheme.emotions, said.emotions[0], strict=True):
                yield "emotion", emotion.id, source.value, f"{share:.9f}"
            for family, share in zip(scheme.families, said.families(scheme)[0], strict=True):
                yield "family", family.id, source.value, f"{share:.9f}"

    return Rows(SCHEME_COLUMNS, rows())


def _frame_times(session: Session, clip_id: int) -> NDArray[np.int64]:
    from app.media.probe import unpack_times

    packed = session.get_one(tables.Clip, clip_id).medium.frame_times
    return np.empty(0, np.int64) if packed is None else unpack_times(packed)


def _frames(times: NDArray[np.int64], counts: Trace | None, faces: list[Trace], classes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    numbers = {} if counts is None else dict(zip(counts.times_us.tolist(), counts["num_faces"].tolist(), strict=True))
    rows = [{time: row for row, time in enumerate(face.times_us.tolist())} for face in faces]
    for frame, time in enumerate(times.tolist()):
        count = numbers.get(time)
        here = [(face, row[time]) for face, row in zip(faces, rows, strict=True) if time in row]
        seen = "" if count is None else f"{count:.0f}"
        for face, row in here:
            yield (str(frame), seconds(time), face.subject, seen, "1", *_face(face, row, classes))
        if not here:
            success = "" if count is None else "0"
            yield (str(frame), seconds(time), "", seen, success, *[""] * (len(FRAME_COLUMNS) - 5 + len(classes)))


def _face(face: Trace, row: int, classes: Sequence[str]) -> Iterator[str]:
    values: dict[str, float] = dict(zip(face.columns, face.values[row].tolist(), strict=True))
    scores = dict(zip(face.classes, face.probabilities[row].tolist(), strict=True))
    yield _number(values.get("confidence"), 6)
    yield _leading(scores)
    for name in FRAME_COLUMNS[7:]:
        yield _number(values.get(name), PLACES.get(name, 6))
    for label in classes:
        yield _number(scores.get(label), 6)


def _utterance(number: int, one: tables.Utterance, classes: Sequence[str]) -> tuple[str, ...]:
    events = "|".join(str(event) for event in one.events)
    about = (one.speaker or "", one.text or "", one.language or "", events, _leading(one.scores))
    return (str(number), seconds(one.start_us), seconds(one.end_us), *about, *(_number(one.scores.get(label), 6) for label in classes))


def _leading(scores: dict[str, Any]) -> str:
    """The class with the largest probability, in the model's own word; empty where there are none."""
    known = {label: score for label, score in scores.items() if not np.isnan(score)}
    return max(known, key=lambda label: known[label]) if known else ""


def _number(value: float | None, places: int) -> str:
    return "" if value is None or np.isnan(value) else f"{value:.{places}f}"
