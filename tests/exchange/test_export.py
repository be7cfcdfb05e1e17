"""An export is whole or not there, says what it holds, and is the same in every format."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.exchange import Exported, ExportOptions, FolderInUse, Report, Written, export, exporters, zip_export
from app.exchange.sheets import CAST, CLIPS, CODEBOOK, FRAMES, LABELS, TURNS, Sheet
from app.review.operations import apply
from db import tables
from models.registry import UnknownName
from tests.lab import NOW, Lab

DOCS = Path(__file__).parents[2] / "docs" / "export.md"


def say(lab: Lab, number: int) -> None:
    one = str(UUID(int=number + 1))
    said = {"tier": "clip", "start_us": number * 1000, "end_us": number * 1000 + 500, "emotions": [{"id": "anger"}], "note": f"ö{number}"}
    with lab.database.writing() as session:
        (ack,) = apply(
            session,
            lab.clip,
            lab.anna,
            [{"op_id": one, "kind": "put", "judgement_id": one, "base_revision": 0, "judgement": said}],
            NOW,
        )
    assert ack.revision == 1


@pytest.mark.parametrize("name", exporters.names())
def test_every_format_writes_the_files_it_names_and_counts_the_judgements(lab: Lab, exported: Callable[..., Exported], name: str) -> None:
    for number in range(3):
        say(lab, number)
    result = exported(name)
    assert result.judgements == 3
    assert {path.name for path in result.folder.iterdir()} == set(result.files)
    assert json.loads((result.folder / "manifest.json").read_text())["format"] == name


def test_a_format_that_fails_half_way_leaves_the_earlier_export(
    lab: Lab, tmp_path: Path, exported: Callable[..., Exported], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(exported().folder)
    say(lab, 1)

    def full_disk(session: Session, project: tables.Project, folder: Path, options: ExportOptions, progress: Report) -> Written:
        exporters.get("csv")(session, project, folder, options, progress)
        raise OSError("no space left on device")

    monkeypatch.setitem(exporters._things, "full disk", full_disk)
    with pytest.raises(OSError, match="no space left"):
        exported("full disk")
    assert contents(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert contents(exported().folder) != before


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_export_never_replaces_what_is_no_export(lab: Lab, tmp_path: Path, exported: Callable[..., Exported]) -> None:
    (tmp_path / "out").mkdir()
    assert exported().judgements == 0
    thesis = tmp_path / "out" / "thesis.tex"
    thesis.write_text("years")
    with pytest.raises(FolderInUse, match="new or empty folder"):
        exported()
    assert thesis.read_text() == "years"
    with lab.database.reading() as session, pytest.raises(FolderInUse, match="is a file"):
        export(session, session.get_one(tables.Project, lab.project), thesis)


def test_a_format_that_is_not_there_is_answered_with_those_that_are(lab: Lab, tmp_path: Path) -> None:
    with lab.database.reading() as session, pytest.raises(UnknownName, match="there are: csv"):
        export(session, session.get_one(tables.Project, lab.project), tmp_path / "out", "cvs")


def test_the_manifest_vouches_for_every_file(lab: Lab, exported: Callable[..., Exported]) -> None:
    say(lab, 0)
    with lab.database.writing() as session:
        models = {"face": {"name": "fer", "version": "25.10.3"}, "voice": {"name": "portrayal_voice", "version": "1"}}
        for _ in range(2):
            session.add(tables.Analysis(clip_id=lab.clip, models=models, parameters={}, program_version="0", frames=0, seconds=0.0))
    result = exported()
    manifest = json.loads((result.folder / "manifest.json").read_text())
    for name, file in manifest["files"].items():
        content = (result.folder / name).read_bytes()
        assert (file["sha256"], file["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
        assert file["rows"] == len(list(csv.reader(io.StringIO(content.decode(), newline="")))) - 1
    assert manifest["files"].keys() == {"labels.csv", "clips.csv", "codebook.csv"}
    assert (manifest["project"], manifest["counts"]) == ("study", {"judgements": 1, "label_rows": 1, "clips": 1})
    assert (manifest["scheme"]["name"], manifest["scheme"]["version"]) == ("emotions-44", "1")
    assert manifest["models"][0] == {"part": "face", "name": "fer", "version": "25.10.3", "analyses": 2}
    assert manifest["program_version"]
    assert datetime.fromisoformat(manifest["created_at"]).tzinfo is not None


def test_the_codebook_tells_every_column_of_every_file(lab: Lab, exported: Callable[..., Exported]) -> None:
    with lab.database.writing() as session:
        models = {"face": {"name": "fer", "version": "1", "classes": ["happy", "angry"]}}
        session.add(tables.Analysis(clip_id=lab.clip, models=models, parameters={}, program_version="0", frames=0, seconds=0.0))
    result = exported(frames=True)
    told: dict[str, list[str]] = {}
    with (result.folder / "codebook.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert row["meaning"]
            assert row["type"]
            told.setdefault(row["file"], []).append(row["column"])
    for name in ("labels.csv", "clips.csv", "frames.csv", "codebook.csv"):
        with (result.folder / name).open(newline="") as file:
            assert told.pop(name) == next(csv.reader(file))
    assert told == {}


def test_the_zip_holds_the_same_files(lab: Lab, tmp_path: Path, exported: Callable[..., Exported]) -> None:
    say(lab, 0)
    with lab.database.reading() as session:
        archive = zipfile.ZipFile(zip_export(session, session.get_one(tables.Project, lab.project), tmp_path / "export.zip"))
    folder = exported().folder
    assert archive.namelist() == ["labels.csv", "clips.csv", "codebook.csv", "manifest.json"]
    assert archive.read("labels.csv") == (folder / "labels.csv").read_bytes()
    assert [path.name for path in tmp_path.glob("portrayal-export-*")] == []


def test_an_export_shows_one_moment_of_the_database(lab: Lab, tmp_path: Path) -> None:
    """What is said while it is written is not half in it."""
    say(lab, 0)
    with lab.database.reading() as session:
        project = session.get_one(tables.Project, lab.project)
        say(lab, 1)
        first = export(session, project, tmp_path / "first")
    with lab.database.reading() as session:
        second = export(session, session.get_one(tables.Project, lab.project), tmp_path / "second")
    assert (first.judgements, second.judgements) == (1, 2)


def test_parquet_holds_the_same_cells_with_types(lab: Lab, exported: Callable[..., Exported]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for number in range(2):
        say(lab, number)
    table = pq.read_table(exported("parquet").folder / "labels.parquet")
    assert table.column_names == list(LABELS.header)
    assert table.column("start_s").to_pylist() == [0.0, 0.001]
    assert table.column("emotion_native_id").to_pylist() == [12, 12]
    assert table.column("valence").to_pylist() == [None, None]
    assert table.column("created_at").to_pylist() == [NOW, NOW]
    assert table.schema.field("suggestion_visible").type == pa.bool_()
    assert table.column("note").to_pylist() == ["ö0", "ö1"]


@pytest.mark.parametrize("sheet", [LABELS, CLIPS, TURNS, CAST, FRAMES, CODEBOOK], ids=lambda sheet: sheet.name)
def test_the_documentation_tells_the_same_columns_as_the_codebook(sheet: Sheet) -> None:
    """docs/export.md is written by hand around tables that must not go stale."""
    section = DOCS.read_text(encoding="utf-8").split(f"## {sheet.name}.csv\n", 1)[1].split("\n## ", 1)[0]
    documented = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*?) ?\| (.+) \|$", section, re.MULTILINE)
    assert documented == [(c.name, c.type.value, c.unit, c.meaning.replace("|", "\\|")) for c in sheet.columns]


def test_the_documentation_names_every_format() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [name for name in exporters.names() if f"`--format {name}`" not in text] == []
