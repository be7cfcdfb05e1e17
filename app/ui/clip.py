"""Which clip a page's address means."""

from __future__ import annotations

import streamlit as st
from sqlalchemy import select

from app.ui.session import PROJECT, services
from app.ui.states import nothing_here
from db.tables import Clip, Project

LAST = "last_clip"
"""Key in the session of the clip that was reviewed last: the page's link in the navigation carries no number."""


def clip_asked_for() -> int | None:
    """The clip of `?clip=ID`, or the one looked at last. Says what is wrong and returns None where there is none."""
    asked = st.query_params.get("clip") or st.session_state.get(LAST)
    if asked is None:
        nothing_here("Open a clip in the library to review it.")
        return None
    project = _project_of(str(asked))
    if project is None:
        nothing_here("There is no such clip. It may belong to another home folder, or its number was mistyped.")
        return None
    st.session_state[LAST] = str(asked)
    st.session_state[PROJECT] = project  # the pages around the editor follow the clip
    if "clip" not in st.query_params:
        st.query_params["clip"] = str(asked)
    return int(asked)


def _project_of(asked: str) -> str | None:
    """The name of the project that the clip of this number belongs to; None where there is no such clip."""
    if not asked.isdecimal() or int(asked) >= 2**63:
        return None
    with services().database.reading() as session:
        return session.scalar(select(Project.name).join(Clip, Clip.project_id == Project.id).where(Clip.id == int(asked)))
