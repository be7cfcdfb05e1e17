from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.corpora import Intended, NameReading, UnknownName, UnreadableGrammar, read_name
from app.corpora.toml_grammar import parse_grammar

PATTERN = r"(?P<actor>[A-Z]\d)-(?P<emotion>[a-z_]+)(-(?P<intensity>\w+))?(-(?P<mode>\w))?(-v(?P<version>\w))?(-(?P<error_file>bad|good))?(-(?P<room>\d+))?"
WRITTEN = {
    "pattern": PATTERN,
    "label_set": "tess",
    "emotion": {"hot": "anger", "oh": ["positive_surprise", "negative_surprise"], "mixed": {"anger": 1, "fear": 3}, "cold": ["sadness"]},
    "intensity": {"lo": 1, "hi": 3},
    "mode": {"p": "prosody"},
    "error_file": {"bad": True, "good": False},
}


def write(tmp_path: Path, text: str) -> str:
    file = tmp_path / "ours.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_groups_go_where_they_belong_by_their_tables() -> None:
    assert parse_grammar(WRITTEN, "ours").read("A1-hot-hi-p-v7-good-12") == NameReading(
        actor="A1", intended=(Intended("anger", 1.0),), intensity=3, mode="prosody", version=7, error_file=False, take={"room": "12"}
    )


def test_what_did_not_match_is_not_said() -> None:
    assert parse_grammar(WRITTEN, "ours").read("A1-hot") == NameReading(actor="A1", intended=(Intended("anger", 1.0),))


@pytest.mark.parametrize(
    ("written", "intended"),
    [
        ("hot", (Intended("anger", 1.0),)),
        ("cold", (Intended("sadness", 1.0),)),
        ("oh", (Intended("positive_surprise", None), Intended("negative_surprise", None))),
        ("mixed", (Intended("anger", 0.25), Intended("fear", 0.75))),
        ("ps", (Intended("positive_surprise", 1.0),)),
        ("happiness", (Intended("happiness_joy", 1.0),)),
    ],
)
def test_an_emotion_is_one_a_set_a_blend_or_a_label_of_the_set(written: str, intended: tuple[Intended, ...]) -> None:
    reading = parse_grammar(WRITTEN, "ours").read(f"A1-{written}")
    assert reading is not None and reading.error is None and reading.intended == intended


def test_without_table_and_label_set_an_emotion_is_an_id_of_the_scheme() -> None:
    grammar = parse_grammar({"pattern": PATTERN}, "ours")
    assert grammar.read("A1-sexual_lust") == NameReading(actor="A1", intended=(Intended("sexual_lust", 1.0),))
    assert grammar.read("A1-rage") == NameReading(
        actor="A1", error="emotion 'rage' is no id of the scheme; a table [emotion] can say which it stands for"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("A1-what", "emotion 'what' is no label of the set tess"),
        ("A1-hot-mid", "intensity 'mid' is not in the table [intensity] (lo, hi)"),
        ("A1-hot-hi-x", "mode 'x' is not in the table [mode] (p)"),
        ("A1-hot-hi-p-vB", "version 'B' is no number; a table [version] can say which it stands for"),
    ],
)
def test_a_value_without_meaning_is_said_and_the_rest_is_kept(name: str, said: str) -> None:
    reading = parse_grammar(WRITTEN, "ours").read(name)
    assert reading is not None and reading.error == said and reading.actor == "A1"


def test_a_file_is_read_under_its_own_name_and_again_when_it_changes(tmp_path: Path) -> None:
    corpus = write(tmp_path, "pattern = '(?P<emotion>.+)-1'")
    assert read_name("anger-1.mp4", corpus).corpus == "ours"
    assert (
        read_name("anger-2.mp4", corpus).error
        == "'anger-2' is no ours name; expected the pattern (?P<emotion>.+)-1, such as none given in the file"
    )
    write(tmp_path, "name = 'mine'\npattern = '(?P<emotion>.+)-2'")
    os.utime(corpus, ns=(1, 1))
    assert read_name("anger-2.mp4", corpus).corpus == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pattern = ", "is not TOML: Invalid value"),
        ("name = 'x'", "pattern is missing"),
        ("pattern = 3", "pattern is a text in quotation marks; pattern is missing"),
        ("pattern = '(?P<actor>['", "pattern is no regular expression: "),
        ("pattern = '(?P<1>x)'", "pattern is no regular expression: "),
        ("pattern = '.*'", "pattern names no group; write .*those with a meaning are emotion, "),
        (f"pattern = '{'a' * 1001}'", "pattern has 1001 characters; at most 1000 are accepted"),
        ("pattern = '(?P<actor>x)'\ncolour = 'red'", "unknown setting colour; there are name, pattern"),
        ("pattern = '(?P<actor>x)'\nlabel_set = 'tes'", "no crosswalk is there for the label set 'tes'; there are: .*tess"),
        ("pattern = '(?P<actor>x)'\n[mode]\np = 'prosody'", r"table \[mode\] is for no group of the pattern \(actor\)"),
        ("pattern = '(?P<intensity>x)'\n[intensity]\nlo = 'low'", r"\[intensity\] lo is a whole number, not 'low'"),
        ("pattern = '(?P<error_file>x)'\n[error_file]\nbad = 1", r"\[error_file\] bad is true or false, not 1"),
        ("pattern = '(?P<room>x)'\n[room]\na = 1.5", r"\[room\] a is a text, not 1.5"),
        ("pattern = '(?P<emotion>x)'\n[emotion]\nhot = 'angr'", r"\[emotion\] hot: .* 'angr'; did you mean anger"),
        ("pattern = '(?P<emotion>x)'\n[emotion]\nhot = 3", r"\[emotion\] hot is an id, a list of different ids or a table"),
        ("pattern = '(?P<emotion>x)'\n[emotion]\nhot = []", r"\[emotion\] hot is an id, a list"),
        ("pattern = '(?P<emotion>x)'\n[emotion]\nhot = ['anger', 'anger']", r"\[emotion\] hot is an id, a list of different ids"),
        ("pattern = '(?P<emotion>x)'\n[emotion]\nhot = {anger = 0, fear = 1}", r"\[emotion\] hot is an id, .* shares above 0"),
        ("pattern = '(?P<emotion>x)'\n[emotion]\nhot = {anger = nan}", r"\[emotion\] hot is an id, .* shares above 0"),
        ("pattern = '(?P<actor>x)'\nexample = 'y'", "its own example 'y' cannot be read: the pattern does not match it"),
        ("pattern = '(?P<emotion>.)'\nexample = 'y'", "its own example 'y' cannot be read: emotion 'y' is no id"),
    ],
)
def test_a_mistake_in_the_file_is_explained(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableGrammar, match=rf"(?s)the grammar .*ours\.toml.*{said}"):
        read_name("x", write(tmp_path, text))


def test_a_file_that_is_not_there_or_not_text_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"cannot be opened: .*No such file"):
        read_name("x", str(tmp_path / "none.toml"))
    (tmp_path / "ours.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableGrammar, match="is not UTF-8"):
        read_name("x", str(tmp_path / "ours.toml"))


def test_a_pattern_that_backtracks_for_ever_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.corpora.toml_grammar.LONGEST_MATCH_S", 0.05)
    corpus = write(tmp_path, r"pattern = '(?P<actor>(?:x|xx)+)(?:y|z)'")
    reading = read_name("x" * 200, corpus)
    assert reading == NameReading("x" * 200, corpus="ours", error=reading.error)
    assert "did not come to an end" in str(reading.error)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_no_text_whatever_breaks_the_reading(stem: str) -> None:
    reading = parse_grammar(WRITTEN, "ours").read(stem)
    assert reading is None or reading.actor
