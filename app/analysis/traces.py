"""A model's numbers over time: a float matrix in memory, Arrow IPC bytes in the database. Missing is NaN here, null there, never zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from db import tables

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CLASS = "p:"
"""Begins the name of a column that holds the probability of a class."""

UNIT = "au:"
"""Begins the name of a column that holds how active an action unit of a face is."""

TIME = "time_us"
"""The first Arrow column; no other column may have this name."""


@dataclass(frozen=True)
class Trace:
    """What one model says about one subject over time.

    `kind` is `faces`, `face`, `body`, `speech` or `voice`; `subject` the face's or person's number, the speaker's name, or empty;
    `times_us` (T,) int64, strictly increasing; `values` (T, C) float32 with a name in `columns` each, NaN where nothing was measured.
    Raises `ValueError` where these do not fit together.
    """

    kind: str
    subject: str
    model: str
    label_set: str | None
    times_us: NDArray[np.int64]
    columns: tuple[str, ...]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        expected = (len(self.times_us), len(self.columns))
        if self.values.shape != expected:
            raise ValueError(f"values of {expected[0]} times and {expected[1]} columns must have that shape, not {self.values.shape}")
        if len(set(self.columns)) < len(self.columns) or TIME in self.columns:
            raise ValueError(f"column names must differ from each other and from {TIME!r}; got {self.columns}")
        if np.any(np.diff(self.times_us) <= 0):
            raise ValueError("times must strictly increase")

    def __len__(self) -> int:
        return len(self.times_us)

    def __getitem__(self, column: str) -> NDArray[np.float32]:
        """The values (T,) of one column. Raises `KeyError`, naming the columns there are."""
        try:
            return self.values[:, self.columns.index(column)]
        except ValueError:
            raise KeyError(f"{column!r} is not a column of this {self.kind} trace; there are: {', '.join(self.columns)}") from None

    @property
    def classes(self) -> tuple[str, ...]:
        """The model's classes, in its own order."""
        return tuple(name.removeprefix(CLASS) for name in self.columns if name.startswith(CLASS))

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """(T, K) probabilities of `classes`; a row is NaN where the model said nothing."""
        return self.values[:, [i for i, name in enumerate(self.columns) if name.startswith(CLASS)]]

    def between(self, start_us: int, end_us: int) -> Trace:
        """The part with start_us ≤ time < end_us."""
        first, last = np.searchsorted(self.times_us, [start_us, end_us])
        part = slice(int(first), int(last))
        return Trace(self.kind, self.subject, self.model, self.label_set, self.times_us[part], self.columns, self.values[part])


def to_bytes(trace: Trace) -> bytes:
    """`trace` as an Arrow IPC stream, zstd-compressed, that any Arrow library reads by itself."""
    import pyarrow as pa

    columns: list[Any] = [pa.array(trace.times_us, pa.int64())]
    for i in range(len(trace.columns)):
        values = np.ascontiguousarray(trace.values[:, i], np.float32)
        columns.append(pa.array(values, pa.float32(), mask=np.isnan(values)))
    about = {"kind": trace.kind, "subject": trace.subject, "model": trace.model, "label_set": trace.label_set or ""}
    fields = [pa.field(name, column.type) for name, column in zip((TIME, *trace.columns), columns, strict=True)]
    batch = pa.record_batch(columns, schema=pa.schema(fields, metadata=about))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def from_bytes(data: bytes) -> Trace:
    """The trace that `to_bytes` wrote."""
    import pyarrow as pa

    table = pa.ipc.open_stream(data).read_all()
    about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    names = tuple(table.column_names[1:])
    values = np.full((table.num_rows, len(names)), np.nan, np.float32)
    for i, name in enumerate(names):
        values[:, i] = table.column(name).to_numpy()
    return Trace(
        about["kind"], about["subject"], about["model"], about["label_set"] or None, table.column(TIME).to_numpy().copy(), names, values
    )


def rows_of(traces: Iterable[Trace]) -> list[tables.Trace]:
    """`traces` as rows for `Analysis.traces`."""
    return [
        tables.Trace(kind=trace.kind, subject=trace.subject, model=trace.model, label_set=trace.label_set, data=to_bytes(trace))
        for trace in traces
    ]


def save(session: Session, analysis: tables.Analysis, traces: Iterable[Trace]) -> None:
    """Adds `traces` to `analysis`; they are written when the session is."""
    analysis.traces.extend(rows_of(traces))
    session.add(analysis)


def load(session: Session, analysis_id: int, kinds: Sequence[str] = ()) -> list[Trace]:
    """The traces of an analysis, in the order they were saved; `kinds` keeps those kinds only."""
    query = select(tables.Trace.data).where(tables.Trace.analysis_id == analysis_id).order_by(tables.Trace.id)
    if kinds:
        query = query.where(tables.Trace.kind.in_(kinds))
    return [from_bytes(data) for data in session.scalars(query)]
