"""What is labelled, in which scheme, by whom: schemes, projects, raters, media, clips with what their actors were asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.tables.base import Table, now


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
