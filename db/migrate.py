"""Brings a database to the shape this program knows. Alembic does the work; there is no alembic.ini.

A migration is one transaction that holds the write lock from its first look at the revision, so two processes that
start at once do it once, and one that dies half-way leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from db.engine import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
POSTGRESQL_LOCK = 0x706F727472  # any constant will do, as long as every process takes the same one


class DatabaseTooNew(RuntimeError):
    """The database has a revision that this program does not know: a newer program wrote it."""


class ForeignDatabase(RuntimeError):
    """The database holds tables, and they are not Portrayal's."""


def head() -> str:
    """The newest revision this program knows."""
    newest = _scripts().get_current_head()
    assert newest is not None, f"no migration lies in {MIGRATIONS}"
    return newest


def current(database: str | Engine) -> str | None:
    """The revision of the database at a URL or behind an engine; None for one that was never migrated."""
    with _engine(database) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: str | Engine, revision: str = "head") -> str:
    """Brings the database up to `revision`, creating it where there is none. Returns the revision it now has.

    Raises `DatabaseTooNew` or `ForeignDatabase`, having changed nothing.
    """
    reached = _migrate(database, lambda config: command.upgrade(config, revision))
    assert reached is not None
    return reached


def downgrade(database: str | Engine, revision: str) -> str | None:
    """Takes the database back to `revision` (`base`: to nothing), with what only newer revisions can hold lost.

    Returns the revision it now has. Raises as `upgrade` does.
    """
    return _migrate(database, lambda config: command.downgrade(config, revision))


def refuse_unknown(connection: Connection) -> None:
    """Raises `DatabaseTooNew` or `ForeignDatabase` where this program must not touch the database."""
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseTooNew(
            f"the database has revision {revision!r}; this program knows revisions up to {head()!r}. "
            "A newer Portrayal wrote it: use that version, or restore a backup made with this one"
        )
    tables = inspect(connection).get_table_names()
    if revision is None and set(tables) - {"alembic_version"}:
        raise ForeignDatabase(
            f"the database already holds tables that no Portrayal migration made ({', '.join(sorted(tables)[:5])} …); "
            "name an empty or a Portrayal database in PORTRAYAL_DATABASE_URL or --home"
        )


def _migrate(database: str | Engine, step: Callable[[Config], None]) -> str | None:
    with _engine(database) as engine, engine.connect() as connection, _foreign_keys_off(connection):
        connection = connection.execution_options(portrayal_write=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRESQL_LOCK})
            refuse_unknown(connection)
            step(configuration(connection))
            _check_foreign_keys(connection)
            return MigrationContext.configure(connection).get_current_revision()


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


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings, made here instead of in a file; commands run on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())
