"""The two lanes of a clip that people correct, as its newest analysis found them: what a first correction starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from app.analysis.latest import NoAnalysis, find_analysis, latest_analysis
from app.analysis.people import NoPortraits, people_noted, people_of
from app.analysis.speakers import NoVoices, turns_of
from app.analysis.traces import Trace, load
from app.review.cast import AdoptCast, Box, Cast, CastTrack
from app.review.turns import Adopt, CannotCorrect, TurnLane
from db import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES = 9
"""Moments at which a track is remembered to have been somewhere: enough to outvote a crossing, few enough for the log."""

NEAR_US = 100_000
"""A face is where it was seen nearest in time, if that is not longer ago: a head seldom leaves its own box in a tenth of a second."""

BOX = ("box_x", "box_y", "box_w", "box_h")


def turns_found(session: Session, clip_id: int) -> TurnLane:
    """As the newest analysis found them, empty without one. Where nobody asked who speaks, stretches of speech of nobody known."""
    analysis = latest_analysis(session, clip_id)
    if analysis is None:
        return TurnLane()
    said = analysis.utterances if analysis.speech_us else []  # without speech the one utterance is the sound, and nobody's turn
    return TurnLane.found(analysis.id, ((one.start_us, one.end_us, one.speaker, one.speaker_confidence) for one in said))


def turns_adopted(session: Session, clip_id: int, change: Adopt) -> TurnLane:
    """As the analysis that is adopted finds them for so many speakers. Raises `CannotCorrect`."""
    analysis = _analysis(session, clip_id, change.analysis)
    if change.speakers is None and analysis.id == _newest(session, clip_id):
        return turns_found(session, clip_id)
    try:
        turns = turns_of(session, analysis.id, change.speakers)
    except NoVoices as error:
        raise CannotCorrect(str(error)) from None
    return TurnLane.found(analysis.id, ((turn.start_us, turn.end_us, str(turn.speaker), turn.confidence) for turn in turns))


@dataclass(frozen=True)
class Faces:
    """The face tracks of one analysis."""

    cast: Cast
    traces: tuple[Trace, ...]

    def seen(self, track: int, time_us: int) -> Box | None:
        """Where `track` is at about `time_us`; None where it is not seen then."""
        trace = next((trace for trace in self.traces if int(trace.subject) == track), None)
        if trace is None or not _is_placed(trace):
            return None
        place = int(np.abs(trace.times_us - time_us).argmin())
        return _box(trace, place) if abs(int(trace.times_us[place]) - time_us) <= NEAR_US else None


def faces_found(session: Session, clip_id: int) -> Faces:
    """As the newest analysis found them. Where nobody asked whose face is whose, every track is a person."""
    analysis = latest_analysis(session, clip_id)
    if analysis is None:
        return Faces(Cast(), ())
    return _faces(analysis, people_noted(analysis), load(session, analysis.id, ("face",)))


def faces_adopted(session: Session, clip_id: int, change: AdoptCast) -> Faces:
    """As the analysis that is adopted finds them for so many people. Raises `CannotCorrect`."""
    analysis = _analysis(session, clip_id, change.analysis)
    try:
        people = people_noted(analysis) if change.people is None else people_of(session, analysis, change.people)
    except NoPortraits as error:
        raise CannotCorrect(str(error)) from None
    return _faces(analysis, people, load(session, analysis.id, ("face",)))


def _faces(analysis: tables.Analysis, people: dict[int, int], traces: Sequence[Trace]) -> Faces:
    tracks = [CastTrack(number, people.get(number, number), _places(trace)) for trace in traces if (number := int(trace.subject))]
    return Faces(Cast.found(analysis.id, tracks), tuple(traces))


def _places(trace: Trace) -> tuple[Box, ...]:
    rows = np.unique(np.linspace(0, len(trace) - 1, PLACES).round().astype(int)) if _is_placed(trace) else np.empty(0, int)
    return tuple(_box(trace, row) for row in rows.tolist())


def _is_placed(trace: Trace) -> bool:
    return len(trace) > 0 and set(BOX) <= set(trace.columns)


def _box(trace: Trace, place: int) -> Box:
    x, y, width, height = (round(float(trace[name][place]), 1) for name in BOX)
    return int(trace.times_us[place]), x, y, width, height


def _analysis(session: Session, clip_id: int, analysis_id: int) -> tables.Analysis:
    try:
        return find_analysis(session, clip_id, analysis_id)
    except NoAnalysis as error:
        raise CannotCorrect(str(error)) from None


def _newest(session: Session, clip_id: int) -> int | None:
    newest = latest_analysis(session, clip_id)
    return None if newest is None else newest.id
