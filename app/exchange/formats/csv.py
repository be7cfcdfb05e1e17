"""CSV after RFC 4180: UTF-8, `.` decimals, seconds with six of them, ISO 8601 times in UTC, an empty cell for what is missing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.clock import moment_text, seconds
from app.exchange.exporting import ExportOptions, Report, Written, exporters
from app.exchange.rows import Row
from app.exchange.sheets import Sheet, Type
from app.exchange.whole import Sheets
from db import tables

FORMULA = frozenset("=+-@\t\r")
"""First characters by which spreadsheets take a cell for a formula. What a rater wrote must not run on a colleague's machine."""


@exporters.register("csv")
def write_csv(session: Session, project: tables.Project, folder: Path, options: ExportOptions, progress: Report) -> Written:
    sheets = Sheets(session, project.id, options.frames, progress, ending="csv")
    rows = {f"{sheet.name}.csv": write_sheet(folder / f"{sheet.name}.csv", sheet, found, raw=options.raw) for sheet, found in sheets}
    return Written(rows, sheets.counts(rows))


def write_sheet(path: Path, sheet: Sheet, rows: Iterable[Row], *, raw: bool) -> int:
    """Writes `rows` under `sheet`'s header; returns how many."""
    written = 0
    cells = [_renderer(column.type, raw) for column in sheet.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(sheet.header)
        for row in rows:
            writer.writerow(["" if value is None else cell(value) for cell, value in zip(cells, row, strict=True)])
            written += 1
    return written


def _renderer(kind: Type, raw: bool) -> Callable[[Any], str]:
    match kind:
        case Type.TEXT:
            return str if raw else guarded
        case Type.INTEGER:
            return str
        case Type.NUMBER:
            return number
        case Type.BOOLEAN:
            return boolean
        case Type.SECONDS:
            return seconds
        case Type.MOMENT:
            return _moment


def guarded(text: str) -> str:
    """`text` as a spreadsheet shows it instead of computing it."""
    return f"'{text}" if text[:1] in FORMULA else text


def number(value: float) -> str:
    """The shortest decimals that give exactly this value again.

    >>> number(0.3), number(1.0), number(-0.25)
    ('0.3', '1', '-0.25')
    """
    return repr(float(value)).removesuffix(".0")


def boolean(value: bool) -> str:
    return "true" if value else "false"


def _moment(value: datetime) -> str:
    return moment_text(value)
