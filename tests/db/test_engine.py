from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from db.engine import Database
from db.migrate import upgrade
from db.tables import Clip, Rater


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'portrayal.sqlite'}")
    upgrade(database.engine)
    yield database
    database.close()


def test_sqlite_is_set_up_for_many_short_writes(database: Database) -> None:
    with database.reading() as session:
        settings = {
            name: session.scalar(text(f"pragma {name}")) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        session.add(Rater(name="half"))
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.query(Rater).count() == 0


def test_what_is_changed_while_reading_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        session.add(Rater(name="by mistake"))
        session.flush()
    with database.reading() as session:
        assert session.query(Rater).count() == 0


def test_a_row_that_points_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), database.writing() as session:
        session.add(Clip(project_id=7, sha256="a" * 64, file_name="a.mp4"))


def test_a_write_takes_the_lock_at_its_beginning_and_a_read_never_waits_for_it(database: Database) -> None:
    other = Database(str(database.engine.url))
    with database.writing() as session:
        session.execute(text("select 1"))
        with other.reading() as reader:
            assert reader.query(Rater).count() == 0
        with other.engine.connect() as connection:
            connection.connection.driver_connection.execute("pragma busy_timeout=1")  # type: ignore[union-attr]
            with pytest.raises(OperationalError, match="locked"):
                connection.execution_options(portrayal_write=True).begin()
    other.close()


def test_a_read_sees_one_moment_while_others_write(database: Database) -> None:
    with database.reading() as reader:
        assert reader.query(Rater).count() == 0
        with database.writing() as session:
            session.add(Rater(name="later"))
        assert reader.query(Rater).count() == 0
    with database.reading() as reader:
        assert reader.query(Rater).count() == 1


def test_a_time_of_day_comes_back_in_utc(database: Database) -> None:
    stockholm = timezone(timedelta(hours=2))
    with database.writing() as session:
        session.add(Rater(name="R", created_at=datetime(2026, 6, 1, 12, 30, 0, 123456, tzinfo=stockholm)))
    with database.reading() as session:
        assert session.query(Rater).one().created_at == datetime(2026, 6, 1, 10, 30, 0, 123456, tzinfo=UTC)
        assert session.query(Rater).one().created_at.utcoffset() == timedelta(0)


def test_a_time_of_day_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="needs a zone"), database.writing() as session:
        session.add(Rater(name="R", created_at=datetime(2026, 6, 1)))
