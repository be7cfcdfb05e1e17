"""All routes of the program beside Streamlit's own: `st.App(routes=routes(services), middleware=middleware(Access.open(settings)))`.

Each group is a file of its own. A session is asked for by `app.http.middleware`, in front of them all.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import Refused, json_answer, route
from app.http.assets import asset_routes
from app.http.comparison import comparison_routes
from app.http.corrections import correction_routes
from app.http.document import document_routes
from app.http.exports import export_routes
from app.http.jobs import job_routes
from app.http.media import media_routes
from app.http.operations import operation_routes
from app.http.traces import trace_routes
from app.http.uploads import upload_routes
from app.services import Services

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes(services: Services) -> list[Route]:
    def healthz(_: Request) -> Response:
        return json_answer({"status": "ok", "boot": services.boot})

    return [
        route("/healthz", healthz),
        *operation_routes(services),
        *document_routes(services),
        *media_routes(services),
        *trace_routes(services),
        *comparison_routes(services),
        *correction_routes(services),
        *upload_routes(services),
        *job_routes(services),
        *export_routes(services),
        *asset_routes(),
        # Streamlit answers what nobody else does with its page and a 200; a script that mistypes an address should hear of it.
        *(route(f"/{folder}/{{rest:path}}", _nothing_here, *METHODS) for folder in ("api", "clips", "assets")),
    ]


def _nothing_here(request: Request) -> Response:
    raise Refused(404, f"there is no {request.method} {request.url.path}")
