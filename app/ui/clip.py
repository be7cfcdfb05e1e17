"""Which clip a page's address means."""

from __future__ import annotations

import streamlit as st

from app.ui.session import services
from app.ui.states import nothing_here
from db.tables import Clip

LAST = "last_clip"
"""Key in the session of the clip that was reviewed last: the page's link in the navigation carries no number."""


def clip_asked_for() -> int | None:
    """The clip of `?clip=ID`, or the one looked at last. Says what is wrong and returns None where there is none."""
    asked = st.query_params.get("clip") or st.session_state.get(LAST)
    if asked is None:
        nothing_here("Open a clip in the library to review it.")
        return None
    if not str(asked).isdecimal() or int(asked) >= 2**63 or not _exists(int(asked)):
        nothing_here("There is no such clip. It may belong to another home folder, or its number was mistyped.")
        return None
    st.session_state[LAST] = str(asked)
    if "clip" not in st.query_params:
        st.query_params["clip"] = str(asked)
    return int(asked)


def _exists(clip_id: int) -> bool:
    with services().database.reading() as session:
        return session.get(Clip, clip_id) is not None
