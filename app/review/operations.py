"""The log of what people said, and what it comes to.

`operation` is only ever added to. `judgement` is its projection: `apply` carries both forward in one transaction, `rebuild` computes the
second from the first again. Undo and restore are new operations of the client; nothing goes backwards here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.clock import moment_text
from app.review.change import Ack, Change, Kind, Status
from app.review.judgement import InvalidJudgement, Judgement
from app.scheme import UnknownEmotion
from app.scheme.store import load_scheme
from db import tables

END_TOLERANCE_US = 1_000_000
"""A browser's idea of where a clip ends differs from the container's by some frames, never by a second."""


class ClipNotFound(LookupError):
    """There is no clip with that number."""


def apply(session: Session, clip_id: int, rater_id: int, operations: Sequence[object], now: datetime) -> list[Ack]:
    """Carries out each operation in turn, within the caller's transaction; one that cannot be leaves the others alone.

    `operations` are `Change`s, or JSON objects as they came in. Acknowledgements come in the same order:

    - `applied`: in the log and in the projection, at `revision`
    - `duplicate`: it was applied before, and made `revision`; nothing changed now
    - `conflict`: the judgement has moved on from `base_revision`; `current` is how it stands, and what the operation says is kept
      as a `stray_operation`
    - `rejected`: it can never be applied; `reason` says why

    Raises `ClipNotFound`.
    """
    clip = _about(session, clip_id)
    return [_apply_one(session, clip, rater_id, operation, now) for operation in operations]


@dataclass(frozen=True)
class _Clip:
    """What has to be known of a clip to judge it."""

    id: int
    duration_us: int
    scheme_id: int


def _about(session: Session, clip_id: int) -> _Clip:
    found = session.execute(
        select(tables.Clip.id, tables.Medium.duration_us, tables.Project.scheme_id)
        .join(tables.Medium, tables.Medium.sha256 == tables.Clip.sha256)
        .join(tables.Project, tables.Project.id == tables.Clip.project_id)
        .where(tables.Clip.id == clip_id)
    ).one_or_none()
    if found is None:
        raise ClipNotFound(f"there is no clip {clip_id}")
    return _Clip(*found)


def _apply_one(session: Session, clip: _Clip, rater_id: int, operation: object, now: datetime) -> Ack:
    try:
        change = operation if isinstance(operation, Change) else Change.read(operation)
    except InvalidJudgement as error:
        given = operation.get("op_id") if isinstance(operation, dict) else None
        return Ack(given if isinstance(given, str) else None, Status.REJECTED, reason=str(error))

    def rejected(reason: str) -> Ack:
        return Ack(change.op_id, Status.REJECTED, reason=reason)

    before = session.get(tables.Operation, change.op_id)
    if before is not None:
        if (before.rater_id, before.clip_id, before.judgement_id) != (rater_id, clip.id, change.judgement_id):
            return rejected("this op_id was used for another change; every change needs a new one")
        return Ack(change.op_id, Status.DUPLICATE, before.revision)

    row = session.get(tables.Judgement, change.judgement_id, with_for_update=True)
    if row is not None and row.rater_id != rater_id:
        return rejected("this judgement is another rater's; only its author may change it, make one of your own")
    if row is not None and row.clip_id != clip.id:
        return rejected(f"this judgement is about clip {row.clip_id}, not about clip {clip.id}")
    if change.judgement is not None:
        try:
            _check_against(session, clip, change.judgement)
        except (UnknownEmotion, InvalidJudgement) as error:
            return rejected(str(error))

    found = row.revision if row is not None else 0
    if found != change.base_revision:
        _keep_stray(session, change, clip, rater_id, found, now)
        return Ack(change.op_id, Status.CONFLICT, found, current=as_json(row) if row is not None else None)
    if row is None and change.kind is Kind.REMOVE:
        return rejected("there is no such judgement to remove")

    said = tables.Operation(
        op_id=change.op_id,
        judgement_id=change.judgement_id,
        clip_id=clip.id,
        rater_id=rater_id,
        kind=change.kind.value,
        base_revision=change.base_revision,
        revision=found + 1,
        judgement=change.judgement.as_json() if change.judgement is not None else None,
        context=change.context.as_json(),
        scheme_id=clip.scheme_id,
        created_at=now,
    )
    session.add(said)
    if row is None:
        row = tables.Judgement(id=change.judgement_id)
        session.add(row)
    _project(row, said)
    session.flush()
    return Ack(change.op_id, Status.APPLIED, said.revision)


def _check_against(session: Session, clip: _Clip, judgement: Judgement) -> None:
    """Raises `UnknownEmotion`, or `InvalidJudgement` for a stretch that the clip does not have."""
    named = [emotion.id for emotion in judgement.emotions]
    in_scheme = select(tables.Emotion.key).where(tables.Emotion.scheme_id == clip.scheme_id, tables.Emotion.key.in_(named))
    for unknown in set(named).difference(session.scalars(in_scheme)):
        load_scheme(session, clip.scheme_id)[unknown]
    if judgement.end_us is not None and judgement.end_us > clip.duration_us + END_TOLERANCE_US:
        raise InvalidJudgement(f"the clip ends at {clip.duration_us} µs; got a stretch that ends at {judgement.end_us} µs")


def _keep_stray(session: Session, change: Change, clip: _Clip, rater_id: int, found: int, now: datetime) -> None:
    if session.get(tables.StrayOperation, change.op_id) is not None:
        return
    session.add(
        tables.StrayOperation(
            op_id=change.op_id,
            judgement_id=change.judgement_id,
            clip_id=clip.id,
            rater_id=rater_id,
            kind=change.kind.value,
            base_revision=change.base_revision,
            found_revision=found,
            judgement=change.judgement.as_json() if change.judgement is not None else None,
            context=change.context.as_json(),
            created_at=now,
        )
    )
    session.flush()


PROJECTED = ("start_us", "end_us", "intensity", "confidence", "genuineness", "valence", "arousal", "outcome", "source", "note")
PROJECTED += ("tier", "model", "model_score")


def _project(row: tables.Judgement, said: tables.Operation) -> None:
    """Carries one judgement from the operation before to this one. A removed judgement still knows what it said last."""
    if said.revision == 1:
        row.clip_id, row.rater_id, row.created_at = said.clip_id, said.rater_id, said.created_at
    row.revision, row.changed_at, row.context = said.revision, said.created_at, said.context
    row.removed = said.kind == Kind.REMOVE
    if said.judgement is None:
        return
    row.scheme_id = said.scheme_id
    for field in PROJECTED:
        setattr(row, field, said.judgement[field])
    row.emotions = [
        tables.JudgementEmotion(position=position, emotion=emotion["id"], weight=emotion["weight"])
        for position, emotion in enumerate(said.judgement["emotions"])
    ]


def rebuild(session: Session) -> int:
    """Computes every judgement from the log again and corrects those that differ. Returns how many did: 0, unless something
    else than `apply` wrote to the table."""
    log = session.scalars(
        select(tables.Operation).order_by(tables.Operation.judgement_id, tables.Operation.revision).execution_options(yield_per=1000)
    )
    return sum(_rebuild_one(session, list(said)) for _, said in groupby(log, key=attrgetter("judgement_id")))


def _rebuild_one(session: Session, log: list[tables.Operation]) -> bool:
    stored = session.get(tables.Judgement, log[0].judgement_id)
    before = _state(stored) if stored is not None else None
    row = tables.Judgement(id=log[0].judgement_id) if stored is None else stored
    expected = tables.Judgement(id=log[0].judgement_id)
    for said in log:
        _project(expected, said)
    if before == _state(expected):
        return False
    for said in log:
        _project(row, said)
    session.add(row)
    session.flush()
    return True


def _state(row: tables.Judgement) -> tuple[object, ...]:
    fields = ("clip_id", "rater_id", "scheme_id", "revision", "removed", "created_at", "changed_at", "context", *PROJECTED)
    return (*(getattr(row, field) for field in fields), [(emotion.position, emotion.emotion, emotion.weight) for emotion in row.emotions])


def as_json(row: tables.Judgement) -> dict[str, Any]:
    """A judgement as it stands, as it travels to the editor."""
    return {
        "id": row.id,
        "revision": row.revision,
        "removed": row.removed,
        "rater": {"id": row.rater.id, "name": row.rater.name},
        "tier": row.tier,
        "start_us": row.start_us,
        "end_us": row.end_us,
        "emotions": [{"id": emotion.emotion, "weight": emotion.weight} for emotion in row.emotions],
        "intensity": row.intensity,
        "confidence": row.confidence,
        "genuineness": row.genuineness,
        "valence": row.valence,
        "arousal": row.arousal,
        "outcome": row.outcome,
        "source": row.source,
        "note": row.note,
        "model": row.model,
        "model_score": row.model_score,
        "analysis": row.context.get("analysis"),
        "changed_at": moment_text(row.changed_at),
    }


def current(session: Session, clip_id: int, rater_id: int | None = None, *, removed: bool = False) -> list[dict[str, Any]]:
    """The judgements about a clip as they stand, of one rater or of all: those of the whole clip first, then by start.

    Removed ones only with `removed`: a client that has just come back needs to know of them, a reader does not.
    """
    query = select(tables.Judgement).where(tables.Judgement.clip_id == clip_id)
    if rater_id is not None:
        query = query.where(tables.Judgement.rater_id == rater_id)
    if not removed:
        query = query.where(tables.Judgement.removed.is_(False))
    query = query.options(selectinload(tables.Judgement.emotions), joinedload(tables.Judgement.rater))
    rows = session.scalars(query)
    return [as_json(row) for row in sorted(rows, key=lambda row: (-1 if row.start_us is None else row.start_us, row.end_us or 0, row.id))]


def history(session: Session, judgement_id: str) -> list[dict[str, Any]]:
    """Every operation on a judgement, newest first; empty for one that does not exist."""
    log = session.scalars(
        select(tables.Operation)
        .where(tables.Operation.judgement_id == judgement_id)
        .order_by(tables.Operation.revision.desc())
        .options(joinedload(tables.Operation.rater))
    )
    return [{**_operation_as_json(said), "revision": said.revision} for said in log]


def strays(session: Session, judgement_id: str) -> list[dict[str, Any]]:
    """The operations on a judgement that came too late, newest first; without those that were sent again since, and applied."""
    applied = select(tables.Operation.op_id).where(tables.Operation.op_id == tables.StrayOperation.op_id)
    late = session.scalars(
        select(tables.StrayOperation)
        .where(tables.StrayOperation.judgement_id == judgement_id, ~applied.exists())
        .order_by(tables.StrayOperation.created_at.desc(), tables.StrayOperation.op_id)
        .options(joinedload(tables.StrayOperation.rater))
    )
    return [{**_operation_as_json(said), "base_revision": said.base_revision, "found_revision": said.found_revision} for said in late]


def _operation_as_json(said: tables.Operation | tables.StrayOperation) -> dict[str, Any]:
    return {
        "op_id": said.op_id,
        "kind": said.kind,
        "rater": {"id": said.rater.id, "name": said.rater.name},
        "created_at": moment_text(said.created_at),
        "judgement": said.judgement,
        "context": said.context,
    }
