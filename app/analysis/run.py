"""One analysis of one clip: measure, then keep everything in one transaction. What fails or is stopped leaves nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.analysis import loaded
from app.analysis.plan import AnalysisPlan, AnalysisSummary
from app.analysis.traces import Trace, rows_of
from app.clock import MICROSECONDS
from app.version import VERSION
from db import tables
from db.engine import Database

if TYPE_CHECKING:
    from app.analysis.voice import Utterance
    from app.media.store import Store

__all__ = ["AnalysisPlan", "AnalysisSummary", "Measured", "analyze_clip", "keep", "measure", "subject"]

Report = Callable[[float, str], None]
"""Is told how much is done, 0 to 1, and in a few words what; whatever it raises ends the work."""

FACES, BODIES, SOUND = 9.0, 3.0, 1.0
"""What each part of the work takes, next to the others."""


class UnknownClip(LookupError):
    """There is no clip of that number; it may have been removed while it waited."""


@dataclass
class Measured:
    """What the models found, before it is in the database. None: not looked for."""

    traces: list[Trace] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    utterance_labels: str | None = None
    frames: int = 0
    frames_with_face: int | None = None
    faces: int | None = None
    speech_us: int | None = None
    models: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    """What the work took, the models being loaded: they are once a process, and would make the first clip of a thousand look slow."""


def analyze_clip(database: Database, store: Store, clip_id: int, plan: AnalysisPlan, progress: Report | None = None) -> AnalysisSummary:
    """Runs the models of `plan` over a clip, in this process, and keeps what they find as a new analysis.

    Raises what `measure` raises, and `UnknownClip`; then nothing is kept.
    """
    with database.reading() as session:
        medium = subject(session, clip_id)
    measured = measure(medium, store.original(medium), plan, progress)
    with database.writing() as session:
        return keep(session, clip_id, medium, plan, measured)


def subject(session: Session, clip_id: int) -> tables.Medium:
    """The medium of a clip, taken out of the session so that it can be read for as long as the work lasts. Raises `UnknownClip`."""
    clip = session.get(tables.Clip, clip_id)
    if clip is None:
        raise UnknownClip(f"there is no clip {clip_id}; it may have been removed")
    medium = clip.medium
    session.expunge(medium)
    return medium


def measure(medium: tables.Medium, path: Path, plan: AnalysisPlan, progress: Report | None = None) -> Measured:
    """What the models of `plan` find in the file at `path`. Memory does not grow with its length, but for the traces themselves.

    Raises `UnknownName`, `WeightsMissing`, `UnreadableMedia`, `OSError`, and whatever `progress` raises.
    """
    report = progress or _nobody
    measured = Measured(frames=medium.frames, parameters=plan.document())
    looks = plan.face is not None and medium.has_video
    watches = plan.body is not None and medium.has_video
    work = FACES * looks + BODIES * watches + SOUND * bool(medium.audio_codec)
    report(0.0, "Loading models")
    loaded.load(plan, looks or watches, medium.has_audio)
    begun = time.perf_counter()
    if looks:
        _look(measured, medium, path, plan, report, FACES / work)
    elif plan.face is not None:
        measured.notes.append("The clip has no pictures, so no face was looked for.")
    if watches:
        _watch(measured, medium, path, plan, report, FACES * looks / work, BODIES / work)
    if medium.audio_codec:
        _listen(measured, path, plan, report, 1 - SOUND / work)
    else:
        measured.notes.append("The clip has no sound.")
    measured.seconds = time.perf_counter() - begun
    return measured


def keep(session: Session, clip_id: int, medium: tables.Medium, plan: AnalysisPlan, measured: Measured) -> AnalysisSummary:
    """Writes a new analysis with its traces and utterances. Call inside `Database.writing()`."""
    analysis = tables.Analysis(
        clip_id=clip_id,
        models=measured.models,
        parameters=measured.parameters,
        program_version=VERSION,
        frames=measured.frames,
        frames_with_face=measured.frames_with_face,
        faces=measured.faces,
        speech_us=measured.speech_us,
        seconds=measured.seconds,
        notes=measured.notes,
        traces=rows_of(measured.traces),
        utterances=[
            tables.Utterance(
                start_us=one.start_us,
                end_us=one.end_us,
                speaker=one.speaker,
                speaker_confidence=one.confidence,
                text=one.text,
                language=one.language,
                events=list(one.events),
                tokens=[asdict(token) for token in one.tokens],
                label_set=measured.utterance_labels if one.scores else None,
                scores=one.scores,
            )
            for one in measured.utterances
        ],
    )
    session.add(analysis)
    session.flush()
    return AnalysisSummary(
        clip=clip_id,
        analysis=analysis.id,
        frames=measured.frames,
        frames_with_face=measured.frames_with_face,
        faces=measured.faces,
        speech_us=measured.speech_us,
        seconds=round(measured.seconds, 3),
        realtime_factor=round(medium.duration_us / MICROSECONDS / measured.seconds, 3),
    )


def _look(measured: Measured, medium: tables.Medium, path: Path, plan: AnalysisPlan, report: Report, share: float) -> None:
    from app.analysis.faces import look

    found = look(
        path,
        medium.width or 0,
        plan,
        lambda frames: report(share * min(1.0, frames / medium.frames), f"Faces: {frames} of {medium.frames} frames"),
    )
    measured.traces += found.traces
    measured.models |= found.models
    measured.parameters |= found.parameters
    measured.frames_with_face, measured.faces = found.frames_with_face, found.faces
    if found.faces == 0:
        measured.notes.append("No face was found in any frame.")
    if found.frames < medium.frames:
        measured.notes.append(f"{medium.frames - found.frames} of {medium.frames} frames are damaged and could not be looked at.")


def _watch(measured: Measured, medium: tables.Medium, path: Path, plan: AnalysisPlan, report: Report, before: float, share: float) -> None:
    from app.analysis.bodies import watch

    assert plan.body is not None
    found = watch(
        path,
        medium.width or 0,
        plan.body,
        lambda frames: report(before + share * min(1.0, frames / medium.frames), f"Bodies: {frames} of {medium.frames} frames"),
    )
    measured.traces += found.traces
    measured.models |= found.models
    measured.parameters |= found.parameters
    if not found.traces:
        measured.notes.append("Nobody's body was found in any frame.")


def _listen(measured: Measured, path: Path, plan: AnalysisPlan, report: Report, before: float) -> None:
    from app.analysis.voice import listen

    found = listen(path, plan, lambda done: report(before + (1 - before) * done, "Voice"))
    measured.traces += found.traces
    measured.utterances += found.utterances
    measured.utterance_labels = found.label_set
    measured.models |= found.models
    measured.parameters |= found.parameters
    measured.speech_us = found.speech_us
    if not found.sound:
        measured.notes.append("The sound track is digital silence.")
    elif found.speech_us == 0:
        measured.notes.append("Nobody was heard to speak.")


def _nobody(done: float, what: str) -> None:
    """Progress that nobody watches."""
