"""Who judges. On its own machine the program has one rater, who gives themselves a name once; sign-in for many comes beside it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import Operation, Rater

MAX_NAME = 80


class InvalidName(ValueError):
    """A name that cannot be used."""


class AlreadyNamed(ValueError):
    """The rater has judged under their name, so it stays."""


def local_rater(session: Session) -> Rater | None:
    """The one rater of this machine; None until they have been named."""
    return session.scalar(select(Rater).where(Rater.local).order_by(Rater.id))


def name_local_rater(session: Session, name: str) -> Rater:
    """Names this machine's rater, or corrects the name as long as nothing was judged under it: exports carry it as the annotator.

    Raises `InvalidName` (empty, too long, not printable, taken) and `AlreadyNamed`.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidName(f"a name has 1 to {MAX_NAME} printable characters; got {len(name)}: {name[:MAX_NAME]!r}. A pseudonym is fine")
    rater = local_rater(session)
    if rater is not None and rater.name == name:
        return rater
    if session.scalar(select(Rater.id).where(Rater.name == name)) is not None:
        raise InvalidName(f"{name!r} is the name of another rater or of imported labels; choose another")
    if rater is None:
        rater = Rater(name=name, local=True)
        session.add(rater)
    elif session.scalar(select(Operation.op_id).where(Operation.rater_id == rater.id).limit(1)) is not None:
        raise AlreadyNamed(f"judgements were made as {rater.name!r}; the name goes into every export and stays")
    else:
        rater.name = name
    session.flush()
    return rater
