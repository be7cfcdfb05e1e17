"""Brings clips in from the browser: streamed to `PUT /api/uploads` one after the other, with progress, cancel, and why one was refused."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.component import component

_mount = component("library", "upload")


@dataclass(frozen=True)
class Uploads:
    added: tuple[int, ...]
    """Clips that this browser tab has added to the project since it was loaded."""
    open: int | None
    """The one of them that the user wants to see now."""


def upload(project: str, *, key: str) -> Uploads:
    """A place to drop files and folders.

    The queue belongs to the browser tab: it goes on while other pages are looked at, and what Streamlit does never disturbs it.
    """
    said = _mount(data={"project": project}, key=key, default={"added": []}, on_added_change=lambda: None, on_open_change=lambda: None)
    return Uploads(tuple(said.added or ()), said.open)
