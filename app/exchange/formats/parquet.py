"""Parquet: the tables of the CSV export with real types. Missing is null, times are timestamps in UTC, seconds are float64."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.clock import MICROSECONDS
from app.exchange.exporting import ExportOptions, Report, Written, exporters
from app.exchange.rows import Row
from app.exchange.sheets import Sheet, Type
from app.exchange.whole import Sheets
from db import tables

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_GROUP = 50_000
"""Some 30 MB of labels in memory; large enough that columns compress well."""


@exporters.register("parquet")
def write_parquet(session: Session, project: tables.Project, folder: Path, options: ExportOptions, progress: Report) -> Written:
    sheets = Sheets(session, project.id, options.frames, progress, ending="parquet")
    rows = {f"{sheet.name}.parquet": write_sheet(folder / f"{sheet.name}.parquet", sheet, found) for sheet, found in sheets}
    return Written(rows, sheets.counts(rows))


def write_sheet(path: Path, sheet: Sheet, rows: Iterable[Row]) -> int:
    """Writes `rows` with `sheet`'s columns; returns how many."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([pa.field(column.name, _arrow_type(column.type), metadata={"meaning": column.meaning}) for column in sheet.columns])
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns = zip(*group, strict=True)
            arrays = [
                pa.array([_cell(column.type, value) for value in values], field.type)
                for column, field, values in zip(sheet.columns, schema, columns, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            written += len(group)
    return written


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while group := list(islice(remaining, ROWS_A_GROUP)):
        yield group


def _arrow_type(kind: Type) -> pa.DataType:
    import pyarrow as pa

    types = {
        Type.TEXT: pa.string(),
        Type.INTEGER: pa.int64(),
        Type.NUMBER: pa.float64(),
        Type.BOOLEAN: pa.bool_(),
        Type.SECONDS: pa.float64(),
        Type.MOMENT: pa.timestamp("us", "UTC"),
    }
    return types[kind]


def _cell(kind: Type, value: Any) -> Any:
    return value / MICROSECONDS if kind is Type.SECONDS and value is not None else value
