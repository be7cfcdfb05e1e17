"""What can be done to a lane of turns, and what it comes to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.turns import CannotCorrect, Turn, TurnLane, read_turn_change

FOUND = TurnLane.found(7, [(0, 100, "1", 0.9), (100, 200, "2", 0.5), (300, 400, "1", 0.8)])


def corrected(*changes: dict, lane: TurnLane = FOUND) -> TurnLane:  # type: ignore[type-arg]
    for change in changes:
        lane = read_turn_change(change).of(lane)  # type: ignore[union-attr]
    return lane


def spans(lane: TurnLane) -> list[tuple[int, int, int, str | None]]:
    return [(turn.id, turn.start_us, turn.end_us, turn.speaker) for turn in lane.turns]


def test_a_turn_that_was_not_heard_is_added_in_its_place_with_a_new_id() -> None:
    lane = corrected({"action": "add", "start_us": 220, "end_us": 280, "speaker": "3"})
    assert spans(lane) == [(1, 0, 100, "1"), (2, 100, 200, "2"), (4, 220, 280, "3"), (3, 300, 400, "1")]
    assert lane.speakers == ("1", "2", "3")
    assert lane.turns[2].corrected and lane.turns[2].confidence is None
    assert not lane.turns[0].corrected and lane.turns[0].confidence == 0.9


def test_a_turn_is_moved_by_its_edges_and_given_to_another() -> None:
    lane = corrected({"action": "change", "turn": 2, "start_us": 120}, {"action": "change", "turn": 2, "end_us": 250, "speaker": "3"})
    assert spans(lane)[1] == (2, 120, 250, "3")


def test_a_turn_is_split_and_its_second_half_may_be_somebody_elses() -> None:
    lane = corrected({"action": "split", "turn": 1, "at_us": 40, "speaker": "2"})
    assert spans(lane)[:2] == [(1, 0, 40, "1"), (4, 40, 100, "2")]
    assert spans(corrected({"action": "split", "turn": 1, "at_us": 40}))[1] == (4, 40, 100, "1")


@pytest.mark.parametrize("at", [0, 100, 500])
def test_a_turn_cannot_be_split_outside_itself(at: int) -> None:
    with pytest.raises(CannotCorrect, match="cannot be split"):
        corrected({"action": "split", "turn": 1, "at_us": at})


def test_turns_are_merged_into_the_earliest() -> None:
    assert spans(corrected({"action": "merge", "turns": [3, 2]})) == [(1, 0, 100, "1"), (2, 100, 400, "2")]
    with pytest.raises(CannotCorrect, match="two turns"):
        corrected({"action": "merge", "turns": [1, 1]})


def test_a_turn_is_deleted_and_its_id_not_used_again() -> None:
    lane = corrected({"action": "delete", "turn": 3}, {"action": "add", "start_us": 300, "end_us": 310})
    assert spans(lane)[-1] == (4, 300, 310, None)
    with pytest.raises(CannotCorrect, match="no turn 3 any more"):
        corrected({"action": "delete", "turn": 3}, lane=lane)


def test_a_speaker_gets_a_name_and_keeps_the_id() -> None:
    lane = corrected({"action": "rename", "speaker": "1", "name": "Åsa"})
    assert (lane.names, spans(lane)) == ({"1": "Åsa"}, spans(FOUND))
    assert corrected({"action": "rename", "speaker": "1", "name": None}, lane=lane).names == {}
    with pytest.raises(CannotCorrect, match="there are: 1, 2"):
        corrected({"action": "rename", "speaker": "9", "name": "x"})


def test_two_speakers_that_were_one_are_joined_and_the_name_that_there_is_stays() -> None:
    lane = corrected({"action": "rename", "speaker": "2", "name": "Bo"}, {"action": "join", "speaker": "2", "into": "1"})
    assert [turn.speaker for turn in lane.turns] == ["1", "1", "1"]
    assert lane.names == {"1": "Bo"}


def test_two_speak_at_once_but_nobody_speaks_over_themselves() -> None:
    both = corrected({"action": "change", "turn": 2, "start_us": 50})
    assert spans(both)[:2] == [(1, 0, 100, "1"), (2, 50, 200, "2")]
    joined = corrected({"action": "join", "speaker": "2", "into": "1"}, lane=both)
    assert spans(joined) == [(1, 0, 200, "1"), (3, 300, 400, "1")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "change", "turn": 9}, "no turn 9"),
        ({"action": "change", "turn": 1, "start_us": 100}, "ends after it starts"),
        ({"action": "add", "start_us": 5, "end_us": 5}, "ends after it starts"),
        ({"action": "add", "start_us": -1, "end_us": 5}, "start_us"),
        ({"action": "add", "start_us": 0, "end_us": 5, "speaker": ""}, "speaker"),
        ({"action": "add", "start_us": 0, "end_us": 5, "colour": 1}, "colour: is not a field"),
        ({"action": "shout"}, "shout"),
        ({}, "action"),
        ("nonsense", "dictionary"),
        ({"action": "rename", "speaker": "1", "name": "a\nb"}, "name"),
        ({"action": "join", "speaker": "1", "into": "1"}, "themselves"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(change: dict, reason: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(CannotCorrect, match=reason):
        corrected(change)


def test_a_lane_is_what_it_was_after_being_written_and_read() -> None:
    lane = corrected({"action": "rename", "speaker": "1", "name": "Åsa"}, {"action": "split", "turn": 1, "at_us": 40})
    assert TurnLane.read(lane.document()) == lane


MOMENT = st.integers(0, 1000)
SPEAKER = st.sampled_from(["1", "2", "3"])
CHANGES = st.one_of(
    st.builds(lambda a, b, s: {"action": "add", "start_us": a, "end_us": b, "speaker": s}, MOMENT, MOMENT, SPEAKER),
    st.builds(lambda t, a, b: {"action": "change", "turn": t, "start_us": a, "end_us": b}, st.integers(1, 9), MOMENT, MOMENT),
    st.builds(lambda t, s: {"action": "change", "turn": t, "speaker": s}, st.integers(1, 9), SPEAKER),
    st.builds(lambda t, a: {"action": "split", "turn": t, "at_us": a}, st.integers(1, 9), MOMENT),
    st.builds(lambda t: {"action": "merge", "turns": t}, st.lists(st.integers(1, 9), min_size=2, max_size=3)),
    st.builds(lambda t: {"action": "delete", "turn": t}, st.integers(1, 9)),
    st.builds(lambda a, b: {"action": "join", "speaker": a, "into": b}, SPEAKER, SPEAKER),
)


@given(st.lists(CHANGES, max_size=30))
def test_whatever_is_done_turns_stay_sorted_have_a_length_one_id_each_and_do_not_overlap_within_a_speaker(changes: list) -> None:  # type: ignore[type-arg]
    lane = FOUND
    for change in changes:
        try:
            after = read_turn_change(change).of(lane)  # type: ignore[union-attr]
        except CannotCorrect:
            continue
        assert after.next_id >= lane.next_id
        lane = after
    ids = [turn.id for turn in lane.turns]
    assert len(set(ids)) == len(ids) and all(number < lane.next_id for number in ids)
    assert [turn.start_us for turn in lane.turns] == sorted(turn.start_us for turn in lane.turns)
    latest: dict[str | None, Turn] = {}
    for turn in lane.turns:
        assert turn.start_us < turn.end_us
        assert turn.speaker not in latest or latest[turn.speaker].end_us <= turn.start_us
        latest[turn.speaker] = turn
