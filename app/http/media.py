"""`GET /clips/{id}/media` and what is drawn from it: waveform, spectrogram, poster.

Files are told apart by what they hold, never by a name; no name that a user gave appears in a header.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy.orm import joinedload
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app.http.answers import LARGEST_ID, Refused, binary, known, route, validators
from app.media.sniffing import UnreadableMedia
from app.media.store import ORIGINAL_LOST, PEAKS, POSTER, PROXY, SPECTROGRAM
from app.services import Services
from db import tables

MOST_BUCKETS = 100_000
"""More than any screen has columns."""

_locks: defaultdict[str, Lock] = defaultdict(Lock)


def media_routes(services: Services) -> list[Route]:
    store = services.store

    def media(request: Request) -> Response:
        from app.media.playability import media_type
        from app.media.prepare import proxy

        medium = _medium(services, request)
        etag = _tag(medium, "original" if medium.playable else PROXY)
        if unchanged := known(request, etag):
            return unchanged
        with _making(medium):
            file = store.original(medium) if medium.playable else proxy(store, medium)
        kind = media_type(medium.container if medium.playable else "mp4", medium.has_video)
        return _file(file, kind, etag)

    def poster(request: Request) -> Response:
        from app.media.prepare import poster

        medium = _medium(services, request)
        etag = _tag(medium, POSTER)
        if unchanged := known(request, etag):
            return unchanged
        with _making(medium):
            file = poster(store, medium)
        if file is None:
            raise Refused(404, "a clip without video has no poster")
        return _file(file, "image/jpeg", etag)

    def peaks(request: Request) -> Response:
        from app.media.prepare import peaks

        buckets = _buckets(request)
        medium = _medium(services, request)
        etag = _tag(medium, f"{PEAKS}-{buckets}")
        if unchanged := known(request, etag):
            return unchanged
        with _making(medium):
            found = peaks(store, medium, buckets)
        return Response(status_code=204, headers=validators(etag)) if found is None else binary(found.tobytes(), etag)

    def tile(request: Request) -> Response:
        from app.media.prepare import tile

        number = request.path_params["tile"]
        medium = _medium(services, request)
        etag = _tag(medium, f"{SPECTROGRAM}-{number}")
        if unchanged := known(request, etag):
            return unchanged
        with _making(medium):
            picture = tile(store, medium, number)
        if picture is None:
            raise Refused(404, f"the clip's sound has no tile {number}; a tile is ten seconds, the first is 0")
        return binary(picture, etag, "image/png")

    return [
        route("/clips/{clip_id:int}/media", media),
        route("/clips/{clip_id:int}/poster.jpg", poster),
        route("/clips/{clip_id:int}/peaks", peaks),
        route("/clips/{clip_id:int}/spectrogram/{tile:int}.png", tile),
    ]


def _medium(services: Services, request: Request) -> tables.Medium:
    clip_id = request.path_params["clip_id"]
    with services.database.reading() as session:
        clip = session.get(tables.Clip, clip_id, options=[joinedload(tables.Clip.medium)]) if clip_id <= LARGEST_ID else None
        if clip is None:
            raise Refused(404, f"there is no clip {clip_id}")
        return clip.medium


@contextmanager
def _making(medium: tables.Medium) -> Iterator[None]:
    """One request at a time makes what is missing of a medium; those that wait for it find it made. Refuses what cannot be made."""
    from app.media.proxy import ProxyFailed

    with _locks[medium.sha256]:
        try:
            yield
        except ORIGINAL_LOST as error:
            raise Refused(410, str(error)) from None
        except (UnreadableMedia, ProxyFailed) as error:
            raise Refused(422, str(error)) from None


def _buckets(request: Request) -> int:
    given = request.query_params.get("buckets", "")
    if not given.isdecimal() or not 1 <= int(given[:9]) <= MOST_BUCKETS:
        raise Refused(400, f"say into how many stretches: ?buckets=N, 1 to {MOST_BUCKETS}; got {given[:40]!r}")
    return int(given)


def _tag(medium: tables.Medium, what: str) -> str:
    """Bytes never change under a sha256, and what is derived from them carries its own version in its name."""
    return f'"{medium.sha256[:32]}-{what}"'


def _file(file: Path, media_type: str, etag: str) -> Response:
    return FileResponse(file, media_type=media_type, headers={**validators(etag), "Content-Disposition": "inline"})
