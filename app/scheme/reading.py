"""A scheme from a CSV file: the shipped one and a lab's own go through the same checks."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from app.scheme.emotions import Emotion, Scheme, ValenceTag

REQUIRED = ("id", "name", "family")
OPTIONAL = ("definition", "name_sv", "synonyms", "code", "native_id", "valence_tag", "valence", "arousal", "va_source")
RESERVED_NATIVE_IDS = {100: "no emotion given", 1000: "no reply"}
ID = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
MOST_REPORTED = 20


class UnreadableScheme(ValueError):
    """The CSV is no scheme. `problems` says why, each with its line number; so does the message."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        shown = problems[:MOST_REPORTED]
        more = [f"… and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
        super().__init__("the scheme could not be read:\n" + "\n".join(f"- {line}" for line in [*shown, *more]))


def read_scheme_file(path: Path, name: str, version: str | None = None) -> Scheme:
    """`read_scheme` of a UTF-8 file. Raises `UnreadableScheme`, `OSError`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableScheme([f"line {line}: not UTF-8; save the file as “CSV UTF-8”"]) from None
    return read_scheme(text, name, version)


def read_scheme(text: str, name: str, version: str | None = None) -> Scheme:
    """A scheme from CSV text with a header; columns `id,name,family` and any of `OPTIONAL`, separated by comma, semicolon or tab.

    Without a version, the first 8 digits of the content's hash are one. Raises `UnreadableScheme` with every problem found.
    """
    if not name.strip():
        raise UnreadableScheme(["a scheme needs a name"])
    text = text.removeprefix("\ufeff")
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=_delimiter(text))
    problems = list(_header_problems(rows.fieldnames or []))
    if problems:
        raise UnreadableScheme(problems)
    seen: dict[tuple[str, str], int] = {}
    emotions = []
    try:
        for row in rows:
            values = {key.strip().lower(): (value or "").strip() for key, value in row.items() if isinstance(key, str)}
            if any(values.values()):
                found = [*_row_problems(values, None in row), *_repetitions(values, rows.line_num, seen)]
                problems += [f"line {rows.line_num}: {problem}" for problem in found]
                if not found:
                    emotions.append(_emotion(values))
    except csv.Error as error:
        problems.append(f"line {rows.line_num}: {error}")
    if not problems and not emotions:
        problems.append("line 2: there is no emotion below the header")
    if problems:
        raise UnreadableScheme(problems)
    scheme = Scheme(name.strip(), version or "", tuple(emotions))
    return scheme if version else Scheme(scheme.name, scheme.sha256[:8], scheme.emotions)


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _header_problems(header: Sequence[str]) -> Iterator[str]:
    names = [name.strip().lower() for name in header]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        yield (
            f"line 1: no column {', '.join(missing)}; needed: {', '.join(REQUIRED)}; possible: {', '.join(OPTIONAL)}; "
            f"found: {', '.join(names) or 'nothing'}"
        )
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL)]
    if unknown and not missing:
        yield f"line 1: unknown column {', '.join(map(repr, unknown))}; possible: {', '.join((*REQUIRED, *OPTIONAL))}"
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        yield f"line 1: column {', '.join(repeated)} stands there twice"


def _row_problems(values: dict[str, str], too_long: bool) -> Iterator[str]:
    if too_long:
        yield "more cells than columns; a text with the separator in it needs quotation marks"
    for column in REQUIRED:
        if not values.get(column):
            yield f"{column} is empty"
    for column in ("id", "family"):
        if values.get(column) and not ID.fullmatch(values[column]):
            yield f"{column} {values[column]!r} is not made of 1–64 letters a–z, digits, _ . -"
    if (tag := values.get("valence_tag")) and tag not in list(ValenceTag):
        yield f"valence_tag {tag!r} is none of {', '.join(ValenceTag)}"
    if native := values.get("native_id"):
        if not (native.isascii() and native.isdigit() and len(native) < 10):
            yield f"native_id {native!r} is no whole number from 0"
        elif int(native) in RESERVED_NATIVE_IDS:
            yield f"native_id {native} is reserved for “{RESERVED_NATIVE_IDS[int(native)]}”; give another number"
    for column in ("valence", "arousal"):
        if (value := values.get(column)) and ((number := _number(value)) is None or not -1 <= number <= 1):
            yield f"{column} {value!r} is no number from -1 to 1"


def _repetitions(values: dict[str, str], line: int, seen: dict[tuple[str, str], int]) -> Iterator[str]:
    for column in ("id", "name", "code", "native_id"):
        if value := values.get(column):
            if (column, value) in seen:
                yield f"{column} {value!r} stands already in line {seen[column, value]}"
            seen.setdefault((column, value), line)


def _emotion(values: dict[str, str]) -> Emotion:
    return Emotion(
        id=values["id"],
        name=values["name"],
        family=values["family"],
        definition=values.get("definition", ""),
        name_sv=values.get("name_sv") or None,
        synonyms=values.get("synonyms", ""),
        code=values.get("code") or None,
        native_id=int(values["native_id"]) if values.get("native_id") else None,
        valence_tag=ValenceTag(values["valence_tag"]) if values.get("valence_tag") else None,
        valence=_number(values.get("valence", "")),
        arousal=_number(values.get("arousal", "")),
        va_source=values.get("va_source") or None,
    )


def _number(text: str) -> float | None:
    """A finite number, its decimal sign a point or (as spreadsheets of half the world write) a comma; None for anything else."""
    text = text.replace(",", ".")
    return float(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII) else None
