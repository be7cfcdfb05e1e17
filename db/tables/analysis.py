"""What models guessed, and the work of finding out: analyses with their traces and utterances, jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.tables.base import Table, now


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
    """A number from 1; None where nobody asked who speaks."""
    speaker_confidence: Mapped[float | None]
    """In [0, 1], see `models.speakers.turns.Turn`."""
    text: Mapped[str | None]
    language: Mapped[str | None]
    events: Mapped[list[Any]] = mapped_column(default=list)
    tokens: Mapped[list[Any]] = mapped_column(default=list)
    """[{"text", "start_us", "end_us"}] in order; empty where the model knows no times."""
    label_set: Mapped[str | None]
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Class → probability; empty where the model gave none."""
    analysis: Mapped[Analysis] = relationship(back_populates="utterances")


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
