"""How pages say that there is nothing, or that something is wrong."""

from __future__ import annotations

import re

import streamlit as st

from app.demo import import_demo
from app.ui.session import page_file, services

NEW_CLIPS = "new_clips"
"""Key in the session of clips that came in and have not been sent to analysis yet."""


def plain(text: str) -> str:
    """`text` for places that read Markdown, so that what people wrote is shown as they wrote it."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|:~$^&=])", r"\\\1", " ".join(text.split()))


def counted(number: int, thing: str) -> str:
    """`1 clip`, `2 clips`, `1,200 clips`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def empty_library(project: str) -> None:
    """Explains an empty project and offers a clip to try."""
    with st.container(border=True, key="empty_library"):
        st.subheader("No clips yet")
        st.markdown(
            "Drop files above, or import a folder of this machine. Where a file is named as in sentimotion, RAVDESS, CREMA-D, SAVEE, "
            "TESS or EmoDB, its name is read as the actor, the intended emotion and its intensity; any other name will do."
        )
        st.markdown(
            "To look around first, have a demo clip made: a photograph in the public domain, moved by the program, with a computed voice. "
            "It is synthetic, says so in every frame, and can be analysed, labelled and exported like any other."
        )
        if st.button("Make a demo clip", icon=":material/movie:", key="make_demo", type="primary"):
            with st.spinner("Making the clip …"):
                st.session_state[NEW_CLIPS] = [import_demo(services(), project)]
            st.rerun()


def nothing_here(text: str) -> None:
    """A page without its subject, and the way back. `text` is Markdown: use `plain` for what people wrote."""
    st.markdown(text)
    st.page_link(page_file("library"), label="To the library", icon=":material/arrow_back:")
