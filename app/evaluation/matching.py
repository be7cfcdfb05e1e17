"""Which class of a model is the right answer for a labelled case."""

from __future__ import annotations

from collections.abc import Sequence

from app.scheme import Mapping, Match, crosswalk, label_sets
from models.types import LabelSet

NEVER = (Match.NONE, Match.CONFLICT)
OPEN = (Match.SPLIT, Match.BROADER)


def right_answers(emotions: Sequence[str], labels: LabelSet) -> dict[str, int]:
    """For each of `emotions` (ids of the 44) the class of `labels` that stands for it; those no class stands for, or several, are left out.

    A class stands for an emotion that it names or is anchored in before one that it merely reaches over; of several that merely reach
    over it none is right, for nobody could say which.
    """
    if labels.name not in label_sets():
        return {}
    known = crosswalk(labels.name)
    found: dict[str, int] = {}
    for emotion in emotions:
        anchored, reaching = [], []
        for place, label in enumerate(labels.classes):
            if label not in known or (mapping := known[label]).match in NEVER or emotion not in mapping.targets:
                continue
            first = mapping.match not in OPEN and mapping.targets[0] == emotion
            (anchored if first else reaching).append(place)
        candidates = anchored or reaching
        if len(candidates) == 1:
            found[emotion] = candidates[0]
    return found


def same_answers(given: Sequence[str], given_set: str, labels: LabelSet) -> dict[str, int]:
    """For each label of another set the class of `labels` that means the same; labels no class means are left out.

    Two labels mean the same when they are anchored in the same emotion, or stand for open sets of which one holds the other. Raises
    `UnknownLabelSet`.
    """
    if labels.name not in label_sets():
        return {}
    theirs, ours = crosswalk(given_set), crosswalk(labels.name)
    answers = [(place, ours[label]) for place, label in enumerate(labels.classes) if label in ours]
    found: dict[str, int] = {}
    for label in given:
        if label in theirs:
            same = [place for place, answer in answers if _same(theirs[label], answer)]
            if len(same) == 1:
                found[label] = same[0]
    return found


def _same(one: Mapping, other: Mapping) -> bool:
    if one.match in NEVER or other.match in NEVER or not (one.targets and other.targets):
        return False
    if one.match in OPEN or other.match in OPEN:
        return (
            one.match in OPEN and other.match in OPEN and (set(one.targets) <= set(other.targets) or set(other.targets) <= set(one.targets))
        )
    return one.targets[0] == other.targets[0]
