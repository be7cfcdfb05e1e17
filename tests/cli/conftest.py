from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)


def run(home: Path, *arguments: str | Path, stdin: str = "") -> Ran:
    """`python -m app …` as a user's shell runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PORTRAYAL_HOME": str(home)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def portrayal(tmp_path: Path) -> Callable[..., Ran]:
    """The command line on a home folder of its own."""
    return lambda *arguments, stdin="": run(tmp_path / "home", *arguments, stdin=stdin)
