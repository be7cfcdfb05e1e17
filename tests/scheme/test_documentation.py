"""docs/schemes.md is true where it can be computed."""

from __future__ import annotations

import re
from pathlib import Path

from app.scheme import label_sets, shipped_scheme
from app.scheme.emotions import SHIPPED_NAME
from app.scheme.palette import FLOOR
from app.scheme.reading import OPTIONAL, REQUIRED, RESERVED_NATIVE_IDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "schemes.md").read_text(encoding="utf-8")


def test_the_page_has_every_column_of_a_scheme_file_and_says_which_are_needed() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w*) ?\|", PAGE, re.MULTILINE)
    assert rows == [*((column, "yes") for column in REQUIRED), *((column, "") for column in OPTIONAL)]


def test_the_figures_on_the_page_are_the_programs() -> None:
    assert f"*{SHIPPED_NAME}*: 22 positive emotions, 21 negative ones and neutral, in {len(shipped_scheme().families)} families" in PAGE
    assert f"differ by {FLOOR} or more (CIEDE2000)" in PAGE
    assert f"a crosswalk of {len(label_sets())} sets" in PAGE
    assert all(f"{number} ({meaning})" in PAGE for number, meaning in RESERVED_NATIVE_IDS.items())
