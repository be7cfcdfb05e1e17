"""All clips of a project: bring some in, find them, have them analysed, open one."""

import streamlit as st

from app.ui.adding import add_clips
from app.ui.filters import facet_filters, search_and_order
from app.ui.session import desk, pick_project
from app.ui.wall import wall
from app.ui.work import analyse_menu

with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
    at = desk(pick_project())
    filters = search_and_order(blind=at.blind)
    view = st.segmented_control(
        "View",
        ["grid", "list"],
        default="grid",
        required=True,
        key="view",
        format_func=lambda view: {"grid": ":material/grid_view:", "list": ":material/table_rows:"}[view],
        label_visibility="collapsed",
        persist_state="session",
    )
    menu = st.container(width="content")

filters = facet_filters(at, filters)
with menu:
    analyse_menu(at, filters)

add_clips(at.project.name)
wall(at, filters, view or "grid")
