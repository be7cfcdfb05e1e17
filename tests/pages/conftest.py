"""Streamlit's pages, run as they are on a home folder of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.projects import project_named
from app.raters import name_local_rater
from app.services import Services
from app.ui.session import services as services_of_pages
from db import tables

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"
PATIENCE_S = 60


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services that the pages use, on an empty home folder."""
    monkeypatch.setenv("PORTRAYAL_HOME", str(tmp_path / "home"))
    services = services_of_pages()
    yield services
    services.close()


@pytest.fixture
def program(opened: Services) -> AppTest:
    """A browser tab at the first page, before anybody has a name."""
    return AppTest.from_file(str(MAIN), default_timeout=PATIENCE_S)


@pytest.fixture
def signed_in(opened: Services, program: AppTest) -> AppTest:
    """The same for a rater called R1."""
    with opened.database.writing() as session:
        name_local_rater(session, "R1")
    return program


@pytest.fixture
def add_clips(opened: Services) -> Callable[..., list[int]]:
    """Puts clips without files behind them into a project: the pages ask the database alone."""

    def add(*names: str, project: str = "study", **columns: Any) -> list[int]:
        with opened.database.writing() as session:
            owner = project_named(session, project, create=True)
            there = session.query(tables.Medium).count()
            clips = [
                tables.Clip(
                    project_id=owner.id,
                    file_name=name,
                    medium=tables.Medium(
                        sha256=f"{there + position:064d}",
                        size=1,
                        container="mp4",
                        duration_us=2_000_000,
                        frames=50,
                        fps=25.0,
                        playable=True,
                    ),
                    **columns,
                )
                for position, name in enumerate(names)
            ]
            session.add_all(clips)
            session.flush()
            return [clip.id for clip in clips]

    return add


def page(at: AppTest, name: str) -> AppTest:
    """Another page of the program, drawn."""
    at.run()
    at.switch_page(f"../pages/{name}.py")
    return at.run()


def component(at: AppTest, key: str) -> dict[str, Any]:
    """What a component of our own was given to draw."""
    mounted = next(one for one in at.get("bidi_component") if one.key == key)
    return json.loads(mounted.proto.json or mounted.proto.mixed.json)


def cards(at: AppTest) -> list[dict[str, Any]]:
    return component(at, "wall")["cards"]


def shown_names(at: AppTest) -> list[str]:
    return [card["name"] for card in cards(at)]
