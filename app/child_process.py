"""Work of minutes in a process of its own, so that pages stay quick: it says line by line how far it is, and can be stopped.

It goes on while pages come and go. What it does by then stays done if it is stopped, or the program ends.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
"""Where `python -m app.…` is found."""

Said = dict[str, Any]
"""One line of the process: `done` and `of` as it goes on, `outcome` at the end, or `error`."""

log = logging.getLogger("portrayal.child_process")


@dataclass(kw_only=True)
class ChildProcess:
    """Work as it goes on. Read its fields from any thread; only its own writes them."""

    what: ClassVar[str] = "the work"
    """As an error calls it."""

    done: int = 0
    of: int = 0
    outcome: dict[str, Any] | None = None
    """None until it is over."""
    error: str | None = None
    stopped: bool = False
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def over(self) -> bool:
        return self.outcome is not None or self.error is not None or self.stopped

    def stop(self) -> None:
        """What has been finished stays."""
        self.stopped = True
        if self._process is not None:
            self._process.terminate()

    def begin(self, settings: Settings, module: str, arguments: Sequence[str]) -> None:
        """Runs `python -m module` with those arguments on the home folder of `settings`, and listens to it from a thread."""
        places = {
            "PORTRAYAL_HOME": str(settings.home.absolute()),
            "PORTRAYAL_DATABASE_URL": settings.url,
            "PORTRAYAL_WEIGHTS": str(settings.weights.absolute()),
        }
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | places, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        threading.Thread(target=self._follow, name=self.what, daemon=True).start()

    def hear(self, said: Mapping[str, Any]) -> bool:
        """Takes in what the process says; whether it was a line of ours."""
        match said:
            case {"outcome": dict(outcome)}:
                self.outcome = outcome
            case {"error": str(error)}:
                self.error = error
            case {"done": int(done), "of": int(of)}:
                self.done, self.of = done, of
            case _:
                return False
        return True

    def _follow(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        try:
            with self._process.stdout as lines:
                for line in lines:
                    said = _read(line)
                    if not (isinstance(said, dict) and self.hear(said)):
                        log.warning("%s said: %s", self.what, line.rstrip())
        finally:
            status = self._process.wait()
            if not self.over:
                self.error = f"{self.what} ended before it was done (status {status}); the program's log says why. Start it again."


def quietly() -> None:
    """Lets whoever edits go first; called by the process itself."""
    if hasattr(os, "nice"):
        os.nice(10)


def tell(said: Said) -> None:
    """A line to whoever listens; called by the process itself."""
    print(json.dumps(said), flush=True)


def _read(line: str) -> Any:
    """None for what is no line of ours: a library's words on the same stream."""
    try:
        return json.loads(line)
    except ValueError:
        return None
