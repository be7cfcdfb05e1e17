from __future__ import annotations

from collections import Counter

import pytest

from app.scheme import Match, UnknownLabel, UnknownLabelSet, crosswalk, label_sets, shipped_scheme


def mappings() -> list:
    return [mapping for name in label_sets() for mapping in crosswalk(name)]


def test_thirty_foreign_sets_are_mapped() -> None:
    assert len(label_sets()) == 30
    assert Counter(mapping.match for mapping in mappings()) == {
        Match.EXACT: 174,
        Match.ANCHOR_FAMILY: 102,
        Match.SPLIT: 25,
        Match.BROADER: 19,
        Match.NEAREST: 12,
        Match.NONE: 10,
        Match.CONFLICT: 1,
    }


def test_every_target_is_one_of_the_44_and_stands_there_once() -> None:
    scheme = shipped_scheme()
    for mapping in mappings():
        assert all(target in scheme for target in mapping.targets), mapping
        assert len(set(mapping.targets)) == len(mapping.targets), mapping


def test_each_kind_of_match_has_the_targets_it_promises() -> None:
    for mapping in mappings():
        count = len(mapping.targets)
        match mapping.match:
            case Match.EXACT:
                assert count == 1 and mapping.resolved == mapping.targets[0], mapping
            case Match.NEAREST:
                assert count >= 1 and mapping.resolved == mapping.targets[0], mapping
            case Match.NONE:
                assert count == 0 and mapping.resolved is None and not mapping.ambiguous, mapping
            case Match.SPLIT | Match.BROADER | Match.CONFLICT:
                assert count >= 2 and mapping.resolved is None and mapping.ambiguous, mapping
            case Match.ANCHOR_FAMILY:
                assert count >= 1 and mapping.resolved is None and not mapping.ambiguous, mapping


def test_sentimotion_maps_onto_itself_by_code() -> None:
    for emotion in shipped_scheme():
        assert emotion.code is not None
        assert crosswalk("sentimotion")[emotion.code].resolved == emotion.id
        assert crosswalk("sentimotion").coded(str(emotion.native_id)).resolved == emotion.id


def test_a_label_is_found_by_name_in_any_case_or_by_code() -> None:
    assert crosswalk("fer2013")["happy"] is crosswalk("fer2013")["Happy"]
    assert crosswalk("ravdess").coded("08").label == "surprised"
    assert crosswalk("tess").coded("ps").resolved == "positive_surprise"
    assert crosswalk("sensevoice")["EMO_UNKNOWN"].match is Match.NONE


def test_an_unknown_set_or_label_is_answered_with_what_there_is() -> None:
    with pytest.raises(UnknownLabelSet, match=r"'ravdes'; there are: affectnet, .*ravdess"):
        crosswalk("ravdes")
    with pytest.raises(UnknownLabel, match=r"'ravdess' has no 'joyful'; it has: neutral, calm, happy"):
        crosswalk("ravdess")["joyful"]
    with pytest.raises(UnknownLabel, match=r"'ravdess' has no '09'; it has: 01, 02"):
        crosswalk("ravdess").coded("09")
