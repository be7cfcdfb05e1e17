"""What every page starts from: the opened services, who looks, and at which project."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

import streamlit as st

from app.projects import project_named, projects
from app.raters import local_rater
from app.review.blinding import BLIND
from app.scheme import Scheme
from app.scheme.store import load_scheme
from app.services import Services
from app.settings import Settings
from db.tables import Project, Rater
from models.weights.store import use

PAGES = Path(__file__).resolve().parents[2] / "pages"

PROJECT = "project"
"""Key of the project picker, in the session and in the address."""

FIRST_PROJECT = "My clips"
"""What the first clips go into where nobody has made a project."""


@cache
def _opened(settings: Settings) -> Services:
    use(settings.weights)
    return Services.open(settings)


def services() -> Services:
    """The services of the home folder that the environment names, opened once a process and shared with the routes."""
    return _opened(Settings())  # pyright: ignore[reportArgumentType] — frozen, so pydantic gives it a hash


def page_file(name: str) -> Path:
    return PAGES / f"{name}.py"


def review(clip_id: int) -> NoReturn:
    """On to the editor with that clip, without loading the page anew: uploads in the browser go on."""
    st.switch_page(page_file("review"), query_params={"clip": str(clip_id)})


def rater() -> Rater | None:
    """The one user of this machine; None until they have been named."""
    with services().database.reading() as session:
        return local_rater(session)


@dataclass(frozen=True)
class Desk:
    """Who works on what."""

    rater: Rater
    project: Project
    scheme: Scheme

    @property
    def blind(self) -> bool:
        """Names and intended emotions are kept from whoever judges in this project."""
        return bool(self.project.options.get(BLIND, False))


def desk(project: str) -> Desk:
    """The rater at a project, which is made where it is missing. Raises `app.projects.InvalidProjectName`."""
    with services().database.reading() as session:
        user = local_rater(session)
        there = next((one for one in projects(session) if one.name == project), None)
        if user is None:
            raise RuntimeError("a page was drawn before the rater had a name; app.main sees to that")
        if there is not None:
            return Desk(user, there, load_scheme(session, there.scheme_id))
    with services().database.writing() as session:
        made = project_named(session, project, create=True)
        return Desk(user, made, load_scheme(session, made.scheme_id))


def project_names() -> list[str]:
    with services().database.reading() as session:
        return [project.name for project in projects(session)]


def pick_project() -> str:
    """The picker that every page has in the same place; its choice stays while pages change, and in the address."""
    return st.selectbox(
        "Project",
        project_names() or [FIRST_PROJECT],
        key=PROJECT,
        label_visibility="collapsed",
        width=210,
        required=True,
        bind="query-params",
        help="Projects are made in the settings.",
    )
