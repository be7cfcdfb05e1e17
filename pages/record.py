"""Clips of one's own: from this machine's camera and microphone into a project."""

import streamlit as st

from app.ui.adding import analyse_as_they_come, came_in
from app.ui.record.recorder import recorder
from app.ui.session import desk, pick_project, review

with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
    at = desk(pick_project())
    analyse = analyse_as_they_come()

with st.container(key="recording"):
    recorded = recorder(at, key="recorder")
came_in(at.project.name, recorded.added, analyse=analyse)
if recorded.open is not None:
    review(recorded.open)
