"""`GET /assets/timeline/{version}/{file}`: the timeline's ES modules and styles, as they lie in the source folder. There is no build step.

`version` is in the address so that a new program is never shown with an old program's modules: relative imports between modules
stay within it. A browser keeps files of the running version for good.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app.http.answers import Refused, known, route, validators

TIMELINE = Path(__file__).resolve().parent.parent / "ui" / "timeline"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "private, max-age=31536000, immutable"


def asset_routes() -> list[Route]:
    def asset(request: Request) -> Response:
        served = _served()
        file = served.get(request.path_params["file"])
        if file is None:
            raise Refused(404, "the timeline has no such file")
        etag = f'"{_digest(file, file.stat().st_mtime_ns)}"'
        unchanged = known(request, etag)
        if unchanged is not None:
            return unchanged
        headers = validators(etag)
        if request.path_params["version"] == timeline_version():
            headers["Cache-Control"] = FOREVER
        return FileResponse(file, headers=headers, media_type=MEDIA_TYPES[file.suffix])

    return [route("/assets/timeline/{version}/{file:path}", asset)]


def timeline_version() -> str:
    """Changes whenever one of the timeline's files does. Pages put it into the addresses they hand out."""
    digests = [f"{name} {_digest(file, file.stat().st_mtime_ns)}" for name, file in sorted(_served().items())]
    return sha256("\n".join(digests).encode()).hexdigest()[:16]


def _served() -> dict[str, Path]:
    """Name → file of all there is to serve. What is not in here cannot be asked for, whatever the path looks like."""
    return {file.relative_to(TIMELINE).as_posix(): file for file in TIMELINE.rglob("*") if file.suffix in MEDIA_TYPES}


@lru_cache(maxsize=500)
def _digest(file: Path, _changed_ns: int) -> str:
    return sha256(file.read_bytes()).hexdigest()[:20]
