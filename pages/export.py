"""Labels and clips of a project as files."""

import streamlit as st

from app.ui.export import download, preview, what_files_hold
from app.ui.session import desk, pick_project

at = desk(pick_project())
choosing, showing = st.columns([1, 2], gap="large")
with choosing:
    download(at)
with showing:
    preview(at)
    what_files_hold()
