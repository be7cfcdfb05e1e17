"""docs/python.md does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from models.recognition import FaceImpression

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_example_runs_as_it_stands(data: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)
    (tmp_path / "five_faces.jpg").symlink_to((data / "images" / "five_faces.jpg").resolve())
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^\w+ +[01]\.\d\d at \d+, \d+, uncertainty [01]\.\d\d$", done.stdout, re.M)) == 5
    assert (tmp_path / "shown.png").stat().st_size > 10_000


def test_every_key_of_a_face_is_explained_and_no_other() -> None:
    table = DOCUMENT.split("| in the dict |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines()[2:])))
    assert named == FaceImpression.__required_keys__


def test_every_error_that_is_named_is_there() -> None:
    named = re.findall(r"^\| `(models\.\w+)\.(\w+)`", DOCUMENT, re.M)
    assert len(named) == 4
    assert all(issubclass(getattr(sys.modules[module], error), Exception) for module, error in named)
