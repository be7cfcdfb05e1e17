"""An export is written whole or not at all: into a folder beside its place, and moved there when it is complete."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from app.clock import moment_text
from app.exchange.rows import model_versions
from app.version import VERSION
from db import tables
from models.registry import Registry

MANIFEST = "manifest.json"


class FolderInUse(ValueError):
    """The folder for the export holds files that are not an export's."""


@dataclass(frozen=True)
class ExportOptions:
    frames: bool = False
    """Also what the models found in every frame."""
    raw: bool = False
    """Text cells as they are, even those that a spreadsheet would take for a formula."""


@dataclass(frozen=True)
class Written:
    """What a format wrote: rows of each file, judgements and clips, and what only it can say for the manifest."""

    rows: dict[str, int]
    counts: dict[str, int]
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported:
    """`files` are names within `folder`, the manifest among them."""

    folder: Path
    files: tuple[str, ...]
    judgements: int


Report: TypeAlias = Callable[[int], None]
"""Is told now and then how many judgements are written."""

Exporter: TypeAlias = Callable[[Session, tables.Project, Path, ExportOptions, Report], Written]
"""Writes a project's files into an empty folder."""

exporters: Registry[Exporter] = Registry("export format", "app.exchange.formats", "portrayal.exporters")


def export(
    session: Session,
    project: tables.Project,
    out: Path,
    format_name: str = "csv",
    options: ExportOptions | None = None,
    progress: Report = lambda _: None,
) -> Exported:
    """Writes the project's export into the folder `out`, which is new, empty, or holds an earlier export and nothing else.

    Everything is read in `session`'s one transaction. Raises `models.registry.UnknownName` for a format that is not there,
    `FolderInUse`, `OSError`; whatever is raised, `out` is as it was.
    """
    write, options = exporters.get(format_name), options or ExportOptions()
    out = out.absolute()
    _check_free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        written = write(session, project, draft, options, progress)
        manifest = _manifest(session, project, draft, format_name, options, written)
        (draft / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        draft.chmod(0o755)  # mkdtemp makes it the owner's alone
        _move(draft, out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Exported(out, (*written.rows, MANIFEST), written.counts["judgements"])


def zip_export(
    session: Session, project: tables.Project, file: Path, format_name: str = "csv", options: ExportOptions | None = None
) -> Path:
    """`export` as one zip file. Raises as `export` does."""
    with tempfile.TemporaryDirectory(prefix="portrayal-export-", dir=file.parent) as folder:
        exported = export(session, project, Path(folder) / "export", format_name, options)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in exported.files:
                archive.write(exported.folder / name, name)
    return file


def _check_free(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise FolderInUse(f"{out} is a file; an export needs a folder: give a new one")
    there = {path.name for path in out.iterdir()}
    if there and not there <= _earlier_export(out):
        raise FolderInUse(f"{out} holds other files than an earlier export's; give a new or empty folder")


def _earlier_export(out: Path) -> set[str]:
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *manifest["files"]} if manifest["program"] == "portrayal" else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _move(draft: Path, out: Path) -> None:
    """Puts `draft` in `out`'s place. An earlier export is moved aside first and deleted last."""
    if not out.exists():
        draft.rename(out)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent)) / "earlier"
    out.rename(aside)
    try:
        draft.rename(out)
    except OSError:
        aside.rename(out)
        raise
    finally:
        shutil.rmtree(aside.parent)


def _manifest(
    session: Session, project: tables.Project, folder: Path, format_name: str, options: ExportOptions, written: Written
) -> dict[str, Any]:
    scheme = session.get_one(tables.Scheme, project.scheme_id)
    return {
        "program": "portrayal",
        "program_version": VERSION,
        "format": format_name,
        "options": asdict(options),
        "project": project.name,
        "scheme": {"name": scheme.name, "version": scheme.version, "sha256": scheme.sha256},
        "created_at": moment_text(tables.now()),
        "counts": written.counts,
        "models": model_versions(session, project.id),
        "files": {
            name: {"sha256": _sha256(folder / name), "bytes": (folder / name).stat().st_size, "rows": rows}
            for name, rows in written.rows.items()
        },
        **written.details,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
