"""What people said: the log of operations, and the judgements that it comes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.tables.base import Table, now
from db.tables.corpus import Clip, Rater


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


class Correction(Table):
    """One correction of a clip's turns or cast by one person, for ever; what the models found stays as it is. Rows are only ever added."""

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("clip_id", "kind", "revision"),)

    op_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"))
    kind: Mapped[str]
    """`turn` or `cast`: the lane it belongs to. Each lane of a clip has revisions of its own, from 1."""
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    base_revision: Mapped[int]
    revision: Mapped[int]
    change: Mapped[dict[str, Any]]
    """What was asked for, as the client said it: `app.review.turns`, `app.review.cast`."""
    basis: Mapped[dict[str, Any] | None]
    """The lane that it starts from, where that is not what the one before made: with the first correction, and when a cast is carried over
    to another analysis. So no later analysis moves the ground under what people did."""
    adopted: Mapped[dict[str, Any] | None]
    """The lane that an `adopt` brings in."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    rater: Mapped[Rater] = relationship()


class StrayCorrection(Table):
    """A correction that came too late: the lane had moved on. It was not applied, and what it says is kept."""

    __tablename__ = "stray_correction"
    __table_args__ = (Index("ix_stray_correction_clip_id_kind", "clip_id", "kind"),)

    op_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clip_id: Mapped[int] = mapped_column(ForeignKey("clip.id"))
    kind: Mapped[str]
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    base_revision: Mapped[int]
    found_revision: Mapped[int]
    """The revision the lane had in fact."""
    change: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    rater: Mapped[Rater] = relationship()
