"""What all commands share: where the home folder is, one JSON document on stdout, progress on stderr, and errors a user can mend."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from app.services import Services
from app.settings import Settings

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar="PORTRAYAL_HOME", help="Folder with database, media and weights.", show_default="./var"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document on stdout; the rest goes to stderr.")]


def settings_of(home: Path | None) -> Settings:
    """Of that home folder. From here on this process takes its weights from there, too."""
    from models.weights.store import use

    settings = Settings() if home is None else Settings(home=home)
    use(settings.weights)
    return settings


@contextmanager
def services_of(home: Path | None) -> Iterator[Services]:
    """The services of a home folder, closed at the end."""
    services = Services.open(settings_of(home))
    try:
        yield services
    finally:
        services.close()


def say(text: str) -> None:
    """A line for people, on stderr."""
    typer.echo(text, err=True)


def answer(document: Any, as_json: bool, lines: Callable[[], Iterator[str]]) -> None:
    """The command's result on stdout: `document` as JSON, or `lines()` for people."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for line in lines():
        typer.echo(line)


def fail(document: Any, as_json: bool, message: str | None = None) -> NoReturn:
    """Ends the command with status 1; `document` is still the one JSON document."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    if message:
        say(message)
    raise typer.Exit(1)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on stderr where that is a terminal; nothing otherwise. What it yields takes (done so far, of how many, what is being done)."""
    from tqdm import tqdm

    with tqdm(desc=label, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as bar:

        def show(done: int, total: int, what: str = "") -> None:
            bar.total, bar.n = total, done
            bar.set_postfix_str(what[-40:], refresh=False)
            bar.refresh()

        yield show


OURS = {"app", "db", "models"}


@contextmanager
def mendable(as_json: bool) -> Iterator[None]:
    """Ends the command with a message and status 1 for errors that this program defines, and the operating system's."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        say("interrupted; what was finished is kept")
        raise typer.Exit(130) from interrupt
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__.split(".")[0] not in OURS:
            raise
        fail({"error": str(error)}, as_json, f"error: {error}")
