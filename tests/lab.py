"""A project with one clip of four seconds (no file behind it) and two raters, in a real SQLite file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from app.scheme.store import seed
from db import tables
from db.engine import Database
from db.migrate import upgrade

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Lab:
    database: Database
    project: int
    clip: int
    anna: int
    bo: int

    @classmethod
    def at(cls, home: Path) -> Lab:
        """In a new database in the folder `home`."""
        file = home / "portrayal.sqlite"
        file.write_bytes(_empty())
        return cls.within(Database(f"sqlite:///{file}"))

    @classmethod
    def within(cls, database: Database) -> Lab:
        """In a database that has its tables and its scheme."""
        with database.writing() as session:
            scheme = session.scalars(select(tables.Scheme)).one()
            project = tables.Project(name="study", scheme_id=scheme.id)
            anna, bo = tables.Rater(name="anna", local=True), tables.Rater(name="bo")
            medium = tables.Medium(sha256="a" * 64, size=1, container="mp4", duration_us=4_000_000, frames=0, playable=True)
            clip = tables.Clip(project=project, medium=medium, file_name="A102_ang_p_2.mp4")
            session.add_all([anna, bo, clip])
            session.flush()
            return cls(database, project.id, clip.id, anna.id, bo.id)


@cache
def _empty() -> bytes:
    """A database file with its tables and its scheme: migrating one for every example of a property would take most of its time."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "portrayal.sqlite"
        database = Database(f"sqlite:///{file}")
        upgrade(database.engine)
        with database.writing() as session:
            seed(session)
        database.close()
        return file.read_bytes()
