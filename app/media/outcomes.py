"""What became of a file that somebody wanted to import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.corpora import NameReading


@dataclass(frozen=True)
class Imported:
    """A new clip, and what its name says."""

    file: str
    file_name: str
    clip_id: int
    sha256: str
    reading: NameReading
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Duplicate:
    """The project has a clip with exactly these bytes: number `clip_id`, named `same_as`."""

    file: str
    clip_id: int
    same_as: str


@dataclass(frozen=True)
class Rejected:
    """No clip, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class PassedOver:
    """A file in an imported folder that nobody would take for a clip."""

    file: str


Outcome = Imported | Duplicate | Rejected | PassedOver


def as_json(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """The document that `import --json` prints. `clips` holds the new ones; `passed_over` what folders held beside clips."""
    document: dict[str, Any] = {"imported": 0, "duplicates": [], "rejected": [], "clips": [], "passed_over": []}
    for outcome in outcomes:
        match outcome:
            case Imported(_, file_name, clip_id, _, reading):
                document["imported"] += 1
                document["clips"].append(
                    {
                        "id": clip_id,
                        "file": file_name,
                        "corpus": reading.corpus,
                        "actor": reading.actor,
                        "intended": [{"emotion": intended.emotion, "weight": intended.weight} for intended in reading.intended],
                        "intensity": reading.intensity,
                        "mode": reading.mode,
                        "name_error": reading.error,
                    }
                )
            case Duplicate(file, _, same_as):
                document["duplicates"].append({"file": file, "same_as": same_as})
            case Rejected(file, reason):
                document["rejected"].append({"file": file, "reason": reason})
            case PassedOver(file):
                document["passed_over"].append(file)
    return document
