"""`GET /assets/{component}/{version}/{file}`: ES modules and styles of the timeline and of what else pages mount, as they lie in the
folders of `app/ui`. There is no build step.

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

UI = Path(__file__).resolve().parent.parent / "ui"
COMPONENTS = frozenset({"timeline", "library", "record"})
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "private, max-age=31536000, immutable"


def asset_routes() -> list[Route]:
    def asset(request: Request) -> Response:
        component = request.path_params["component"]
        file = _served(component).get(request.path_params["file"]) if component in COMPONENTS else None
        if file is None:
            raise Refused(404, f"no file of that name belongs to {component!r}")
        etag = f'"{_digest(file, file.stat().st_mtime_ns)}"'
        unchanged = known(request, etag)
        if unchanged is not None:
            return unchanged
        headers = validators(etag)
        if request.path_params["version"] == version_of(component):
            headers["Cache-Control"] = FOREVER
        return FileResponse(file, headers=headers, media_type=MEDIA_TYPES[file.suffix])

    return [route("/assets/{component}/{version}/{file:path}", asset)]


def version_of(component: str) -> str:
    """Changes whenever one of the component's files does. Pages put it into the addresses they hand out."""
    digests = [f"{name} {_digest(file, file.stat().st_mtime_ns)}" for name, file in sorted(_served(component).items())]
    return sha256("\n".join(digests).encode()).hexdigest()[:16]


def timeline_version() -> str:
    return version_of("timeline")


def _served(component: str) -> dict[str, Path]:
    """Name → file of all there is to serve. What is not in here cannot be asked for, whatever the path looks like."""
    folder = UI / component
    return {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.suffix in MEDIA_TYPES}


@lru_cache(maxsize=500)
def _digest(file: Path, _changed_ns: int) -> str:
    return sha256(file.read_bytes()).hexdigest()[:20]
