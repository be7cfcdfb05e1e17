"""`GET /api/clips/{id}/analyses` and `/comparison?first=A&second=B`: what was run over a clip, and two of those side by side."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.analysis.latest import NoAnalysis, find_analysis
from app.http.answers import LARGEST_ID, Refused, json_answer, route, row
from app.raters import local_rater
from app.review.blinding import is_blind
from app.scheme.store import load_scheme
from app.services import Services
from db import tables


def comparison_routes(services: Services) -> list[Route]:
    def analyses(request: Request) -> Response:
        with services.database.reading() as session:
            clip = _clip(session, request)
            found = session.scalars(select(tables.Analysis).where(tables.Analysis.clip_id == clip.id).order_by(tables.Analysis.id.desc()))
            return json_answer({"analyses": [_in_short(analysis) for analysis in found]})

    def comparison(request: Request) -> Response:
        from app.evaluation.parting import side_by_side

        with services.database.reading() as session:
            clip = _clip(session, request)
            first, second = (_analysis(session, clip, request.query_params.get(which), which) for which in ("first", "second"))
            scheme = load_scheme(session, clip.project.scheme_id)
            sources = side_by_side(session, first, second, clip.medium.duration_us, scheme)
            compared = {"first": _in_short(first), "second": _in_short(second)}
            return json_answer(compared | {"sources": [one.document() for one in sources]})

    return [route("/api/clips/{clip_id:int}/analyses", analyses), route("/api/clips/{clip_id:int}/comparison", comparison)]


def _clip(session: Session, request: Request) -> tables.Clip:
    clip = row(session, tables.Clip, request.path_params["clip_id"], what="clip")
    rater = local_rater(session)
    if is_blind(session, clip, rater.id if rater else None):
        raise Refused(403, "what models say is kept back while you judge this clip blind")
    return clip


def _analysis(session: Session, clip: tables.Clip, number: str | None, which: str) -> tables.Analysis:
    if number is None or not number.isdecimal() or int(number) > LARGEST_ID:
        raise Refused(400, f"say which two analyses: ?first=NUMBER&second=NUMBER; {which} is {str(number)[:40]!r}")
    try:
        return find_analysis(session, clip.id, int(number))
    except NoAnalysis as error:
        raise Refused(404, str(error)) from None


def _in_short(analysis: tables.Analysis) -> dict[str, Any]:
    """Which models, when, and whether their probabilities are calibrated."""
    return {
        "id": analysis.id,
        "created_at": analysis.created_at.isoformat(),
        "models": {part: {"name": by["name"], "calibrated": "calibration" in by} for part, by in analysis.models.items()},
    }
