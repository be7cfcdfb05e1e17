"""`GET /api/jobs?project=NAME` and `POST /api/jobs/{id}/cancel`: what is being worked on, and stopping it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import json_answer, project_of, route, row
from app.services import Services
from db import tables


def job_routes(services: Services) -> list[Route]:
    def jobs(request: Request) -> Response:
        from app.analysis.jobs import jobs_of

        with services.database.reading() as session:
            project = project_of(session, request.query_params.get("project"))
            return json_answer({"jobs": [job.document() for job in jobs_of(session, project.id)]})

    def cancel_one(request: Request) -> Response:
        from app.analysis.jobs import cancel, job

        with services.database.writing() as session:
            job_id = row(session, tables.Job, request.path_params["job_id"], what="job").id
            cancel(session, job_id)
            return json_answer({"job": job(session, job_id).document()})

    return [route("/api/jobs", jobs), route("/api/jobs/{job_id:int}/cancel", cancel_one, "POST")]
