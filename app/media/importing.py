"""Files into a project: bytes into the store, measures into `Medium`, what the name says into `Clip`. Importing twice changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.media.limits import Limits
from app.media.outcomes import Duplicate, Imported, Outcome, PassedOver, Rejected, as_json
from app.media.sniffing import HEAD_BYTES, UnreadableMedia, sniff
from app.media.stating import UNSAID, Statement
from app.media.store import ORIGINAL_LOST, FileTooLarge, Received, Store
from db.engine import Database
from db.tables import Clip, IntendedEmotion, Medium, Project

__all__ = [
    "Duplicate",
    "Imported",
    "Outcome",
    "PassedOver",
    "Rejected",
    "Report",
    "as_json",
    "import_file",
    "import_paths",
    "import_received",
]

if TYPE_CHECKING:
    from app.corpora import NameReading
    from app.media.probe import Probed

_SUFFIXES = """
    3g2 3gp aac aif aifc aiff amr asf avi caf flac flv m2ts m4a m4v mka mkv mov mp3 mp4 mpeg mpg mts mxf oga ogg ogv opus qt ts vob
    wav webm wma wmv
"""
MEDIA_SUFFIXES = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())
"""Endings of names by which people expect a clip. A file in a folder that has no such name and is none is passed over."""

Report = Callable[[int, int, str], None]
"""Called before each file with how many are done, how many there are, and the file's name."""


def import_paths(
    database: Database,
    store: Store,
    limits: Limits,
    project: str,
    paths: Sequence[Path],
    *,
    corpus: str = "auto",
    link: bool = False,
    prepared: bool = True,
    progress: Report | None = None,
) -> Iterator[Outcome]:
    """Imports files and, recursively and in the order of their names, everything in folders; hidden files are left alone.

    Each file is a transaction of its own, so an import that was broken off is taken up again by repeating it.
    A file is known by its path within the folder that was given. Raises what `app.corpora.read_name` raises for a `corpus` that does
    not exist, and `app.projects.InvalidProjectName`, before anything is imported.
    """
    from app.corpora import check_corpus
    from app.projects import project_named

    check_corpus(corpus)
    with database.writing() as session:
        project_named(session, project, create=True)
    found = list(_walk(paths))
    for done, (path, name, in_folder) in enumerate(found):
        if progress:
            progress(done, len(found), name)
        if in_folder and path.suffix.lower() not in MEDIA_SUFFIXES and not _is_media(path):
            yield PassedOver(name)
        else:
            yield import_file(database, store, limits, project, path, shown_as=name, corpus=corpus, link=link, prepared=prepared)


def import_file(
    database: Database,
    store: Store,
    limits: Limits,
    project: str,
    path: Path,
    *,
    file_name: str | None = None,
    shown_as: str | None = None,
    corpus: str = "auto",
    link: bool = False,
    prepared: bool = True,
) -> Outcome:
    """Imports one file of this machine as `file_name` (its own name if None): a copy, or by `link` as it lies there.

    `shown_as` is what outcomes call it; `prepared` as in `import_received`. Nothing is kept of a file that is rejected, and an
    unreadable `path` is. Raises what `app.corpora.read_name` raises for a `corpus` that does not exist, `OSError` where the store's
    disk fails.
    """
    file_name = file_name or path.name
    shown = shown_as or file_name
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableMedia("This is a folder, a pipe or a device. Give a file, or a folder that holds files.")
        if status.st_size > limits.size:
            raise FileTooLarge.past(limits.size)
        with path.open("rb") as file:
            sniff(file.read(HEAD_BYTES))
        there = store.link(path) if link or _size_known(database, status.st_size) else None
        if there is not None and (duplicate := _duplicate(database, store, project, there.sha256, shown)):
            return duplicate
        received = there if link and there is not None else store.adopt(path, limits.size)
    except (UnreadableMedia, FileTooLarge) as error:
        return Rejected(shown, str(error))
    except OSError as error:
        if error.filename is None or Path(error.filename) != path:
            raise
        return Rejected(shown, f"The file cannot be read: {error.strerror}. Check that it is there and that you may read it.")
    return import_received(
        database, store, limits, project, received, file_name=file_name, shown_as=shown, corpus=corpus, prepared=prepared
    )


def import_received(
    database: Database,
    store: Store,
    limits: Limits,
    project: str,
    received: Received,
    *,
    file_name: str,
    shown_as: str | None = None,
    corpus: str = "auto",
    said: Statement = UNSAID,
    prepared: bool = True,
) -> Outcome:
    """Imports a file that `store` has received. If it is rejected, or anything fails, the store does not keep it.

    What is `said` of the clip goes before what its name says. With `prepared`, all that a browser wants of it (`app.media.prepare`) is
    there when this returns.
    """
    from app.corpora import read_name

    shown = shown_as or file_name
    try:
        reading = said.over(read_name(file_name, corpus))
        probed = _measure(database, received, limits)
        with database.writing() as session:
            clip, fresh = _clip(session, store, project, received, probed, file_name, reading)
            medium = clip.medium
        if not fresh:
            return Duplicate(shown, clip.id, clip.file_name)
    except UnreadableMedia as error:
        _forget(database, store, received)
        return Rejected(shown, str(error))
    except BaseException:
        _forget(database, store, received)
        raise
    failed = _prepare(store, medium) if prepared else ()
    return Imported(shown, file_name, clip.id, received.sha256, reading, (*medium.notes, *failed))


def _walk(paths: Sequence[Path]) -> Iterator[tuple[Path, str, bool]]:
    """Every file with the name it is reported under, and whether it was found in a folder rather than named."""
    for given in paths:
        if not given.is_dir():
            yield given, given.name, False
            continue
        for folder, subfolders, files in os.walk(given):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in sorted(name for name in files if not name.startswith(".")):
                path = Path(folder, name)
                yield path, str(path.relative_to(given)), True


def _is_media(path: Path) -> bool:
    try:
        if not path.is_file():  # opening a pipe would wait for somebody to write into it
            return False
        with path.open("rb") as file:
            sniff(file.read(HEAD_BYTES))
    except (UnreadableMedia, OSError):
        return False
    return True


def _prepare(store: Store, medium: Medium) -> tuple[str, ...]:
    """Makes what a browser wants; why it could not be made, where it could not: the clip stays, and models can work on it."""
    from app.media.prepare import prepare
    from app.media.proxy import ProxyFailed

    try:
        prepare(store, medium)
    except (ProxyFailed, UnreadableMedia) as error:
        return (str(error),)
    return ()


def _size_known(database: Database, size: int) -> bool:
    """Whether some medium has exactly this many bytes: only then can the file be one that is here, and is hashed before it is copied."""
    with database.reading() as session:
        return session.scalar(select(Medium.sha256).where(Medium.size == size).limit(1)) is not None


def _duplicate(database: Database, store: Store, project: str, sha256: str, shown: str) -> Duplicate | None:
    """The project's clip with these bytes, if its file is there; where that is lost, importing it again brings it back."""
    with database.reading() as session:
        clip = session.scalar(select(Clip).join(Project).where(Project.name == project, Clip.sha256 == sha256))
        if clip is None:
            return None
        try:
            store.original(clip.medium)
        except ORIGINAL_LOST:
            return None
        return Duplicate(shown, clip.id, clip.file_name)


def _measure(database: Database, received: Received, limits: Limits) -> Probed | None:
    """What the file holds; None where another project's import has measured these bytes already."""
    from app.media.probe import probe

    with database.reading() as session:
        known = session.get(Medium, received.sha256) is not None
    return None if known else probe(received.path, limits)


def _clip(
    session: Session, store: Store, project: str, received: Received, probed: Probed | None, file_name: str, reading: NameReading
) -> tuple[Clip, bool]:
    """The clip, and whether it is new: the project may have these bytes already, since long ago or a moment."""
    from app.projects import project_named

    project_id = project_named(session, project, create=True).id
    medium = session.get(Medium, received.sha256)
    if medium is None:
        if probed is None:
            raise RuntimeError(f"medium {received.sha256} vanished during its import")
        medium = _medium(received, probed)
        session.add(medium)
    else:
        _point(medium, store, received)
        there = session.scalar(select(Clip).where(Clip.project_id == project_id, Clip.sha256 == received.sha256))
        if there is not None:
            return there, False
    clip = Clip(
        project_id=project_id,
        medium=medium,
        file_name=file_name,
        corpus=reading.corpus,
        actor=reading.actor,
        mode=reading.mode,
        intended_intensity=reading.intensity,
        take=_take(reading),
        name_error=reading.error,
        intended=[IntendedEmotion(position=k, emotion=each.emotion, weight=each.weight) for k, each in enumerate(reading.intended)],
    )
    session.add(clip)
    session.flush()
    return clip, True


def _medium(received: Received, probed: Probed) -> Medium:
    from app.media.probe import pack_times

    return Medium(
        sha256=received.sha256,
        size=received.size,
        linked_path=str(received.path) if received.linked else None,
        container=probed.container,
        video_codec=probed.video_codec,
        audio_codec=probed.audio_codec,
        duration_us=probed.duration_us,
        width=probed.width,
        height=probed.height,
        frames=probed.frames,
        fps=probed.fps,
        frame_times=None if probed.frame_times_us is None else pack_times(probed.frame_times_us),
        sample_rate=probed.sample_rate,
        channels=probed.channels,
        playable=probed.playable,
        notes=list(probed.notes),
    )


def _take(reading: NameReading) -> dict[str, Any]:
    said = {"version": reading.version, "situation": reading.situation, "error_file": reading.error_file, **reading.take}
    return {key: value for key, value in said.items() if value is not None}


def _point(medium: Medium, store: Store, received: Received) -> None:
    """Notes where the original lies now: in the store, or, where it was lost, in the linked file it was found in again."""
    if not received.linked:
        medium.linked_path = None
        return
    try:
        store.original(medium)
    except ORIGINAL_LOST:
        medium.linked_path = str(received.path)


def _forget(database: Database, store: Store, received: Received) -> None:
    """Takes a file that became no clip out of the store again, unless somebody else's clip has come to need it."""
    if received.linked or not received.fresh:
        return
    with database.reading() as session:
        needed = session.get(Medium, received.sha256) is not None
    if not needed:
        store.discard(received.sha256)
