"""Every table. What people say is in `operation`, append-only; `judgement` is its projection and can be rebuilt from it.

Times on a clip's clock end in `_us` and are whole microseconds. Times of day are aware UTC `datetime`s.
Three things are kept apart: `intended_emotion` (what the actor was asked for), `trace` and `utterance` (what models guessed),
`judgement` (what a person said).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Moment(TypeDecorator[datetime]):
    """An aware UTC time of day. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time of day needs a zone; got {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON, bytes: LargeBinary}  # noqa: RUF012 — SQLAlchemy's own name


class Scheme(Table):
    """A set of emotions people label with, in one version. Never edited: a change is a new version."""

    __tablename__ = "scheme"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    emotions: Mapped[list[Emotion]] = relationship(order_by="Emotion.position", back_populates="scheme")


class Emotion(Table):
    __tablename__ = "emotion"

    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str]
    name_sv: Mapped[str | None]
    family: Mapped[str]
    definition: Mapped[str]
    synonyms: Mapped[str] = mapped_column(default="")
    code: Mapped[str | None]
    native_id: Mapped[int | None]
    valence_tag: Mapped[str | None]
    valence: Mapped[float | None]
    arousal: Mapped[float | None]
    va_source: Mapped[str | None]
    scheme: Mapped[Scheme] = relationship(back_populates="emotions")


class Project(Table):
    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    scheme: Mapped[Scheme] = relationship()


class Rater(Table):
    """Somebody who judges. `name` is a pseudonym of their own choice; `local` marks the one user of a program on its own machine."""

    __tablename__ = "rater"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    local: Mapped[bool] = mapped_column(default=False)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Medium(Table):
    """One file's bytes, known by their sha256, and what was measured in them once. Shared by clips of several projects."""

    __tablename__ = "medium"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    linked_path: Mapped[str | None]
    """Where the original lies when it was imported by link; None when the store holds it."""
    container: Mapped[str]
    video_codec: Mapped[str | None]
    audio_codec: Mapped[str | None]
    duration_us: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    frames: Mapped[int]
    """Number of video frames; 0 without video."""
    fps: Mapped[float | None]
    """Mean frame rate, for people to read; frame k is at `frame_times[k]`, never at k / fps."""
    frame_times: Mapped[bytes | None]
    """Presentation time of each frame from the clip's zero, int64 little-endian µs, zlib-compressed; None without video."""
    sample_rate: Mapped[int | None]
    channels: Mapped[int | None]
    playable: Mapped[bool]
    """Whether browsers play the original; if not, the store holds a proxy with the same frame times."""
    notes: Mapped[list[Any]] = mapped_column(default=list)
    """What a user should know: several streams, broken audio, variable rate …"""
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def has_video(self) -> bool:
        return self.frames > 0

    @property
    def has_audio(self) -> bool:
        """Whether there is sound that can be decoded."""
        return self.audio_codec is not None


class Clip(Table):
    """A medium in a project, under the name it came with, with what that name says."""

    __tablename__ = "clip"
    __table_args__ = (UniqueConstraint("project_id", "sha256"), Index("ix_clip_project_id_file_name", "project_id", "file_name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("medium.sha256"))
    file_name: Mapped[str]
    corpus: Mapped[str | None]
    actor: Mapped[str | None]
    mode: Mapped[str | None]
    intended_intensity: Mapped[int | None]
    take: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What else the name says: version, situation, statement, error_file …"""
    name_error: Mapped[str | None]
    """Why the name could not be read; None where it was."""
    split: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    medium: Mapped[Medium] = relationship()
    project: Mapped[Project] = relationship()
    intended: Mapped[list[IntendedEmotion]] = relationship(
        order_by="IntendedEmotion.position", back_populates="clip", cascade="all, delete-orphan"
    )


class IntendedEmotion(Table):
    """What the actor was asked for. Several with weights are a blend; several without are a set of which the name does not say which."""

    __tablename__ = "intended_emotion"

    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    emotion: Mapped[str]
    weight: Mapped[float | None]
    clip: Mapped[Clip] = relationship(back_populates="intended")


class Analysis(Table):
    """One run of named model versions with stored parameters over one clip. A re-run is a new row; nothing is overwritten."""

    __tablename__ = "analysis"

    id: Mapped[int] = mapped_column(primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    models: Mapped[dict[str, Any]]
    """{"detector": {"name", "version"}, "face": …, "speech": …, "voice": …}; a part that was not asked for is absent."""
    parameters: Mapped[dict[str, Any]]
    program_version: Mapped[str]
    frames: Mapped[int]
    frames_with_face: Mapped[int | None]
    faces: Mapped[int | None]
    """Number of face tracks; None where no face was looked for."""
    speech_us: Mapped[int | None] = mapped_column(BigInteger)
    seconds: Mapped[float]
    """Wall-clock seconds the run took."""
    notes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    traces: Mapped[list[Trace]] = relationship(back_populates="analysis", cascade="all, delete-orphan")
    utterances: Mapped[list[Utterance]] = relationship(
        order_by="Utterance.start_us", back_populates="analysis", cascade="all, delete-orphan"
    )


class Trace(Table):
    """One model's numbers over time about one subject, as Arrow IPC bytes."""

    __tablename__ = "trace"
    __table_args__ = (Index("ix_trace_analysis_id_kind", "analysis_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id", ondelete="CASCADE"))
    kind: Mapped[str]
    """`faces` (count of faces in every frame), `face`, `speech`, `voice`."""
    subject: Mapped[str]
    """The face's number, the speaker's name, or empty."""
    model: Mapped[str]
    label_set: Mapped[str | None]
    data: Mapped[bytes]
    analysis: Mapped[Analysis] = relationship(back_populates="traces")


class Utterance(Table):
    """A stretch of speech and what the voice model says of it."""

    __tablename__ = "utterance"

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id", ondelete="CASCADE"), index=True)
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    speaker: Mapped[str | None]
    text: Mapped[str | None]
    language: Mapped[str | None]
    events: Mapped[list[Any]] = mapped_column(default=list)
    label_set: Mapped[str | None]
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Class → probability; empty where the model gave none."""
    analysis: Mapped[Analysis] = relationship(back_populates="utterances")


class Judgement(Table):
    """What a rater says now about a clip or a span of it: the projection of its operations, never written by anything else."""

    __tablename__ = "judgement"
    __table_args__ = (Index("ix_judgement_clip_id_rater_id", "clip_id", "rater_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    revision: Mapped[int]
    removed: Mapped[bool] = mapped_column(default=False)
    tier: Mapped[str]
    """`clip`, `face:<number>`, `voice:<speaker>` or `both`."""
    start_us: Mapped[int | None] = mapped_column(BigInteger)
    """None, as `end_us`: the clip as a whole."""
    end_us: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str]
    source: Mapped[str]
    intensity: Mapped[int | None]
    """Perceived, 1–4."""
    confidence: Mapped[int | None]
    """1–5."""
    genuineness: Mapped[int | None]
    """1–5."""
    valence: Mapped[float | None]
    arousal: Mapped[float | None]
    note: Mapped[str] = mapped_column(default="")
    model: Mapped[str | None]
    """The suggestion this came from: which model …"""
    model_score: Mapped[float | None]
    """… and its score, where `source` is accepted, corrected or model."""
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was visible to the rater at the last change, see `app.review.judgement.Context`."""
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    clip: Mapped[Clip] = relationship()
    rater: Mapped[Rater] = relationship()
    emotions: Mapped[list[JudgementEmotion]] = relationship(
        order_by="JudgementEmotion.position", back_populates="judgement", cascade="all, delete-orphan"
    )


class JudgementEmotion(Table):
    __tablename__ = "judgement_emotion"

    judgement_id: Mapped[str] = mapped_column(ForeignKey("judgement.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    emotion: Mapped[str]
    weight: Mapped[float]
    judgement: Mapped[Judgement] = relationship(back_populates="emotions")


class Operation(Table):
    """One change by one person, for ever. `revision` is what it made of the judgement; rows are only ever added."""

    __tablename__ = "operation"
    __table_args__ = (UniqueConstraint("judgement_id", "revision"),)

    op_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    judgement_id: Mapped[str] = mapped_column(String(36))
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"), index=True)
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    kind: Mapped[str]
    """`put` or `remove`."""
    base_revision: Mapped[int]
    revision: Mapped[int]
    judgement: Mapped[dict[str, Any] | None]
    """The whole judgement after this change, as the client said it; None for `remove`."""
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    """The scheme the project labelled with when this was said."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    rater: Mapped[Rater] = relationship()


class StrayOperation(Table):
    """A change that came too late: somebody (the same rater in another tab, most often) had changed the judgement meanwhile.

    It was not applied, and what it says is kept, so that it can be found even if the browser that sent it is gone.
    """

    __tablename__ = "stray_operation"

    op_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    judgement_id: Mapped[str] = mapped_column(String(36), index=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    kind: Mapped[str]
    base_revision: Mapped[int]
    found_revision: Mapped[int]
    """The revision the judgement had in fact; 0 where there was none."""
    judgement: Mapped[dict[str, Any] | None]
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    rater: Mapped[Rater] = relationship()


class Job(Table):
    """Work that takes long. The row is the truth; whatever process works on it can die and be replaced."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    clip_id: Mapped[int | None] = mapped_column(ForeignKey("clip.id"), index=True)
    state: Mapped[str] = mapped_column(default="waiting")
    """`waiting`, `running`, `done`, `failed`, `cancelled`."""
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float] = mapped_column(default=0.0)
    """0 to 1."""
    message: Mapped[str] = mapped_column(default="")
    error: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]
    worker: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
