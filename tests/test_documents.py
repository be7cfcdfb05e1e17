"""Documents keep up with the program, and lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.catalogue import listed

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
MODELS = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (document.parent / link).exists()]


@pytest.mark.parametrize("model", listed(), ids=lambda model: model["name"])
def test_every_model_has_its_paragraph_with_its_classes_and_label_set(model: dict) -> None:  # type: ignore[type-arg]
    match = re.search(rf"^## `{model['name']}`.*?(?=^## |\Z)", MODELS, re.M | re.S)
    assert match, f"docs/models.md says nothing of {model['name']}"
    said = match.group()
    assert all(f"`{label}`" in said for label in model["labels"])
    assert model["label_set"] is None or f"`{model['label_set']}`" in said
    assert model["licence"].split("(")[0].strip() in said


def test_the_table_of_models_is_up_to_date() -> None:
    from models.facts import brought_up_to_date

    assert brought_up_to_date(MODELS) == MODELS, "bring it up to date: python -m models.facts"


def test_no_model_is_described_that_is_not_there() -> None:
    assert set(re.findall(r"^## `([^`]+)`", MODELS, re.M)) == {model["name"] for model in listed()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_named_exists(document: Path) -> None:
    from tests.cli.test_documentation import COMMANDS

    named = set(re.findall(r"python -m app ([a-z][a-z-]+)", document.read_text(encoding="utf-8")))
    assert named <= set(COMMANDS)
