"""What people correct in a clip's turns and cast: `POST /api/clips/{id}/corrections`, and what was corrected so far."""

from __future__ import annotations

from typing import Any

import anyio
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import Refused, json_answer, json_body, route, row
from app.raters import local_rater
from app.review.blinding import is_blind
from app.services import Services
from db import tables

LARGEST_BODY = 4 * 2**20
MOST_CORRECTIONS = 2000


def correction_routes(services: Services) -> list[Route]:
    one_writer = anyio.CapacityLimiter(1)
    """As for operations: queueing here is fair, where SQLite's own waiting polls."""

    async def post(request: Request) -> Response:
        clip_id = request.path_params["clip_id"]
        document = await json_body(request, LARGEST_BODY)
        corrections = document.get("corrections") if isinstance(document, dict) else None
        if not isinstance(corrections, list) or len(corrections) > MOST_CORRECTIONS:
            raise Refused(400, f'send {{"corrections": […]}} with at most {MOST_CORRECTIONS} of them')
        acks = await anyio.to_thread.run_sync(_write, services, clip_id, corrections, limiter=one_writer)
        return json_answer({"boot": services.boot, "acks": acks})

    def lanes(request: Request) -> Response:
        from app.review.corrections import corrections_of, stray_corrections_of

        with services.database.reading() as session:
            clip = row(session, tables.Clip, request.path_params["clip_id"], what="clip")
            _refuse_blind(is_blind(session, clip, (rater := local_rater(session)) and rater.id))
            return json_answer(
                {
                    "boot": services.boot,
                    **lane_documents(session, clip.id),
                    "corrections": corrections_of(session, clip.id),
                    "strays": stray_corrections_of(session, clip.id),
                }
            )

    return [route("/api/clips/{clip_id:int}/corrections", post, "POST"), route("/api/clips/{clip_id:int}/corrections", lanes)]


def lane_documents(session: Session, clip_id: int) -> dict[str, Any]:
    """`turns`, `cast` and `speaking` of the editor's document."""
    from app.review.corrections import LaneKind, lane_document, offers_document

    turns, cast = (lane_document(session, clip_id, kind) for kind in (LaneKind.TURN, LaneKind.CAST))
    return {"turns": turns, "cast": cast, "speaking": offers_document(session, clip_id, turns, cast)}


def _write(services: Services, clip_id: int, corrections: list[Any]) -> list[dict[str, Any]]:
    from app.review.corrections import correct

    with services.database.writing() as session:
        clip = row(session, tables.Clip, clip_id, what="clip")
        rater = local_rater(session)
        if rater is None:
            raise Refused(403, "nobody is named as the rater yet; give yourself a name on the program's page, then send this again")
        # Not 403, after which the editor would wait for a new session and keep everything else back too.
        _refuse_blind(is_blind(session, clip, rater.id), status=409)
        return [ack.as_json() for ack in correct(session, clip_id, rater.id, corrections, tables.now())]


def _refuse_blind(blind: bool, status: int = 403) -> None:
    if blind:
        raise Refused(status, "this clip is judged blind, so what models found in it is neither shown nor corrected")
