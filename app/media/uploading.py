"""An upload: pieces from the network into the store, then a clip. Nothing is held in memory; nothing stays of one that is broken off."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterable
from urllib.parse import unquote

from app.media.importing import import_received
from app.media.limits import Limits
from app.media.outcomes import Outcome
from app.media.stating import UNSAID, Statement
from app.media.store import FileTooLarge, Store
from db.engine import Database

LONGEST_NAME = 255
"""Characters of a file name that are kept: what file systems allow."""


class NameMissing(Exception):
    """The upload does not say what the file is called."""


def shown_name(raw: str | None) -> str:
    """What a client calls a file, from the header `X-File-Name`, percent-encoded UTF-8: to show and to read labels from, never a path.

    Folders before the name are cut off, control and invisible characters dropped, at most 255 characters kept (the ending stays).
    Raises `NameMissing` where nothing is left.

    >>> shown_name("C%3A%5Cclips%5Cgl%C3%A4dje%0A.mp4")
    'glädje.mp4'
    """
    decoded = unicodedata.normalize("NFC", unquote(raw or "", errors="replace"))
    base = decoded.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in base if unicodedata.category(character)[0] != "C").strip()
    if name in ("", ".", ".."):
        raise NameMissing("The upload has no file name. Send it percent-encoded in the header X-File-Name.")
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = dot + ending if 0 < len(ending) <= 10 and stem else ""
    return name[: LONGEST_NAME - len(kept)] + kept


async def receive_upload(
    database: Database,
    store: Store,
    limits: Limits,
    project: str,
    raw_name: str | None,
    chunks: AsyncIterable[bytes],
    *,
    declared_size: int | None = None,
    corpus: str = "auto",
    said: Statement = UNSAID,
) -> Outcome:
    """Takes in one file and imports it into `project`; proxy and the like are left to `app.media.prepare`.

    `declared_size` is the request's Content-Length: what is too large is turned away before a byte is read. A client that goes away
    (`chunks` raises, or the task is cancelled) leaves nothing behind. Raises `NameMissing`, `app.media.store.FileTooLarge`.
    """
    name = shown_name(raw_name)
    if declared_size is not None and declared_size > limits.size:
        raise FileTooLarge.past(limits.size)
    received = await store.receive_async(chunks, limits.size)
    # The import is short and leaves either a clip or nothing; it is finished even when the client goes away now.
    return await asyncio.shield(
        asyncio.to_thread(
            import_received, database, store, limits, project, received, file_name=name, corpus=corpus, said=said, prepared=False
        )
    )
