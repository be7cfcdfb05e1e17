"""The emotions people label with, their families and colours, and what other label sets say about them.

>>> shipped_scheme()["anger"].family
'hostility'
>>> crosswalk("ravdess")["surprised"].targets
('positive_surprise', 'negative_surprise')
"""

from app.scheme.crosswalk import Crosswalk, Mapping, Match, UnknownLabel, UnknownLabelSet, crosswalk, label_sets
from app.scheme.emotions import Emotion, Scheme, UnknownEmotion, ValenceTag, shipped_scheme
from app.scheme.palette import Colour, Family

__all__ = [
    "Colour",
    "Crosswalk",
    "Emotion",
    "Family",
    "Mapping",
    "Match",
    "Scheme",
    "UnknownEmotion",
    "UnknownLabel",
    "UnknownLabelSet",
    "ValenceTag",
    "crosswalk",
    "label_sets",
    "shipped_scheme",
]
