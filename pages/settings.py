"""Your name, projects and schemes, where the data lie, and whether all is well."""

import streamlit as st

from app.ui.session import desk, pick_project
from app.ui.settings import data_and_health, projects_and_schemes, you

at = desk(pick_project())
parts = {"Projects": projects_and_schemes, "You": you, "Data and health": data_and_health}
for tab, draw in zip(st.tabs(list(parts), key="settings_tab", on_change="rerun"), parts.values(), strict=True):
    if tab.open:
        with tab:
            draw(at)
