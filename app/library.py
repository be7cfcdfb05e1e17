"""What a project's clips are and how far each has come: filtered, sorted and counted by the database, one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, String, cast, false, func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.analysis.jobs import OPEN, State, newest_job
from app.analysis.latest import newest_analysis
from db.tables import Analysis, Clip, Emotion, IntendedEmotion, Job, Judgement, Medium, Project

PAGE_SIZE = 60
"""Clips on one page: four or five rows of posters on a wide screen; the page draws in the same time for 60 or 60,000 clips."""


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    ACTOR = "actor"
    LONGEST = "longest"


class Work(StrEnum):
    """How far the models are with a clip."""

    ANALYSED = "analysed"
    UNANALYSED = "not analysed"
    ACTIVE = "in progress"
    FAILED = "failed"


class Seen(StrEnum):
    """What the newest analysis found. A clip never analysed, or not for this, has none of them."""

    FACE = "a face"
    FACES = "several faces"
    NO_FACE = "no face"
    SPEECH = "speech"
    NO_SPEECH = "no speech"


@dataclass(frozen=True)
class Filters:
    """What to show; an empty field asks for nothing. Fields are joined by *and*, values within one by *or*."""

    text: str = ""
    """Words, each of which the file name, actor or corpus contains. With `blind` on, a clip's number."""
    corpora: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    """Families of the intended emotion."""
    work: Work | None = None
    labelled: bool | None = None
    """By the one who looks."""
    seen: tuple[Seen, ...] = ()
    sort: Sort = Sort.NEWEST
    blind: bool = False
    """Names and intended emotions are kept from whoever judges here: nothing may be found, narrowed or ordered by them."""


@dataclass(frozen=True)
class Card:
    """One clip as the library shows it."""

    id: int
    file_name: str
    corpus: str | None
    actor: str | None
    intended: tuple[tuple[str, float | None], ...]
    intended_intensity: int | None
    name_error: str | None
    duration_us: int
    has_video: bool
    has_audio: bool
    notes: tuple[str, ...]
    judgements: int
    """Of the one who looks, on this clip."""
    analysed: bool
    faces: int | None
    """Face tracks in the newest analysis; None where none was looked for, or there is no analysis."""
    frames: int
    frames_with_face: int | None
    speech_us: int | None
    job: str | None
    """State of the newest job: waiting, running, done, failed, cancelled."""
    progress: float
    error: str | None
    created_at: datetime


@dataclass(frozen=True)
class Page:
    cards: tuple[Card, ...]
    matching: int
    """Clips that pass the filters, on all pages."""
    total: int
    """Clips in the project."""


@dataclass(frozen=True)
class Facets:
    """What there is to filter by, each value with its number of clips."""

    corpora: dict[str, int] = field(default_factory=dict)
    actors: dict[str, int] = field(default_factory=dict)
    families: dict[str, int] = field(default_factory=dict)


def page_of(session: Session, project: Project, rater_id: int, filters: Filters, *, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """Page `page` (from 1) of the project's clips that pass `filters`; a page past the end is empty."""
    matching = _matching(project, rater_id, filters)
    rows = session.scalars(
        _sorted(matching, filters)
        .options(selectinload(Clip.intended), selectinload(Clip.medium).defer(Medium.frame_times))
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    return Page(
        cards=_cards(session, rows, rater_id),
        matching=session.scalar(select(func.count()).select_from(matching.order_by(None).subquery())) or 0,
        total=session.scalar(select(func.count()).select_from(Clip).where(Clip.project_id == project.id)) or 0,
    )


def matching_ids(session: Session, project: Project, rater_id: int, filters: Filters) -> list[int]:
    """Ids of every clip that passes `filters`, in their order."""
    return list(session.scalars(_sorted(_matching(project, rater_id, filters), filters).with_only_columns(Clip.id)))


def facets(session: Session, project: Project) -> Facets:
    """Corpora, actors and families of intended emotions in the project; the most frequent corpus and family first, actors by name."""
    of_project = Clip.project_id == project.id
    corpora = select(Clip.corpus, func.count()).where(of_project, Clip.corpus.is_not(None)).group_by(Clip.corpus)
    actors = select(Clip.actor, func.count()).where(of_project, Clip.actor.is_not(None)).group_by(Clip.actor).order_by(Clip.actor)
    families = (
        select(Emotion.family, func.count(Clip.id.distinct()))
        .join(IntendedEmotion, IntendedEmotion.emotion == Emotion.key)
        .join(Clip, Clip.id == IntendedEmotion.clip_id)
        .where(of_project, Emotion.scheme_id == project.scheme_id)
        .group_by(Emotion.family)
    )

    def counted(query: Select[str | None, int] | Select[str, int]) -> dict[str, int]:
        return {value: count for value, count in session.execute(query).all() if value is not None}

    return Facets(
        corpora=counted(corpora.order_by(func.count().desc())),
        actors=counted(actors),
        families=counted(families.order_by(func.count(Clip.id.distinct()).desc())),
    )


def _matching(project: Project, rater_id: int, filters: Filters) -> Select[Clip]:
    query = select(Clip).where(Clip.project_id == project.id)
    for word in filters.text.split():
        query = query.where(_contains(word, blind=filters.blind))
    if filters.corpora:
        query = query.where(Clip.corpus.in_(filters.corpora))
    if filters.actors:
        query = query.where(Clip.actor.in_(filters.actors))
    if filters.families and not filters.blind:
        query = query.where(_intends(project.scheme_id, filters.families))
    if filters.work is not None:
        query = query.where(_worked(filters.work))
    if filters.labelled is not None:
        labelled = _judgements_by(rater_id).exists()
        query = query.where(labelled if filters.labelled else ~labelled)
    if filters.seen:
        query = query.join(Analysis, Analysis.id == newest_analysis()).where(or_(*map(_found, filters.seen)))
    return query


def _contains(word: str, *, blind: bool) -> ColumnElement[bool]:
    if blind:
        return cast(Clip.id, String) == word.removeprefix("#")
    return or_(*(column.icontains(word, autoescape=True) for column in (Clip.file_name, Clip.actor, Clip.corpus)))


def _intends(scheme_id: int, families: tuple[str, ...]) -> ColumnElement[bool]:
    members = select(Emotion.key).where(Emotion.scheme_id == scheme_id, Emotion.family.in_(families))
    return select(IntendedEmotion.clip_id).where(IntendedEmotion.clip_id == Clip.id, IntendedEmotion.emotion.in_(members)).exists()


def _judgements_by(rater_id: int) -> Select[str]:
    return select(Judgement.id).where(Judgement.clip_id == Clip.id, Judgement.rater_id == rater_id, Judgement.removed.is_(False))


def _worked(work: Work) -> ColumnElement[bool]:
    analysed = select(Analysis.id).where(Analysis.clip_id == Clip.id).exists()

    def newest(*states: State) -> ColumnElement[bool]:
        return select(Job.id).where(Job.id == newest_job(), Job.state.in_(states)).correlate(Clip).exists()

    match work:
        case Work.ANALYSED:
            return analysed
        case Work.UNANALYSED:
            return ~analysed
        case Work.ACTIVE:
            return newest(*OPEN)
        case Work.FAILED:
            return newest(State.FAILED)


def _found(seen: Seen) -> ColumnElement[bool]:
    match seen:
        case Seen.FACE:
            return Analysis.frames_with_face > 0
        case Seen.FACES:
            return Analysis.faces > 1
        case Seen.NO_FACE:
            return Analysis.frames_with_face == 0
        case Seen.SPEECH:
            return Analysis.speech_us > 0
        case Seen.NO_SPEECH:
            return Analysis.speech_us == 0
    return false()


def _sorted(query: Select[Clip], filters: Filters) -> Select[Clip]:
    sort = Sort.OLDEST if filters.blind and filters.sort is Sort.NAME else filters.sort
    match sort:
        case Sort.NEWEST:
            return query.order_by(Clip.id.desc())
        case Sort.OLDEST:
            return query.order_by(Clip.id)
        case Sort.NAME:
            return query.order_by(func.lower(Clip.file_name), Clip.id)
        case Sort.ACTOR:
            return query.order_by(Clip.actor.is_(None), Clip.actor, Clip.id)
        case Sort.LONGEST:
            return query.join(Medium, Medium.sha256 == Clip.sha256).order_by(Medium.duration_us.desc(), Clip.id)


def _cards(session: Session, clips: Sequence[Clip], rater_id: int) -> tuple[Card, ...]:
    ids = [clip.id for clip in clips]  # at most one page of them
    analysed = select(Analysis).join(Clip).where(Clip.id.in_(ids), Analysis.id == newest_analysis())
    worked = select(Job).join(Clip).where(Clip.id.in_(ids), Job.id == newest_job())
    analyses = {row.clip_id: row for row in session.scalars(analysed)}
    jobs = {row.clip_id: row for row in session.scalars(worked)}
    mine = select(Judgement.clip_id, func.count()).where(
        Judgement.clip_id.in_(ids), Judgement.rater_id == rater_id, Judgement.removed.is_(False)
    )
    judged: dict[int, int] = dict(session.execute(mine.group_by(Judgement.clip_id)).all())
    return tuple(_card(clip, analyses.get(clip.id), jobs.get(clip.id), judged.get(clip.id, 0)) for clip in clips)


def _card(clip: Clip, analysis: Analysis | None, job: Job | None, judgements: int) -> Card:
    return Card(
        id=clip.id,
        file_name=clip.file_name,
        corpus=clip.corpus,
        actor=clip.actor,
        intended=tuple((row.emotion, row.weight) for row in clip.intended),
        intended_intensity=clip.intended_intensity,
        name_error=clip.name_error,
        duration_us=clip.medium.duration_us,
        has_video=clip.medium.has_video,
        has_audio=clip.medium.has_audio,
        notes=tuple(map(str, clip.medium.notes)),
        judgements=judgements,
        analysed=analysis is not None,
        faces=analysis.faces if analysis else None,
        frames=clip.medium.frames,
        frames_with_face=analysis.frames_with_face if analysis else None,
        speech_us=analysis.speech_us if analysis else None,
        job=job.state if job else None,
        progress=job.progress if job else 0.0,
        error=job.error if job else None,
        created_at=clip.created_at,
    )
