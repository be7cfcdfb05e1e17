"""SAVEE: speaker, emotion, number of the sentence."""

from __future__ import annotations

import re

from app.corpora.naming import corpora
from app.corpora.reading import Grammar, NameReading, intended_by
from app.scheme import crosswalk

NAME = re.compile(r"(DC|JE|JK|KL)_(sa|su|a|d|f|h|n)([0-9]{2})")


@corpora.register("savee")
class Savee(Grammar):
    """Four men. `take` has the sentence's number, which counts anew for each emotion."""

    shape = "<DC|JE|JK|KL>_<a|d|f|h|n|sa|su><two digits>"
    example = "DC_a01"

    def read(self, stem: str) -> NameReading | None:
        found = NAME.fullmatch(stem)
        if found is None:
            return None
        speaker, emotion, sentence = found.groups()
        return NameReading(
            actor=speaker, intended=intended_by(crosswalk("savee").coded(emotion)), take={"sentence": sentence, "sex": "male"}
        )
