"""`PUT /api/uploads?project=NAME`: one file, streamed to the disk as it comes, then a clip.

`&actor=` and `&intended=` (an emotion's id in the project's scheme) say what a recording's name does not; see `app.media.stating`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.answers import Refused, json_answer, route
from app.projects import InvalidProjectName
from app.scheme import UnknownEmotion
from app.services import Services


def upload_routes(services: Services) -> list[Route]:
    async def upload(request: Request) -> Response:
        from app.media.limits import Limits
        from app.media.outcomes import Duplicate, Imported, Rejected
        from app.media.stating import InvalidActor, statement
        from app.media.store import FileTooLarge
        from app.media.uploading import NameMissing, receive_upload

        project = request.query_params.get("project")
        if not project:
            raise Refused(400, "say into which project: ?project=NAME")
        try:
            with services.database.reading() as session:
                said = statement(session, project, request.query_params.get("actor"), request.query_params.get("intended"))
        except (InvalidActor, UnknownEmotion) as error:
            raise Refused(400, str(error.args[0])) from None
        length = request.headers.get("content-length", "")
        try:
            outcome = await receive_upload(
                services.database,
                services.store,
                Limits.of(services.settings),
                project,
                request.headers.get("x-file-name"),
                request.stream(),
                declared_size=int(length) if length.isdecimal() else None,
                said=said,
            )
        except (NameMissing, InvalidProjectName) as error:
            raise Refused(400, str(error)) from None
        except FileTooLarge as error:
            raise Refused(413, str(error)) from None
        match outcome:
            case Imported(clip_id=clip_id):
                return json_answer({"clip": clip_id})
            case Duplicate(clip_id=clip_id, same_as=same_as):
                raise Refused(409, f"the project has this file already, as {same_as}", duplicate_of=clip_id)
            case Rejected(reason=reason):
                raise Refused(415, reason)
            case _:
                raise Refused(415, "this file is no clip")

    return [route("/api/uploads", upload, "PUT")]
