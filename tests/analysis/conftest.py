"""Real clips in a real project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.media.importing import import_file
from app.media.limits import Limits
from app.media.outcomes import Imported
from app.services import Services


@pytest.fixture
def add(services: Services, clips: Path) -> Callable[..., int]:
    """Imports one of the real clips by name (or a file by path) and gives its clip's id."""

    def add(name: str | Path, link: bool = False) -> int:
        outcome = import_file(services.database, services.store, Limits.of(services.settings), "p", clips / name, link=link, prepared=False)
        assert isinstance(outcome, Imported), outcome
        return outcome.clip_id

    return add
