"""Who is who: people named, joined, split, and carried over to another analysis."""

from __future__ import annotations

import pytest

from app.review.cast import Box, Cast, CastTrack, read_cast_change
from app.review.turns import CannotCorrect


def track(number: int, person: int, x: float = 0.0, start: int = 0) -> CastTrack:
    return CastTrack(number, person, tuple((start + k * 1_000_000, x, 0.0, 10.0, 10.0) for k in range(3)))


FOUND = Cast.found(1, [track(1, 1), track(2, 2, 50), track(3, 1, 0, 5_000_000)])


def corrected(*changes: dict, cast: Cast = FOUND) -> Cast:  # type: ignore[type-arg]
    for change in changes:
        cast = read_cast_change(change).of(cast)  # type: ignore[union-attr]
    return cast


def test_a_person_is_named_and_the_name_taken_away_again() -> None:
    named = corrected({"action": "name", "person": 2, "name": "Regissören"})
    assert (named.names, named.people) == ({2: "Regissören"}, {1: (1, 3), 2: (2,)})
    assert corrected({"action": "name", "person": 2, "name": None}, cast=named).names == {}


def test_two_that_are_one_are_joined_under_the_first_name_there_is() -> None:
    cast = corrected({"action": "name", "person": 2, "name": "Bo"}, {"action": "join", "people": [1, 2]})
    assert (cast.people, cast.names) == ({1: (1, 2, 3)}, {1: "Bo"})


def test_a_track_is_split_away_to_somebody_new_or_given_to_somebody_known() -> None:
    away = corrected({"action": "move", "track": 3, "person": None})
    assert away.people == {1: (1,), 2: (2,), 3: (3,)}
    assert corrected({"action": "move", "track": 3, "person": 2}, cast=away).people == {1: (1,), 2: (2, 3)}


def test_a_number_is_not_given_to_a_second_person() -> None:
    cast = corrected({"action": "move", "track": 3, "person": None}, {"action": "join", "people": [1, 3]})
    assert corrected({"action": "move", "track": 3, "person": None}, cast=cast).people == {1: (1,), 2: (2,), 4: (3,)}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "name", "person": 9, "name": "x"}, "no person 9; there are: 1, 2"),
        ({"action": "move", "track": 9, "person": None}, "no face 9; there are: 1, 2, 3"),
        ({"action": "join", "people": [1, 1]}, "themselves"),
        ({"action": "join", "people": [1]}, "people"),
        ({"action": "name", "person": 1, "name": ""}, "name"),
        ({"action": "explode"}, "explode"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(change: dict, reason: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(CannotCorrect, match=reason):
        corrected(change)


def test_a_cast_is_what_it_was_after_being_written_and_read() -> None:
    cast = corrected({"action": "name", "person": 2, "name": "Åsa"}, {"action": "move", "track": 3, "person": None})
    assert Cast.read(cast.document()) == cast


def test_people_and_names_are_carried_to_another_analysis_by_where_they_were_seen() -> None:
    """The next analysis numbers the tracks the other way round, cuts one in two, and sees somebody new."""
    cast = corrected({"action": "name", "person": 2, "name": "Bo"})
    later = Cast.found(2, [track(1, 1, 51), track(2, 2, 1), track(3, 3, 1, 5_000_000), track(4, 4, 200), track(5, 4, 300)])

    def seen(number: int, time_us: int) -> Box | None:
        places = next(one.places for one in later.tracks if one.track == number)
        return next((place for place in places if place[0] == time_us), None)

    carried = cast.carried_to(later, seen)
    assert carried.people == {1: (2, 3), 2: (1,), 3: (4, 5)}
    assert (carried.names, carried.analysis) == ({2: "Bo"}, 2)
