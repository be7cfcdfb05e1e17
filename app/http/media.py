"""`GET /clips/{id}/media` and the pictures drawn from it: waveform, spectrogram, poster."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import joinedload
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app.http.answers import LARGEST_ID, Refused, known, route, validators
from app.media.store import LinkedFileChanged, LinkedFileGone, MediaMissing
from app.services import Services
from db import tables


def media_routes(services: Services) -> list[Route]:
    def media(request: Request) -> Response:
        medium = _medium(services, request)
        file, media_type = _playable(services, medium)
        etag = f'"{medium.sha256[:40]}{"" if medium.playable else "-proxy"}"'
        return known(request, etag) or FileResponse(
            file, media_type=media_type, headers={**validators(etag), "Content-Disposition": "inline"}
        )

    return [route("/clips/{clip_id:int}/media", media)]


def _medium(services: Services, request: Request) -> tables.Medium:
    clip_id = request.path_params["clip_id"]
    with services.database.reading() as session:
        clip = session.get(tables.Clip, clip_id, options=[joinedload(tables.Clip.medium)]) if clip_id <= LARGEST_ID else None
        if clip is None:
            raise Refused(404, f"there is no clip {clip_id}")
        return clip.medium


def _playable(services: Services, medium: tables.Medium) -> tuple[Path, str]:
    """The file that browsers play, and its media type by what it holds, never by its name."""
    from app.media.playability import media_type

    try:
        original = services.store.original(medium)
    except (LinkedFileGone, LinkedFileChanged, MediaMissing) as error:
        raise Refused(410, str(error)) from None
    return original, media_type(medium.container, medium.frames > 0)
