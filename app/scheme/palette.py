"""One look for each family, the same on lanes, segments, picker and plots, on white and on near-black.

The colours were chosen by search: each fill has a contrast of 3:1 or more against its ground (WCAG 2.2, 1.4.11), and any two
fills of one ground keep a CIEDE2000 distance of `FLOOR` or more, seen with normal vision, protanopia, deuteranopia and
tritanopia (simulated after Machado, Oliveira and Fernandes 2009, severity 1). Nobody tells twelve colours apart at a glance
in every light, so each family has a letter and a pattern too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

GROUND_LIGHT = "#ffffff"
GROUND_DARK = "#121418"
FLOOR = 11.5
"""Smallest CIEDE2000 distance of two fills of one ground under any of the four visions."""


@dataclass(frozen=True)
class Colour:
    """One colour in two shades, as `#rrggbb`: a fill on `GROUND_LIGHT` and one on `GROUND_DARK`."""

    light: str
    dark: str


@dataclass(frozen=True)
class Family:
    """A group of emotions for the picker and for coarse evidence, and how it is drawn. `pattern` is one of `PATTERNS`."""

    id: str
    name: str
    name_sv: str
    colour: Colour
    letter: str
    pattern: str


PATTERNS = ("", "/", "\\", "x", "-", "|", "+", ".")
"""Fill shapes by the names that Plotly gives them, which the canvas draws too; empty is plain."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789"

FAMILIES = (
    Family("joy", "Joy", "Glädje", Colour("#846200", "#e2f353"), "J", ""),
    Family("drive", "Drive", "Drivkraft", Colour("#c8811a", "#f79252"), "D", "/"),
    Family("calm", "Calm", "Lugn", Colour("#012f11", "#9bcca1"), "C", "\\"),
    Family("closeness", "Closeness", "Närhet", Colour("#840143", "#9c4b5c"), "O", "-"),
    Family("wonder", "Wonder", "Förundran", Colour("#13a08e", "#6cffe5"), "W", "x"),
    Family("surprise", "Surprise", "Överraskning", Colour("#424703", "#6f6904"), "S", "x"),
    Family("thinking", "Thinking", "Tänkande", Colour("#01738d", "#007a8a"), "T", ""),
    Family("neutral", "Neutral", "Neutral", Colour("#606468", "#a6aaaf"), "N", "|"),
    Family("self_conscious", "Self-conscious", "Självmedveten", Colour("#bc76cc", "#fcb2fd"), "E", "+"),
    Family("fear_distress", "Fear and distress", "Rädsla och nöd", Colour("#904dd4", "#7b50d8"), "F", "\\"),
    Family("loss", "Loss", "Förlust", Colour("#054591", "#7e8fe2"), "L", "/"),
    Family("hostility", "Hostility", "Fientlighet", Colour("#d83d50", "#ee2747"), "H", "."),
)


def families_of(family_ids: Iterable[str]) -> tuple[Family, ...]:
    """The families of these ids: the shipped ones in the palette's order, then a lab's own in the given order.

    An own family takes a look that is left over, and once all are taken a colour anew with another pattern. Letters do not repeat
    before the 35 letters and digits are used up.
    """
    wanted = dict.fromkeys(family_ids)
    shipped = [family for family in FAMILIES if family.id in wanted]
    own = [family_id for family_id in wanted if family_id not in {family.id for family in shipped}]
    left = [family for family in FAMILIES if family not in shipped]
    letters = {family.letter for family in shipped}
    families = shipped
    for position, family_id in enumerate(own):
        name = family_id.replace("_", " ").strip().capitalize()
        letter = next((sign for sign in name.upper() + LETTERS if sign in LETTERS and sign not in letters), "?")
        letters.add(letter)
        look = left[position] if position < len(left) else _again(position - len(left))
        families = [*families, replace(look, id=family_id, name=name, name_sv=name, letter=letter)]
    return tuple(families)


def _again(position: int) -> Family:
    rounds, place = divmod(position, len(FAMILIES))
    look = FAMILIES[place]
    return replace(look, pattern=PATTERNS[(PATTERNS.index(look.pattern) + 1 + rounds) % len(PATTERNS)])
