"""The import of a folder of this machine, in a process of its own: thousands of files are read and measured while pages stay quick.

What it has done stays done if it is stopped, or the program ends; the same import again takes up the rest.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from app.child_process import ChildProcess, Said, quietly, tell
from app.settings import Settings


class NoSuchFolder(ValueError):
    """What was given is no folder or file of this machine."""


@dataclass
class FolderImport(ChildProcess):
    """An import as it goes on. Its `outcome` is as `import --json` prints it."""

    what: ClassVar[str] = "the import"

    project: str
    path: Path
    file: str = ""
    """The one at hand."""

    @classmethod
    def start(cls, settings: Settings, project: str, path: str, *, link: bool, analyse: bool) -> Self:
        """Begins at once and returns. Raises `NoSuchFolder`."""
        given = Path(path.strip()).expanduser()
        if not path.strip() or not given.exists():
            raise NoSuchFolder(f"there is no {path.strip() or 'path'!r} on the machine that runs Portrayal; give the full path of a folder")
        if not given.is_absolute():
            raise NoSuchFolder(f"{path.strip()!r} does not say from where; give the full path, such as {given.resolve()}")
        going = cls(project, given)
        flags = [flag for flag, on in (("--link", link), ("--analyse", analyse)) if on]
        going.begin(settings, "app.folder_import", [project, str(given), *flags])
        return going

    def hear(self, said: Mapping[str, Any]) -> bool:
        self.file = str(said.get("file", self.file))
        return super().hear(said)


_going: dict[tuple[Path, str], FolderImport] = {}
_starting = threading.Lock()


def import_of(settings: Settings, project: str) -> FolderImport | None:
    """The latest import into a project since the program was started."""
    return _going.get((settings.home, project))


def begin(settings: Settings, project: str, path: str, *, link: bool, analyse: bool) -> FolderImport:
    """Starts an import into a project, or gives the one that is going on. Raises `NoSuchFolder`."""
    with _starting:
        there = import_of(settings, project)
        if there is not None and not there.over:
            return there
        started = FolderImport.start(settings, project, path, link=link, analyse=analyse)
        _going[settings.home, project] = started
        return started


def forget(settings: Settings, project: str) -> None:
    """Once its outcome has been read."""
    _going.pop((settings.home, project), None)


def run(settings: Settings, project: str, path: Path, say: Callable[[Said], None], *, link: bool, analyse: bool) -> None:
    """The import itself. Says where it is before each file, and the outcome at the end."""
    from app.analysis.jobs import enqueue
    from app.media.importing import Imported, as_json, import_paths
    from app.media.limits import Limits
    from app.services import Services

    def report(done: int, of: int, file: str) -> None:
        say({"done": done, "of": of, "file": file})

    services = Services.open(settings)
    outcomes = []
    for outcome in import_paths(services.database, services.store, Limits.of(settings), project, [path], link=link, progress=report):
        outcomes.append(outcome)
        if analyse and isinstance(outcome, Imported):
            with services.database.writing() as session:
                enqueue(session, [outcome.clip_id])
    services.close()
    say({"outcome": as_json(outcomes)})


def main(arguments: list[str]) -> None:
    project, path, *flags = arguments
    quietly()
    try:
        run(Settings(), project, Path(path), tell, link="--link" in flags, analyse="--analyse" in flags)
    except OSError as error:
        tell({"error": f"the import stopped: {error}"})
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
