from __future__ import annotations

from collections import Counter

import pytest

from app.scheme import UnknownEmotion, ValenceTag, shipped_scheme


def test_the_shipped_scheme_has_44_emotions_in_12_families() -> None:
    scheme = shipped_scheme()
    assert len(scheme) == 44
    assert len(scheme.families) == 12
    assert Counter(emotion.valence_tag for emotion in scheme) == {ValenceTag.POSITIVE: 22, ValenceTag.NEGATIVE: 21, ValenceTag.NEUTRAL: 1}
    assert [emotion.native_id for emotion in scheme] == list(range(44))


def test_tags_and_families_stay_even_where_they_surprise() -> None:
    scheme = shipped_scheme()
    assert scheme["nostalgia"].valence_tag is ValenceTag.NEGATIVE
    assert scheme["concentration"].valence_tag is ValenceTag.POSITIVE
    assert scheme["neutral"].family == "neutral"


def test_every_emotion_can_be_shown_in_swedish_and_explained() -> None:
    for emotion in shipped_scheme():
        assert emotion.name_sv and emotion.definition and emotion.code and emotion.va_source, emotion
        assert emotion.valence is not None and -1 <= emotion.valence <= 1


def test_an_emotion_is_found_by_its_id() -> None:
    scheme = shipped_scheme()
    assert scheme["anger"].name_sv == "Ilska"
    assert "anger" in scheme and "rage" not in scheme
    assert [emotion.id for emotion in scheme.of_family("surprise")] == ["positive_surprise", "negative_surprise"]


@pytest.mark.parametrize(
    ("given", "suggested"),
    [("angr", "anger"), ("happy", "happiness_joy"), ("Ilska", "anger"), ("hap", "happiness_joy"), ("lust", "sexual_lust")],
)
def test_an_unknown_id_is_answered_with_what_was_perhaps_meant(given: str, suggested: str) -> None:
    with pytest.raises(UnknownEmotion, match=rf"'{given}'; did you mean .*\b{suggested}\b"):
        shipped_scheme()[given]


def test_an_id_like_none_is_answered_with_all_there_are() -> None:
    with pytest.raises(UnknownEmotion, match=r"there are: regret, confusion, .*, shame"):
        shipped_scheme()["xyzzy"]


def test_the_shipped_version_is_raised_when_the_shipped_content_changes() -> None:
    scheme = shipped_scheme()
    assert (scheme.version, scheme.sha256) == ("1", "85c34456daae635a69a552455f31cdd0afa438a491f604de12a197c13fd528e8"), (
        "the shipped scheme changed: raise SHIPPED_VERSION and write the new pair here; databases keep the old version beside it"
    )
