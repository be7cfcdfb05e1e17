"""`export`: labels out of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import HomeOption, JsonOption, answer, mendable, progress_bar, services_of


def add_to(program: typer.Typer) -> None:
    program.command("export")(export)


def export(
    project: Annotated[str, typer.Option("--project", help="Whose labels.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write into; it is made where it is missing.")],
    format_name: Annotated[str, typer.Option("--format", help="csv, or another that `docs/export.md` lists.")] = "csv",
    frames: Annotated[bool, typer.Option("--frames", help="Also what the models found in every frame.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Leave text cells that a spreadsheet would take for formulas as they are.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Exports a project's judgements and clips, with a code book and a manifest."""
    from app.exchange import ExportOptions, count_judgements
    from app.exchange import export as write
    from app.projects import project_named

    with mendable(as_json), services_of(home) as services, services.database.reading() as session:
        found = project_named(session, project)
        total, options = count_judgements(session, found.id), ExportOptions(frames=frames, raw=raw)
        with progress_bar("Export") as show:
            written = write(session, found, out, format_name, options, lambda done: show(done, total, ""))
        document = {"files": [str(written.folder / name) for name in written.files], "judgements": written.judgements}

        def lines() -> Iterator[str]:
            yield f"{written.judgements} judgements"
            yield from document["files"]

        answer(document, as_json, lines)
