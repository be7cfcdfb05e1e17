"""Brings a database to the shape this program knows. Alembic does the work; there is no alembic.ini.

A migration is one transaction that holds the write lock from its first look at the revision, so two processes that
start at once do it once, and one that dies half-way leaves the database as it was.

Revisions are numbered in one line, `versions/0001_….py` and on. So a look at the file names tells what the program knows, and Alembic,
slow to import, is needed only where there is something to migrate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from db.engine import open_engine

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
REVISION_TABLE = "alembic_version"
POSTGRESQL_LOCK = 0x706F727472  # any constant will do, as long as every process takes the same one


class DatabaseTooNew(RuntimeError):
    """The database has a revision that this program does not know: a newer program wrote it."""


class ForeignDatabase(RuntimeError):
    """The database holds tables, and they are not Portrayal's."""


def revisions() -> list[str]:
    """All revisions this program knows, oldest first."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """The newest revision this program knows."""
    return revisions()[-1]


def current(database: str | Engine) -> str | None:
    """The revision of the database at a URL or behind an engine; None for one that was never migrated."""
    with _engine(database) as engine, engine.connect() as connection:
        return _revision(connection)


def upgrade(database: str | Engine, revision: str = "head") -> str:
    """Brings the database up to `revision`, creating it where there is none. Returns the revision it now has.

    Raises `DatabaseTooNew` or `ForeignDatabase`, having changed nothing.
    """
    wanted = head() if revision == "head" else revision
    if current(database) == wanted:
        return wanted  # nothing to do, and no lock to wait for
    from alembic import command

    reached = _migrate(database, lambda config: command.upgrade(config, wanted))
    assert reached is not None
    return reached


def downgrade(database: str | Engine, revision: str) -> str | None:
    """Takes the database back to `revision` (`base`: to nothing), with what only newer revisions can hold lost.

    Returns the revision it now has. Raises as `upgrade` does.
    """
    from alembic import command

    return _migrate(database, lambda config: command.downgrade(config, revision))


def refuse_unknown(connection: Connection) -> None:
    """Raises `DatabaseTooNew` or `ForeignDatabase` where this program must not touch the database."""
    revision = _revision(connection)
    if revision is not None and revision not in revisions():
        raise DatabaseTooNew(
            f"the database has revision {revision!r}; this program knows revisions up to {head()!r}. "
            "A newer Portrayal wrote it: use that version, or restore a backup made with this one"
        )
    tables = set(inspect(connection).get_table_names()) - {REVISION_TABLE}
    if revision is None and tables:
        raise ForeignDatabase(
            f"the database already holds tables that no Portrayal migration made ({', '.join(sorted(tables)[:5])} …); "
            "name an empty or a Portrayal database in PORTRAYAL_DATABASE_URL or --home"
        )


def configuration(connection: Connection) -> Config:
    """Alembic's settings, made here instead of in a file; commands run on `connection`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(database: str | Engine, step: Callable[[Config], None]) -> str | None:
    with _engine(database) as engine, engine.connect() as connection, _foreign_keys_off(connection):
        connection = connection.execution_options(portrayal_write=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRESQL_LOCK})
            refuse_unknown(connection)
            step(configuration(connection))
            _check_foreign_keys(connection)
            return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(REVISION_TABLE):
        return None
    return connection.scalar(text(f"SELECT version_num FROM {REVISION_TABLE}"))


@contextmanager
def _engine(database: str | Engine) -> Iterator[Engine]:
    if isinstance(database, Engine):
        yield database
        return
    engine = open_engine(database)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by copying and dropping it; with foreign keys on, the drop would delete the rows that point to it.

    The pragma works only outside a transaction, hence on the bare connection.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    bare = connection.connection.driver_connection
    assert bare is not None
    bare.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        bare.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        assert broken is None, f"the migration would leave a row of {broken[0]!r} pointing to nothing in {broken[2]!r}"
