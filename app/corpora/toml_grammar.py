"""A lab's own grammar: a TOML file with a regular expression of named groups and, a group, a table of what its values mean.

    name = "gemep"
    pattern = '(?P<actor>\\d{2})(?P<emotion>[a-z]{3})(?P<version>\\d)'
    example = "01ang2"
    label_set = "gemep"            # optional: `emotion` is a code or label of this set of the crosswalk

    [emotion]                      # optional: goes before label_set; without both, `emotion` is an id of the scheme
    ang = "anger"                  # one emotion
    sur = ["positive_surprise", "negative_surprise"]       # one of these, the name does not say which
    mix = { anger = 70, disgust = 30 }                     # a blend

    [intensity]
    hi = 3

Groups called actor, emotion, intensity, mode, version, situation, error_file go where they belong; all others into `take`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import regex

from app.corpora.reading import Grammar, Intended, NameReading, intended_by
from app.scheme import Crosswalk, Scheme, UnknownLabelSet, crosswalk, shipped_scheme
from models.registry import UnknownName

LONGEST_PATTERN = 1_000
LONGEST_MATCH_S = 1.0
"""Far above any match that ends by itself; a pattern that backtracks for ever is stopped here."""
LARGEST_SHARE = 1e9
NUMBERS = ("intensity", "version", "situation")
WORDS = ("actor", "mode")
GROUPS = ("emotion", "error_file", *NUMBERS, *WORDS)
SETTINGS = ("name", "pattern", "example", "label_set")


class UnreadableGrammar(UnknownName):
    """The TOML file is no grammar; the message says which line of it, what is accepted, what to do."""


@dataclass(frozen=True)
class TomlGrammar(Grammar):
    """A grammar from a file. `meanings` has, a group, what each of its values stands for."""

    name: str
    pattern: regex.Pattern[str]
    meanings: dict[str, dict[str, Any]]
    labels: Crosswalk | None
    shape: str  # type: ignore[misc] — of this file, where the shipped grammars have one a class
    example: str  # type: ignore[misc]

    def read(self, stem: str) -> NameReading | None:
        try:
            found = self.pattern.fullmatch(stem, timeout=LONGEST_MATCH_S)
        except TimeoutError:
            return NameReading(error=f"the pattern of {self.name} did not come to an end on this name; nest no + and * in each other")
        if found is None:
            return None
        problems: list[str] = []
        said: dict[str, Any] = {"take": {}}
        for group, value in found.groupdict().items():
            if value:
                self._say(said, group, value, problems)
        return NameReading(**said, error="; ".join(problems) or None)

    def _say(self, said: dict[str, Any], group: str, value: str, problems: list[str]) -> None:
        meaning = self.meanings.get(group)
        if meaning is not None and value not in meaning:
            if group != "emotion" or self.labels is None:
                problems.append(f"{group} {value!r} is not in the table [{group}] ({', '.join(meaning)})")
                return
            meaning = None
        meant = value if meaning is None else meaning[value]
        if group == "emotion":
            said["intended"] = meant if meaning is not None else self._label(value, problems)
        elif group in NUMBERS and meaning is None and not (value.isascii() and value.isdigit()):
            problems.append(f"{group} {value!r} is no number; a table [{group}] can say which it stands for")
        elif group in NUMBERS:
            said[group] = int(meant)
        elif group == "error_file":
            said[group] = meant if meaning is not None else True
        elif group in WORDS:
            said[group] = str(meant)
        else:
            said["take"][group] = str(meant)

    def _label(self, value: str, problems: list[str]) -> tuple[Intended, ...]:
        if self.labels is None:
            if value in shipped_scheme():
                return (Intended(value, 1.0),)
            problems.append(f"emotion {value!r} is no id of the scheme; a table [emotion] can say which it stands for")
            return ()
        for mapping in self.labels:
            if value.casefold() in (mapping.code.casefold(), mapping.label.casefold()):
                return intended_by(mapping)
        problems.append(f"emotion {value!r} is no label of the set {self.labels.name}")
        return ()


def load_grammar(file: str | Path) -> TomlGrammar:
    """The grammar in a TOML file; kept until the file changes. Raises `UnreadableGrammar`."""
    path = Path(file)
    try:
        state = path.stat()
        return _load(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError) as error:
        raise UnreadableGrammar(f"the grammar {file} cannot be opened: {error}") from error


@lru_cache(maxsize=16)
def _load(path: Path, _changed_ns: int, _size: int) -> TomlGrammar:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return parse_grammar(written, path.stem)
    except UnicodeDecodeError:
        raise UnreadableGrammar(f"the grammar {path} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UnreadableGrammar(f"the grammar {path} is not TOML: {error}") from None
    except UnreadableGrammar as error:
        raise UnreadableGrammar(f"the grammar {path}: {error}") from None


def parse_grammar(written: dict[str, Any], default_name: str) -> TomlGrammar:
    """The grammar that a TOML document says. Raises `UnreadableGrammar`, with everything that is wrong."""
    problems = list(_problems(written))
    if problems:
        raise UnreadableGrammar("; ".join(problems))
    meanings = {group: dict(table) for group, table in written.items() if isinstance(table, dict)}
    if "emotion" in meanings:
        meanings["emotion"] = {value: _emotions(meant) for value, meant in meanings["emotion"].items()}
    grammar = TomlGrammar(
        name=written.get("name", default_name),
        pattern=regex.compile(written["pattern"]),
        meanings=meanings,
        labels=crosswalk(written["label_set"]) if "label_set" in written else None,
        shape=f"the pattern {written['pattern']}",
        example=written.get("example", "none given in the file"),
    )
    if "example" in written:
        reading = grammar.read(written["example"])
        if reading is None or reading.error:
            why = reading.error if reading else "the pattern does not match it"
            raise UnreadableGrammar(f"its own example {written['example']!r} cannot be read: {why}")
    return grammar


def _problems(written: dict[str, Any]) -> Iterator[str]:
    for key in SETTINGS:
        if key in written and not (isinstance(written[key], str) and written[key]):
            yield f"{key} is a text in quotation marks"
    unknown = [key for key, value in written.items() if key not in SETTINGS and not isinstance(value, dict)]
    if unknown:
        yield f"unknown setting {', '.join(unknown)}; there are {', '.join(SETTINGS)}, and a table [group] for each group of the pattern"
    if isinstance(label_set := written.get("label_set"), str) and label_set:
        try:
            crosswalk(label_set)
        except UnknownLabelSet as error:
            yield str(error)
    pattern = written.get("pattern")
    if not isinstance(pattern, str) or not pattern:
        yield "pattern is missing: a regular expression with named groups, (?P<actor>…) (?P<emotion>…)"
        return
    if len(pattern) > LONGEST_PATTERN:
        yield f"pattern has {len(pattern)} characters; at most {LONGEST_PATTERN} are accepted"
        return
    try:
        groups = regex.compile(pattern).groupindex
    except regex.error as error:
        yield f"pattern is no regular expression: {error}"
        return
    if not groups:
        yield f"pattern names no group; write (?P<actor>…), (?P<emotion>…) and so on; those with a meaning are {', '.join(GROUPS)}"
    for group, table in written.items():
        if isinstance(table, dict):
            if group not in groups:
                yield f"table [{group}] is for no group of the pattern ({', '.join(groups)})"
            for value, meant in table.items():
                yield from _meaning_problems(group, value, meant, shipped_scheme())


def _meaning_problems(group: str, value: str, meant: Any, scheme: Scheme) -> Iterator[str]:
    whole = isinstance(meant, int) and not isinstance(meant, bool)
    if group == "emotion":
        yield from _emotion_problems(value, meant, scheme)
    elif group in NUMBERS:
        if not whole:
            yield f"[{group}] {value} is a whole number, not {meant!r}"
    elif group == "error_file":
        if not isinstance(meant, bool):
            yield f"[error_file] {value} is true or false, not {meant!r}"
    elif not isinstance(meant, str) and not whole:
        yield f"[{group}] {value} is a text, not {meant!r}"


def _emotion_problems(value: str, meant: Any, scheme: Scheme) -> Iterator[str]:
    if isinstance(meant, dict):
        sound = all(
            isinstance(share, int | float) and not isinstance(share, bool) and 0 < share < LARGEST_SHARE for share in meant.values()
        )
        named = list(meant)
    else:
        named = meant if isinstance(meant, list) else [meant]
        sound = all(isinstance(emotion, str) for emotion in named) and len({*map(str, named)}) == len(named)
    if not named or not sound:
        yield f"[emotion] {value} is an id, a list of different ids or a table of ids with shares above 0, not {meant!r}"
        return
    for emotion in named:
        if emotion not in scheme:
            yield f"[emotion] {value}: {scheme.suggestion(emotion)}"


def _emotions(meant: str | list[str] | dict[str, float]) -> tuple[Intended, ...]:
    if isinstance(meant, dict):
        whole = sum(meant.values())
        return tuple(Intended(emotion, share / whole) for emotion, share in meant.items())
    if isinstance(meant, list) and len(meant) > 1:
        return tuple(Intended(emotion, None) for emotion in meant)
    return (Intended(meant if isinstance(meant, str) else meant[0], 1.0),)
