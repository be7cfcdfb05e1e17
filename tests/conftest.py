"""What several tests need: the real data beside the project, and a home folder of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import Services
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def _test_data() -> Path:
    return Path(os.environ.get("PORTRAYAL_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real clips, labels and votes. A local run without it skips; with CI=true it fails."""
    folder = _test_data()
    if not folder.is_dir():
        reason = f"no test data at {folder}; put it there or say where with PORTRAYAL_TEST_DATA"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def clips(data: Path) -> Path:
    return data / "clips"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A new home folder with an empty database of the newest revision."""
    opened = Services.open(Settings(home=tmp_path / "home"))
    yield opened
    opened.close()
