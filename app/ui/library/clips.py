"""The clips of one page as posters or as a table, with what became of each. Names from people only ever become text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.clock import MICROSECONDS
from app.library import Card
from app.scheme import Scheme
from app.ui.component import component

_mount = component("library", "clips")


@dataclass(frozen=True)
class Chosen:
    """What the user did: opened a clip, or asked for the analysis of some. Each is there for one run only."""

    open: int | None
    analyse: tuple[int, ...]


def clip_wall(cards: Sequence[Card], scheme: Scheme, *, view: str, blind: bool, key: str) -> Chosen:
    """Draws `cards`; `view` is `grid` or `list`. With `blind`, neither a name nor an intended emotion is sent to the browser."""
    used = {scheme[emotion].family for card in cards for emotion, _ in card.intended if emotion in scheme}
    # Tuples, not lists or dicts: in those Streamlit looks for data frames, and loads pandas and Arrow for it.
    did = _mount(
        data={
            "view": view,
            "cards": tuple(_as_json(card, scheme, blind=blind) for card in cards),
            "families": tuple(
                {"id": family.id, "name": family.name, "light": family.colour.light, "dark": family.colour.dark}
                for family in scheme.families
                if family.id in used and not blind
            ),
        },
        key=key,
        on_open_change=lambda: None,
        on_analyse_change=lambda: None,
    )
    return Chosen(did.open, tuple(did.analyse or ()))


def _as_json(card: Card, scheme: Scheme, *, blind: bool) -> dict[str, Any]:
    return {
        "id": card.id,
        "name": f"Clip {card.id}" if blind else card.file_name,
        "corpus": card.corpus,
        "actor": card.actor,
        "intended": [] if blind else [_intended(emotion, weight, scheme) for emotion, weight in card.intended],
        "intensity": None if blind else card.intended_intensity,
        "name_error": None if blind else card.name_error,
        "seconds": card.duration_us / MICROSECONDS,
        "has_video": card.has_video,
        "has_audio": card.has_audio,
        "notes": list(card.notes),
        "judgements": card.judgements,
        "analysed": card.analysed,
        "faces": card.faces,
        "face_share": card.frames_with_face / card.frames if card.frames_with_face is not None and card.frames else None,
        "speech_seconds": None if card.speech_us is None else card.speech_us / MICROSECONDS,
        "job": card.job,
        "progress": card.progress,
        "error": card.error,
    }


def _intended(emotion: str, weight: float | None, scheme: Scheme) -> dict[str, Any]:
    known = emotion in scheme
    return {"name": scheme[emotion].name if known else emotion, "family": scheme[emotion].family if known else None, "weight": weight}
