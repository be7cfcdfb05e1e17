"""The figures that `app.scheme.palette` claims, by scikit-image's CIEDE2000 and the matrices of Machado, Oliveira and Fernandes (2009)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from app.scheme import shipped_scheme
from app.scheme.palette import FAMILIES, FLOOR, GROUND_DARK, GROUND_LIGHT, PATTERNS, families_of

VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
THEMES = {"light": GROUND_LIGHT, "dark": GROUND_DARK}


def linear(colour: str) -> NDArray[np.float64]:
    """`#rrggbb` as linear-light RGB, 0 to 1."""
    srgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    light = light.clip(0, 1)
    return rgb2lab(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of relative luminances."""
    dark, bright = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def distance(one: str, other: str, vision: str) -> float:
    return float(deltaE_ciede2000(lab(VISIONS[vision] @ linear(one)), lab(VISIONS[vision] @ linear(other))))


@pytest.mark.parametrize("theme", THEMES)
def test_every_fill_stands_out_from_its_ground(theme: str) -> None:
    for family in FAMILIES:
        assert contrast(getattr(family.colour, theme), THEMES[theme]) >= 3, family


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES)
def test_any_two_fills_can_be_told_apart(theme: str, vision: str) -> None:
    for one, other in combinations(FAMILIES, 2):
        assert distance(getattr(one.colour, theme), getattr(other.colour, theme), vision) >= FLOOR, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_two_families_share_a_pattern_only_where_no_eye_takes_their_colours_for_each_other(theme: str) -> None:
    for one, other in combinations(FAMILIES, 2):
        if one.pattern == other.pattern:
            assert min(distance(getattr(one.colour, theme), getattr(other.colour, theme), vision) for vision in VISIONS) >= 30, (one, other)


def test_no_letter_stands_for_two_families_and_each_is_in_its_name() -> None:
    assert len({family.letter for family in FAMILIES}) == 12
    assert all(family.letter in family.name.upper() for family in FAMILIES)
    assert all(family.pattern in PATTERNS for family in FAMILIES)


def test_the_palette_is_for_the_families_of_the_shipped_scheme() -> None:
    assert shipped_scheme().families == FAMILIES


def test_a_labs_own_families_get_looks_that_no_other_family_has() -> None:
    families = families_of(["valence_high", "joy", "joking", *(f"own{n}" for n in range(20)), "joy"])
    assert [family.id for family in families[:3]] == ["joy", "valence_high", "joking"]
    assert families[0] in FAMILIES
    assert families[1].name == "Valence high"
    assert len({family.letter for family in families}) == len(families) == 23
    assert len({(family.colour, family.pattern) for family in families}) == 23
