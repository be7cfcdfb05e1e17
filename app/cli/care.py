"""`init`, `backup`, `restore`, `doctor`: the installation and its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import HomeOption, JsonOption, answer, mendable, services_of, settings_of


def add_to(program: typer.Typer) -> None:
    for command in (init, backup, restore, doctor):
        program.command()(command)


def init(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Creates the database, or brings it to the newest revision."""
    from db.migrate import current

    with mendable(as_json), services_of(home) as services:
        document = {"database": services.settings.url, "revision": current(services.database.engine)}
        answer(document, as_json, lambda: iter([f"{document['database']} is at revision {document['revision']}"]))


def backup(file: Annotated[Path, typer.Argument(help="The copy to make.")], home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Makes a consistent copy of the database, while it serves. Clips lie beside it in the home folder: copy `media/` too."""
    from db.backup import backup as copy

    with mendable(as_json), services_of(home) as services:
        made = copy(services.database, file)
        document = {"file": str(made.file), "bytes": made.bytes, "revision": made.revision}
        answer(document, as_json, lambda: iter([f"{made.file}: {made.bytes:,} bytes, revision {made.revision}"]))


def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `backup` made.")], home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Puts a backup in the database's place. Stop the program first; what was there stays beside it under another name."""
    from sqlalchemy import make_url

    from db.backup import BackupUnsupported
    from db.backup import restore as put_back

    with mendable(as_json):
        url = make_url(settings_of(home).url)
        if url.get_backend_name() != "sqlite" or not url.database:
            raise BackupUnsupported(f"this restores SQLite files; for {url.get_backend_name()} use its own tools")
        restored = put_back(file, Path(url.database))
        kept = str(restored.kept) if restored.kept else None
        document = {"database": str(restored.database), "revision": restored.revision, "kept": kept}

        def lines() -> Iterator[str]:
            yield f"{restored.database} is now the copy of {file}, revision {restored.revision}"
            if kept:
                yield f"what was there before is {kept}"

        answer(document, as_json, lines)


def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Checks the installation and says what to do."""
    from app.doctor import examine

    with mendable(as_json):
        checks = [{"check": check.name, "ok": check.ok, "advice": check.advice} for check in examine(settings_of(home))]
        answer(
            checks,
            as_json,
            lambda: (f"{'ok ' if c['ok'] else 'NO '} {c['check']}" + (f": {c['advice']}" if c["advice"] else "") for c in checks),
        )
        if not all(check["ok"] for check in checks):
            raise typer.Exit(1)
