from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import migrate
from db.engine import Database
from db.migrations.draft import draft
from db.tables import Rater, Table


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that may be written to."""
    copy = shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("db.migrate.MIGRATIONS", copy)
    return copy


def test_a_new_column_becomes_a_migration_that_keeps_the_rows(migrations: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portrayal.sqlite'}"
    migrate.upgrade(url)
    database = Database(url)
    with database.writing() as session:
        session.add(Rater(name="A"))
    rater = Table.metadata.tables["rater"]
    rater.append_column(sa.Column("seat", sa.String(), nullable=True))
    before = migrate.head()
    following = f"{int(before) + 1:04}"
    try:
        written = draft(following, "add seats")
    finally:
        rater._columns.remove(rater.c.seat)  # type: ignore[attr-defined] — there is no public way back
    assert written == migrations / "versions" / f"{following}_add_seats.py"
    assert migrate.head() == following
    assert migrate.upgrade(database.engine) == following
    with database.reading() as session:
        assert session.execute(sa.text("select name, seat from rater")).all() == [("A", None)]
    assert migrate.downgrade(database.engine, before) == before
    with database.reading() as session:
        assert session.query(Rater).one().name == "A"
    database.close()
