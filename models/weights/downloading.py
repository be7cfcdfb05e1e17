"""One file from one address to one path: resumed where a former try broke off, never longer than announced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from models.weights.errors import NoRoom, WrongContent
from models.weights.network import BrokenOff, Network
from models.weights.store import write_json

ATTEMPTS = 4
"""Connections that may break off before the person is told; each goes on where the last one ended."""
MOST_BYTES = 16 * 2**30
"""Of a file whose size nobody has announced."""
RESERVE_BYTES = 256 * 2**20
"""Free space that is left to the rest of the machine."""

Progress = Callable[[int, int | None], None]
"""Bytes done, bytes in all where known. What it raises ends the fetch; what has come stays and is gone on from."""


@dataclass(frozen=True)
class Begun:
    """What a part belongs to, kept beside it. `validator` is a strong ETag or a date: the server's word that the rest fits the part."""

    address: str
    validator: str
    total: int | None


def download(network: Network, url: str, part: Path, size: int | None, progress: Progress) -> None:
    """The whole file at `url` into `part`, going on from what is there where the server vouches that it is still the same file.

    `size` in bytes, where known. Raises `WrongContent` (deleted) for another size, `NoRoom`, and as `Network.get` does.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _go_on(network, url, part, size, progress)
        except BrokenOff:
            if attempt == ATTEMPTS:
                raise
        else:
            _note(part).unlink(missing_ok=True)
            return


def discard(part: Path) -> None:
    """Deletes a part and what is known of it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def need_room(folder: Path, size: int) -> None:
    """Raises `NoRoom` unless `size` more bytes fit on the disk of `folder`, the nearest that exists."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < size + RESERVE_BYTES:
        raise NoRoom(
            f"{size / 1e6:,.0f} MB do not fit on the disk of {folder}, which has {free / 1e6:,.0f} MB free; make room, then try again"
        )


def _go_on(network: Network, url: str, part: Path, size: int | None, progress: Progress) -> None:
    begun, have = _begun(part, url)
    if begun and begun.total == have:
        return
    headers = {"Range": f"bytes={have}-", "If-Range": begun.validator} if begun else {}
    with network.get(url, headers) as response:
        if response.status_code == 416 or (response.status_code == 206 and _range_start(response) != have):
            discard(part)
            raise BrokenOff(f"{response.url.host} could not go on from where it broke off; try again")
        done = have if response.status_code == 206 else 0
        total = _total(response, done)
        if size is not None and total not in (None, size):
            discard(part)
            raise WrongContent(f"{response.url.host} offers {total} bytes where {size} are expected; it was not taken")
        need_room(part.parent, (total or size or 0) - done)
        _remember(part, Begun(url, _validator(response), total))
        progress(done, total)
        with part.open("ab" if done else "wb") as file:
            for chunk in response.iter_raw():
                done += len(chunk)
                if done > (total or size or MOST_BYTES):
                    break
                file.write(chunk)
                progress(done, total)
        host = response.url.host
    if done > (total or size or MOST_BYTES):
        discard(part)
        raise WrongContent(f"{host} sends more than the {total or size or MOST_BYTES} bytes that are expected; what came was deleted")
    if total is not None and done < total:
        raise BrokenOff(f"{host} broke off after {done} of {total} bytes")


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _begun(part: Path, url: str) -> tuple[Begun | None, int]:
    """What a former try left of this very address, and how many bytes; nothing where it cannot be gone on from."""
    try:
        begun = Begun(**json.loads(_note(part).read_text(encoding="utf-8")))
        have = part.stat().st_size
    except (FileNotFoundError, ValueError, TypeError):
        return None, 0
    return (begun, have) if begun.address == url and begun.validator and have else (None, 0)


def _remember(part: Path, begun: Begun) -> None:
    write_json(_note(part), asdict(begun))


def _validator(response: httpx.Response) -> str:
    etag = response.headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")


def _range_start(response: httpx.Response) -> int | None:
    """From `Content-Range: bytes 100-199/200`."""
    start = response.headers.get("content-range", "").removeprefix("bytes ").split("-")[0]
    return int(start) if start.isdecimal() else None


def _total(response: httpx.Response, done: int) -> int | None:
    length = response.headers.get("content-length", "")
    return done + int(length) if length.isdecimal() else None
