"""The first visit: the one user of this machine takes a name."""

from __future__ import annotations

import streamlit as st

from app.raters import MAX_NAME, InvalidName, name_local_rater
from app.ui.session import services


def sign_in() -> None:
    """Asks for a name, keeps it, and shows the page that was asked for."""
    _, middle, _ = st.columns([1, 1.1, 1])
    with middle:
        st.space("large")
        st.title("Welcome to Portrayal")
        st.markdown(
            "See what face and voice models say about a clip on one clock, label it in a scheme of 44 emotions, and export what you said."
        )
        with st.form("sign_in", border=False):
            name = st.text_input("Your name as a rater", max_chars=MAX_NAME, placeholder="a pseudonym is fine, such as R1")
            st.caption("It is kept with each of your judgements and goes into every export. Everything stays on this machine.")
            given = st.form_submit_button("Begin", type="primary")
        if given:
            _name(name)


def _name(name: str) -> None:
    try:
        with services().database.writing() as session:
            name_local_rater(session, name)
    except InvalidName as error:
        st.error(str(error), icon=":material/edit:")
    else:
        st.rerun()
