"""`GET /clips/{id}/traces` and `/frame-times`: numbers over time, as bytes that a browser's typed arrays take as they are."""

from __future__ import annotations

import zlib

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import LARGEST_ID, Refused, binary, known, route, row
from app.services import Services
from db import tables


def trace_routes(services: Services) -> list[Route]:
    def traces(request: Request) -> Response:
        from app.analysis.quantised import etag, response_body

        with services.database.reading() as session:
            analysis = _analysis(session, request)
            tag = etag(analysis)
            return known(request, tag) or binary(response_body(session, analysis.id), tag)

    def frame_times(request: Request) -> Response:
        with services.database.reading() as session:
            clip = row(session, tables.Clip, request.path_params["clip_id"], what="clip")
            if clip.medium.frame_times is None:
                raise Refused(404, f"clip {clip.id} has no video, so it has no frame times")
            tag = f'"{clip.sha256[:20]}-times"'
            return known(request, tag) or binary(_as_float64(clip.medium.frame_times), tag)

    return [route("/clips/{clip_id:int}/traces", traces), route("/clips/{clip_id:int}/frame-times", frame_times)]


def _analysis(session: Session, request: Request) -> tables.Analysis:
    """The analysis that is asked for, or the clip's newest."""
    from app.analysis.latest import NoAnalysis, find_analysis

    clip = row(session, tables.Clip, request.path_params["clip_id"], what="clip")
    wanted = request.query_params.get("analysis")
    if wanted is not None and (not wanted.isdecimal() or int(wanted) > LARGEST_ID):
        raise Refused(400, f"analysis is a number; got {wanted[:40]!r}")
    try:
        return find_analysis(session, clip.id, None if wanted is None else int(wanted))
    except NoAnalysis:
        raise Refused(
            404, f"clip {clip.id} has no analysis{'' if wanted is None else ' ' + wanted}; run one, or leave ?analysis= out"
        ) from None


def _as_float64(frame_times: bytes) -> bytes:
    """Stored int64 µs (n,) as little-endian float64 µs: exact up to 2⁵³ µs, 285 years."""
    import numpy as np

    return np.frombuffer(zlib.decompress(frame_times), "<i8").astype("<f8").tobytes()
