"""The browser's modules: their own tests under Node, and that a browser finds all that they import."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.http.assets import UI

HERE = Path(__file__).parent
TIMELINE = UI / "timeline"
MODULES = sorted(TIMELINE.rglob("*.js"))
IMPORT = re.compile(r'^(?:import|export) .*?from "(?P<path>[^"]+)";|^import "(?P<bare>[^"]+)";', re.MULTILINE)


def test_the_modules_keep_their_promises() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed; its own runner runs tests/*/*.test.mjs")
    promises = sorted(str(file) for file in HERE.parent.glob("*/*.test.mjs"))
    ran = subprocess.run([node, "--test", "--test-reporter=tap", *promises], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert re.search(r"^# pass [1-9]", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(TIMELINE).as_posix())
def test_what_a_module_imports_is_beside_it(module: Path) -> None:
    for found in IMPORT.finditer(module.read_text("utf-8")):
        path = found["path"] or found["bare"]
        assert path.startswith("."), f"{path} would come from elsewhere; browsers load our own files only"
        assert (module.parent / path).resolve() in MODULES, f"{path} is not there"


def test_nothing_is_read_as_markup() -> None:
    for module in MODULES:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", module.read_text("utf-8")), module.name
