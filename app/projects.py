"""Projects: a corpus under work, with the scheme it is labelled in and the rules of rating it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.scheme.store import seed
from db.tables import Project

MAX_NAME = 80


class InvalidProjectName(ValueError):
    """A name that cannot be used for a project."""


class UnknownProject(LookupError):
    """There is no project of that name; the message lists those there are."""


def project_named(session: Session, name: str, *, create: bool = False, scheme_id: int | None = None) -> Project:
    """The project called `name`; with `create` it is made where it is missing, on the scheme of that number or else the shipped one.

    Raises `UnknownProject`, or with `create` `InvalidProjectName` (empty, too long, not printable).
    """
    found = session.scalar(select(Project).where(Project.name == name))
    if found is not None:
        return found
    if not create:
        names = ", ".join(repr(project.name) for project in projects(session)) or "none yet; `import` makes one"
        raise UnknownProject(f"there is no project {name!r}; there are: {names}")
    if not 0 < len(name.strip()) <= MAX_NAME or name != name.strip() or not name.isprintable():
        raise InvalidProjectName(
            f"a project's name has 1 to {MAX_NAME} printable characters and no space around it; got {name[:MAX_NAME]!r}"
        )
    project = Project(name=name, scheme_id=seed(session) if scheme_id is None else scheme_id)
    session.add(project)
    session.flush()
    return project


def projects(session: Session) -> list[Project]:
    """All projects, by name."""
    return list(session.scalars(select(Project).order_by(Project.name)))
