"""docs/commands.md and the commands say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from app.cli import program

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
COMMANDS = typer.main.get_command(program).commands  # type: ignore[attr-defined] — a group has commands
EVERYWHERE = {"--home", "--json", "--help"}


def sections() -> dict[str, str]:
    return {
        title.split()[0]: body
        for title, body in re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    }


def titles() -> dict[str, str]:
    return {title.split()[0]: title for title in re.findall(r"^## `([^`]+)`", DOCUMENT.read_text(encoding="utf-8"), re.M)}


def test_every_command_has_its_section_and_no_section_lacks_a_command() -> None:
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_of_a_command_is_explained(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")}
    said = titles()[name] + sections()[name]
    assert not {option for option in options - EVERYWHERE if option not in said}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_home_and_json(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--home", "--json"} <= options
