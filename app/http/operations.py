"""What raters say, in and out: `POST /api/clips/{id}/operations`, the judgements on a clip, the history of one."""

from __future__ import annotations

from typing import Any

import anyio
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import Refused, json_answer, json_body, route, row, versioned
from app.raters import local_rater
from app.review.blinding import is_blind
from app.review.operations import apply, current, history, strays
from app.services import Services
from db import tables

LARGEST_BODY = 8 * 2**20
"""A day's work that waited for a server to come back: 5,000 operations of 1.5 KB."""
MOST_OPERATIONS = 5000


def operation_routes(services: Services) -> list[Route]:
    one_writer = anyio.CapacityLimiter(1)
    """SQLite lets one write at a time; queueing here is fair and wakes at once, where its own waiting sleeps and polls."""

    async def post(request: Request) -> Response:
        clip_id = request.path_params["clip_id"]
        document = await json_body(request, LARGEST_BODY)
        operations = document.get("operations") if isinstance(document, dict) else None
        if not isinstance(operations, list) or len(operations) > MOST_OPERATIONS:
            raise Refused(400, f'send {{"operations": […]}} with at most {MOST_OPERATIONS} of them')
        acks = await anyio.to_thread.run_sync(_write, services, clip_id, operations, limiter=one_writer)
        return json_answer({"boot": services.boot, "acks": acks})

    def judgements(request: Request) -> Response:
        with services.database.reading() as session:
            clip = row(session, tables.Clip, request.path_params["clip_id"], what="clip")
            rater = local_rater(session)
            if is_blind(session, clip, rater.id if rater else None):
                said = current(session, clip.id, rater.id) if rater else []
                return versioned(request, {"boot": services.boot, "judgements": said})
            lanes = lane_revisions(session, clip.id)
            return versioned(request, {"boot": services.boot, "judgements": current(session, clip.id), "lanes": lanes})

    def past(request: Request) -> Response:
        judgement_id = request.path_params["judgement_id"]
        with services.database.reading() as session:
            operations = history(session, judgement_id)
            late = strays(session, judgement_id)
        if not operations and not late:
            raise Refused(404, f"there is no judgement {judgement_id}")
        return json_answer({"operations": operations, "strays": late})

    return [
        route("/api/clips/{clip_id:int}/operations", post, "POST"),
        route("/api/clips/{clip_id:int}/judgements", judgements),
        route("/api/judgements/{judgement_id}/history", past),
    ]


def lane_revisions(session: Session, clip_id: int) -> dict[str, int]:
    """Of the clip's turns and cast, 0 where nobody corrected them."""
    asked = select(tables.Correction.kind, func.max(tables.Correction.revision)).where(tables.Correction.clip_id == clip_id)
    corrected = session.execute(asked.group_by(tables.Correction.kind)).all()
    return {"turn": 0, "cast": 0, **{str(kind): int(revision) for kind, revision in corrected}}


def _write(services: Services, clip_id: int, operations: list[Any]) -> list[dict[str, Any]]:
    with services.database.writing() as session:
        row(session, tables.Clip, clip_id, what="clip")
        rater = local_rater(session)
        if rater is None:
            raise Refused(403, "nobody is named as the rater yet; give yourself a name on the program's page, then send this again")
        return [ack.as_json() for ack in apply(session, clip_id, rater.id, operations, tables.now())]
