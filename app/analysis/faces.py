"""What the pictures of a clip say: how many faces in each frame, and a trace of every face."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.analysis import loaded
from app.analysis.people import noted, people_in, portraits_trace
from app.analysis.plan import AnalysisPlan
from app.analysis.traces import CLASS, UNIT, Trace
from models.calibration.kept import Calibration, calibrated, calibration_of
from models.types import ModelInfo

if TYPE_CHECKING:
    from models.face.scored import ScoredFace
    from models.protocols import FaceEmbedder

LONGEST_SIDE = 1280
"""Pixels. Larger frames are scaled down to this for the models, which look at 128 pixels of a face at most; boxes are in the clip's own."""

STEADY = True
"""Scores are means over small shifts of the crop and over the frames around (`models.face.steady`)."""

MEASURES = ("confidence", "box_x", "box_y", "box_w", "box_h", "pitch", "yaw", "roll")
OPTIONAL = ("valence", "arousal", "gaze_pitch", "gaze_yaw", "mouth_opening")
"""Measures that not every model has; a trace leaves out those that nobody measured of it."""


@dataclass(frozen=True)
class Seen:
    """`traces`: one of kind `faces`, one of kind `face` for each face, and one of kind `identity` where it was asked whose face it is;
    `frames` that could be looked at."""

    traces: tuple[Trace, ...]
    frames: int
    frames_with_face: int
    faces: int
    models: dict[str, dict[str, Any]]
    parameters: dict[str, Any]


@dataclass
class _FaceRows:
    """The rows of one face as they come in: flat, so that an hour of video stays small."""

    times: array[int] = field(default_factory=lambda: array("q"))
    key_times: array[int] = field(default_factory=lambda: array("q"))
    """Of the frames in which the detector itself saw the face."""
    values: array[float] = field(default_factory=lambda: array("f"))


def look(path: Path, width: int, plan: AnalysisPlan, seen: Callable[[int], None]) -> Seen:
    """Finds, follows and scores the faces in the video at `path`, which is `width` pixels wide, frame by frame.

    `seen` is told how many frames are done, once a frame; what it raises ends the work. Apart from the traces themselves
    nothing grows with the clip's length. Raises `UnknownName`, `WeightsMissing`, `UnreadableMedia`.
    """
    from models.face.stream import score_faces
    from models.tracking.people import PortraitTracker
    from models.tracking.tracker import EVERY, FaceTracker

    assert plan.face is not None, "a plan without a face model does not look"
    finder, model = loaded.detector(plan.detector), loaded.face_model(plan.face)
    assert model.info.labels is not None, f"{plan.face} has no classes"
    calibration = calibration_of(model.info)
    units: tuple[str, ...] = getattr(model, "action_units", ())
    landmarker = None if plan.landmarks is None else loaded.face_landmarker(plan.landmarks)
    every = EVERY if plan.every is None else plan.every
    embedder = None if plan.identity is None else loaded.face_embedder(plan.identity)
    tracker = FaceTracker(finder, every) if embedder is None else PortraitTracker(finder, embedder, every)
    clock: dict[int, int] = {}
    zoom = _Zoom(width)
    times, counts = array("q"), array("f")
    rows: dict[int, _FaceRows] = {}
    for frame in score_faces(_pictures(path, clock, zoom), tracker, model, STEADY, landmarker):
        time = clock.pop(frame.frame)
        times.append(time)
        counts.append(len(frame.faces))
        for face in frame.faces:
            mine = rows.setdefault(face.face_id, _FaceRows())
            mine.times.append(time)
            if face.detected:
                mine.key_times.append(time)
            mine.values.extend(
                (
                    face.confidence,
                    *(side * zoom.factor for side in face.box),
                    *_measures(face),
                    *([np.nan] * len(units) if face.action_units is None else face.action_units.tolist()),
                    *face.probabilities.tolist(),
                )
            )
        seen(len(times))
    columns = (*MEASURES, *OPTIONAL, *(UNIT + unit for unit in units), *(CLASS + label for label in model.info.labels.classes))
    faces = [_face_trace(number, one, columns, model.info, calibration) for number, one in sorted(rows.items())]
    count = Trace("faces", "", finder.info.name, None, _int64(times), ("num_faces",), _table(counts, 1))
    portraits: list[Trace] = []
    people: dict[str, Any] = {}
    if embedder is not None and isinstance(tracker, PortraitTracker):
        portraits, people = _people(tracker.portraits, rows, faces, embedder)
    return Seen(
        (count, *faces, *portraits),
        frames=len(times),
        frames_with_face=int((count.values > 0).sum()),
        faces=len(faces),
        models={"detector": loaded.about(finder.info), "face": loaded.about(model.info, calibration)}
        | ({} if landmarker is None else {"landmarks": loaded.about(landmarker.info)})
        | ({} if embedder is None else {"identity": loaded.about(embedder.info)}),
        parameters={"every": every, "longest_side": LONGEST_SIDE, "steady": STEADY, **people},
    )


def _face_trace(number: int, rows: _FaceRows, columns: tuple[str, ...], info: ModelInfo, calibration: Calibration | None) -> Trace:
    """The steadied scores are calibrated here, once, as they were when the calibration was found."""
    assert info.labels is not None
    values = _table(rows.values, len(columns)).copy()
    values[:, -len(info.labels) :] = calibrated(values[:, -len(info.labels) :], calibration)
    return _without_unmeasured(Trace("face", str(number), info.name, info.labels.name, _int64(rows.times), columns, values))


def _people(
    portraits: dict[int, list[NDArray[np.float32]]], rows: dict[int, _FaceRows], faces: list[Trace], embedder: FaceEmbedder
) -> tuple[list[Trace], dict[str, Any]]:
    """A trace of kind `identity` for each face, and which of them are one person, as parameters of the analysis."""
    traces = [
        portraits_trace(number, embedder.info.name, _int64(one.key_times), portraits.get(number, []))
        for number, one in sorted(rows.items())
    ]
    same = loaded.same_person(embedder)
    return traces, {"same_person": same, "people": noted(people_in([*faces, *traces], same))}


@dataclass
class _Zoom:
    """How much wider the clip is than the pictures looked at; known with the first of them."""

    width: int
    factor: float = 1.0


def _pictures(path: Path, clock: dict[int, int], zoom: _Zoom) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames as the tracker wants them; their times wait in `clock` until the frame is done. Runs in the tracker's thread."""
    from app.media.decode import frames

    for index, time_us, picture in frames(path, LONGEST_SIDE):
        clock[index] = time_us
        zoom.factor = zoom.width / picture.shape[1]
        yield index, picture


def _measures(face: ScoredFace) -> Iterator[float]:
    """Pitch, yaw and roll, and what is `OPTIONAL`; NaN where it was not measured."""
    yield from (np.nan,) * 3 if face.pose is None else (face.pose.pitch, face.pose.yaw, face.pose.roll)
    yield from (np.nan if value is None else value for value in (face.valence, face.arousal))
    yield from (np.nan, np.nan) if face.gaze is None else face.gaze
    yield np.nan if face.opening is None else face.opening


def _without_unmeasured(trace: Trace) -> Trace:
    """Without the optional columns in which there is nothing."""
    kept = [
        i
        for i, name in enumerate(trace.columns)
        if not (name in OPTIONAL or name.startswith(UNIT)) or not np.isnan(trace.values[:, i]).all()
    ]
    names = tuple(trace.columns[i] for i in kept)
    return Trace(trace.kind, trace.subject, trace.model, trace.label_set, trace.times_us, names, trace.values[:, kept])


def _int64(values: array[int]) -> NDArray[np.int64]:
    return np.frombuffer(values, np.int64).copy() if len(values) else np.empty(0, np.int64)


def _table(values: array[float], columns: int) -> NDArray[np.float32]:
    return (np.frombuffer(values, np.float32).copy() if len(values) else np.empty(0, np.float32)).reshape(-1, columns)
