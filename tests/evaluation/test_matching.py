"""A model's class is held against the label that means the same, and against nothing where nobody could say which."""

from __future__ import annotations

from app.evaluation.matching import right_answers, same_answers
from models.catalogue import face_models, voice_models
from models.types import LabelSet

FER = face_models.get("fer").info.labels
VOICE = voice_models.get("portrayal_voice").info.labels
assert FER is not None and VOICE is not None


def classes(found: dict[str, int], labels: LabelSet) -> dict[str, str]:
    return {label: labels.classes[place] for label, place in found.items()}


def test_folders_of_fer2013_are_the_classes_of_fer():
    given = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert classes(same_answers(given, "fer2013", FER), FER) == {name: name for name in given}


def test_open_sets_match_where_one_holds_the_other():
    """RAVDESS's surprise does not say which; nor does FER's."""
    assert classes(same_answers(["surprised", "happy"], "ravdess", FER), FER) == {"surprised": "surprise", "happy": "happy"}


def test_a_label_that_says_nothing_has_no_answer():
    assert same_answers(["unknown", "NF", "no such label"], "ferplus", FER) == {}


def test_an_anchor_goes_before_a_mere_member():
    """Contempt is a plausible member of both anger and disgust in FER: nobody could say which, so no answer is right."""
    found = right_answers(["anger", "contempt", "fear", "happiness_joy", "pride"], FER)
    assert classes(found, FER) == {"anger": "angry", "fear": "fear", "happiness_joy": "happy", "pride": "happy"}


def test_both_surprises_are_the_one_class_that_reaches_over_them():
    found = right_answers(["positive_surprise", "negative_surprise"], VOICE)
    assert classes(found, VOICE) == {"positive_surprise": "surprised", "negative_surprise": "surprised"}


def test_labels_outside_every_crosswalk_have_no_answers():
    own = LabelSet("somebody's own", ("a", "b"))
    assert right_answers(["anger"], own) == {} and same_answers(["angry"], "fer2013", own) == {}


def test_a_class_on_which_sources_disagree_is_never_right():
    emonet = LabelSet("emonet5", ("Neutral", "Happy", "Sad", "Surprise", "Fear (README) / Anger (loader)"))
    assert "fear" not in right_answers(["fear", "anger"], emonet)
