"""What the one who brings a clip says of it. It goes before what the clip's name says, and nothing is filled in that was not said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import Project

if TYPE_CHECKING:
    from app.corpora import NameReading

LONGEST_ACTOR = 80
"""Characters of an actor's name or number."""


class InvalidActor(ValueError):
    """An actor's name that cannot be kept."""


@dataclass(frozen=True)
class Statement:
    """None for what was not said: there the clip's name decides."""

    actor: str | None = None
    intended: str | None = None
    """The emotion that was asked for, by its id in the project's scheme."""

    def over(self, reading: NameReading) -> NameReading:
        """`reading` with what was said in the place of what the name says; a name that says nothing is then no error."""
        from app.corpora import Intended

        if self.actor is not None:
            reading = replace(reading, actor=self.actor)
        if self.intended is not None:
            reading = replace(reading, intended=(Intended(self.intended, 1.0),))
        return replace(reading, error=None) if self != UNSAID and reading.corpus is None else reading


UNSAID = Statement()


def statement(session: Session, project: str, actor: str | None, intended: str | None) -> Statement:
    """Checks what a client says of a clip for `project`, which need not be there yet; empty texts say nothing.

    Raises `InvalidActor`, and `app.scheme.UnknownEmotion` for an emotion that the project's scheme (the shipped one for a new project)
    does not have.
    """
    from app.scheme import shipped_scheme
    from app.scheme.store import load_scheme

    actor, intended = (actor or "").strip() or None, intended or None
    if actor is not None and (len(actor) > LONGEST_ACTOR or not actor.isprintable()):
        raise InvalidActor(f"an actor's name has at most {LONGEST_ACTOR} printable characters; got {actor[:LONGEST_ACTOR]!r}")
    if intended is not None:
        scheme_id = session.scalar(select(Project.scheme_id).where(Project.name == project))
        scheme = shipped_scheme() if scheme_id is None else load_scheme(session, scheme_id)
        intended = scheme[intended].id
    return Statement(actor, intended)
