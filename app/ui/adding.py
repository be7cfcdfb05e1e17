"""How clips come in: dropped files, or a folder of the machine that the program runs on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import folder_import
from app.folder_import import FolderImport, NoSuchFolder
from app.ui.library.upload import upload
from app.ui.session import review, services
from app.ui.states import NEW_CLIPS, plain
from app.ui.work import analyse_new

POLL_S = 1.0
MENU = "import_menu"
PROBLEM = "import_problem"
LISTED = 200
"""Duplicates and rejections that the page lists; all of them are in the log and in the command line's answer."""


def add_clips(project: str) -> None:
    """Draws both ways in, and has what comes in analysed if that is wanted."""
    with st.container(horizontal=True, gap="small", key="ways_in"):
        with st.container():
            uploads = upload(project, key="upload")
        with st.popover("Import a folder", icon=":material/folder_open:", width="content", key=MENU, on_change="rerun"):
            analyse = _import_form(project)
    going = folder_import.import_of(services().settings, project)
    with st.container(key="import"):  # always there, so that what comes and goes in it does not mount the clips anew
        if going is not None:
            st.fragment(_import_state, run_every=None if going.over else POLL_S)(going)
    came_in(project, uploads.added, analyse=analyse)
    if uploads.open is not None:
        review(uploads.open)


def _import_form(project: str) -> bool:
    st.text_input("Folder or file on this machine", key="import_path", placeholder="/data/corpus", persist_state="session")
    st.checkbox(
        "Leave the files where they are",
        key="import_link",
        help="Links instead of copying: nothing is doubled on the disk, and clips go missing if the folder is moved.",
    )
    analyse = analyse_as_they_come()
    st.button("Import", type="primary", key="import_begin", on_click=_begin, args=(project,))
    if problem := st.session_state.pop(PROBLEM, None):
        st.error("That cannot be imported.", icon=":material/folder_off:")
        st.text(problem)
    return analyse


def analyse_as_they_come() -> bool:
    """The one choice for all ways in; it stays while pages change."""
    return st.checkbox(
        "Analyse clips as they come in", value=True, key="analyse_new", help="Dropped files and recordings, too.", persist_state="session"
    )


def came_in(project: str, clip_ids: tuple[int, ...], *, analyse: bool) -> None:
    """Has clips analysed that a browser tab reports, if that is wanted: each once, however often it is told of."""
    fresh = _fresh(project, clip_ids)
    if analyse:
        analyse_new(fresh)


def _begin(project: str) -> None:
    """Starts the import and closes the menu, or leaves it open with what is wrong."""
    state = st.session_state
    try:
        folder_import.begin(
            services().settings, project, state["import_path"] or "", link=state["import_link"], analyse=state["analyse_new"]
        )
    except NoSuchFolder as error:
        state[PROBLEM] = str(error)
    else:
        state[MENU] = False


def _import_state(going: FolderImport) -> None:
    with st.container(border=True, key="import_state"):
        if not going.over:
            line, stop = st.columns([8, 1], vertical_alignment="center")
            line.progress(going.done / going.of if going.of else 0.0, text=_importing(going))
            stop.button("Stop", on_click=going.stop, width="stretch", help="What has been imported stays.")
            return
        if st.session_state.get("import_seen") != id(going):
            st.session_state["import_seen"] = id(going)
            st.rerun()  # the clips below, and no more polling
        _import_outcome(going)


def _importing(going: FolderImport) -> str:
    return f"Importing {going.done:,} of {going.of:,}: {plain(going.file)}" if going.of else "Looking through the folder"


def _import_outcome(going: FolderImport) -> None:
    if going.error:
        st.error("The import did not finish.", icon=":material/error:")
        st.text(going.error)
    elif going.outcome is None:
        st.text(
            f"Import stopped after {going.done:,} of {going.of:,} files. What has been imported stays; the same import takes up the rest."
        )
    else:
        _listed(going.outcome)
    if st.button("Close", key="import_close", type="tertiary"):
        folder_import.forget(services().settings, going.project)
        st.rerun()


def _listed(outcome: dict[str, Any]) -> None:
    duplicates, rejected = outcome["duplicates"], outcome["rejected"]
    unread = [clip for clip in outcome["clips"] if clip["name_error"]]
    counts = [f"{outcome['imported']:,} imported", f"{len(duplicates):,} there already", f"{len(rejected):,} not taken"]
    st.text(" · ".join(counts))
    lists = {
        "Not taken": [{"File": one["file"], "Why": one["reason"]} for one in rejected],
        "There already": [{"File": one["file"], "Same bytes as": one["same_as"]} for one in duplicates],
        "Imported without intended emotion": [{"File": clip["file"], "Why": clip["name_error"]} for clip in unread],
        "Passed over": [{"File": name} for name in outcome["passed_over"]],
    }
    for title, rows in lists.items():
        if rows:
            with st.expander(f"{title} ({len(rows):,})", expanded=title == "Not taken"):
                st.dataframe(rows[:LISTED], hide_index=True, height="content" if len(rows) < 8 else 300)


def _fresh(project: str, uploaded: tuple[int, ...]) -> list[int]:
    """Clips that this session has not met yet: each is reported once."""
    known: set[int] = st.session_state.setdefault(f"known_clips_{project}", set())
    came = [*uploaded, *st.session_state.pop(NEW_CLIPS, [])]
    fresh = [clip_id for clip_id in dict.fromkeys(came) if clip_id not in known]
    known.update(fresh)
    return fresh
