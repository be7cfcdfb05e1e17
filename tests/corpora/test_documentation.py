"""docs/corpora.md is true: every example in it is read by the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.corpora import AUTO, NameReading, corpora, grammar, read_name

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "corpora.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
OWN = "Your own: a TOML file"


def rows(section: str) -> list[list[str]]:
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def row(reading: NameReading) -> list[str]:
    """A reading as the page's tables write it."""
    if reading.ambiguous:
        intended = " or ".join(each.emotion for each in reading.intended)
    elif len(reading.intended) == 1:
        intended = reading.intended[0].emotion
    else:
        intended = " + ".join(f"{each.weight:g} {each.emotion}" for each in reading.intended)
    error_file = None if reading.error_file is None else "yes" if reading.error_file else "no"
    also = {"version": reading.version, "situation": reading.situation, "error file": error_file, "error": reading.error, **reading.take}
    return [
        f"`{reading.name}`",
        reading.actor or "",
        intended,
        "" if reading.intensity is None else str(reading.intensity),
        reading.mode or "",
        ", ".join(f"{key}: {value}" for key, value in also.items() if value is not None),
    ]


def test_every_corpus_has_a_section_with_its_shape_and_examples() -> None:
    assert set(SECTIONS) == {*corpora.names(), OWN}
    for name in corpora.names():
        assert len(rows(name)) >= 2, name
        for shape in re.split(r", (?=<)| or (?=<)", grammar(name)[1].shape):
            assert shape.removesuffix(", two digits each") in SECTIONS[name], shape


@pytest.mark.parametrize(("corpus", "written"), [(corpus, written) for corpus in corpora.names() for written in rows(corpus)])
def test_an_example_is_read_as_the_page_says(corpus: str, written: list[str]) -> None:
    name = written[0].strip("`")
    assert row(read_name(name, corpus)) == written
    assert read_name(name, AUTO) == read_name(name, corpus)


def test_the_toml_example_works_as_the_page_says(tmp_path: Path) -> None:
    (toml,) = re.findall(r"```toml\n(.+?)```", SECTIONS[OWN], re.DOTALL)
    file = tmp_path / "ours.toml"
    file.write_text(toml, encoding="utf-8")
    assert len(rows(OWN)) == 3
    for written in rows(OWN):
        reading = read_name(written[0].strip("`"), str(file))
        assert row(reading) == written
        assert reading.corpus == "ours"
