"""Choosing an export, and seeing what it will hold."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import streamlit as st

from app.exchange import exporters
from app.exchange.preview import contents, first_labels
from app.exchange.sheets import CLIPS, CODEBOOK, FRAMES, LABELS
from app.http.access import Access
from app.ui.component import component
from app.ui.session import Desk, services
from app.ui.states import counted

PREVIEWED = 8
SHOWN_FIRST = ("clip_id", "file_name", "tier", "start_s", "end_s", "outcome", "emotion", "weight", "intensity", "annotator", "source")
"""Columns that the preview has room for; the file has them all."""

_waiting = component("timeline", "waiting")
"""Says how many edits are still in the browser, not in the database and so in no export; sends them meanwhile."""


def download(at: Desk) -> None:
    """Format and options, and the button that brings the file: it comes over a route of its own, whatever its size."""
    with services().database.reading() as session:
        there = contents(session, at.project.id)
    st.subheader("Export")
    chosen = st.selectbox("Format", exporters.names(), format_func=str.upper, key="export_format", persist_state="session")
    frames = st.checkbox(
        "What the models found in every frame",
        key="export_frames",
        help=f"Adds frames.csv: at least one row for each of the {there.frames:,} frames of the {there.analysed:,} analysed clips.",
        persist_state="session",
    )
    raw = st.checkbox(
        "Text exactly as it was written",
        key="export_raw",
        help="Without this, a text that a spreadsheet would run as a formula (it begins with = + - @) is given a ' in front.",
        persist_state="session",
    )
    flags = {name: "1" for name, on in (("frames", frames), ("raw", raw)) if on}
    address = f"/api/projects/{quote(at.project.name, safe='')}/export.zip?{urlencode({'format': chosen, **flags})}"
    st.link_button("Download", address, type="primary", icon=":material/download:")
    _waiting(data={"owner": f"{Access.open(services().settings).installation}.{at.rater.id}"}, key="export_waiting")
    st.caption(
        f"{counted(there.judgements, 'judgement')} by {counted(there.raters, 'rater')} "
        f"on {there.labelled:,} of {counted(there.clips, 'clip')}. Removed judgements are left out; their history stays in the database."
    )


def preview(at: Desk) -> None:
    """The first rows of the labels."""
    st.subheader("labels.csv, first rows")
    with services().database.reading() as session:
        rows = first_labels(session, at.project.id, PREVIEWED)
    if not rows:
        st.markdown("Nothing has been labelled in this project yet; clips.csv lists its clips all the same.")
        return
    shown = [name for name in SHOWN_FIRST if not (at.blind and name == "file_name")]
    st.dataframe([{name: _cell(name, row[name]) for name in shown} for row in rows], hide_index=True, placeholder="")


def what_files_hold() -> None:
    """Every column of every file: the codebook, as it lies in the export."""
    st.subheader("What the files hold")
    for sheet in (LABELS, CLIPS, FRAMES, CODEBOOK):
        only = " (with the frames)" if sheet is FRAMES else ""
        with st.expander(f"{sheet.name}.csv{only}"):
            st.markdown(sheet.meaning)
            st.dataframe(
                [{"Column": one.name, "Type": one.type.value, "Unit": one.unit, "Meaning": one.meaning} for one in sheet.columns],
                hide_index=True,
                height="content" if len(sheet.columns) < 8 else 320,
                column_config={"Meaning": st.column_config.TextColumn(width="large")},
            )
    st.caption("manifest.json names the program's version, the scheme, the models, and the sha256 of each file.")


def _cell(name: str, value: object) -> object:
    """Times as seconds with their six decimals; the rest as it is."""
    return f"{value / 1_000_000:.6f}" if name in ("start_s", "end_s") and isinstance(value, int) else value
