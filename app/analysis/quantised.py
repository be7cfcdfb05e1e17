"""Traces as the browser gets them: one byte a value, 255 where nothing was measured.

Layout, little-endian: 4 bytes length of the header; the header, JSON filled up with spaces so that what follows begins at a multiple
of 8; then the planes. `times` are float64 µs. A column holds one byte a time: value = min + byte × (max − min) / 254.
The same traces always give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from app.analysis import people, speakers
from app.analysis.traces import Trace, load
from db import tables

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FORMAT = 1
"""Part of the ETag: goes up when the layout changes."""

STEPS = 254
MISSING = 255
ALIGNMENT = 8
"""What a browser's Float64Array asks of an offset."""

VECTORS = frozenset({people.KIND, speakers.KIND})
"""Kinds of traces that stay here."""


def quantise(analysis_id: int, traces: Sequence[Trace]) -> bytes:
    """The whole response body for `traces`. A value comes back within (max − min) / 508 of what it was, max and min being its column's."""
    planes = bytearray()
    described: list[dict[str, Any]] = []
    for trace in traces:
        planes.extend(bytes(-len(planes) % ALIGNMENT))
        times = {"offset": len(planes), "count": len(trace)}
        planes.extend(trace.times_us.astype("<f8").tobytes())
        columns: list[dict[str, Any]] = []
        for i, name in enumerate(trace.columns):
            values = trace.values[:, i].astype(np.float64)
            known = np.isfinite(values)
            low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 0.0)
            columns.append({"name": name, "offset": len(planes), "min": low, "max": high})
            plane = np.full(len(values), MISSING, np.uint8)
            plane[known] = np.rint((values[known] - low) / (high - low) * STEPS) if high > low else 0
            planes.extend(plane.tobytes())
        described.append(
            {
                "kind": trace.kind,
                "subject": trace.subject,
                "model": trace.model,
                "label_set": trace.label_set,
                "times": times,
                "columns": columns,
            }
        )
    header = json.dumps({"analysis": analysis_id, "traces": described}, separators=(",", ":")).encode()
    header += b" " * (-(4 + len(header)) % ALIGNMENT)
    return len(header).to_bytes(4, "little") + header + bytes(planes)


def dequantise(body: bytes) -> tuple[int, list[Trace]]:
    """The analysis' id and its traces, with values as a client of the route sees them."""
    length = int.from_bytes(body[:4], "little")
    header = json.loads(body[4 : 4 + length])
    start = 4 + length
    traces: list[Trace] = []
    for one in header["traces"]:
        count = one["times"]["count"]
        times = np.frombuffer(body, "<f8", count, start + one["times"]["offset"]).astype(np.int64)
        values = np.empty((count, len(one["columns"])), np.float32)
        for i, column in enumerate(one["columns"]):
            plane = np.frombuffer(body, np.uint8, count, start + column["offset"])
            values[:, i] = np.where(plane == MISSING, np.nan, column["min"] + plane * (column["max"] - column["min"]) / STEPS)
        names = tuple(column["name"] for column in one["columns"])
        traces.append(Trace(one["kind"], one["subject"], one["model"], one["label_set"], times, names, values))
    return header["analysis"], traces


def etag(analysis: tables.Analysis) -> str:
    """Names the response without making it: an analysis never changes, and another one under the same id has another time."""
    named = f"{FORMAT} {analysis.id} {analysis.created_at.isoformat()}"
    return f'"{sha256(named.encode()).hexdigest()[:20]}"'


def response_body(session: Session, analysis_id: int) -> bytes:
    """The whole response body for an analysis in the database, but for the vectors of voices and faces, which nobody draws."""
    return quantise(analysis_id, [trace for trace in load(session, analysis_id) if trace.kind not in VECTORS])
