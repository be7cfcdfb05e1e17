from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import migrate
from db.engine import Database
from db.migrations.draft import draft, main
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
    try:
        written = draft("0002", "add seats")
    finally:
        rater._columns.remove(rater.c.seat)  # type: ignore[attr-defined] — there is no public way back
    assert written == migrations / "versions" / "0002_add_seats.py"
    assert migrate.head() == "0002"
    assert migrate.upgrade(database.engine) == "0002"
    with database.reading() as session:
        assert session.execute(sa.text("select name, seat from rater")).all() == [("A", None)]
    assert migrate.downgrade(database.engine, "0001") == "0001"
    with database.reading() as session:
        assert session.query(Rater).one().name == "A"
    database.close()


def test_before_the_first_release_0001_is_written_anew(migrations: Path, tmp_path: Path) -> None:
    committed = (migrations / "versions" / "0001_first_tables.py").read_text()
    main(["--again"])
    assert [path.name for path in (migrations / "versions").glob("*.py")] == ["0001_first_tables.py"]
    redrafted = (migrations / "versions" / "0001_first_tables.py").read_text()
    assert "".join(redrafted.replace("'", '"').replace(",", "").split()) == "".join(committed.replace(",", "").split())


def test_a_released_line_of_revisions_is_not_written_anew(migrations: Path) -> None:
    (migrations / "versions" / "0002_more.py").write_text("revision = '0002'\ndown_revision = '0001'\n")
    with pytest.raises(SystemExit, match="draft a further one"):
        main(["--again"])
    assert migrate.revisions() == ["0001", "0002"]
