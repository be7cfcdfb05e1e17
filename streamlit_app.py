"""The program: `streamlit run streamlit_app.py`. Pages by Streamlit; media, edits and uploads over routes of its own beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread

import streamlit as st
from starlette.concurrency import run_in_threadpool

from app.analysis.runner import Runner
from app.http.access import Access
from app.http.middleware import middleware
from app.http.routes import routes
from app.ui.session import services

opened = services()
"""Opened before the first request is taken: the home folder made, the database migrated, the scheme in it."""


def _get_ready() -> None:
    """Imports what the first page needs while the browser still fetches Streamlit's own scripts; then tidies the store up."""
    for name in ("app.ui.signin", "app.ui.adding", "app.ui.filters", "app.ui.wall"):
        import_module(name)
    opened.store.sweep()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Analysis goes on for as long as the program serves. What is left at the end waits in the database for the next start."""
    runner = await run_in_threadpool(Runner(opened.settings).start)
    Thread(target=_get_ready, name="get ready", daemon=True).start()
    try:
        yield
    finally:
        await run_in_threadpool(runner.stop)


app = st.App("app/main.py", routes=routes(opened), middleware=middleware(Access.open(opened.settings)), lifespan=lifespan)
