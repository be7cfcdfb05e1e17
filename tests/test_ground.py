"""What holds the house: one environment from one lock, and a start that waits for nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "torch",
    "torchvision",
    "cv2",
    "av",
    "onnxruntime",
    "sklearn",
    "transformers",
    "facetorch",
    "funasr",
    "skimage",
    "scipy",
    "ai_edge_litert",
}


def test_requirements_are_what_the_lock_says() -> None:
    uv = ROOT / ".uv" / "bin" / "uv"
    if not uv.exists():
        pytest.skip("uv is not here; `make setup` brings it")
    command = [str(uv), "export", "--frozen", "--no-dev", "--no-hashes", "--no-header", "--no-annotate", "--quiet"]
    exported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (ROOT / "requirements.txt").read_text() == exported, "run `make lock`"


def test_the_packages_of_the_design_are_in_the_requirements() -> None:
    names = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()}
    assert {"streamlit", "plotly", "facetorch", "funasr", "opencv-python", "sqlalchemy"} <= names


@pytest.mark.parametrize("module", ["streamlit_app", "app.cli"])
def test_the_program_starts_without_heavy_packages(module: str, tmp_path: Path) -> None:
    code = f"import sys, {module}; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    environment = os.environ | {"PORTRAYAL_HOME": str(tmp_path / "home")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_an_analysis_worker_of_the_queue_loads_nothing_heavy_into_the_program(tmp_path: Path) -> None:
    code = (
        "import sys, app.analysis.runner, app.analysis.jobs, app.analysis.latest; print(' '.join({n.split('.')[0] for n in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
