"""Is everything there that the program needs, and if not, what to do. For the command line and the settings page."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from sqlalchemy import func, make_url, select, text
from sqlalchemy.orm import defer

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ((3, 11), (3, 13))
"""From, and below."""
ROOM_BYTES = 2 * 2**30
"""Free space below which an import of a few long clips would fill the disk."""
INSTALL = "run `make run` again, or `pip install --no-deps -r requirements.txt` in the program's environment"
ENCODERS, DECODERS = ("libx264", "aac", "mjpeg"), ("h264", "hevc", "aac", "flac", "mp3", "vp9", "prores")
OPENCV = ("opencv-python", "opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")
"""They overwrite each other's files."""
LISTED = 3
"""Names that an advice gives before it only counts."""


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    advice: str = ""
    """What to do where it is not ok; otherwise a remark, or nothing."""


def examine(settings: Settings) -> Iterator[Check]:
    """Every check in turn, each as it is done. None of them changes anything. Whatever a check runs into becomes its advice."""
    for name, check in _CHECKS.items():
        try:
            yield from check(settings)
        except Exception as error:  # noqa: BLE001 — a doctor that dies of what it finds is of no use; the error is what it found
            yield Check(name, False, f"{type(error).__name__}: {error}")


def _python(_: Settings) -> Iterator[Check]:
    here = sys.version_info[:2]
    yield _verdict(
        "python",
        PYTHON[0] <= here < PYTHON[1],
        ill=f"this is Python {here[0]}.{here[1]}; the program's packages are made for 3.11 and 3.12",
    )


def _packages(_: Settings) -> Iterator[Check]:
    wanted = dict(_pins(ROOT / "requirements.txt"))
    other = [f"{name} is {have or 'missing'}, wanted {want}" for name, want in wanted.items() if (have := _installed(name)) != want]
    yield _verdict("packages", not other, well=f"{len(wanted)} as they were tested", ill=f"{_some(other)}: {INSTALL}")


def _opencv(_: Settings) -> Iterator[Check]:
    there = [name for name in OPENCV if _installed(name)]
    yield _verdict(
        "opencv", len(there) == 1, ill=f"exactly one OpenCV may be installed, these are: {', '.join(there) or 'none'}; {INSTALL}"
    )


def _codecs(_: Settings) -> Iterator[Check]:
    from av.codec import Codec

    def there(name: str, mode: Literal["r", "w"]) -> bool:
        try:
            Codec(name, mode)
        except ValueError:  # av's UnknownCodecError is one
            return False
        return True

    missing = [f"encoder {name}" for name in ENCODERS if not there(name, "w")]
    missing += [f"decoder {name}" for name in DECODERS if not there(name, "r")]
    yield _verdict("codecs", not missing, ill=f"PyAV lacks {_some(missing)}: {INSTALL}")


def _home(settings: Settings) -> Iterator[Check]:
    folder = settings.home.absolute()
    while not folder.exists():
        folder = folder.parent
    home = str(settings.home.absolute())
    yield _verdict("home folder", os.access(folder, os.W_OK), well=home, ill=f"{folder} cannot be written; choose another with --home")
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} GB free"
    yield _verdict("disk space", free >= ROOM_BYTES, well=said, ill=f"{said}; make room before importing")


def _database(settings: Settings) -> Iterator[Check]:
    from db.engine import open_engine
    from db.migrate import current, head

    if not _is_there(settings):
        yield Check("database", False, "there is none yet; `python -m app init` or the first start makes it")
        return
    engine = open_engine(settings.url)
    try:
        at = current(engine)
        ill = f"revision {at}, the program wants {head()}; `python -m app init` brings it there"
        yield _verdict("database", at == head(), well=f"revision {at}", ill=ill)
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                said = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
            yield _verdict("database file", said == "ok", ill=f"it is damaged ({said}); put a backup back: `python -m app restore`")
    finally:
        engine.dispose()


def _media(settings: Settings) -> Iterator[Check]:
    from app.media.store import ORIGINAL_LOST, Store
    from db.engine import Database
    from db.migrate import current, head
    from db.tables import Clip, Medium

    if not _is_there(settings):
        return
    database, store = Database(settings.url), Store(settings.media)
    gone, count = [], 0
    try:
        if current(database.engine) != head():
            return
        named = select(Medium, func.min(Clip.file_name)).join(Clip, Clip.sha256 == Medium.sha256).group_by(Medium.sha256)
        with database.reading() as session:
            known = set(session.scalars(select(Medium.sha256)))
            for medium, name in session.execute(named.options(defer(Medium.frame_times))):
                count += 1
                try:
                    store.original(medium)
                except ORIGINAL_LOST:
                    gone.append(name)
    finally:
        database.close()
    ill = f"{len(gone)} of {count} are not where they were: {_some(gone)}; put them back, or import them again from where they are"
    yield _verdict("media", not gone, well=f"{count} files are there", ill=ill)
    if strays := [path for path in store.originals() if path.name not in known]:
        size = sum(path.stat().st_size for path in strays) / 2**20
        # Only named, never removed: after a restored backup they may be the only copies of clips that came in since.
        said = (
            f"{len(strays)} files ({size:,.0f} MiB) belong to no clip: {_some(sorted(map(str, strays)))}; an import was broken off, or an"
        )
        yield Check("media without clips", True, f"{said} earlier backup restored. Import them again, or delete them.")


def _models(_: Settings) -> Iterator[Check]:
    from app.analysis.plan import AnalysisPlan
    from models.catalogue import listed

    usual = AnalysisPlan()
    needed = {usual.detector, usual.face, usual.speech, usual.voice}
    for facts in listed():
        name = f"model {facts['name']}"
        if facts["ready"] or facts["name"] in needed:
            yield _verdict(name, facts["ready"], well=f"version {facts['version']}", ill=facts["advice"])
        else:
            yield Check(name, True, f"cannot run here, and need not unless it is chosen. {facts['advice']}")


def _verdict(name: str, ok: bool, *, well: str = "", ill: str) -> Check:
    return Check(name, ok, well if ok else ill)


def _is_there(settings: Settings) -> bool:
    """Whether a database exists: looking into one that does not would make it."""
    url = make_url(settings.url)
    return url.get_backend_name() != "sqlite" or bool(url.database and Path(url.database).exists())


_CHECKS: dict[str, Callable[[Settings], Iterator[Check]]] = {
    "python": _python,
    "packages": _packages,
    "opencv": _opencv,
    "codecs": _codecs,
    "home folder": _home,
    "database": _database,
    "media": _media,
    "models": _models,
}


def _pins(file: Path) -> Iterator[tuple[str, str]]:
    """Names and versions in a requirements file; lines for other platforms are left out."""
    from packaging.requirements import InvalidRequirement, Requirement

    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            wanted = Requirement(line.split(" #")[0].split(" --hash")[0].rstrip(" \\"))
        except InvalidRequirement:
            continue  # comments, options, hashes on lines of their own
        pin = next((one.version for one in wanted.specifier if one.operator == "=="), None)
        if pin is not None and (wanted.marker is None or wanted.marker.evaluate()):
            yield wanted.name, pin


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _some(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
