"""`GET /api/clips/{id}`: all that the editor needs to know about a clip, in one answer. See docs/architecture.md."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.access import Access
from app.http.answers import json_answer, route, row
from app.http.corrections import lane_documents
from app.raters import local_rater
from app.review.blinding import blinded, is_blind
from app.review.operations import current
from app.scheme import Scheme
from app.scheme.store import load_scheme
from app.services import Services
from db import tables


def document_routes(services: Services) -> list[Route]:
    installation = Access.open(services.settings).installation

    def document(request: Request) -> Response:
        with services.database.reading() as session:
            row(session, tables.Clip, request.path_params["clip_id"], what="clip")
            return json_answer(
                {"boot": services.boot, "installation": installation, **editor_document(session, request.path_params["clip_id"])}
            )

    return [route("/api/clips/{clip_id:int}", document)]


def editor_document(session: Session, clip_id: int) -> dict[str, Any]:
    """The editor's document without `boot` and `installation`, for a clip that is there."""
    from app.analysis.latest import editor_analysis, suggestion_of

    clip = session.scalars(
        select(tables.Clip)
        .where(tables.Clip.id == clip_id)
        .options(
            joinedload(tables.Clip.project),
            joinedload(tables.Clip.medium).defer(tables.Medium.frame_times),
            selectinload(tables.Clip.intended),
        )
    ).one()
    scheme = load_scheme(session, clip.project.scheme_id)
    rater = local_rater(session)
    blind = is_blind(session, clip, rater.id if rater else None)
    suggestion = None if blind else suggestion_of(session, clip.id)
    document = {
        **({"turns": None, "cast": None, "speaking": []} if blind else lane_documents(session, clip.id)),
        "clip": _clip(clip),
        "project": {"name": clip.project.name, "blind": blind},
        "rater": None if rater is None else {"id": rater.id, "name": rater.name},
        "scheme": scheme_as_json(scheme),
        "analysis": editor_analysis(session, clip.id),
        "suggestion": None if suggestion is None else suggestion.document(),
        "judgements": current(session, clip.id),
        "next": _neighbour(session, clip, 1),
        "previous": _neighbour(session, clip, -1),
    }
    return blinded(document, rater.id if rater else None) if blind else document


def _clip(clip: tables.Clip) -> dict[str, Any]:
    medium = clip.medium
    return {
        "id": clip.id,
        "file_name": clip.file_name,
        "duration_us": medium.duration_us,
        "width": medium.width,
        "height": medium.height,
        "frames": medium.frames,
        "fps": medium.fps,
        "has_video": medium.has_video,
        "has_audio": medium.has_audio,
        "playable": medium.playable,
        "notes": medium.notes,
        "corpus": clip.corpus,
        "actor": clip.actor,
        "intended": [{"emotion": intended.emotion, "weight": intended.weight} for intended in clip.intended],
        "intended_intensity": clip.intended_intensity,
        "mode": clip.mode,
    }


def scheme_as_json(scheme: Scheme) -> dict[str, Any]:
    return {
        "name": scheme.name,
        "version": scheme.version,
        "emotions": [
            {
                "id": emotion.id,
                "name": emotion.name,
                "name_sv": emotion.name_sv,
                "family": emotion.family,
                "definition": emotion.definition,
                "synonyms": emotion.synonyms,
                "code": emotion.code,
            }
            for emotion in scheme
        ],
        "families": [
            {
                "id": family.id,
                "name": family.name,
                "colour": {"light": family.colour.light, "dark": family.colour.dark},
                "letter": family.letter,
            }
            for family in scheme.families
        ],
    }


def _neighbour(session: Session, clip: tables.Clip, step: int) -> int | None:
    """The clip after (1) or before (-1) this one in the project, in the order they came in."""
    towards = tables.Clip.id > clip.id if step > 0 else tables.Clip.id < clip.id
    nearest = func.min(tables.Clip.id) if step > 0 else func.max(tables.Clip.id)
    return session.scalar(select(nearest).where(tables.Clip.project_id == clip.project_id, towards))
