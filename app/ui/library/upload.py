"""Brings clips in from the browser: streamed to `PUT /api/uploads` one after the other, with progress, cancel, and why one was refused."""

from __future__ import annotations

from app.ui.component import component

_mount = component("library", "upload")


def upload(project: str, *, key: str) -> tuple[int, ...]:
    """A place to drop files and folders. Returns the clips that this browser tab has added to `project` since it was loaded.

    The queue belongs to the browser tab: it goes on while other pages are looked at, and what Streamlit does never disturbs it.
    """
    added = _mount(data={"project": project}, key=key, default={"added": []}, on_added_change=lambda: None).added
    return tuple(added or ())
