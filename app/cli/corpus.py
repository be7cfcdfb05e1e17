"""`import`, `parse-name`, `clips`: what is in the corpus."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import HomeOption, JsonOption, answer, mendable, progress_bar, say, services_of

CorpusOption = Annotated[
    str, typer.Option("--corpus", help="Which grammar reads the file names: auto, the name of one, or a TOML file with your own.")
]


def add_to(program: typer.Typer) -> None:
    program.command("import")(import_)
    program.command("parse-name")(parse_name)
    program.command()(clips)


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, and folders with everything in them.")],
    project: Annotated[str, typer.Option("--project", help="The project to import into; it is made where it is missing.")],
    corpus: CorpusOption = "auto",
    link: Annotated[bool, typer.Option("--link", help="Leave the media where they are instead of copying them.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Imports clips into a project. What is there already is recognised by its bytes; repeating an import is safe."""
    from app.corpora import check_corpus
    from app.media.importing import as_json as document_of
    from app.media.importing import import_paths
    from app.media.limits import Limits

    with mendable(as_json), services_of(home) as services:
        check_corpus(corpus)
        with progress_bar("Importing") as bar:
            outcomes = list(
                import_paths(
                    services.database,
                    services.store,
                    Limits.of(services.settings),
                    project,
                    paths,
                    corpus=corpus,
                    link=link,
                    progress=bar,
                )
            )
        document = document_of(outcomes)
        answer(document, as_json, lambda: _import_lines(document))
        if document["rejected"]:
            raise typer.Exit(1)


def _import_lines(document: dict[str, Any]) -> Iterator[str]:
    yield f"{document['imported']} imported, {len(document['duplicates'])} were there already, {len(document['rejected'])} rejected"
    for duplicate in document["duplicates"]:
        yield f"  there already: {duplicate['file']} has the same bytes as {duplicate['same_as']}"
    for rejected in document["rejected"]:
        yield f"  rejected: {rejected['file']}: {rejected['reason']}"
    for clip in document["clips"]:
        if clip.get("name_error"):
            yield f"  name not understood, imported without intended label: {clip['file']}: {clip['name_error']}"


def parse_name(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME…", help="File names; without any, one a line from stdin.")] = None,
    corpus: CorpusOption = "auto",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Says what file names state: actor, intended emotion, intensity, mode."""
    from app.corpora import read_name

    with mendable(as_json):
        readings = [read_name(name, corpus).as_json() for name in names or _lines(sys.stdin)]
        answer(readings, as_json, lambda: map(_reading_line, readings))
        if any(reading["error"] for reading in readings):
            raise typer.Exit(1)


def _lines(stream: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in stream if line.strip())


def _reading_line(reading: dict[str, Any]) -> str:
    said = {"corpus": reading["corpus"], "actor": reading["actor"], "intended": _intended(reading), "intensity": reading["intensity"]}
    facts = ", ".join(f"{key} {value}" for key, value in said.items() if value not in (None, ""))
    return f"{reading['name']}: " + "; ".join(part for part in (facts, reading["error"] and f"NOT READ: {reading['error']}") if part)


def _intended(clip: dict[str, Any]) -> str:
    """A blend with its shares, or the set of which the name does not say the one."""
    if any(intended["weight"] is None for intended in clip["intended"]):
        return " or ".join(intended["emotion"] for intended in clip["intended"])
    return " + ".join(i["emotion"] + ("" if i["weight"] == 1 else f" {i['weight']:.0%}") for i in clip["intended"])


def clips(
    project: Annotated[str | None, typer.Option("--project", help="Only this project's clips.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists clips with what was measured in them."""
    from app.listing import clips_of

    with mendable(as_json), services_of(home) as services, services.database.reading() as session:
        rows = list(clips_of(session, project))
        answer(rows, as_json, lambda: map(_clip_line, rows))
        if not rows:
            say("no clips yet; `import` brings some")


def _clip_line(clip: dict[str, Any]) -> str:
    picture = f"{clip['width']}×{clip['height']}, {clip['frames']} frames" if clip["has_video"] else "no picture"
    sound = "sound" if clip["has_audio"] else "no sound"
    fields = (
        clip["id"],
        clip["file"],
        f"{clip['duration_s']:.3f} s",
        f"{picture}, {sound}",
        clip["corpus"] or "–",
        clip["actor"] or "–",
        _intended(clip) or "–",
    )
    return "\t".join(map(str, fields))
