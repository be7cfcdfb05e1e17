from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from db.backup import BackupExists, BackupUnsupported, DatabaseInUse, UnusableBackup, backup, restore
from db.engine import Database
from db.migrate import DatabaseTooNew, head, upgrade
from db.tables import Rater


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "home" / "portrayal.sqlite"


@pytest.fixture
def database(place: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{place}")
    upgrade(database.engine)
    yield database
    database.close()


def add(database: Database, *names: str) -> None:
    with database.writing() as session:
        session.add_all([Rater(name=name) for name in names])


def raters(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as connection:
        return [name for (name,) in connection.execute("select name from rater order by name")]


def beside(place: Path) -> list[str]:
    return sorted(path.name for path in place.parent.iterdir() if path != place)


def test_a_backup_holds_everything_committed_in_one_file(database: Database, tmp_path: Path) -> None:
    add(database, "A", "B")
    made = backup(database, tmp_path / "backups" / "monday.sqlite")
    assert raters(made.file) == ["A", "B"]
    assert (made.revision, made.bytes) == (head(), made.file.stat().st_size)
    assert beside(made.file) == []


def test_a_backup_is_consistent_while_others_write(database: Database, tmp_path: Path) -> None:
    """Each write adds a pair; a copy that caught half of one would hold an odd number."""
    stop, written, failed = threading.Event(), threading.Event(), []

    def write() -> None:
        n = 0
        while not stop.is_set():
            try:
                add(database, f"{n}-left", f"{n}-right")
            except Exception as error:  # noqa: BLE001 — handed to the test, which raises it
                failed.append(error)
                return
            n += 1
            if n > 5:
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(30)
        counts = [len(raters(backup(database, tmp_path / f"{n}.sqlite").file)) for n in range(5)]
    finally:
        stop.set()
        writer.join()
    assert failed == []
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts) and counts[0] < counts[-1], "writing went on meanwhile"


def test_a_backup_overwrites_nothing(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(BackupExists, match=r"notes.txt exists"):
        backup(database, file)
    assert file.read_text() == "mine"


def test_a_backup_that_fails_leaves_no_file(database: Database, tmp_path: Path, place: Path) -> None:
    add(database, *map(str, range(2000)))
    database.close()
    restore_size = place.stat().st_size
    with place.open("rb+") as file:
        file.seek(restore_size // 2)
        file.write(os.urandom(8192))
    with pytest.raises(UnusableBackup, match=r"the database at .* is damaged"):
        backup(database, tmp_path / "backups" / "monday.sqlite")
    assert list((tmp_path / "backups").iterdir()) == []


def test_only_sqlite_is_copied_here(tmp_path: Path) -> None:
    database = object.__new__(Database)
    database.engine = create_engine("sqlite://")
    database.engine.dialect.name = "postgresql"
    with pytest.raises(BackupUnsupported, match="pg_dump"):
        backup(database, tmp_path / "x")


def test_restoring_brings_back_what_was_and_keeps_what_is(database: Database, place: Path, tmp_path: Path) -> None:
    add(database, "A")
    made = backup(database, tmp_path / "monday.sqlite")
    add(database, "B")
    database.close()
    restored = restore(made.file, place)
    assert raters(place) == ["A"]
    assert restored.kept is not None and raters(restored.kept) == ["A", "B"]
    assert restored.revision == head()
    assert beside(place) == [restored.kept.name]
    assert raters(made.file) == ["A"], "the backup is still there"


def test_restoring_twice_keeps_both_replaced_databases(database: Database, place: Path, tmp_path: Path) -> None:
    made = backup(database, tmp_path / "monday.sqlite")
    database.close()
    assert restore(made.file, place).kept != restore(made.file, place).kept
    assert len(beside(place)) == 2


def test_restoring_into_a_new_home_works(database: Database, tmp_path: Path) -> None:
    add(database, "A")
    made = backup(database, tmp_path / "monday.sqlite")
    restored = restore(made.file, tmp_path / "elsewhere" / "portrayal.sqlite")
    assert restored.kept is None
    opened = Database(f"sqlite:///{restored.database}")
    assert upgrade(opened.engine) == head()
    add(opened, "B")
    opened.close()
    assert raters(restored.database) == ["A", "B"]


def test_a_database_in_use_is_not_replaced(database: Database, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.backup.BUSY_TIMEOUT_MS", 100)
    made = backup(database, tmp_path / "monday.sqlite")
    add(database, "A")  # leaves an open connection in the pool, as a serving program has
    with pytest.raises(DatabaseInUse, match="stop it, then restore"):
        restore(made.file, place)
    assert raters(place) == ["A"]
    assert not [name for name in beside(place) if "replaced" in name or "part" in name]


def test_a_damaged_database_can_be_replaced_and_is_kept(database: Database, place: Path, tmp_path: Path) -> None:
    add(database, "A")
    made = backup(database, tmp_path / "monday.sqlite")
    database.close()
    place.write_bytes(b"not a database any more")
    place.with_name(place.name + "-wal").write_bytes(b"a stray journal")
    restored = restore(made.file, place)
    assert raters(place) == ["A"]
    assert restored.kept is not None and restored.kept.read_bytes() == b"not a database any more"
    assert restored.kept.name + "-wal" in beside(place), "what may be mended later"
    assert all(name.startswith(restored.kept.name) for name in beside(place)), "nothing of the old one is read into the new one"


def other_program(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("create table invoices (id integer)")
        connection.commit()


def newer(file: Path) -> None:
    upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
        connection.commit()


def damaged(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    upgrade(database.engine)
    add(database, *map(str, range(2000)))
    database.close()
    with file.open("rb+") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(os.urandom(8192))


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda file: file.write_text("dear diary"), UnusableBackup, "is no usable SQLite database"),
        (lambda file: file.write_bytes(b""), UnusableBackup, "is an empty database"),
        (other_program, UnusableBackup, r"is no Portrayal database: .*invoices"),
        (newer, DatabaseTooNew, "'9999'"),
        (damaged, UnusableBackup, "damaged|malformed"),
        (lambda file: file.mkdir(), FileNotFoundError, "there is no file"),
        (lambda file: None, FileNotFoundError, "there is no file"),
    ],
    ids=["text", "empty", "other program", "newer", "damaged", "folder", "absent"],
)
def test_what_is_no_sound_backup_is_refused_and_changes_nothing(
    make, error: type[Exception], said: str, database: Database, place: Path, tmp_path: Path
) -> None:
    add(database, "A")
    database.close()
    make(tmp_path / "file")
    with pytest.raises(error, match=said):
        restore(tmp_path / "file", place)
    assert raters(place) == ["A"]
    assert beside(place) == []


def test_the_database_is_no_backup_of_itself(database: Database, place: Path) -> None:
    database.close()
    with pytest.raises(UnusableBackup, match="is the database itself"):
        restore(place, place)
