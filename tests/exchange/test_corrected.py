"""What people corrected of turns and cast is exported beside the labels; nothing is there where nobody corrected anything."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow.parquet as pq

from app.analysis.traces import Trace, save
from app.exchange import Exported
from app.review.corrections import correct
from db import tables
from tests.lab import NOW, Lab

S = 1_000_000


def say(lab: Lab, rater: int, *changes: tuple[str, int, dict[str, Any]]) -> None:
    with lab.database.writing() as session:
        asked = [
            {"op_id": str(uuid4()), "kind": kind, "base_revision": base, "analysis": None, "change": change}
            for kind, base, change in changes
        ]
        assert all(ack.status == "applied" for ack in correct(session, lab.clip, rater, asked, NOW))


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def two_faces(lab: Lab) -> int:
    """An analysis that followed two faces."""
    columns, times = ("box_x", "box_y", "box_w", "box_h"), np.arange(4, dtype=np.int64) * S
    with lab.database.writing() as session:
        row = tables.Analysis(clip_id=lab.clip, models={}, parameters={}, program_version="0", frames=4, faces=2, seconds=0.0)
        boxes = [np.full((4, 4), value, np.float32) for value in (10, 90)]
        save(session, row, [Trace("face", str(n), "m", None, times, columns, box) for n, box in enumerate(boxes, 1)])
        session.flush()
        return row.id


def test_corrected_turns_are_exported_with_names_that_no_spreadsheet_runs(lab: Lab, exported: Callable[..., Exported]) -> None:
    assert not (exported().folder / "turns.csv").exists()
    say(lab, lab.anna, ("turn", 0, {"action": "add", "start_us": 0, "end_us": S, "speaker": "2"}))
    say(lab, lab.bo, ("turn", 1, {"action": "rename", "speaker": "2", "name": "=1+1"}))
    result = exported()
    assert {"turns.csv", "codebook.csv"} <= set(result.files) and "cast.csv" not in result.files
    (row,) = read(result.folder, "turns.csv")
    assert (row["turn"], row["start_s"], row["end_s"], row["speaker"], row["speaker_name"]) == ("1", "0.000000", "1.000000", "2", "'=1+1")
    assert (row["confidence"], row["corrected"], row["revision"], row["corrected_by"]) == ("", "true", "2", "anna|bo")
    told = {line["column"] for line in read(result.folder, "codebook.csv") if line["file"] == "turns.csv"}
    assert told == row.keys()
    table = pq.read_table(exported("parquet").folder / "turns.parquet")
    assert (table.column("speaker_name").to_pylist(), table.column("corrected").to_pylist()) == (["=1+1"], [True])


def test_a_corrected_cast_is_exported_face_by_face(lab: Lab, exported: Callable[..., Exported]) -> None:
    number = two_faces(lab)
    with lab.database.writing() as session:
        changes = ({"action": "join", "people": [1, 2]}, {"action": "name", "person": 1, "name": "Cleo"})
        asked = [
            {"op_id": str(uuid4()), "kind": "cast", "base_revision": base, "analysis": number, "change": change}
            for base, change in enumerate(changes)
        ]
        assert all(ack.status == "applied" for ack in correct(session, lab.clip, lab.anna, asked, NOW))
    rows = read(exported().folder, "cast.csv")
    assert [(row["face_id"], row["person"], row["person_name"], row["corrected_by"]) for row in rows] == [
        ("1", "1", "Cleo", "anna"),
        ("2", "1", "Cleo", "anna"),
    ]
