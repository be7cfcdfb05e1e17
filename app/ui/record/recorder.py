"""Recording from the browser: takes go from there to `PUT /api/uploads`, Streamlit only hears which clips came of them."""

from __future__ import annotations

from dataclasses import dataclass

from app.http.access import Access
from app.ui.component import component
from app.ui.session import Desk, services

_mount = component("record", "recorder")


@dataclass(frozen=True)
class Recorded:
    added: tuple[int, ...]
    """Clips that this browser tab has recorded into the project since it was loaded."""
    open: int | None
    """The one of them that the user wants to see now."""


def recorder(at: Desk, *, key: str) -> Recorded:
    """Camera, microphone and takes. Call it at one place of the page, with nothing that comes and goes above.

    Takes that wait in the browser belong to this installation's project and rater; nobody else is offered them.
    """
    families = tuple(
        {"name": family.name, "emotions": tuple({"id": one.id, "name": one.name} for one in at.scheme.of_family(family.id))}
        for family in at.scheme.families
    )
    owner = f"{Access.open(services().settings).installation}.{at.rater.id}"
    said = _mount(
        data={"project": at.project.name, "families": families, "rater": at.rater.name, "owner": owner},
        key=key,
        default={"added": []},
        on_added_change=lambda: None,
        on_open_change=lambda: None,
    )
    return Recorded(tuple(said.added or ()), said.open)
