from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.media.store import FileTooLarge, LinkedFileChanged, LinkedFileGone, MediaMissing, Store
from db.tables import Medium, now
from tests.media.conftest import files_in

CONTENT = b"some bytes of a recording" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def _medium(linked: Path | None = None) -> Medium:
    return Medium(sha256=SHA256, size=len(CONTENT), linked_path=str(linked) if linked else None, playable=True, created_at=now())


def _pieces() -> Iterator[bytes]:
    for start in range(0, len(CONTENT), 999):
        yield CONTENT[start : start + 999]


def test_a_file_is_kept_under_its_sha256_and_read_only(store: Store) -> None:
    received = store.receive(_pieces())
    assert (received.sha256, received.size, received.fresh) == (SHA256, len(CONTENT), True)
    assert received.path == store.root / SHA256[:2] / SHA256[2:4] / SHA256
    assert received.path.read_bytes() == CONTENT
    assert stat.S_IMODE(received.path.stat().st_mode) == 0o444
    assert files_in(store.root) == [received.path], "nothing else is left"


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    store.receive(_pieces())
    again = store.receive([CONTENT])
    assert (again.sha256, again.fresh) == (SHA256, False)
    assert files_in(store.root) == [again.path]


def test_a_file_of_this_machine_is_copied_and_stays_as_it_was(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.mp4"
    own.write_bytes(CONTENT)
    before = own.stat()
    assert store.adopt(own).path.read_bytes() == CONTENT
    assert (own.stat().st_mode, own.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_pieces_over_the_network_are_received_too(store: Store) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in _pieces():
            yield piece

    assert asyncio.run(store.receive_async(pieces())).sha256 == SHA256


def test_too_many_bytes_leave_nothing_behind(store: Store) -> None:
    with pytest.raises(FileTooLarge, match="PORTRAYAL_MAX_UPLOAD_BYTES"):
        store.receive(_pieces(), limit_bytes=len(CONTENT) - 1)
    assert files_in(store.root) == []
    assert store.receive(_pieces(), limit_bytes=len(CONTENT)).fresh


def test_a_sender_that_breaks_off_leaves_nothing_behind(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:5000]
        assert files_in(store.root), "half of the file is on the disk"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.receive(broken())
    assert files_in(store.root) == []


def test_a_cancelled_upload_leaves_nothing_behind(store: Store) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield CONTENT
        await asyncio.sleep(3600)

    async def cancel() -> None:
        task = asyncio.create_task(store.receive_async(endless()))
        while not files_in(store.root):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert files_in(store.root) == []


def test_no_name_leads_out_of_the_store(store: Store) -> None:
    for name in ("../../etc/passwd", "a" * 63, SHA256.upper(), SHA256 + "/..", ""):
        with pytest.raises(ValueError, match="64 lower-case"):
            store.path(name)


def test_a_linked_file_is_used_where_it_lies(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.mp4"
    own.write_bytes(CONTENT)
    received = store.link(own)
    assert (received.sha256, received.path, received.linked) == (SHA256, own, True)
    assert store.original(_medium(own)) == own
    assert not store.root.exists()


def test_a_linked_file_that_is_gone_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(LinkedFileGone, match=r"gone\.mp4"):
        store.original(_medium(tmp_path / "gone.mp4"))


@pytest.mark.parametrize("content", [CONTENT + b"!", CONTENT[:-1] + b"!"], ids=["another size", "the same size"])
def test_a_linked_file_that_has_changed_is_named(content: bytes, store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.mp4"
    own.write_bytes(CONTENT)
    medium = _medium(own)
    own.write_bytes(content)
    os.utime(own, (time.time() + 5, time.time() + 5))
    with pytest.raises(LinkedFileChanged, match=r"own\.mp4"):
        store.original(medium)


def test_a_linked_file_is_known_by_its_bytes_whatever_its_times_say(store: Store, tmp_path: Path) -> None:
    own, other = tmp_path / "own.mp4", tmp_path / "other.mp4"
    own.write_bytes(CONTENT)
    other.write_bytes(CONTENT[:-1] + b"!")
    os.utime(other, (time.time() - 3600,) * 2)
    medium = _medium(own)
    assert store.original(medium) == own
    other.replace(own)
    with pytest.raises(LinkedFileChanged):
        store.original(medium)
    with pytest.raises(LinkedFileChanged):
        Store(store.root).original(medium)


def test_a_linked_file_that_was_only_touched_is_still_the_same(store: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.mp4"
    own.write_bytes(CONTENT)
    medium = _medium(own)
    os.utime(own, (time.time() + 5, time.time() + 5))
    assert store.original(medium) == own


def test_a_file_that_the_store_has_lost_is_named(store: Store) -> None:
    with pytest.raises(MediaMissing, match="backup"):
        store.original(_medium())


def test_a_derived_file_that_fails_half_way_is_not_there(store: Store) -> None:
    store.receive(_pieces())
    with pytest.raises(RuntimeError), store.writing(store.derived(SHA256, "1.poster.jpg")) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert files_in(store.root) == [store.path(SHA256)]


def test_discarding_takes_the_original_and_all_that_is_derived_from_it(store: Store) -> None:
    store.receive(_pieces())
    with store.writing(store.derived(SHA256, "1.poster.jpg")) as temporary:
        temporary.write_bytes(b"poster")
    store.discard(SHA256)
    assert files_in(store.root) == []


def test_sweeping_removes_what_was_abandoned_more_than_a_day_ago_and_nothing_else(store: Store) -> None:
    kept = store.receive(_pieces()).path
    old, young = store.root / ".part-old", store.root / "ab" / ".part-young"
    young.parent.mkdir(exist_ok=True)
    for path in (old, young):
        path.write_bytes(b"half")
    for path in (old, kept):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    assert store.sweep() == 1
    assert files_in(store.root) == sorted([kept, young])
