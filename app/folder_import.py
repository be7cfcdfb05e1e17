"""The import of a folder of this machine, in a process of its own: thousands of files are read and measured while pages stay quick.

What it has done stays done if it is stopped, or the program ends; the same import again takes up the rest.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
"""Where `python -m app.folder_import` is found."""

Said = dict[str, Any]
"""One line of the process: `done`, `of`, `file` before each file, `outcome` at the end, or `error`."""

log = logging.getLogger("portrayal.folder_import")


class NoSuchFolder(ValueError):
    """What was given is no folder or file of this machine."""


@dataclass
class FolderImport:
    """An import as it goes on. Read its fields from any thread; only its own writes them."""

    project: str
    path: Path
    done: int = 0
    of: int = 0
    file: str = ""
    """The one at hand."""
    outcome: dict[str, Any] | None = None
    """As `import --json` prints it; None until it is over."""
    error: str | None = None
    stopped: bool = False
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

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
        command = [sys.executable, "-m", "app.folder_import", project, str(given), *flags]
        environment = os.environ | {"PORTRAYAL_HOME": str(settings.home.absolute()), "PORTRAYAL_DATABASE_URL": settings.url}
        going._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        threading.Thread(target=going._follow, name="folder import", daemon=True).start()
        return going

    @property
    def over(self) -> bool:
        return self.outcome is not None or self.error is not None or self.stopped

    def stop(self) -> None:
        """What has been imported stays."""
        self.stopped = True
        if self._process is not None:
            self._process.terminate()

    def _follow(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        try:
            with self._process.stdout as lines:
                for line in lines:
                    self._hear(line)
        finally:
            status = self._process.wait()
            if not self.over:
                self.error = (
                    f"the import ended before it was done (status {status}); the program's log says why. Start it again to take it up."
                )

    def _hear(self, line: str) -> None:
        match _read(line):
            case {"outcome": dict(outcome)}:
                self.outcome = outcome
            case {"error": str(error)}:
                self.error = error
            case {"done": int(done), "of": int(of), "file": str(file)}:
                self.done, self.of, self.file = done, of, file
            case _:
                log.warning("the import said: %s", line.rstrip())


def _read(line: str) -> Any:
    """None for what is no line of ours: a library's words on the same stream."""
    try:
        return json.loads(line)
    except ValueError:
        return None


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
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        run(Settings(), project, Path(path), _print, link="--link" in flags, analyse="--analyse" in flags)
    except OSError as error:
        _print({"error": f"the import stopped: {error}"})
        sys.exit(1)


def _print(said: Said) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
