from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.scheme import Emotion, ValenceTag, shipped_scheme
from app.scheme.reading import UnreadableScheme, read_scheme, read_scheme_file
from app.scheme.store import SchemeVersionTaken, UnknownScheme, import_scheme, load_scheme, seed
from db import tables
from db.engine import Database
from db.migrate import upgrade


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'portrayal.sqlite'}")
    upgrade(database.engine)
    yield database
    database.close()


def test_seeding_twice_is_seeding_once(database: Database) -> None:
    with database.writing() as session:
        first = seed(session)
    with database.writing() as session:
        assert seed(session) == first
        assert session.scalar(select(func.count()).select_from(tables.Emotion)) == 44


def test_the_shipped_scheme_comes_back_from_the_database_as_it_went_in(database: Database) -> None:
    with database.writing() as session:
        scheme_id = seed(session)
    with database.reading() as session:
        assert load_scheme(session, scheme_id) == shipped_scheme()
        assert load_scheme(session, scheme_id).sha256 == shipped_scheme().sha256


def test_a_lab_brings_its_own_scheme(database: Database) -> None:
    text = "id,name,family,native_id,valence\nire,Ire,hot,3,-0.5\ncalm,Calm,cold,,\n"
    with database.writing() as session:
        scheme_id = import_scheme(session, text, "ours")
    with database.reading() as session:
        scheme = load_scheme(session, scheme_id)
    assert scheme.emotions == (
        Emotion(id="ire", name="Ire", family="hot", native_id=3, valence=-0.5),
        Emotion(id="calm", name="Calm", family="cold"),
    )
    assert scheme.version == scheme.sha256[:8]
    assert [family.id for family in scheme.families] == ["hot", "cold"]


def test_changed_content_is_a_new_version_beside_the_old_one(database: Database) -> None:
    with database.writing() as session:
        old = import_scheme(session, "id,name,family\nire,Ire,hot\n", "ours")
        assert import_scheme(session, "id,name,family\nire,Ire,hot\n", "ours") == old
        new = import_scheme(session, "id,name,family\nire,Anger,hot\n", "ours")
        assert new != old
        assert load_scheme(session, old)["ire"].name == "Ire"
        assert load_scheme(session, new)["ire"].name == "Anger"


def test_a_version_is_never_given_other_content(database: Database) -> None:
    with database.writing() as session:
        import_scheme(session, "id,name,family\nire,Ire,hot\n", "ours", "1")
        with pytest.raises(SchemeVersionTaken, match=r"'ours' version '1'.*give the new content a new version"):
            import_scheme(session, "id,name,family\nire,Anger,hot\n", "ours", "1")


def test_a_scheme_that_is_not_there_is_answered_with_those_that_are(database: Database) -> None:
    with database.writing() as session:
        seed(session)
        with pytest.raises(UnknownScheme, match=r"id 9; it has: 1 \(emotions-44 1\)"):
            load_scheme(session, 9)


def test_the_order_of_columns_is_free_and_semicolons_and_decimal_commas_are_read() -> None:
    scheme = read_scheme("\ufeffFamily;valence;NAME;id;valence_tag\r\nhot;-0,5;Ire;ire;neg\r\n\r\n", "ours")
    assert scheme.emotions == (Emotion(id="ire", name="Ire", family="hot", valence=-0.5, valence_tag=ValenceTag.NEGATIVE),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: no column id, name, family"),
        ("id,name\nire,Ire\n", "line 1: no column family; needed: id, name, family; possible: definition.*; found: id, name"),
        ("id,name,family,colour\nire,Ire,hot,red\n", "line 1: unknown column 'colour'; possible"),
        ("id,name,family,name\nire,Ire,hot,Ire\n", "line 1: column name stands there twice"),
        ("id,name,family\n", "line 2: there is no emotion below the header"),
        ("id,name,family\nire,,hot\n", "line 2: name is empty"),
        ("id,name,family\nire,Ire\n", "line 2: family is empty"),
        ("id,name,family\nire,Ire, rage,hot\n", "line 2: more cells than columns"),
        ("id,name,family\na b,Ire,hot\n", "line 2: id 'a b' is not made of"),
        ("id,name,family\na|b,Ire,hot\n", r"line 2: id 'a\|b' is not made of"),
        ("id,name,family\nire,Ire,hot\nrage,Rage,hot\nire,Anger,hot\n", "line 4: id 'ire' stands already in line 2"),
        ("id,name,family,code\nire,Ire,hot,x\nrage,Rage,hot,x\n", "line 3: code 'x' stands already in line 2"),
        ("id,name,family,native_id\nire,Ire,hot,100\n", "line 2: native_id 100 is reserved for “no emotion given”"),
        ("id,name,family,native_id\nire,Ire,hot,1000\n", "line 2: native_id 1000 is reserved for “no reply”"),
        ("id,name,family,native_id\nire,Ire,hot,-1\n", "line 2: native_id '-1' is no whole number"),
        ("id,name,family,valence\nire,Ire,hot,1.5\n", "line 2: valence '1.5' is no number from -1 to 1"),
        ("id,name,family,arousal\nire,Ire,hot,nan\n", "line 2: arousal 'nan' is no number from -1 to 1"),
        ("id,name,family,valence_tag\nire,Ire,hot,bad\n", "line 2: valence_tag 'bad' is none of pos, neg, neu"),
        ('id,name,family\nire,"Ire\nand more",hot\nrage,,hot\n', "line 4: name is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UnreadableScheme, match=said):
        read_scheme(text, "ours")


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(UnreadableScheme) as caught:
        read_scheme("id,name,family,native_id\n,Ire,hot,100\nrage,,hot,\n", "ours")
    assert caught.value.problems == [
        "line 2: id is empty",
        "line 2: native_id 100 is reserved for “no emotion given”; give another number",
        "line 3: name is empty",
    ]


def test_a_refused_scheme_leaves_nothing(database: Database) -> None:
    with pytest.raises(UnreadableScheme), database.writing() as session:
        import_scheme(session, "id,name,family\nire,Ire,hot\nire,Ire,hot\n", "ours")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(tables.Scheme)) == 0


def test_a_file_that_is_not_utf8_is_answered_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "ours.csv"
    file.write_bytes("id,name,family\nire,Ire,hot\noro,Oro/Ängslan,cold\n".encode("latin-1"))
    with pytest.raises(UnreadableScheme, match="line 3: not UTF-8; save the file as “CSV UTF-8”"):
        read_scheme_file(file, "ours")


def test_a_scheme_is_read_from_a_file(tmp_path: Path, database: Database) -> None:
    file = tmp_path / "ours.csv"
    file.write_text("id,name,family\noro,Oro/Ängslan,cold\n", encoding="utf-8-sig")
    with database.writing() as session:
        assert load_scheme(session, import_scheme(session, file, "ours"))["oro"].name == "Oro/Ängslan"
