"""CREMA-D: actor, sentence, emotion, level."""

from __future__ import annotations

import re

from app.corpora.naming import corpora
from app.corpora.reading import Grammar, NameReading, intended_by
from app.scheme import crosswalk

NAME = re.compile(r"(1[0-9]{3})_([A-Z]{3})_([A-Z]{3})_(LO|MD|HI|XX|X)")  # one file of the corpus ends in a single X: 1040_ITH_SAD_X
SENTENCES = frozenset(["IEO", "TIE", "IOM", "IWW", "TAI", "MTI", "IWL", "ITH", "DFA", "ITS", "TSI", "WSI"])
LEVELS = {"LO": 1, "MD": 2, "HI": 3}


@corpora.register("cremad")
class Cremad(Grammar):
    """Levels low, medium, high are 1, 2, 3; XX is an unspecified one. `take` has the sentence's code."""

    shape = "<actor>_<sentence>_<ANG|DIS|FEA|HAP|NEU|SAD>_<LO|MD|HI|XX>"
    example = "1001_IEO_ANG_HI"

    def read(self, stem: str) -> NameReading | None:
        found = NAME.fullmatch(stem)
        if found is None:
            return None
        actor, sentence, emotion, level = found.groups()
        labels = {label.code: label for label in crosswalk("cremad")}
        if emotion not in labels and sentence not in SENTENCES:
            return None
        checks = {f"emotion {emotion}": emotion in labels, f"sentence {sentence}": sentence in SENTENCES}
        return NameReading(
            actor=actor,
            intended=intended_by(labels[emotion]) if emotion in labels else (),
            intensity=LEVELS.get(level),
            error="; ".join(f"CREMA-D has no {what}" for what, there in checks.items() if not there) or None,
            take={"sentence": sentence} if sentence in SENTENCES else {},
        )
