"""The models there are: what each says, whether it can run here, how far it can be believed, and how it fares on labelled clips."""

import streamlit as st

from app.ui.models.calibration import calibration
from app.ui.models.cards import cards
from app.ui.models.comparison import comparison
from app.ui.models.usual import usual
from app.ui.session import desk, pick_project

at = desk(pick_project())
parts = {"Models": cards, "This project": usual, "Calibration": calibration, "On labelled clips": comparison}
for tab, draw in zip(st.tabs(list(parts), key="models_tab", on_change="rerun"), parts.values(), strict=True):
    if tab.open:
        with tab:
            draw(at)
