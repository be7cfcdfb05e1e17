"""TESS: speaker, word, emotion."""

from __future__ import annotations

import re

from app.corpora.naming import corpora
from app.corpora.reading import Grammar, NameReading, intended_by
from app.scheme import crosswalk

NAME = re.compile(r"(OAF|YAF|OA)_([A-Za-z-]+)_(angry|disgust|fear|happy|neutral|ps|sad)")


@corpora.register("tess")
class Tess(Grammar):
    """Two women. `take` has the word that is said. `ps` is pleasant surprise, which is one of the 44 exactly."""

    shape = "<OAF|YAF>_<word>_<angry|disgust|fear|happy|neutral|ps|sad>"
    example = "OAF_back_angry"

    def read(self, stem: str) -> NameReading | None:
        found = NAME.fullmatch(stem)
        if found is None:
            return None
        speaker, word, emotion = found.groups()
        return NameReading(
            actor="OAF" if speaker == "OA" else speaker,  # one file of the corpus is misnamed OA_bite_neutral
            intended=intended_by(crosswalk("tess").coded(emotion)),
            take={"word": word, "sex": "female"},
        )
