from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.exchange import Exported, ExportOptions, export
from db import tables
from tests.lab import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab.at(tmp_path)
    yield lab
    lab.database.close()


@pytest.fixture
def exported(lab: Lab, tmp_path: Path) -> Callable[..., Exported]:
    """Exports the lab's project into the folder `out`."""

    def run(format_name: str = "csv", **options: bool) -> Exported:
        with lab.database.reading() as session:
            project = session.get_one(tables.Project, lab.project)
            return export(session, project, tmp_path / "out", format_name, ExportOptions(**options))

    return run
