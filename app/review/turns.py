"""Who speaks when, as people correct it: a lane of turns, and what can be done to it. Values only; nothing here knows the database.

A lane starts as an analysis found it, and each correction makes a new lane from the one before. Turns and speakers keep their ids through
all of it: a speaker who gets a name stays `voice:2` to the judgements about them. Turns of two speakers may overlap, for people do
speak at once; turns of one speaker that come to overlap become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from app.review.judgement import LARGEST_US, MAX_SUBJECT, Microseconds, Value, in_words

MAX_NAME = 200
MOST = 20_000
"""Turns in a lane: more than a day of talk has."""

SpeakerId = Annotated[str, Field(min_length=1, max_length=MAX_SUBJECT, pattern=r"^[^\x00-\x1f\x7f]+$")]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]+$")]
Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST_US)]


class CannotCorrect(ValueError):
    """The correction does not fit the lane: it speaks of a turn, track or person that is not there. The message says of which."""


@dataclass(frozen=True)
class Turn:
    """[start_us, end_us) of one speaker; `speaker` is None where nobody told whose voice it is. `confidence` is the model's, None where it
    gave none or a person changed the turn. `corrected`: a person had a hand in it."""

    id: int
    start_us: int
    end_us: int
    speaker: str | None
    confidence: float | None = None
    corrected: bool = False


@dataclass(frozen=True)
class TurnLane:
    """Turns by start; `names` of speakers who have one; `analysis` that it starts from, None where there was none."""

    turns: tuple[Turn, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    analysis: int | None = None
    next_id: int = 1
    """Never given out twice, even when a lane before is restored."""

    @classmethod
    def found(cls, analysis: int | None, spans: Iterable[tuple[int, int, str | None, float | None]]) -> Self:
        """As a model found it: (start_us, end_us, speaker, confidence) of each turn."""
        turns = tuple(Turn(number, *span) for number, span in enumerate(sorted(spans, key=lambda span: span[:2]), 1))
        return cls(turns, {}, analysis, len(turns) + 1)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """What `document` wrote."""
        return cls(tuple(Turn(**turn) for turn in document["turns"]), document["names"], document["analysis"], document["next_id"])

    def document(self) -> dict[str, Any]:
        """As JSON, for the log."""
        return asdict(self)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Ids, in the order in which they first speak; then those who have a name but nothing to say."""
        return tuple(dict.fromkeys([*(turn.speaker for turn in self.turns if turn.speaker is not None), *self.names]))

    def turn(self, number: int) -> Turn:
        """Raises `CannotCorrect`."""
        for turn in self.turns:
            if turn.id == number:
                return turn
        raise CannotCorrect(f"there is no turn {number} any more; take the lane anew")

    def having(self, *turns: Turn, without: Iterable[int] = ()) -> Self:
        """With these turns in place of those of their ids, and without the others named; a new turn has the id `next_id` or above."""
        gone = {turn.id for turn in turns} | set(without)
        merged = _untangled([*(turn for turn in self.turns if turn.id not in gone), *turns])
        if len(merged) > MOST:
            raise CannotCorrect(f"a lane has at most {MOST} turns")
        return replace(self, turns=merged, next_id=max([self.next_id, *(turn.id + 1 for turn in turns)]))


def _untangled(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Turns by start, those of one speaker that overlap made one, which keeps the id of the earlier."""
    kept: list[Turn] = []
    latest: dict[str | None, int] = {}
    for turn in sorted(turns, key=lambda turn: (turn.start_us, turn.end_us, turn.id)):
        place = latest.get(turn.speaker)
        if place is not None and turn.start_us < kept[place].end_us:
            end = max(kept[place].end_us, turn.end_us)
            kept[place] = replace(kept[place], end_us=end, confidence=None, corrected=True)
        else:
            latest[turn.speaker] = len(kept)
            kept.append(turn)
    return tuple(kept)


class Add(Value):
    """A turn that was not heard."""

    action: Literal["add"]
    start_us: Microseconds
    end_us: Microseconds
    speaker: SpeakerId | None = None

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.start_us >= self.end_us:
            raise ValueError(f"a turn ends after it starts; got start_us {self.start_us}, end_us {self.end_us}")
        return self

    def of(self, lane: TurnLane) -> TurnLane:
        return lane.having(Turn(lane.next_id, self.start_us, self.end_us, self.speaker, corrected=True))


class Change(Value):
    """Move a turn, an edge of it, or give it to another speaker: what is left out stays as it is."""

    action: Literal["change"]
    turn: Id
    start_us: Microseconds | None = None
    end_us: Microseconds | None = None
    speaker: SpeakerId | None = None
    """None: unchanged."""

    def of(self, lane: TurnLane) -> TurnLane:
        turn = lane.turn(self.turn)
        start = turn.start_us if self.start_us is None else self.start_us
        end = turn.end_us if self.end_us is None else self.end_us
        if start >= end:
            raise CannotCorrect(f"a turn ends after it starts; this one would go from {start} to {end} µs")
        speaker = turn.speaker if self.speaker is None else self.speaker
        return lane.having(replace(turn, start_us=start, end_us=end, speaker=speaker, confidence=None, corrected=True))


class Split(Value):
    """Two turns out of one; the second may be another speaker's."""

    action: Literal["split"]
    turn: Id
    at_us: Microseconds
    speaker: SpeakerId | None = None
    """Who says the second half; None: the same."""

    def of(self, lane: TurnLane) -> TurnLane:
        turn = lane.turn(self.turn)
        if not turn.start_us < self.at_us < turn.end_us:
            raise CannotCorrect(f"turn {turn.id} goes from {turn.start_us} to {turn.end_us} µs; it cannot be split at {self.at_us}")
        first = replace(turn, end_us=self.at_us, confidence=None, corrected=True)
        second = replace(first, id=lane.next_id, start_us=self.at_us, end_us=turn.end_us, speaker=self.speaker or turn.speaker)
        return lane.having(first, second)


class Merge(Value):
    """One turn out of several, from the first start to the last end, of the earliest one's speaker."""

    action: Literal["merge"]
    turns: Annotated[tuple[Id, ...], Field(min_length=2, max_length=MOST)]

    def of(self, lane: TurnLane) -> TurnLane:
        merged = sorted((lane.turn(number) for number in dict.fromkeys(self.turns)), key=lambda turn: (turn.start_us, turn.id))
        if len(merged) < 2:
            raise CannotCorrect("merging needs two turns")
        first = replace(merged[0], end_us=max(turn.end_us for turn in merged), confidence=None, corrected=True)
        return lane.having(first, without=[turn.id for turn in merged[1:]])


class Delete(Value):
    """Nobody spoke there."""

    action: Literal["delete"]
    turn: Id

    def of(self, lane: TurnLane) -> TurnLane:
        return lane.having(without=[lane.turn(self.turn).id])


class Rename(Value):
    """What a speaker is called; None takes the name away. The speaker's id stays."""

    action: Literal["rename"]
    speaker: SpeakerId
    name: Name | None

    def of(self, lane: TurnLane) -> TurnLane:
        _known(lane, self.speaker)
        names = {speaker: name for speaker, name in lane.names.items() if speaker != self.speaker}
        return replace(lane, names=names if self.name is None else names | {self.speaker: self.name})


class Join(Value):
    """Two speakers were one: all turns of `speaker` become `into`'s."""

    action: Literal["join"]
    speaker: SpeakerId
    into: SpeakerId

    def of(self, lane: TurnLane) -> TurnLane:
        _known(lane, self.speaker)
        _known(lane, self.into)
        if self.speaker == self.into:
            raise CannotCorrect("a speaker cannot be joined with themselves")
        given = [replace(turn, speaker=self.into, confidence=None, corrected=True) for turn in lane.turns if turn.speaker == self.speaker]
        names = dict(lane.names)
        name = names.pop(self.speaker, None)
        if name is not None:
            names.setdefault(self.into, name)
        return replace(lane.having(*given), names=names)


def _known(lane: TurnLane, speaker: str) -> None:
    if speaker not in lane.speakers:
        raise CannotCorrect(f"there is no speaker {speaker!r}; there are: {', '.join(lane.speakers) or 'none'}")


class Adopt(Value):
    """Start anew from what an analysis found, told how many speakers there are, or not."""

    action: Literal["adopt"]
    analysis: Id
    speakers: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None


class Restore(Value):
    """Make the lane what it was at a revision; 0 is as the model found it. Undo is this, with the revision before."""

    action: Literal["restore"]
    revision: Annotated[int, Field(strict=True, ge=0, lt=2**31)]


TurnChange = Add | Change | Split | Merge | Delete | Rename | Join | Adopt | Restore
_ANY: TypeAdapter[TurnChange] = TypeAdapter(Annotated[TurnChange, Field(discriminator="action")])


def read_turn_change(data: object) -> TurnChange:
    """From JSON as Python reads it. Raises `CannotCorrect`, naming every field at fault."""
    try:
        return _ANY.validate_python(data)
    except ValidationError as error:
        raise CannotCorrect(in_words(error)) from None
