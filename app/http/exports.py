"""`GET /api/projects/{name}/export.zip`: the export of the command line, for a browser to keep."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.http.answers import Refused, project_of, route
from app.services import Services


def export_routes(services: Services) -> list[Route]:
    def export_zip(request: Request) -> Response:
        from app.exchange import ExportOptions, zip_export
        from models.registry import UnknownName

        flags = {name: request.query_params.get(name) in ("1", "true") for name in ("frames", "raw")}
        folder = Path(tempfile.mkdtemp(prefix="portrayal-export-"))
        try:
            with services.database.reading() as session:
                project = project_of(session, request.path_params["name"])
                options = ExportOptions(**flags)
                file = zip_export(session, project, folder / "export.zip", request.query_params.get("format", "csv"), options)
        except UnknownName as error:
            shutil.rmtree(folder)
            raise Refused(400, str(error)) from None
        except BaseException:
            shutil.rmtree(folder)
            raise
        return FileOnce(file, media_type="application/zip", filename=_safe(project.name))

    return [route("/api/projects/{name:path}/export.zip", export_zip)]


class FileOnce(FileResponse):
    """A file made for one answer. Its folder goes when the answer is out, or when the client has gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent)


def _safe(project_name: str) -> str:
    kept = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in project_name)
    return f"{kept[:80]}-export.zip"
