"""Turns: windows over speech, voices among them, and where one ends and the next begins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.training.voice.data import read_sound
from models.speakers.ge2e import Ge2e
from models.speakers.turns import CROWD, Turn, turns, voices, windows_of
from models.speech.silero import Silero

S = 1_000_000


def spans(*pairs: tuple[float, float]) -> NDArray[np.int64]:
    return (np.array(pairs).reshape(-1, 2) * S).astype(np.int64)


def directions(labels: list[int], noise: float = 0.1) -> NDArray[np.float32]:
    """A unit vector for each label, those of one label nearly alike, those of two at right angles."""
    rows = np.eye(32)[labels] + np.random.default_rng(0).normal(0, noise / np.sqrt(32), (len(labels), 32))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_short_stretch_is_one_window_and_a_long_one_is_covered_to_its_end() -> None:
    assert windows_of(spans((1, 2), (3, 5.2))).tolist() == spans((1, 2), (3, 4.5), (3.5, 5), (3.7, 5.2)).tolist()
    assert windows_of(spans()).shape == (0, 2)


@pytest.mark.parametrize("people", [1, 2, 3])
def test_as_many_voices_are_found_as_there_are(people: int) -> None:
    labels = [place % people for place in range(12)]
    found = voices(directions(labels))
    assert len(set(zip(labels, found.tolist(), strict=True))) == people == len(set(found.tolist()))


def test_a_single_odd_window_is_no_further_voice_unless_the_number_says_so() -> None:
    rows = directions([0] * 11 + [1])
    assert set(voices(rows).tolist()) == {0}
    assert voices(rows, 2).tolist().count(voices(rows, 2)[-1]) == 1


def test_a_number_that_is_given_is_kept_also_beyond_what_would_be_found() -> None:
    rows = directions(list(range(CROWD + 4)) * 3)
    assert len(set(voices(rows, CROWD + 4).tolist())) == CROWD + 4


def test_speakers_are_numbered_as_they_come_and_meet_where_the_voice_changes() -> None:
    stretches = spans((0, 6), (8, 9))
    windows = windows_of(stretches)
    rows = directions([7 if middle < 3 * S else 2 for middle in windows[:-1].mean(1)] + [7])
    first, second, third = turns(stretches, windows, rows)
    assert [turn.speaker for turn in (first, second, third)] == [1, 2, 1]
    assert (first.start_us, third.start_us, third.end_us, second.end_us) == (0, 8 * S, 9 * S, 6 * S)
    assert first.end_us == second.start_us == pytest.approx(3 * S, abs=S // 4)
    assert all(turn.confidence is not None and turn.confidence > 0.8 for turn in (first, second, third))


def test_one_speaker_has_no_confidence_for_there_is_nobody_else() -> None:
    stretches = spans((0, 6), (8, 9))
    found = turns(stretches, windows_of(stretches), directions([0] * len(windows_of(stretches))))
    assert found == (Turn(0, 6 * S, 1, None), Turn(8 * S, 9 * S, 1, None))


def test_what_is_too_short_to_tell_goes_to_its_neighbour_without_confidence() -> None:
    stretches = spans((0, 4), (5, 9), (9.2, 9.5))
    windows = windows_of(stretches)
    rows = directions([0] * 6 + [1] * 6 + [0])
    rows[-1] = np.nan
    *_, last = turns(stretches, windows, rows)
    assert last == Turn(9_200_000, 9_500_000, 2, None)


def test_nothing_said_gives_no_turns_and_no_voice_known_gives_one_speaker() -> None:
    assert turns(spans(), spans(), np.empty((0, 4), np.float32)) == ()
    stretches = spans((0, 1))
    assert turns(stretches, stretches, np.full((1, 4), np.nan, np.float32)) == (Turn(0, S, 1, None),)


def test_no_speakers_at_all_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        turns(spans((0, 1)), spans((0, 1)), directions([0]), 0)


def test_two_actors_talking_in_turn_are_two_and_their_words_are_theirs(data: Path) -> None:
    """A man and a woman of RAVDESS, three calm sentences each, on one track: real voices, real speech detection."""
    order = [(5, "01-01"), (10, "01-01"), (5, "02-01"), (10, "02-01"), (5, "01-02"), (10, "01-02")]
    sounds = [read_sound(data / "ravdess_speech" / f"03-01-02-01-{take}-{actor:02}.flac") for actor, take in order]
    ends = np.cumsum([len(sound) for sound in sounds]) * S // 16_000
    sound = np.concatenate(sounds)
    stretches = Silero().speech(sound).stretches
    windows = windows_of(stretches)
    found = turns(stretches, windows, Ge2e().embed(sound, windows))
    assert {turn.speaker for turn in found} == {1, 2}
    said = [(order[int(np.searchsorted(ends, (turn.start_us + turn.end_us) // 2))][0], turn) for turn in found]
    wrong = sum(turn.end_us - turn.start_us for actor, turn in said if turn.speaker != (1 if actor == 5 else 2))
    assert wrong < 0.1 * sum(turn.end_us - turn.start_us for turn in found)


def test_one_actor_is_found_as_one(data: Path) -> None:
    takes = ("01-01", "01-02", "02-01", "02-02")
    sound = np.concatenate([read_sound(data / "ravdess_speech" / f"03-01-02-01-{take}-14.flac") for take in takes])
    stretches = Silero().speech(sound).stretches
    windows = windows_of(stretches)
    assert {turn.speaker for turn in turns(stretches, windows, Ge2e().embed(sound, windows))} == {1}
