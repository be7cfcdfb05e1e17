from __future__ import annotations

import sqlite3
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from db import migrate
from db.engine import Database
from db.tables import (
    Analysis,
    Clip,
    Emotion,
    IntendedEmotion,
    Judgement,
    JudgementEmotion,
    Medium,
    Operation,
    Project,
    Rater,
    Scheme,
    Table,
    Utterance,
    now,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'portrayal.sqlite'}"


def tables(url: str) -> set[str]:
    database = Database(url)
    names = set(inspect(database.engine).get_table_names())
    database.close()
    return names


def test_an_empty_place_becomes_a_database_with_every_table(url: str) -> None:
    assert migrate.current(url) is None
    assert migrate.upgrade(url) == migrate.head() == migrate.current(url)
    assert tables(url) == set(Table.metadata.tables) | {"alembic_version"}


def test_upgrading_again_changes_nothing(url: str) -> None:
    migrate.upgrade(url)
    database = Database(url)
    with database.writing() as session:
        session.add(Rater(name="A"))
    assert migrate.upgrade(database.engine) == migrate.head()
    with database.reading() as session:
        assert session.query(Rater).one().name == "A"
    database.close()


def test_migrations_make_exactly_the_tables_of_the_models(url: str) -> None:
    """Where they differ, a further version is due: `python -m db.migrations.draft`."""
    migrate.upgrade(url)
    database = Database(url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []
    database.close()


def test_an_utterance_from_before_words_had_times_has_none(url: str) -> None:
    migrate.upgrade(url)
    database = Database(url)
    fill(database)
    with database.writing() as session:
        analysis = Analysis(
            clip_id=session.query(Clip).one().id, models={}, parameters={}, program_version="1", frames=0, seconds=1.0, notes=[]
        )
        analysis.utterances = [Utterance(start_us=0, end_us=1, text="yes", tokens=[{"text": "yes", "start_us": 0, "end_us": 1}])]
        session.add(analysis)
    migrate.downgrade(database.engine, "0001")
    migrate.upgrade(database.engine)
    with database.reading() as session:
        utterance = session.query(Utterance).one()
        assert (utterance.text, utterance.tokens) == ("yes", [])
    database.close()


def test_down_to_nothing_and_up_again_on_a_database_with_rows(url: str) -> None:
    migrate.upgrade(url)
    database = Database(url)
    fill(database)
    assert migrate.downgrade(database.engine, "base") is None
    assert tables(url) == {"alembic_version"}
    assert migrate.upgrade(database.engine) == migrate.head()
    fill(database)
    database.close()


def test_a_table_can_be_copied_without_losing_the_rows_that_point_to_it(url: str) -> None:
    """What a later migration does to alter a table on SQLite: copy, drop, rename."""
    migrate.upgrade(url)
    database = Database(url)
    fill(database)

    def alter(config: object) -> None:
        operations = Operations(MigrationContext.configure(config.attributes["connection"]))  # type: ignore[attr-defined]
        with operations.batch_alter_table("judgement", recreate="always") as batch:
            batch.alter_column("note", new_column_name="remark")

    migrate._migrate(database.engine, alter)
    with database.engine.connect() as connection:
        assert connection.scalar(text("select remark from judgement")) == "a note"
        assert connection.scalar(text("select count(*) from judgement_emotion")) == 2
        assert connection.scalar(text("pragma foreign_keys")) == 1, "they are on again"
    database.close()


def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(url: str) -> None:
    migrate.upgrade(url)
    before = tables(url)

    def die(config: object) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.execute(text("create table half (id integer)"))
        connection.execute(text("drop table utterance"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        migrate._migrate(url, die)
    assert tables(url) == before


def test_a_database_of_a_newer_program_is_refused_and_left_alone(url: str) -> None:
    migrate.upgrade(url)
    set_revision(url, "9999")
    for step in (lambda: migrate.upgrade(url), lambda: migrate.downgrade(url, "base")):
        with pytest.raises(migrate.DatabaseTooNew, match=r"'9999'.*knows revisions up to '.*'.*use that version"):
            step()
    assert migrate.current(url) == "9999"
    assert "judgement" in tables(url)


def test_a_database_of_another_program_is_refused(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("create table invoices (id integer)")
    with pytest.raises(migrate.ForeignDatabase, match="invoices"):
        migrate.upgrade(url)
    assert tables(url) == {"invoices"}


def test_processes_that_start_at_once_make_one_database(url: str) -> None:
    program = "import sys; from db.migrate import upgrade; sys.stdin.readline(); print(upgrade(sys.argv[1]))"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [(*process.communicate(timeout=60), process.returncode) for process in started]
    assert [(out.strip(), code) for out, _, code in ended] == [(migrate.head(), 0)] * 3, [error for _, error, _ in ended]


def test_every_migration_is_also_valid_for_postgresql() -> None:
    said = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(context):
        for script in scripts().walk_revisions():
            script.module.upgrade()
            script.module.downgrade()
    created = {line.split()[2] for line in said.getvalue().splitlines() if line.startswith("CREATE TABLE")}
    assert created == set(Table.metadata.tables)


def test_revisions_are_numbered_in_one_line_and_file_names_tell_them() -> None:
    known = list(scripts().walk_revisions())[::-1]
    assert [script.revision for script in known] == migrate.revisions()
    assert [script.down_revision for script in known] == [None, *migrate.revisions()[:-1]]


def test_a_database_that_is_up_to_date_is_opened_without_alembic_and_without_a_lock(url: str) -> None:
    migrate.upgrade(url)
    program = "import sys; from db.migrate import upgrade; print(upgrade(sys.argv[1]), 'alembic' in sys.modules)"
    writer = Database(url)
    with writer.writing():
        said = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, timeout=60)
    writer.close()
    assert said.stdout.split() == [migrate.head(), "False"], said.stderr


def scripts() -> ScriptDirectory:
    return ScriptDirectory(migrate.MIGRATIONS)


def set_revision(url: str, revision: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("update alembic_version set version_num = ?", [revision])
    connection.close()


def fill(database: Database) -> None:
    """One row in the tables that people's work is in."""
    with database.writing() as session:
        scheme = Scheme(name="two", version="1", sha256="0" * 64)
        scheme.emotions = [Emotion(key=key, position=n, name=key, family="f", definition="") for n, key in enumerate(("anger", "fear"))]
        medium = Medium(sha256="a" * 64, size=1, container="mp4", duration_us=1, frames=0, playable=True)
        clip = Clip(project=Project(name="P", scheme=scheme), medium=medium, file_name="a.mp4")
        clip.intended = [IntendedEmotion(position=0, emotion="anger", weight=1.0)]
        rater = Rater(name="R")
        session.add_all([clip, rater])
        session.flush()
        judgement = Judgement(
            id="j", clip=clip, rater=rater, revision=1, tier="clip", outcome="label", source="human", note="a note",
            scheme_id=scheme.id, created_at=now(), changed_at=now(),
        )  # fmt: skip
        judgement.emotions = [JudgementEmotion(position=n, emotion=key, weight=0.5) for n, key in enumerate(("anger", "fear"))]
        operation = Operation(
            op_id="o",
            judgement_id="j",
            clip_id=clip.id,
            rater=rater,
            kind="put",
            base_revision=0,
            revision=1,
            judgement={},
            scheme_id=scheme.id,
        )
        session.add_all([judgement, operation])
