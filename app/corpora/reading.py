"""What every grammar gives, and what a grammar is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping as ReadOnlyDict
from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.scheme import Mapping


@dataclass(frozen=True)
class Intended:
    """An emotion the actor was asked for, by its id among the 44.

    Weights of a blend sum to 1; None means one of several, of which the name does not say which.
    """

    emotion: str
    weight: float | None


@dataclass(frozen=True)
class NameReading:
    """What a file name says. What it does not say is None (or empty), and so is everything where it could not be read.

    `error` says what could not be read; the rest may still be there. `take` holds what only this corpus' names say, in words.
    """

    name: str = ""
    """As it was given."""
    corpus: str | None = None
    actor: str | None = None
    """As the name writes it."""
    intended: tuple[Intended, ...] = ()
    """The one emotion; a blend, in the order of the name; or a set with weights of None."""
    intensity: int | None = None
    """The instruction, in the corpus' own steps."""
    mode: str | None = None
    """How the emotion was voiced: `prosody`, `vocalization`, `speech`, `song`."""
    version: int | None = None
    """Which take."""
    situation: int | None = None
    error_file: bool | None = None
    """Whether the name marks a file known to be wrong; None where the grammar has no such mark."""
    error: str | None = None
    take: ReadOnlyDict[str, str] = field(default_factory=dict)

    @property
    def ambiguous(self) -> bool:
        """Whether `intended` is a set of which the name does not say the one."""
        return any(intended.weight is None for intended in self.intended)

    def as_json(self) -> dict[str, Any]:
        """The object that `parse-name` prints; `ambiguous` is there only where it is true."""
        said: dict[str, Any] = {
            "name": self.name,
            "corpus": self.corpus,
            "actor": self.actor,
            "intended": [{"emotion": intended.emotion, "weight": intended.weight} for intended in self.intended],
            "intensity": self.intensity,
            "mode": self.mode,
            "version": self.version,
            "situation": self.situation,
            "error_file": self.error_file,
            "error": self.error,
        }
        return {**said, "ambiguous": True} if self.ambiguous else said


class Grammar(ABC):
    """How one corpus names its files. Registered under the corpus' name; has no state."""

    shape: ClassVar[str]
    """The grammar in one line, for people."""
    example: ClassVar[str]
    """A name that it reads without error."""

    @abstractmethod
    def read(self, stem: str) -> NameReading | None:
        """What a name, without folders and extension, says; `name` and `corpus` are filled in by the caller.

        None for a name that is not of this corpus. A name that is, but lacks or contradicts something, has `error`. Raises nothing.
        """


def intended_by(mapping: Mapping) -> tuple[Intended, ...]:
    """What a corpus label intends: the one emotion, or the whole set where the crosswalk prefers none."""
    if mapping.resolved is not None:
        return (Intended(mapping.resolved, 1.0),)
    return tuple(Intended(target, None) for target in mapping.targets)
