"""What may be said, and what the one who said something else is told."""

from __future__ import annotations

from typing import Any

import pytest

from app.review.judgement import Context, InvalidJudgement, Judgement, Outcome, Source, Tier, TierKind

ANGER: dict[str, Any] = {"tier": "clip", "emotions": [{"id": "anger", "weight": 1}]}


def test_a_judgement_comes_back_from_json_as_it_went_there() -> None:
    said = {
        "tier": "face:2",
        "start_us": 1_066_733,
        "end_us": 2_000_000,
        "emotions": [{"id": "anger", "weight": 0.7}, {"id": "disgust", "weight": 0.3}],
        "intensity": 4,
        "confidence": 5,
        "genuineness": 1,
        "valence": -0.5,
        "arousal": 1.0,
        "outcome": "label",
        "source": "corrected",
        "note": "Ögonbrynen 👀",
        "model": "fer 25.10.3",
        "model_score": 0.41,
    }
    assert Judgement.read(said).as_json() == said


def test_what_is_left_out_is_missing_and_not_zero() -> None:
    read = Judgement.read(ANGER)
    assert (read.intensity, read.confidence, read.genuineness, read.valence, read.arousal, read.start_us) == (None,) * 6
    assert (read.outcome, read.source, read.note) == (Outcome.LABEL, Source.HUMAN, "")
    assert Context.read({}).as_json() == Context.read({"analysis": None}).as_json() == {}
    assert Context.read({"suggestion_visible": False, "replays": 0}).as_json() == {"suggestion_visible": False, "replays": 0}
    assert Context.read({"analysis": 7}).as_json() == {"analysis": 7}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"intensity": 5}, "intensity: Input should be less than or equal to 4, got 5"),
        ({"intensity": 0}, "intensity: Input should be greater than or equal to 1, got 0"),
        ({"intensity": "3"}, "intensity: Input should be a valid integer, got '3'"),
        ({"confidence": True}, "confidence: Input should be a valid integer, got True"),
        ({"valence": -1.01}, "valence: Input should be greater than or equal to -1, got -1.01"),
        ({"arousal": float("nan")}, "arousal: Input should be a finite number, got nan"),
        ({"start_us": 10}, "start_us and end_us are both given"),
        ({"start_us": 10, "end_us": 10}, "a stretch ends after it starts; got start_us 10, end_us 10"),
        ({"start_us": -1, "end_us": 10}, "start_us: Input should be greater than or equal to 0, got -1"),
        ({"start_us": 1.5, "end_us": 10}, "start_us: Input should be a valid integer"),
        ({"emotions": []}, "outcome label needs at least one emotion"),
        ({"outcome": "cannot_judge"}, "outcome cannot_judge names no emotion"),
        ({"emotions": [{"id": "anger"}, {"id": "anger"}]}, "an emotion is named once"),
        ({"emotions": [{"id": "anger", "weight": 0}]}, "emotions.0.weight: Input should be greater than 0, got 0"),
        ({"emotions": [{"id": "anger", "weight": 1.5}]}, "emotions.0.weight: Input should be less than or equal to 1"),
        ({"tier": "faces"}, "a tier is clip, face:<number from 1>, voice:<speaker> or both, got 'faces'"),
        ({"source": "guess"}, "source: Input should be 'human', 'accepted', 'corrected', 'model' or 'import', got 'guess'"),
        ({"source": "accepted"}, "source accepted needs the model it came from"),
        ({"note": "x" * 10_001}, "note: String should have at most 10000 characters"),
        ({"note": "\ud800"}, "note: Input should be a valid string"),
        ({"intensty": 3}, "intensty: is not a field here"),
    ],
)
def test_what_cannot_be_kept_is_named_with_what_was_given(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidJudgement) as refused:
        Judgement.read(ANGER | change)
    assert told in str(refused.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidJudgement, match=r"intensity.*; confidence"):
        Judgement.read(ANGER | {"intensity": 9, "confidence": 9})


@pytest.mark.parametrize("outcome", [Outcome.NONE_OF_THESE, Outcome.CANNOT_JUDGE])
def test_none_of_these_and_cannot_judge_are_answers_without_an_emotion(outcome: Outcome) -> None:
    assert Judgement.read({"tier": "clip", "outcome": outcome.value}).emotions == ()


@pytest.mark.parametrize("text", ["clip", "both", "face:1", "face:12", "voice:S1", "voice:Anna B: left", "voice:å"])
def test_a_tier_is_read_and_written_the_same(text: str) -> None:
    assert str(Tier.parse(text)) == text


def test_a_face_tier_knows_its_face() -> None:
    assert Tier.parse("face:2") == Tier(TierKind.FACE, "2")


@pytest.mark.parametrize(
    "text", ["", "face", "face:", "face:0", "face:01", "face:x", "voice:", "voice:a\nb", "clip:1", "both:", "Clip", None, 1, []]
)
def test_other_tiers_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a tier is"):
        Tier.parse(text)
