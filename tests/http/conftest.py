"""The program's own routes behind its own door, in front of a real Streamlit app, on a home folder of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from streamlit.runtime import Runtime

from app.http.access import Access
from app.http.middleware import middleware
from app.http.routes import routes
from app.services import Services

ADDRESS = "http://127.0.0.1:8501"
SAME_ORIGIN = {"X-Portrayal": "1", "Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def access(services: Services) -> Access:
    return Access.open(services.settings)


@pytest.fixture(scope="module")
def streamlit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[st.App]:
    """Streamlit itself. A process has one runtime at a time, so the tests of a file share it."""
    page = tmp_path_factory.mktemp("page") / "page.py"
    page.write_text("import streamlit as st\nst.write('hello')\n")
    yield st.App(page)
    Runtime._instance = None


@pytest.fixture
def stranger(services: Services, access: Access, streamlit: st.App) -> TestClient:
    """A client on this machine that has not opened the page."""
    app = Starlette(routes=[*routes(services), Mount("/", streamlit)], middleware=middleware(access))
    return TestClient(app, ADDRESS, client=("127.0.0.1", 50_000))


@pytest.fixture
def browser(stranger: TestClient) -> TestClient:
    """A client that has opened the page and holds its cookie, as the program's own scripts do."""
    assert stranger.get("/").status_code == 200
    stranger.headers.update(SAME_ORIGIN)
    return stranger
