"""A consistent copy of a SQLite database while it serves, and back. Media files are not in the database: copy their folder too.

PostgreSQL has its own tools (`pg_dump`, `pg_restore`); the functions here say so.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine

from db import migrate
from db.engine import BUSY_TIMEOUT_MS, Database


class BackupUnsupported(RuntimeError):
    """The database is no SQLite file."""


class BackupExists(FileExistsError):
    """There is a file of that name, and a backup never overwrites one."""


class UnusableBackup(ValueError):
    """The file is damaged, or is no Portrayal database."""


class DatabaseInUse(RuntimeError):
    """A program has the database open that a backup is to replace."""


@dataclass(frozen=True)
class Backup:
    """A file with everything that was committed when it was made, on its own (no `-wal` beside it)."""

    file: Path
    bytes: int
    revision: str


@dataclass(frozen=True)
class Restored:
    """`kept` is where the replaced database lies now; None where there was none."""

    database: Path
    revision: str
    kept: Path | None


def backup(database: Database, file: Path) -> Backup:
    """Copies a database that may be read and written meanwhile into `file`, which is there whole or not at all.

    Raises `BackupUnsupported`, `BackupExists`, `UnusableBackup` (where the database itself is damaged), `OSError`.
    """
    if database.engine.dialect.name != "sqlite":
        raise BackupUnsupported(f"this makes copies of SQLite files; for {database.engine.dialect.name} use its own tools, such as pg_dump")
    if file.exists():
        raise BackupExists(f"{file} exists, and a backup never overwrites one; give another name")
    file.parent.mkdir(parents=True, exist_ok=True)
    with _beside(file) as part:
        with closing(database.engine.raw_connection()) as source:
            _copy(source.driver_connection, part)  # type: ignore[arg-type] — pysqlite's connection
        revision = _check(part, named=f"the database at {database.engine.url.database}")
        part.replace(file)
        _sync(file.parent)
    return Backup(file, file.stat().st_size, revision)


def restore(file: Path, database: Path) -> Restored:
    """Puts a backup in the place of the SQLite file `database`; what was there stays beside it as `<name>.replaced-<time>`.

    Nothing may have the database open. An older revision is migrated by the program's next start.
    Raises `FileNotFoundError`, `UnusableBackup`, `db.migrate.DatabaseTooNew`, `DatabaseInUse`, `OSError`; nothing is changed then.
    """
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    if database.exists() and file.samefile(database):
        raise UnusableBackup(f"{file} is the database itself; name a file that `backup` made")
    database.parent.mkdir(parents=True, exist_ok=True)
    with _beside(database) as part:
        try:
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
                _copy(source, part)
        except sqlite3.DatabaseError as error:
            raise UnusableBackup(f"{file} is no usable SQLite database ({error}); take another backup") from error
        revision = _check(part, named=str(file))
        with _nobody_at(database):
            kept = _keep(database)
            part.replace(database)
        _sync(database.parent)
    return Restored(database, revision, kept)


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A temporary name in the same folder, so that a rename puts it in place at once; removed if it is still there at the end."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, part: Path) -> None:
    """All pages in one step, which sees one snapshot and keeps no writer waiting; smaller steps would start over at each write."""
    with closing(sqlite3.connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file that needs no -wal beside it
    with part.open("rb+") as copied:
        os.fsync(copied.fileno())


def _check(part: Path, named: str) -> str:
    """The revision of a sound Portrayal database, which messages call `named`. Raises `UnusableBackup`, `DatabaseTooNew`."""
    with closing(sqlite3.connect(part)) as connection:
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        except sqlite3.DatabaseError as error:
            found = [str(error)]
    if found != ["ok"]:
        raise UnusableBackup(f"{named} is damaged: {'; '.join(found)}; take another backup")
    engine = create_engine(f"sqlite:///{part}")  # not `open_engine`: the copy must stay one file
    try:
        with engine.connect() as connection:
            migrate.refuse_unknown(connection)
        revision = migrate.current(engine)
    except migrate.ForeignDatabase as error:
        raise UnusableBackup(f"{named} is no Portrayal database: {error}") from error
    finally:
        engine.dispose()
    if revision is None:
        raise UnusableBackup(f"{named} is an empty database, not a backup of Portrayal")
    return revision


@contextmanager
def _nobody_at(database: Path) -> Iterator[None]:
    """Holds the database alone, all of it in its one file, while it is replaced. Raises `DatabaseInUse`."""
    if not database.exists():
        yield
        return
    with closing(sqlite3.connect(database, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")  # succeeds only for the one connection there is
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise DatabaseInUse(f"a program has {database} open; stop it, then restore") from error
            # A damaged database cannot be locked; to replace it is why somebody is here.
        yield


def _keep(database: Path) -> Path | None:
    """A second name for the database that is about to be replaced. Its -wal goes along, or it would be read into the new one."""
    if not database.exists():
        return None
    stem = f"{database.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    free = (database.with_name(stem if n == 1 else f"{stem}-{n}") for n in count(1))
    kept = next(path for path in free if not path.exists())
    try:
        kept.hardlink_to(database)
    except OSError:  # a file system without hard links
        shutil.copy2(database, kept)
    for suffix in ("-wal", "-shm", "-journal"):
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + suffix))
    return kept


def _sync(folder: Path) -> None:
    """Makes a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
