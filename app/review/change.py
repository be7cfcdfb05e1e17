"""A change that a client asks for, and the answer it gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from app.review.judgement import Context, InvalidJudgement, Judgement

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Kind(StrEnum):
    PUT = "put"
    REMOVE = "remove"


class Status(StrEnum):
    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Change:
    """What a client asks for: make judgement `judgement_id`, which it last saw at `base_revision` (0: not yet there), say this."""

    op_id: str
    kind: Kind
    judgement_id: str
    base_revision: int
    judgement: Judgement | None
    context: Context

    @classmethod
    def read(cls, data: object) -> Self:
        """From JSON as Python reads it. Raises `InvalidJudgement`."""
        if not isinstance(data, dict):
            raise InvalidJudgement(f"an operation is an object with op_id, kind, judgement_id, base_revision, judgement; got {data!r:.60}")
        if unknown := sorted(map(str, data.keys() - {"op_id", "kind", "judgement_id", "base_revision", "judgement", "context"})):
            raise InvalidJudgement(f"an operation has no field {', '.join(unknown)}")
        kind, base = data.get("kind"), data.get("base_revision")
        if kind not in (Kind.PUT, Kind.REMOVE):
            raise InvalidJudgement(f"kind is put or remove; got {kind!r}")
        if type(base) is not int or not 0 <= base < 2**31:
            raise InvalidJudgement(f"base_revision is the revision last seen, 0 for a new judgement; got {base!r}")
        if kind == Kind.REMOVE and data.get("judgement") is not None:
            raise InvalidJudgement("remove carries no judgement")
        return cls(
            op_id=_uuid("op_id", data.get("op_id")),
            kind=Kind(kind),
            judgement_id=_uuid("judgement_id", data.get("judgement_id")),
            base_revision=base,
            judgement=Judgement.read(data.get("judgement")) if kind == Kind.PUT else None,
            context=Context.read({} if data.get("context") is None else data["context"]),
        )


@dataclass(frozen=True)
class Ack:
    """What became of one operation. `current` is the judgement as the database has it, given with a conflict."""

    op_id: str | None
    status: Status
    revision: int | None = None
    current: dict[str, Any] | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "op_id": self.op_id,
            "status": self.status.value,
            "revision": self.revision,
            "current": self.current,
            "reason": self.reason,
        }


def _uuid(name: str, value: object) -> str:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise InvalidJudgement(f"{name} is a UUID in lower case, as crypto.randomUUID() gives; got {value!r:.60}")
    return value
