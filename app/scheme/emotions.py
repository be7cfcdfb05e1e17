"""A scheme: the emotions that people label with, in families, in one version that never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from app.scheme.palette import Family, families_of

DATA = Path(__file__).parent / "data"
SHIPPED_NAME = "emotions-44"
SHIPPED_VERSION = "1"
"""Raised with every change of the shipped file; a test holds the two together."""


class UnknownEmotion(LookupError):
    """The scheme has no emotion of that id; the message suggests what was perhaps meant."""


class ValenceTag(StrEnum):
    """What a lab filters answer options by. A convention of the corpus, not a measurement (nostalgia is negative)."""

    POSITIVE = "pos"
    NEGATIVE = "neg"
    NEUTRAL = "neu"


@dataclass(frozen=True)
class Emotion:
    """One emotion of a scheme. `id` is its key in every export."""

    id: str
    name: str
    family: str
    definition: str = ""
    name_sv: str | None = None
    synonyms: str = ""
    """Comma-separated, for search."""
    code: str | None = None
    """Short form in file names."""
    native_id: int | None = None
    """The lab's integer; never 100 (no emotion given) or 1000 (no reply)."""
    valence_tag: ValenceTag | None = None
    valence: float | None = None
    """Default place on the valence–arousal map, −1 to 1; not a measurement of clips, see `va_source`."""
    arousal: float | None = None
    va_source: str | None = None


@dataclass(frozen=True)
class Scheme:
    """Emotions in their order. `scheme["anger"]`, `"anger" in scheme`, `len(scheme)`, `for emotion in scheme`."""

    name: str
    version: str
    emotions: tuple[Emotion, ...]

    def __getitem__(self, emotion_id: str) -> Emotion:
        """The emotion of that id. Raises `UnknownEmotion`."""
        try:
            return self._by_id[emotion_id]
        except KeyError:
            raise UnknownEmotion(self.suggestion(emotion_id)) from None

    def __contains__(self, emotion_id: object) -> bool:
        return emotion_id in self._by_id

    def __iter__(self) -> Iterator[Emotion]:
        return iter(self.emotions)

    def __len__(self) -> int:
        return len(self.emotions)

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """Families in the palette's order; a lab's own ones follow in the order of their first emotion."""
        return families_of(emotion.family for emotion in self.emotions)

    def of_family(self, family_id: str) -> tuple[Emotion, ...]:
        """The emotions of a family, in the scheme's order; none where there is no such family."""
        return tuple(emotion for emotion in self.emotions if emotion.family == family_id)

    def suggestion(self, unknown_id: str) -> str:
        """That there is no emotion of that id, and which ones were perhaps meant."""
        words = {word.strip().casefold(): emotion.id for emotion in reversed(self.emotions) for word in _words(emotion)}
        close = dict.fromkeys(words[word] for word in get_close_matches(str(unknown_id).casefold(), words, n=6, cutoff=0.6))
        perhaps = f"did you mean {' or '.join(list(close)[:3])}?" if close else f"there are: {', '.join(self._by_id)}"
        return f"scheme {self.name} (version {self.version}) has no emotion with the id {unknown_id!r}; {perhaps}"

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of everything the scheme says, in order, but its name and version."""
        content = json.dumps([asdict(emotion) for emotion in self.emotions], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    @cached_property
    def _by_id(self) -> dict[str, Emotion]:
        return {emotion.id: emotion for emotion in self.emotions}


def _words(emotion: Emotion) -> list[str]:
    return [emotion.id, emotion.name, emotion.name_sv or "", emotion.code or "", *emotion.synonyms.split(",")]


@cache
def shipped_scheme() -> Scheme:
    """The 44 emotions in 12 families that come with the program."""
    from app.scheme.reading import read_scheme

    return read_scheme((DATA / "emotions_44.csv").read_text(encoding="utf-8"), SHIPPED_NAME, SHIPPED_VERSION)
