"""The clips that the filters let through, a page at a time, with their jobs moving on by themselves."""

from __future__ import annotations

import math

import streamlit as st

from app.folder_import import import_of
from app.library import PAGE_SIZE, Filters, Page, page_of
from app.progress import work_of
from app.ui.library.clips import clip_wall
from app.ui.session import Desk, review, services
from app.ui.states import counted, empty_library
from app.ui.work import analyse, work_strip

POLL_S = 1.5
"""Between two looks while jobs are open; without any, nothing is asked."""

FILTERED = "filtered"
"""Key in the session of the filters that the pager's page belongs to."""

IMPORT_POLL_S = 4.0
"""While a folder comes in and nothing else goes on."""


def wall(at: Desk, filters: Filters, view: str) -> None:
    """Draws the progress of the work and the clips. Only this part runs again while work goes on; the rest of the page rests."""
    with services().database.reading() as session:
        active = work_of(session, at.project.id).active
    going = import_of(services().settings, at.project.name)
    pause = POLL_S if active else IMPORT_POLL_S if going is not None and not going.over else None
    st.fragment(_wall, run_every=pause)(at, filters, view, active)


def _wall(at: Desk, filters: Filters, view: str, was_active: bool) -> None:
    with st.container(key="work"):  # always there, so that what comes and goes in it does not mount the clips anew
        work = work_strip(at.project.id, blind=at.blind)
    shown, number = _page(at, filters)
    if shown.total == 0:
        empty_library(at.project.name)
        return
    _heading(shown, number)
    if not shown.cards:
        st.markdown("No clip passes these filters.")
    did = clip_wall(shown.cards, at.scheme, view=view, blind=at.blind, key="wall")
    if did.analyse:
        analyse(did.analyse)
        st.rerun()
    if did.open is not None:
        review(did.open)
    if work.active != was_active:
        st.rerun()  # starts to look again and again, or ceases to


def _page(at: Desk, filters: Filters) -> tuple[Page, int]:
    """The page that the pager says: the first again once the filters change, the last one where fewer clips are left."""
    if st.session_state.get(FILTERED) != (at.project.id, filters):
        st.session_state[FILTERED] = (at.project.id, filters)
        st.session_state["page"] = 1
    number = max(1, int(st.session_state.get("page", 1)))
    with services().database.reading() as session:
        shown = page_of(session, at.project, at.rater.id, filters, page=number)
        last = max(1, math.ceil(shown.matching / PAGE_SIZE))
        if number > last:
            number = last
            st.session_state["page"] = last
            shown = page_of(session, at.project, at.rater.id, filters, page=last)
    return shown, number


def _heading(shown: Page, number: int) -> None:
    pages = math.ceil(shown.matching / PAGE_SIZE)
    everything = counted(shown.total, "clip")
    said = everything if shown.matching == shown.total else f"{shown.matching:,} of {everything}"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(said)
        if pages > 1:
            st.pagination(pages, key="page", persist_state="session")
