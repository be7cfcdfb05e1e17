"""Which face tracks are one person: the portraits of each as a trace, from which people are made for any number at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.analysis.traces import Trace, load

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db import tables

KIND = "identity"


class NoPortraits(LookupError):
    """The analysis did not ask whose face is whose."""


def portraits_trace(track: int, model: str, times_us: NDArray[np.int64], rows: Sequence[NDArray[np.float32]]) -> Trace:
    """A trace of kind `identity`: the unit vectors (D,) of a track's key frames, at their times (T,)."""
    values = np.stack(rows) if rows else np.empty((0, 0), np.float32)
    return Trace(KIND, str(track), model, None, times_us, tuple(f"e{i}" for i in range(1, values.shape[1] + 1)), values)


def people_in(traces: Sequence[Trace], same: float, number: int | None = None) -> dict[int, int]:
    """The person, from 1, of each face track, from the traces of kinds `face` and `identity` of one analysis."""
    from models.tracking.people import Track, mean_portrait, people

    portraits = {int(trace.subject): mean_portrait(trace.values) for trace in traces if trace.kind == KIND and len(trace)}
    faces = {int(trace.subject): trace.times_us for trace in traces if trace.kind == "face"}
    return people({track: Track(times, portraits.get(track)) for track, times in faces.items()}, same, number)


def people_of(session: Session, analysis: tables.Analysis, number: int | None = None) -> dict[int, int]:
    """The people of an analysis for another number of them; nothing is looked at again. Raises `NoPortraits`."""
    if "identity" not in analysis.models or "same_person" not in analysis.parameters:
        raise NoPortraits(f"analysis {analysis.id} did not ask whose face is whose; run one with `analyze --identity sface`")
    return people_in(load(session, analysis.id, ("face", KIND)), float(analysis.parameters["same_person"]), number)


def noted(people: Mapping[int, int]) -> dict[str, int]:
    """As `Analysis.parameters["people"]` keeps it: track → person."""
    return {str(track): person for track, person in people.items()}


def people_noted(analysis: tables.Analysis) -> dict[int, int]:
    """Track → person as the analysis found them; empty where it did not ask."""
    return {int(track): person for track, person in analysis.parameters.get("people", {}).items()}
