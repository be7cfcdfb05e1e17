"""The Streamlit script: who you are, the pages there are, and the one that is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
ICON = ROOT / "app" / "ui" / "icon.svg"
if str(ROOT) not in sys.path:  # Streamlit puts this script's folder there, and a test runner its own
    sys.path.insert(0, str(ROOT))

from app.ui.session import rater  # noqa: E402
from app.ui.signin import sign_in  # noqa: E402
from app.version import VERSION  # noqa: E402

# Before the pages are named: Streamlit would otherwise fetch a page's icon for the tab from another machine.
st.set_page_config(
    page_title="Portrayal",
    page_icon=str(ICON),
    layout="wide",
    menu_items={"About": f"Portrayal {VERSION}: see what face and voice models say on one clock, label, export."},
)
st.logo(str(ICON), size="medium")
# Clips and lanes fill the screen; the theme has no setting for the space at the sides.
st.html("<style>[data-testid='stMainBlockContainer'] { padding-left: 1.5rem; padding-right: 1.5rem; }</style>")


def page(name: str, icon: str, says: str, *, default: bool = False) -> st.Page:  # pyright: ignore[reportInvalidTypeForm]
    file = ROOT / "pages" / f"{name}.py"
    return st.Page(file, title=name.capitalize(), icon=f":material/{icon}:", url_path=name, help=says, default=default)


chosen = st.navigation(
    [
        page("library", "video_library", "All clips of a project: bring some in, find them, have them analysed.", default=True),
        page("review", "graphic_eq", "One clip with what face and voice models say, and your labels."),
        page("record", "videocam", "Clips of your own from this machine's camera and microphone, straight into a project."),
        page("models", "neurology", "Which models there are, how far they can be believed, and how they fare on labelled clips."),
        page("export", "download", "Labels and clips of a project as files."),
        page("settings", "tune", "Your name, projects, schemes and where the data lie."),
    ],
    position="top",
)

st.set_page_config(page_title=f"{chosen.title} · Portrayal")

if rater() is None:
    sign_in()
else:
    chosen.run()
