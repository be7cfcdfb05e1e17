"""One clip: what face and voice models say about it, and what people say. The editor does the rest."""

import streamlit as st

from app.ui.clip import clip_asked_for
from app.ui.timeline import timeline

clip_id = clip_asked_for()
if clip_id is not None:
    with st.container(key="editor"):
        timeline(clip_id)
