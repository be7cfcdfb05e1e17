"""`GET /api/jobs?project=NAME` and `POST /api/jobs/{id}/cancel`: what is being worked on, and stopping it."""

from __future__ import annotations

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import Refused, json_answer, route, row
from app.services import Services
from db import tables

MOST_JOBS = 2000
"""A page shows what is new; the CLI lists all."""


def job_routes(services: Services) -> list[Route]:
    def jobs(request: Request) -> Response:
        name = request.query_params.get("project")
        if name is None:
            raise Refused(400, "say which project: ?project=NAME")
        with services.database.reading() as session:
            project = session.scalar(select(tables.Project).where(tables.Project.name == name))
            if project is None:
                raise Refused(404, f"there is no project {name!r}")
            newest = (
                select(tables.Job)
                .join(tables.Clip, tables.Clip.id == tables.Job.clip_id)
                .where(tables.Clip.project_id == project.id)
                .order_by(tables.Job.id.desc())
                .limit(MOST_JOBS)
            )
            return json_answer({"jobs": [_as_json(job) for job in session.scalars(newest)]})

    def cancel_one(request: Request) -> Response:
        from app.analysis.jobs import cancel

        with services.database.writing() as session:
            job = row(session, tables.Job, request.path_params["job_id"], what="job")
            cancel(session, job.id)
            session.flush()
            session.refresh(job)
            return json_answer({"job": _as_json(job)})

    return [route("/api/jobs", jobs), route("/api/jobs/{job_id:int}/cancel", cancel_one, "POST")]


def _as_json(job: tables.Job) -> dict[str, object]:
    return {
        "id": job.id,
        "clip": job.clip_id,
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        "error": job.error,
    }
