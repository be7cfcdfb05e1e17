"""EmoDB (the Berlin database): speaker, text, emotion by its German initial, take."""

from __future__ import annotations

import re

from app.corpora.naming import corpora
from app.corpora.reading import Grammar, NameReading, intended_by
from app.scheme import crosswalk

NAME = re.compile(r"([0-9]{2})([ab][0-9]{2})([WLEAFTN])([a-z])")


@corpora.register("emodb")
class Emodb(Grammar):
    """Takes a, b, c … are versions 1, 2, 3 …; `take` has the text's code."""

    shape = "<speaker, two digits><text, a or b and two digits><W|L|E|A|F|T|N><take, a letter>"
    example = "03a01Fa"

    def read(self, stem: str) -> NameReading | None:
        found = NAME.fullmatch(stem)
        if found is None:
            return None
        speaker, text, emotion, take = found.groups()
        return NameReading(
            actor=speaker,
            intended=intended_by(crosswalk("emodb").coded(emotion)),
            version=ord(take) - ord("a") + 1,
            take={"text": text},
        )
