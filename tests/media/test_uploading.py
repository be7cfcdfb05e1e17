from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.importing import Duplicate, Imported, Outcome, Rejected
from app.media.limits import Limits
from app.media.store import FileTooLarge
from app.media.uploading import LONGEST_NAME, NameMissing, receive_upload, shown_name
from app.services import Services
from tests.media.conftest import files_in


async def _pieces(content: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def _upload(services: Services, content: bytes, name: str = "clip.mp4", limits: Limits | None = None, **more: int) -> Outcome:
    limits = limits or Limits.of(services.settings)
    return asyncio.run(receive_upload(services.database, services.store, limits, "p", quote(name), _pieces(content), **more))


def test_an_upload_becomes_a_clip_under_the_name_it_came_with(services: Services, clips: Path) -> None:
    outcome = _upload(services, (clips / "three_faces_5_frames.mp4").read_bytes(), "03-01-05-01-02-01-12.mp4")
    assert isinstance(outcome, Imported)
    assert (outcome.file_name, outcome.reading.actor) == ("03-01-05-01-02-01-12.mp4", "12")
    assert [path.name for path in files_in(services.store.root)] == [outcome.sha256]


def test_uploading_the_same_again_is_a_duplicate_of_that_clip(services: Services, clips: Path) -> None:
    content = (clips / "three_faces_5_frames.mp4").read_bytes()
    first, second = _upload(services, content, "a.mp4"), _upload(services, content, "b.mp4")
    assert isinstance(first, Imported) and isinstance(second, Duplicate)
    assert (second.clip_id, second.same_as) == (first.clip_id, "a.mp4")


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\nhttp://example.org/\n", b"no clip at all " * 9999], ids=["empty", "playlist", "text"])
def test_what_is_no_clip_is_rejected_and_leaves_nothing(content: bytes, services: Services) -> None:
    outcome = _upload(services, content)
    assert isinstance(outcome, Rejected) and outcome.reason
    assert files_in(services.store.root) == []


def test_what_is_too_large_is_turned_away_by_what_it_says_and_by_what_comes(services: Services) -> None:
    limits = Limits(size=100_000, pixels=10**6, duration_us=10**9)
    with pytest.raises(FileTooLarge):
        _upload(services, b"", limits=limits, declared_size=100_001)
    with pytest.raises(FileTooLarge):
        _upload(services, bytes(200_000), limits=limits)
    assert not services.store.root.exists() or files_in(services.store.root) == []


def test_a_client_that_goes_away_leaves_nothing(services: Services, clips: Path) -> None:
    content = (clips / "talking_2.mp4").read_bytes()

    async def broken() -> AsyncIterator[bytes]:
        yield content[:200_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(receive_upload(services.database, services.store, Limits.of(services.settings), "p", "a.mp4", broken()))
    assert files_in(services.store.root) == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("clip.mp4", "clip.mp4"),
        ("gl%C3%A4dje.mp4", "glädje.mp4"),
        ("gla%CC%88dje.mp4", "glädje.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("..%2F..%2Fetc%2Fshadow", "shadow"),
        ("a%00b%0Ac%1B.mp4", "abc.mp4"),
        ("evil%E2%80%AE4pm.exe", "evil4pm.exe"),
        ("%FF%FE.mp4", "��.mp4"),
        ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_a_name_is_for_showing_only(given: str, shown: str) -> None:
    assert shown_name(given) == shown


@pytest.mark.parametrize("nothing", [None, "", "   ", "..", "folder/", "%00"])
def test_an_upload_without_a_name_is_told_so(nothing: str | None) -> None:
    with pytest.raises(NameMissing, match="X-File-Name"):
        shown_name(nothing)


@given(st.text(max_size=400))
def test_no_name_is_a_path_or_hides_anything(name: str) -> None:
    try:
        shown = shown_name(quote(name, errors="replace"))
    except NameMissing:
        return
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown.isprintable() or " " in shown or any(character.isspace() for character in shown)
    assert not set(shown) & set("/\\\x00\r\n\x1b\u202e") and shown not in (".", "..")
