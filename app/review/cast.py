"""Who is who in a clip, as people correct it: face tracks joined to people, and people named. Values only; nothing here knows the database.

Each analysis numbers its tracks anew. So a track also says where it was seen at some moments, and by these a cast that was corrected on one
analysis is carried over to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError

from app.review.judgement import Value, in_words
from app.review.turns import CannotCorrect, Id, Name, Restore

Box = tuple[int, float, float, float, float]
"""time_us, x, y, width, height in the clip's pixels."""

Seen = Callable[[int, int], Box | None]
"""Where a track is at about a time; None where it is not seen then."""

SAME_PLACE = 0.3
"""Overlap (IoU) of two boxes that makes them one face: detectors frame a face differently, and two faces seldom overlap so much."""


@dataclass(frozen=True)
class CastTrack:
    """One face track of the analysis, whose it is, and some `places` where it was seen, by time."""

    track: int
    person: int
    places: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Cast:
    """Tracks by number; `names` of people who have one; the `analysis` whose tracks they are, None where there was none."""

    tracks: tuple[CastTrack, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    analysis: int | None = None
    next_id: int = 1
    """A person's number is never given out twice."""

    @classmethod
    def found(cls, analysis: int | None, tracks: Iterable[CastTrack]) -> Self:
        """As a model found it."""
        kept = tuple(sorted(tracks, key=lambda one: one.track))
        return cls(kept, {}, analysis, max((one.person for one in kept), default=0) + 1)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """What `document` wrote."""
        tracks = tuple(CastTrack(one["track"], one["person"], tuple((*place,) for place in one["places"])) for one in document["tracks"])
        return cls(tracks, {int(person): name for person, name in document["names"].items()}, document["analysis"], document["next_id"])

    def document(self) -> dict[str, Any]:
        """As JSON, for the log."""
        return asdict(self) | {"names": {str(person): name for person, name in self.names.items()}}

    @property
    def people(self) -> dict[int, tuple[int, ...]]:
        """Person → tracks, by number; people who have a name but no track too."""
        return {
            person: tuple(one.track for one in self.tracks if one.person == person)
            for person in sorted({one.person for one in self.tracks} | set(self.names))
        }

    def giving(self, person: int, tracks: Iterable[int]) -> Self:
        """With `tracks` given to `person`."""
        given = set(tracks)
        changed = tuple(replace(one, person=person) if one.track in given else one for one in self.tracks)
        return replace(self, tracks=changed, next_id=max(self.next_id, person + 1))

    def carried_to(self, found: Cast, seen: Seen) -> Self:
        """The same people over the tracks of another analysis, as it `found` them; `seen(track, time_us)` is where it sees a track then.

        A track is theirs who were seen in its place most often. Of the tracks in whose place nobody known was seen, those that `found`
        takes for one person become one new person.
        """
        people: dict[int, int] = {}
        new: dict[int, int] = {}
        following = max(self.next_id, max(self.names, default=0) + 1)
        for one in found.tracks:
            votes: dict[int, int] = {}
            for known in self.tracks:
                met = (there for place in known.places if (there := seen(one.track, place[0])) and _overlap(place, there) >= SAME_PLACE)
                votes[known.person] = votes.get(known.person, 0) + sum(1 for _ in met)
            person = max(votes, key=lambda person: (votes[person], -person), default=None)
            if person is None or not votes[person]:
                if one.person not in new:
                    new[one.person], following = following, following + 1
                person = new[one.person]
            people[one.track] = person
        tracks = tuple(replace(one, person=people[one.track]) for one in found.tracks)
        return type(self)(tracks, self.names, found.analysis, following)

    def _person(self, person: int) -> int:
        if person not in self.people:
            raise CannotCorrect(f"there is no person {person}; there are: {', '.join(map(str, self.people)) or 'none'}")
        return person

    def _track(self, track: int) -> int:
        if all(one.track != track for one in self.tracks):
            raise CannotCorrect(f"there is no face {track}; there are: {', '.join(str(one.track) for one in self.tracks) or 'none'}")
        return track


def _overlap(a: Box, b: Box) -> float:
    """Intersection over union, in [0, 1]."""
    wide = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    high = min(a[2] + a[4], b[2] + b[4]) - max(a[2], b[2])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (a[3] * a[4] + b[3] * b[4] - wide * high)


class NamePerson(Value):
    """What a person is called; None takes the name away."""

    action: Literal["name"]
    person: Id
    name: Name | None

    def of(self, cast: Cast) -> Cast:
        person = cast._person(self.person)
        names = {one: name for one, name in cast.names.items() if one != person}
        return replace(cast, names=names if self.name is None else names | {person: self.name})


class JoinPeople(Value):
    """Several are one: all their tracks become the first one's, which keeps its name, or takes the first name there is."""

    action: Literal["join"]
    people: Annotated[tuple[Id, ...], Field(min_length=2, max_length=1000)]

    def of(self, cast: Cast) -> Cast:
        first, *others = dict.fromkeys(cast._person(person) for person in self.people)
        if not others:
            raise CannotCorrect("a person cannot be joined with themselves")
        names = dict(cast.names)
        given = [name for person in (first, *others) if (name := names.pop(person, None)) is not None]
        joined = cast.giving(first, [one.track for one in cast.tracks if one.person in others])
        return replace(joined, names=names | ({first: given[0]} if given else {}))


class MoveTrack(Value):
    """A track is another person's; None: somebody's who was not in the cast yet."""

    action: Literal["move"]
    track: Id
    person: Id | None

    def of(self, cast: Cast) -> Cast:
        track = cast._track(self.track)
        return cast.giving(cast.next_id if self.person is None else cast._person(self.person), [track])


class AdoptCast(Value):
    """Start anew from what an analysis found, told how many people there are, or not."""

    action: Literal["adopt"]
    analysis: Id
    people: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None


CastChange = NamePerson | JoinPeople | MoveTrack | AdoptCast | Restore
_ANY: TypeAdapter[CastChange] = TypeAdapter(Annotated[CastChange, Field(discriminator="action")])


def read_cast_change(data: object) -> CastChange:
    """From JSON as Python reads it. Raises `CannotCorrect`, naming every field at fault."""
    try:
        return _ANY.validate_python(data)
    except ValidationError as error:
        raise CannotCorrect(in_words(error)) from None
