"""What a person says about a clip or a stretch of it: frozen values, checked once, where they come in as JSON.

Nothing here knows the database. Which emotions exist, and how long the clip is, is checked where both are known, in `operations`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, ValidationError, model_validator

MAX_NOTE = 10_000
"""Characters of a note: some pages of text, far below what would slow the editor's document down."""
MAX_SUBJECT = 80
MAX_OPTIONS = 500
LARGEST_US = 2**53
"""Browsers count exactly up to here."""


class InvalidJudgement(ValueError):
    """What came in cannot be kept as a judgement. The message names every field at fault, what it held and what it may hold."""


class Outcome(StrEnum):
    LABEL = "label"
    NONE_OF_THESE = "none_of_these"
    CANNOT_JUDGE = "cannot_judge"


class Source(StrEnum):
    """Where a judgement came from. `accepted` and `corrected` started as a model's suggestion and were touched by a person."""

    HUMAN = "human"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    MODEL = "model"
    IMPORT = "import"


class TierKind(StrEnum):
    CLIP = "clip"
    FACE = "face"
    VOICE = "voice"
    BOTH = "both"


@dataclass(frozen=True, order=True)
class Tier:
    """What is judged: the clip as it is, one face, one voice, or face and voice together. Written `clip`, `face:2`, `voice:S1`, `both`.

    >>> str(Tier.parse("face:2")), Tier.parse("clip").subject
    ('face:2', None)
    """

    kind: TierKind
    subject: str | None = None

    @classmethod
    def parse(cls, text: object) -> Self:
        """Raises ValueError for anything but `clip`, `face:<number from 1>`, `voice:<speaker>` and `both`."""
        if isinstance(text, cls):
            return text
        kind, _, subject = text.partition(":") if isinstance(text, str) else ("", "", "")
        if text in (TierKind.CLIP, TierKind.BOTH):
            return cls(TierKind(kind))
        if kind == TierKind.FACE and re.fullmatch(r"[1-9][0-9]{0,5}", subject):
            return cls(TierKind.FACE, subject)
        if kind == TierKind.VOICE and 0 < len(subject) <= MAX_SUBJECT and subject.isprintable():
            return cls(TierKind.VOICE, subject)
        raise ValueError("a tier is clip, face:<number from 1>, voice:<speaker> or both")

    def __str__(self) -> str:
        return self.kind if self.subject is None else f"{self.kind}:{self.subject}"


TierText = Annotated[Tier, PlainValidator(Tier.parse), PlainSerializer(str, return_type=str)]
Microseconds = Annotated[int, Field(strict=True, ge=0, le=LARGEST_US)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Signed = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1, le=1)]
OptionId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^|\x00-\x1f]+$")]


class Value(BaseModel):
    """A frozen value that says so when it is given a field it does not know, instead of dropping it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, data: object) -> Self:
        """From JSON as Python reads it. Raises `InvalidJudgement`."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise InvalidJudgement(in_words(error)) from None

    def as_json(self) -> dict[str, Any]:
        """As it travels and as the log keeps it."""
        return self.model_dump(mode="json", exclude_unset=False)


class WeightedEmotion(Value):
    """One emotion of a label. In a blend the weights say how strong each is; they need not add up to 1."""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    weight: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1)] = 1.0


class Context(Value):
    """What the rater had before them at the moment of the change. What is not known is None, never false."""

    task: Annotated[str, Field(max_length=200)] | None = None
    options_shown: Annotated[tuple[OptionId, ...], Field(max_length=MAX_OPTIONS)] | None = None
    """The answers that were offered, in their order. Chance depends on it."""
    analysis: Annotated[int, Field(strict=True, ge=1)] | None = None
    """The analysis that was shown. Faces are numbered anew by each: `face:2` is the second face of this one."""
    suggestion_visible: bool | None = None
    intended_visible: bool | None = None
    others_visible: bool | None = None
    latency_ms: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)] | None = None
    """From the first moment the rater could judge to the judgement."""
    replays: Annotated[int, Field(strict=True, ge=0)] | None = None
    heard_to_end: bool | None = None
    client_time: Annotated[str, Field(max_length=64)] | None = None
    """The browser's clock, ISO 8601; the server's own is in the log."""

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class Judgement(Value):
    """One rater's whole statement about a clip, or about the stretch [start_us, end_us) of it."""

    tier: TierText
    start_us: Microseconds | None = None
    end_us: Microseconds | None = None
    emotions: Annotated[tuple[WeightedEmotion, ...], Field(max_length=MAX_OPTIONS)] = ()
    intensity: Annotated[int, Field(strict=True, ge=1, le=4)] | None = None
    confidence: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    genuineness: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    valence: Signed | None = None
    arousal: Signed | None = None
    outcome: Outcome = Outcome.LABEL
    source: Source = Source.HUMAN
    note: Annotated[str, Field(max_length=MAX_NOTE, pattern=r"^[^\x00]*$")] = ""
    model: Annotated[str, Field(max_length=200)] | None = None
    model_score: Number | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.start_us is None) != (self.end_us is None):
            raise ValueError("start_us and end_us are both given, for a stretch, or both null, for the clip as a whole")
        if self.start_us is not None and self.end_us is not None and self.start_us >= self.end_us:
            raise ValueError(f"a stretch ends after it starts; got start_us {self.start_us}, end_us {self.end_us}")
        if self.outcome is Outcome.LABEL and not self.emotions:
            raise ValueError("outcome label needs at least one emotion; without one, say none_of_these or cannot_judge")
        if self.outcome is not Outcome.LABEL and self.emotions:
            raise ValueError(f"outcome {self.outcome} names no emotion; take the emotions away or say label")
        ids = [emotion.id for emotion in self.emotions]
        if len(set(ids)) < len(ids):
            raise ValueError("an emotion is named once; give it one weight")
        if self.source in (Source.ACCEPTED, Source.CORRECTED, Source.MODEL) and not self.model:
            raise ValueError(f"source {self.source} needs the model it came from")
        return self


def in_words(error: ValidationError) -> str:
    """One line for all faults: `intensity: Input should be less than or equal to 4, got 7; …`."""
    return "; ".join(_fault(fault) for fault in error.errors(include_url=False))


def _fault(fault: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not place:
        return message
    if fault["type"] in ("missing", "extra_forbidden"):
        return f"{place}: {'is missing' if fault['type'] == 'missing' else 'is not a field here'}"
    given = repr(fault["input"])
    return f"{place}: {message}, got {given if len(given) <= 60 else given[:57] + '…'}"
