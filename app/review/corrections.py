"""People's corrections of who speaks when, and who is who: the log, and the lanes that it comes to.

What the models found is never written over. `correction` is only ever added to; a lane is what its corrections make of the lane that they
start from, computed when it is asked for. Undo is a correction too: it restores the revision before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.clock import moment_text
from app.review.cast import AdoptCast, Cast, CastChange, read_cast_change
from app.review.change import UUID, Ack, Status
from app.review.lanes import faces_adopted, faces_found, turns_adopted, turns_found
from app.review.operations import END_TOLERANCE_US, ClipNotFound
from app.review.turns import Adopt, CannotCorrect, Restore, TurnChange, TurnLane, read_turn_change
from db import tables

Lane = TurnLane | Cast


class LaneKind(StrEnum):
    TURN = "turn"
    CAST = "cast"


@dataclass(frozen=True)
class Correction:
    """What a client asks for: `change`, on a lane that it last saw at `base_revision` (0: as the model found it, in `analysis`)."""

    op_id: str
    kind: LaneKind
    base_revision: int
    analysis: int | None
    change: TurnChange | CastChange

    @classmethod
    def read(cls, data: object) -> Self:
        """From JSON as Python reads it. Raises `CannotCorrect`."""
        if not isinstance(data, dict):
            raise CannotCorrect(f"a correction is an object with op_id, kind, base_revision, analysis, change; got {data!r:.60}")
        if unknown := sorted(map(str, data.keys() - {"op_id", "kind", "base_revision", "analysis", "change"})):
            raise CannotCorrect(f"a correction has no field {', '.join(unknown)}")
        op_id, kind, base, analysis = (data.get(name) for name in ("op_id", "kind", "base_revision", "analysis"))
        if not isinstance(op_id, str) or not UUID.fullmatch(op_id):
            raise CannotCorrect(f"op_id is a UUID in lower case, as crypto.randomUUID() gives; got {op_id!r:.60}")
        if kind not in tuple(LaneKind):
            raise CannotCorrect(f"kind is turn or cast; got {kind!r:.60}")
        if type(base) is not int or not 0 <= base < 2**31:
            raise CannotCorrect(f"base_revision is the lane's revision last seen, 0 where nobody corrected it; got {base!r:.60}")
        if analysis is not None and (type(analysis) is not int or not 0 < analysis < 2**63):
            raise CannotCorrect(f"analysis is the number that the lane named, or null; got {analysis!r:.60}")
        read = read_turn_change if kind == LaneKind.TURN else read_cast_change
        return cls(op_id, LaneKind(kind), base, analysis, read(data.get("change")))


def correct(session: Session, clip_id: int, rater_id: int, corrections: Sequence[object], now: datetime) -> list[Ack]:
    """Carries out each correction in turn, within the caller's transaction; one that cannot be leaves the others alone.

    Acknowledgements come in the same order, with the four statuses of `app.review.operations.apply`; a conflict's `current` is the lane as
    `lane_document` gives it, and what the correction says is kept as a `stray_correction`. Raises `ClipNotFound`.
    """
    clip = session.get(tables.Clip, clip_id, with_for_update=True)  # whoever corrects the same clip waits; SQLite has one writer anyway
    if clip is None:
        raise ClipNotFound(f"there is no clip {clip_id}")
    opened: dict[LaneKind, _Opened] = {}
    return [_correct_one(session, clip, rater_id, one, now, opened) for one in corrections]


@dataclass
class _Opened:
    """A lane while it is being corrected: as it was at each revision, none where nobody corrected it; as it is shown; and, as `basis`, the
    same once more where a further correction has to note what it starts from, as that is not what the last one made."""

    past: list[Lane]
    lane: Lane
    basis: Lane | None

    @classmethod
    def of(cls, session: Session, clip_id: int, kind: LaneKind) -> Self:
        past = _replayed(kind, _log(session, clip_id, kind))
        if kind is LaneKind.TURN and past:
            return cls(past, past[-1], None)
        if kind is LaneKind.TURN:
            found = turns_found(session, clip_id)
            return cls(past, found, found)
        faces = faces_found(session, clip_id)
        if not past:
            return cls(past, faces.cast, faces.cast)
        cast = past[-1]
        assert isinstance(cast, Cast)
        if cast.analysis == faces.cast.analysis:
            return cls(past, cast, None)
        carried = cast.carried_to(faces.cast, faces.seen)
        return cls(past, carried, carried)

    @property
    def revision(self) -> int:
        return max(len(self.past) - 1, 0)

    def becomes(self, lane: Lane) -> None:
        if not self.past:
            self.past.append(self.lane)
        self.past.append(lane)
        self.lane, self.basis = lane, None


def _correct_one(session: Session, clip: tables.Clip, rater_id: int, given: object, now: datetime, opened: dict[LaneKind, _Opened]) -> Ack:
    try:
        asked = Correction.read(given)
    except CannotCorrect as error:
        op_id = given.get("op_id") if isinstance(given, dict) else None
        return Ack(op_id if isinstance(op_id, str) else None, Status.REJECTED, reason=str(error))

    before = session.get(tables.Correction, asked.op_id)
    if before is not None:
        if (before.rater_id, before.clip_id, before.kind) != (rater_id, clip.id, asked.kind):
            return Ack(asked.op_id, Status.REJECTED, reason="this op_id was used for another correction; every one needs a new one")
        return Ack(asked.op_id, Status.DUPLICATE, before.revision)

    if asked.kind not in opened:
        opened[asked.kind] = _Opened.of(session, clip.id, asked.kind)
    here = opened[asked.kind]
    if here.revision != asked.base_revision or (here.basis is not None and here.lane.analysis != asked.analysis):
        _keep_stray(session, asked, clip.id, rater_id, here.revision, now)
        return Ack(asked.op_id, Status.CONFLICT, here.revision, current=lane_document(session, clip.id, asked.kind))
    try:
        adopted = _adopted(session, clip.id, asked.change)
        after = adopted or _after(asked.change, here)
        _check_end(after, clip.medium.duration_us)
    except CannotCorrect as error:
        return Ack(asked.op_id, Status.REJECTED, reason=str(error))
    session.add(
        tables.Correction(
            op_id=asked.op_id,
            clip_id=clip.id,
            kind=asked.kind.value,
            rater_id=rater_id,
            base_revision=asked.base_revision,
            revision=here.revision + 1,
            change=asked.change.as_json(),
            basis=None if here.basis is None else here.basis.document(),
            adopted=None if adopted is None else adopted.document(),
            created_at=now,
        )
    )
    session.flush()
    here.becomes(_numbered_on(here.lane, after))
    return Ack(asked.op_id, Status.APPLIED, here.revision)


def _adopted(session: Session, clip_id: int, change: TurnChange | CastChange) -> Lane | None:
    """The lane that an `adopt` brings in; None for any other change. Raises `CannotCorrect`."""
    if isinstance(change, Adopt):
        return turns_adopted(session, clip_id, change)
    if isinstance(change, AdoptCast):
        return faces_adopted(session, clip_id, change).cast
    return None


def _after(change: TurnChange | CastChange, here: _Opened) -> Lane:
    """The lane after any change but `adopt`. Raises `CannotCorrect`."""
    if isinstance(change, Restore):
        if change.revision > here.revision:
            raise CannotCorrect(f"the lane has no revision {change.revision}; it has 0 to {here.revision}")
        return here.past[change.revision] if here.past else here.lane
    return change.of(here.lane)  # type: ignore[union-attr, arg-type] — `Correction.read` gave the lane's own kind


def _numbered_on(before: Lane, after: Lane) -> Lane:
    """`after`, giving out no number that a lane before it gave out."""
    return replace(after, next_id=max(before.next_id, after.next_id))


def _check_end(lane: Lane, duration_us: int) -> None:
    if isinstance(lane, TurnLane):
        end = max((turn.end_us for turn in lane.turns), default=0)
        if end > duration_us + END_TOLERANCE_US:
            raise CannotCorrect(f"the clip ends at {duration_us} µs; got a turn that ends at {end} µs")


def _replayed(kind: LaneKind, log: Sequence[tables.Correction]) -> list[Lane]:
    """The lane at each revision, from 0: as it was before its first correction; none where nobody corrected it."""
    if not log:
        return []
    read: Callable[[dict[str, Any]], Lane] = TurnLane.read if kind is LaneKind.TURN else Cast.read
    read_change = read_turn_change if kind is LaneKind.TURN else read_cast_change
    assert log[0].basis is not None, "a lane's first correction notes what it starts from"
    start = read(log[0].basis)
    here = _Opened([start], start, None)
    for said in log:
        if said.basis is not None:
            here.lane = read(said.basis)
        after = _after(read_change(said.change), here) if said.adopted is None else read(said.adopted)
        here.becomes(_numbered_on(here.lane, after))
    return here.past


def _log(session: Session, clip_id: int, kind: LaneKind) -> Sequence[tables.Correction]:
    mine = (tables.Correction.clip_id == clip_id, tables.Correction.kind == kind.value)
    return session.scalars(select(tables.Correction).where(*mine).order_by(tables.Correction.revision)).all()


def _keep_stray(session: Session, asked: Correction, clip_id: int, rater_id: int, found: int, now: datetime) -> None:
    if session.get(tables.StrayCorrection, asked.op_id) is not None:
        return
    session.add(
        tables.StrayCorrection(
            op_id=asked.op_id,
            clip_id=clip_id,
            kind=asked.kind.value,
            rater_id=rater_id,
            base_revision=asked.base_revision,
            found_revision=found,
            change=asked.change.as_json(),
            created_at=now,
        )
    )
    session.flush()


def lane_document(session: Session, clip_id: int, kind: LaneKind) -> dict[str, Any]:
    """A lane as it travels to the editor (docs/architecture.md)."""
    here = _Opened.of(session, clip_id, kind)
    lane = here.lane
    document: dict[str, Any] = {
        "kind": kind.value,
        "revision": here.revision,
        "same_as": _same_as(_log(session, clip_id, kind)),
        "analysis": lane.analysis,
        "next_id": lane.next_id,
    }
    if isinstance(lane, Cast):
        people = [{"id": person, "name": lane.names.get(person), "tracks": list(tracks)} for person, tracks in lane.people.items()]
        return document | {"people": people}
    speakers = [{"id": speaker, "name": lane.names.get(speaker)} for speaker in lane.speakers]
    return document | {"speakers": speakers, "turns": [asdict(turn) for turn in lane.turns]}


def _same_as(log: Sequence[tables.Correction]) -> int:
    """The revision that the newest one is, after whatever was restored: the newest itself unless it was undone, redone, restored."""
    same = [0]
    for said in log:
        same.append(same[said.change["revision"]] if said.change["action"] == "restore" else said.revision)
    return same[-1]


def offers_document(session: Session, clip_id: int, turns: dict[str, Any], cast: dict[str, Any]) -> list[dict[str, Any]]:
    """Who in the cast may be which speaker, by `app.analysis.speaking`, for lanes as `lane_document` gives them; best first."""
    from app.analysis.speaking import offers
    from app.analysis.traces import load

    if cast["analysis"] is None or not turns["turns"] or not cast["people"]:
        return []
    said = [(turn["start_us"], turn["end_us"], turn["speaker"]) for turn in turns["turns"] if turn["speaker"] is not None]
    people = {track: person["id"] for person in cast["people"] for track in person["tracks"]}
    return [asdict(offer) for offer in offers(load(session, cast["analysis"], ("face", "speech")), said, people)]


def corrections_of(session: Session, clip_id: int) -> list[dict[str, Any]]:
    """Every correction of a clip's lanes, newest first within each."""
    log = session.scalars(
        select(tables.Correction)
        .where(tables.Correction.clip_id == clip_id)
        .order_by(tables.Correction.kind, tables.Correction.revision.desc())
        .options(joinedload(tables.Correction.rater))
    )
    return [_as_json(said) | {"revision": said.revision} for said in log]


def stray_corrections_of(session: Session, clip_id: int) -> list[dict[str, Any]]:
    """The corrections that came too late, newest first; without those that were sent again since, and applied."""
    applied = select(tables.Correction.op_id).where(tables.Correction.op_id == tables.StrayCorrection.op_id)
    late = session.scalars(
        select(tables.StrayCorrection)
        .where(tables.StrayCorrection.clip_id == clip_id, ~applied.exists())
        .order_by(tables.StrayCorrection.created_at.desc(), tables.StrayCorrection.op_id)
        .options(joinedload(tables.StrayCorrection.rater))
    )
    return [_as_json(said) | {"base_revision": said.base_revision, "found_revision": said.found_revision} for said in late]


def _as_json(said: tables.Correction | tables.StrayCorrection) -> dict[str, Any]:
    return {
        "op_id": said.op_id,
        "kind": said.kind,
        "rater": {"id": said.rater.id, "name": said.rater.name},
        "created_at": moment_text(said.created_at),
        "change": said.change,
    }
