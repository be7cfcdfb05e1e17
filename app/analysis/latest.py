"""What the newest analysis of a clip has to say, for the library and the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from db import tables

if TYPE_CHECKING:
    from app.analysis.fusion import Suggestion


def newest_analysis() -> ScalarSelect[int]:
    """Within a query that has `Clip` in it, the id of the clip's newest analysis, NULL without one: a look into an index for each clip."""
    analysis = tables.Analysis.__table__.alias()  # an alias, so that `Analysis` outside means the query's own
    newest = select(func.max(analysis.c.id)).where(analysis.c.clip_id == tables.Clip.id)
    return newest.correlate(tables.Clip).scalar_subquery()


def latest_analysis(session: Session, clip_id: int) -> tables.Analysis | None:
    """The newest analysis of a clip, or None where it was never analysed."""
    newest = select(tables.Analysis).join(tables.Clip).where(tables.Clip.id == clip_id, tables.Analysis.id == newest_analysis())
    return session.scalar(newest)


class NoAnalysis(LookupError):
    """The clip was never analysed, or has no analysis of that number."""


def find_analysis(session: Session, clip_id: int, analysis_id: int | None = None) -> tables.Analysis:
    """Analysis `analysis_id` of a clip, by default its newest. Raises `NoAnalysis`."""
    if session.get(tables.Clip, clip_id) is None:
        raise NoAnalysis(f"there is no clip {clip_id}; `clips` lists the numbers there are")
    found = latest_analysis(session, clip_id) if analysis_id is None else session.get(tables.Analysis, analysis_id)
    if found is None and analysis_id is None:
        raise NoAnalysis(f"clip {clip_id} was not analysed yet; `analyze {clip_id}` does it")
    if found is None or found.clip_id != clip_id:
        numbers = session.scalars(select(tables.Analysis.id).where(tables.Analysis.clip_id == clip_id).order_by(tables.Analysis.id)).all()
        raise NoAnalysis(f"clip {clip_id} has no analysis {analysis_id}; it has: {', '.join(map(str, numbers)) or 'none'}")
    return found


def suggestion_of(session: Session, clip_id: int) -> Suggestion | None:
    """What the newest analysis suggests for the clip as a whole, in its project's scheme; None where it says nothing."""
    analysis = latest_analysis(session, clip_id)
    return None if analysis is None else suggestion_from(session, analysis)


def suggestion_from(session: Session, analysis: tables.Analysis) -> Suggestion | None:
    """What one analysis suggests for its clip as a whole."""
    from app.analysis.fusion import evidence, suggest
    from app.analysis.traces import load
    from app.scheme.store import load_scheme

    scheme_id = session.scalars(
        select(tables.Project.scheme_id)
        .join(tables.Clip, tables.Clip.project_id == tables.Project.id)
        .where(tables.Clip.id == analysis.clip_id)
    ).one()
    scheme = load_scheme(session, scheme_id)
    found = evidence(load(session, analysis.id, ("face", "voice")), analysis.models, scheme)
    return suggest(found, analysis.models, scheme)


def editor_analysis(session: Session, clip_id: int) -> dict[str, Any] | None:
    """The `analysis` of the editor's document (docs/architecture.md), or None where the clip was never analysed."""
    from app.analysis.traces import load

    analysis = latest_analysis(session, clip_id)
    if analysis is None:
        return None
    return {
        "id": analysis.id,
        "models": analysis.models,
        "created_at": analysis.created_at.isoformat(),
        "notes": analysis.notes,
        "faces": [
            {"subject": int(trace.subject), "from_us": int(trace.times_us[0]), "to_us": int(trace.times_us[-1])}
            for trace in load(session, analysis.id, ("face",))
            if len(trace)
        ],
        "utterances": [
            {
                "start_us": one.start_us,
                "end_us": one.end_us,
                "speaker": one.speaker,
                "text": one.text,
                "language": one.language,
                "events": one.events,
                "tokens": one.tokens,
            }
            for one in analysis.utterances
        ],
        "speech": speech(analysis),
    }


def speech(analysis: tables.Analysis) -> list[tuple[int, int]]:
    """The stretches in which somebody speaks, start and end in µs, sorted and disjoint.

    They are what the utterances cover; where nobody speaks, the one utterance is the sound that was heard, and that is no speech.
    """
    if not analysis.speech_us:
        return []
    joined: list[tuple[int, int]] = []
    for start, end in sorted((one.start_us, one.end_us) for one in analysis.utterances):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
