"""A project's rows for export, one after the other: however many judgements there are, a few thousand are in memory.

All of them are read within the caller's session, so they show one moment of the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from app.analysis.latest import newest_analysis
from app.exchange.sheets import FRAMES, Type
from db import tables
from db.tables import Analysis, Clip, IntendedEmotion, Judgement, JudgementEmotion, Medium, Rater

Cell: TypeAlias = Any
Row: TypeAlias = tuple[Cell, ...]

CLIPS_AT_ONCE = 500
ROWS_AT_ONCE = 2000


def count_judgements(session: Session, project_id: int) -> int:
    """How many judgements an export of the project will hold."""
    current = select(func.count()).select_from(Judgement).join(Clip).where(Clip.project_id == project_id, Judgement.removed.is_(False))
    return session.scalar(current) or 0


def label_rows(session: Session, project_id: int) -> Iterator[Row]:
    """Rows of `LABELS`: by clip, then by where the judged stretch begins, the whole clip first."""

    @cache
    def scheme(scheme_id: int) -> tuple[str, str, dict[str, tuple[int | None, str]]]:
        row = session.get_one(tables.Scheme, scheme_id)
        return row.name, row.version, {emotion.key: (emotion.native_id, emotion.family) for emotion in row.emotions}

    for clips in _clips(session, project_id):
        said = _judgements([clip.id for clip in clips])
        about = {clip.id: _about(clip) for clip in clips}
        split = {clip.id: clip.split for clip in clips}
        for j in session.execute(said.execution_options(yield_per=ROWS_AT_ONCE)):
            name, version, emotions = scheme(j.scheme_id)
            native_id, family = emotions.get(j.emotion, (None, None))
            saw = j.context
            options = saw.get("options_shown")
            yield (
                j.id,
                j.revision,
                j.clip_id,
                *about[j.clip_id],
                j.tier,
                j.start_us,
                j.end_us,
                j.emotion,
                native_id,
                family,
                j.weight,
                j.intensity,
                j.confidence,
                j.genuineness,
                j.valence,
                j.arousal,
                j.outcome,
                j.source,
                j.annotator,
                saw.get("task"),
                None if options is None else "|".join(options),
                saw.get("suggestion_visible"),
                saw.get("intended_visible"),
                j.model,
                j.model_score,
                saw.get("latency_ms"),
                saw.get("replays"),
                j.note,
                name,
                version,
                j.created_at,
                split[j.clip_id],
            )


def clip_rows(session: Session, project_id: int) -> Iterator[Row]:
    """Rows of `CLIPS`, in the order the clips came in."""
    for clips in _clips(session, project_id):
        between = (clips[0].id, clips[-1].id)
        counted = select(Judgement.clip_id, func.count()).where(Judgement.clip_id.between(*between), Judgement.removed.is_(False))
        judgements = dict(session.execute(counted.group_by(Judgement.clip_id)).all())
        newest = {analysis.clip_id: analysis for analysis in session.scalars(_newest_analyses(project_id, *between))}
        for clip in clips:
            medium, analysis = clip.medium, newest.get(clip.id)
            file_name, sha256, *name_says = _about(clip)
            yield (
                clip.id,
                file_name,
                sha256,
                medium.duration_us,
                medium.width,
                medium.height,
                medium.frames,
                medium.fps,
                medium.has_video,
                medium.has_audio,
                *name_says,
                clip.name_error,
                judgements.get(clip.id, 0),
                analysis and analysis.id,
                analysis and analysis.frames_with_face,
                analysis and analysis.faces,
                analysis and analysis.speech_us,
                clip.created_at,
                clip.split,
            )


def face_classes(session: Session, project_id: int) -> list[str]:
    """The classes of all face models among the clips' newest analyses, each once, in the order they are first met."""
    classes: dict[str, None] = {}
    for clips in _clips(session, project_id):
        for analysis in session.scalars(_newest_analyses(project_id, clips[0].id, clips[-1].id)):
            classes.update(dict.fromkeys(analysis.models.get("face", {}).get("classes", ())))
    return list(classes)


def frame_rows(session: Session, project_id: int, classes: list[str]) -> Iterator[Row]:
    """Rows of `FRAMES` with a cell for each of `classes`."""
    from app.analysis import tables as predictions
    from app.analysis.fusion import named_version
    from app.clock import from_seconds

    read = {
        Type.TEXT: str,
        Type.INTEGER: int,
        Type.NUMBER: float,
        Type.SECONDS: lambda text: from_seconds(float(text)),
    }
    types = {column.name: column.type for column in FRAMES.columns}
    for clips in _clips(session, project_id):
        for analysis in session.scalars(_newest_analyses(project_id, clips[0].id, clips[-1].id)).all():
            found = predictions.frame_rows(session, analysis)
            model = named_version(analysis.models["face"]) if "face" in analysis.models else None
            place = {name: index for index, name in enumerate(found.header)}
            wanted = [(place.get(name), read[types.get(name, Type.NUMBER)]) for name in (*FRAMES.header[3:], *classes)]
            for cells in found.rows:
                values = (None if at is None or cells[at] == "" else reading(cells[at]) for at, reading in wanted)
                yield (analysis.clip_id, analysis.id, model, *values)


def model_versions(session: Session, project_id: int) -> list[dict[str, Any]]:
    """Which model versions analysed the project's clips, and how many analyses each did."""
    counted: dict[tuple[str, str, str], int] = {}
    for models in session.scalars(
        select(Analysis.models).join(Clip).where(Clip.project_id == project_id).execution_options(yield_per=1000)
    ):
        for part, model in models.items():
            known = (part, str(model.get("name")), str(model.get("version")))
            counted[known] = counted.get(known, 0) + 1
    return [{"part": part, "name": name, "version": version, "analyses": n} for (part, name, version), n in sorted(counted.items())]


def _clips(session: Session, project_id: int) -> Iterator[list[Clip]]:
    """The project's clips in portions, by number, without their frame times."""
    last = 0
    while True:
        query = select(Clip).where(Clip.project_id == project_id, Clip.id > last).order_by(Clip.id).limit(CLIPS_AT_ONCE)
        clips = session.scalars(query.options(selectinload(Clip.intended), selectinload(Clip.medium).defer(Medium.frame_times))).all()
        if not clips:
            return
        yield list(clips)
        last = clips[-1].id


def _judgements(clip_ids: list[int]) -> Select[*tuple[Any, ...]]:
    """One row for each judgement and emotion, plain columns: a million ORM objects would take minutes.

    By the index on `clip_id` alone, so that a database sorts one clip's judgements at a time and begins at once.
    """
    fields = (
        Judgement.id,
        Judgement.revision,
        Judgement.clip_id,
        Judgement.tier,
        Judgement.start_us,
        Judgement.end_us,
        Judgement.intensity,
        Judgement.confidence,
        Judgement.genuineness,
        Judgement.valence,
        Judgement.arousal,
        Judgement.outcome,
        Judgement.source,
        Judgement.note,
        Judgement.model,
        Judgement.model_score,
        Judgement.context,
        Judgement.scheme_id,
        Judgement.created_at,
        Rater.name.label("annotator"),
        JudgementEmotion.emotion,
        JudgementEmotion.weight,
    )
    return (
        select(*fields)
        .join(Rater, Rater.id == Judgement.rater_id)
        .outerjoin(JudgementEmotion, JudgementEmotion.judgement_id == Judgement.id)
        .where(Judgement.clip_id.in_(clip_ids), Judgement.removed.is_(False))
        .order_by(
            Judgement.clip_id, Judgement.start_us.nulls_first(), Judgement.end_us.nulls_first(), Judgement.id, JudgementEmotion.position
        )
    )


def _newest_analyses(project_id: int, first_clip: int, last_clip: int) -> Select[Analysis]:
    of_clips = (Clip.project_id == project_id, Clip.id.between(first_clip, last_clip))
    return select(Analysis).join(Clip).where(*of_clips, Analysis.id == newest_analysis()).order_by(Clip.id)


def _about(clip: Clip) -> Row:
    """What `LABELS` and `CLIPS` say of a clip alike: file name, sha256, corpus, actor, mode, intended emotion and intensity."""
    return (clip.file_name, clip.sha256, clip.corpus, clip.actor, clip.mode, intended_text(clip.intended), clip.intended_intensity)


def intended_text(intended: list[IntendedEmotion]) -> str | None:
    """`anger`; a blend `anger:0.7|disgust:0.3`; a set `positive_surprise|negative_surprise`; None where the name says nothing."""
    if not intended:
        return None
    if len(intended) == 1:
        return intended[0].emotion
    return "|".join(one.emotion if one.weight is None else f"{one.emotion}:{one.weight:g}" for one in intended)
