"""One rater on one's own machine, named once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.raters import AlreadyNamed, InvalidName, local_rater, name_local_rater
from app.review.operations import apply
from db import tables
from tests.lab import NOW, Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """With nobody local yet: anna and bo are annotators of imported labels."""
    lab = Lab.at(tmp_path)
    with lab.database.writing() as session:
        session.get_one(tables.Rater, lab.anna).local = False
    yield lab
    lab.database.close()


def test_nobody_is_there_until_they_are_named(lab: Lab) -> None:
    with lab.database.writing() as session:
        assert local_rater(session) is None
        named = name_local_rater(session, "  Ångström\t 7 ")
        assert (named.name, named.local) == ("Ångström 7", True)
    with lab.database.reading() as session:
        there = local_rater(session)
        assert there is not None
        assert there.name == "Ångström 7"


def test_a_name_can_be_corrected_until_something_was_judged_under_it(lab: Lab) -> None:
    with lab.database.writing() as session:
        first = name_local_rater(session, "crl")
        assert name_local_rater(session, "carl").id == first.id
        one = str(uuid4())
        said = {"tier": "clip", "emotions": [{"id": "anger"}]}
        apply(session, lab.clip, first.id, [{"op_id": one, "kind": "put", "judgement_id": one, "base_revision": 0, "judgement": said}], NOW)
    with lab.database.writing() as session:
        assert name_local_rater(session, "carl").name == "carl"
        with pytest.raises(AlreadyNamed, match="'carl'"):
            name_local_rater(session, "charles")


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "\ud800", "anna"])
def test_a_name_that_cannot_be_is_refused_in_words(lab: Lab, name: str) -> None:
    with lab.database.writing() as session:
        with pytest.raises(InvalidName):
            name_local_rater(session, name)
        assert local_rater(session) is None
