"""Where media lie: by their sha256, written once, never changed.

    ab/cd/<sha256>                  the original, read-only
    ab/cd/<sha256>.1.proxy.mp4      what is derived from it, made anew when its version changes

Names from users never become paths. A file appears under its name only when it is whole: it is written beside it as `.part-…`,
flushed to the disk, then renamed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from db.tables import Medium

COPY_BYTES = 1 << 20
"""Bytes a read when a file is copied or hashed."""

ABANDONED_S = 24 * 3600
"""Age at which a half-written file is rubbish: no upload lasts a day without a byte."""

READ_ONLY = 0o444

PROXY = "1.proxy.mp4"
POSTER = "1.poster.jpg"
PEAKS = "1.peaks"
SPECTROGRAM = "1.spectrogram.zip"
"""What is derived from an original; the number changes with how it is made."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileTooLarge(Exception):
    """More bytes than are accepted."""

    @classmethod
    def past(cls, limit: int) -> Self:
        return cls(
            f"The file has more than the {limit / 2**20:,.0f} MiB that are accepted (setting PORTRAYAL_MAX_UPLOAD_BYTES). "
            "Cut it into shorter clips, or have the setting raised."
        )


class LinkedFileGone(Exception):
    """The original was imported by link, and is no longer where it was."""


class LinkedFileChanged(Exception):
    """The original was imported by link, and is another file now."""


class MediaMissing(Exception):
    """The store should hold a file and does not: the folder was moved, or restored without its media."""


ORIGINAL_LOST = (LinkedFileGone, LinkedFileChanged, MediaMissing)
"""What `Store.original` raises. Importing the same file again mends each of them."""


@dataclass(frozen=True)
class Received:
    """A file's bytes, in the store or, when linked, where they were."""

    sha256: str
    size: int
    path: Path
    fresh: bool
    """Whether the store did not hold it before."""
    linked: bool = False


@dataclass(frozen=True)
class _Seen:
    """A file as the system tells it from others without reading it."""

    path: Path
    device: int
    number: int
    size: int
    written_ns: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        status = path.stat()
        return cls(path.absolute(), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass
class _Incoming:
    """A file being written under a temporary name, hashed on the way."""

    path: Path
    file: BinaryIO
    limit: int | None
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.limit is not None and self.size > self.limit:
            raise FileTooLarge.past(self.limit)
        self.digest.update(chunk)
        self.file.write(chunk)


class Store:
    """The media under one folder. Every method can be called from several processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._hashes: dict[_Seen, str] = {}

    def path(self, sha256: str) -> Path:
        """Where the original with this sha256 lies or would lie. Raises `ValueError` for what is no sha256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"a sha256 has 64 lower-case hexadecimal digits; got {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def derived(self, sha256: str, kind: str) -> Path:
        """Where what is derived from an original lies or would lie; `kind` names it with its version: `1.proxy.mp4`."""
        original = self.path(sha256)
        return original.with_name(f"{original.name}.{kind}")

    def receive(self, chunks: Iterable[bytes], limit_bytes: int | None = None) -> Received:
        """Takes in a file that comes in pieces; one that is already here is not kept twice.

        Raises `FileTooLarge` past `limit_bytes`. Whatever is raised, here or by `chunks`, nothing is left behind.
        """
        with self._incoming(limit_bytes) as incoming:
            for chunk in chunks:
                incoming.write(chunk)
            return self._keep(incoming)

    async def receive_async(self, chunks: AsyncIterable[bytes], limit_bytes: int | None = None) -> Received:
        """`receive` for pieces that arrive over the network; a cancelled task leaves nothing behind."""
        with self._incoming(limit_bytes) as incoming:
            async for chunk in chunks:
                incoming.write(chunk)
            return await asyncio.to_thread(self._keep, incoming)

    def adopt(self, path: Path, limit_bytes: int | None = None) -> Received:
        """Takes in a copy of a file of this machine; the file itself is only read."""
        return self.receive(_pieces(path), limit_bytes)

    def link(self, path: Path) -> Received:
        """Knows a file of this machine by its bytes and leaves it where it is."""
        seen = _Seen.of(path)
        digest, size = hashlib.sha256(), 0
        for piece in _pieces(path):
            digest.update(piece)
            size += len(piece)
        sha256 = self._hashes[seen] = digest.hexdigest()
        return Received(sha256, size, path.absolute(), fresh=not self.path(sha256).exists(), linked=True)

    def original(self, medium: Medium) -> Path:
        """The file as it was imported. Raises `LinkedFileGone`, `LinkedFileChanged`, `MediaMissing`."""
        held = self.path(medium.sha256)
        if medium.linked_path is None or held.exists():
            if not held.exists():
                raise MediaMissing(
                    f"The media folder {self.root} lacks the file {medium.sha256[:12]}…. Restore it from a backup, or import it again."
                )
            return held
        return self._linked(Path(medium.linked_path), medium)

    @contextmanager
    def writing(self, target: Path) -> Iterator[Path]:
        """A temporary path beside `target` that becomes it when the block ends, and vanishes when the block raises."""
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".part-{secrets.token_hex(8)}-{target.name}")
        try:
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def discard(self, sha256: str) -> None:
        """Removes an original and all that is derived from it. Only for media that no clip refers to."""
        original = self.path(sha256)
        for path in (original, *original.parent.glob(f"{sha256}.*")):
            path.unlink(missing_ok=True)

    def sweep(self, older_than_s: float = ABANDONED_S) -> int:
        """Removes what broken-off writes left behind and is older than that; returns how many files."""
        oldest = time.time() - older_than_s
        abandoned = [path for path in self.root.rglob(".part-*") if path.stat().st_mtime < oldest]
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def originals(self, older_than_s: float = ABANDONED_S) -> Iterator[Path]:
        """Every original that has been here for so long, in no order."""
        oldest = time.time() - older_than_s
        return (path for path in self.root.glob("??/??/*") if _SHA256.fullmatch(path.name) and path.stat().st_mtime < oldest)

    def _linked(self, path: Path, medium: Medium) -> Path:
        """`path`, if it has the bytes that were imported. It is read through once a process, and again when it looks otherwise: a file
        that was moved or copied into its place keeps its old times.
        """
        try:
            seen = _Seen.of(path)
            same = seen.size == medium.size and (self._hashes.get(seen) or self.link(path).sha256) == medium.sha256
        except OSError as error:
            raise LinkedFileGone(
                f"{path} was imported by link and cannot be read now ({error.strerror}). Put it back, or import it again from where it is."
            ) from error
        if not same:
            raise LinkedFileChanged(
                f"{path} was imported by link and has other contents now. Put the old file back, or import it again from where it is; "
                "import the new one as a clip of its own."
            )
        return path

    @contextmanager
    def _incoming(self, limit: int | None) -> Iterator[_Incoming]:
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / f".part-{secrets.token_hex(8)}"
        try:
            with path.open("xb") as file:
                yield _Incoming(path, file, limit)
        finally:
            path.unlink(missing_ok=True)

    def _keep(self, incoming: _Incoming) -> Received:
        incoming.file.flush()
        os.fsync(incoming.file.fileno())
        sha256 = incoming.digest.hexdigest()
        target = self.path(sha256)
        if target.exists() and target.stat().st_size == incoming.size:
            return Received(sha256, incoming.size, target, fresh=False)
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.chmod(READ_ONLY)
        incoming.path.replace(target)
        _flush_folder(target.parent)
        return Received(sha256, incoming.size, target, fresh=True)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(COPY_BYTES):
            yield piece


def _flush_folder(folder: Path) -> None:
    """Makes a rename last through a power cut, where the system lets folders be flushed."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
