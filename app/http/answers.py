"""What every route shares: reading a body with a limit, errors as JSON, ETags, rows that may not be there."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.projects import UnknownProject, project_named
from db import tables

LARGEST_ID = 2**63 - 1
"""The largest integer a database keeps."""

Row = TypeVar("Row", bound=tables.Table)
Endpoint = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """Ends a request with a status and a sentence: what was given, what is accepted, what to do."""

    def __init__(self, status: int, reason: str, **details: Any) -> None:
        super().__init__(reason)
        self.status = status
        self.document = {"error": reason, **details}


def route(path: str, endpoint: Endpoint, *methods: str) -> Route:
    """A route whose refusals are JSON. A plain function runs in a thread, so the database never holds the event loop up."""

    @functools.wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            if inspect.iscoroutinefunction(endpoint):
                return await endpoint(request)
            return await run_in_threadpool(endpoint, request)  # pyright: ignore[reportReturnType, reportArgumentType]
        except Refused as refusal:
            return json_answer(refusal.document, refusal.status)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is left to read it
        except HTTPException as error:
            return json_answer({"error": error.detail}, error.status_code)

    return Route(path, answer, methods=list(methods) or ["GET"])


def json_answer(document: Any, status: int = 200) -> Response:
    """ASCII, so that whatever a client sent can be told back to it, half characters too."""
    return Response(json.dumps(document, allow_nan=False, separators=(",", ":")), status, media_type="application/json")


def row(session: Session, table: type[Row], key: Any, *, what: str) -> Row:
    """The row of that key; refuses with 404."""
    found = None if isinstance(key, int) and key > LARGEST_ID else session.get(table, key)
    if found is None:
        raise Refused(404, f"there is no {what} {key}")
    return found


def project_of(session: Session, name: str | None) -> tables.Project:
    """The project of that name; refuses with 400 where none is said, 404 where there is none."""
    if not name:
        raise Refused(400, "say which project: ?project=NAME")
    try:
        return project_named(session, name)
    except UnknownProject as error:
        raise Refused(404, str(error)) from None


async def json_body(request: Request, largest: int) -> Any:
    """The body as Python reads JSON. Refuses one of more than `largest` bytes (413), and what is not JSON (400)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise Refused(413, f"the request is larger than {largest} bytes; send fewer operations at a time")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the request's body is not JSON: {error}") from None


def known(request: Request, etag: str) -> Response | None:
    """304 for a client that has this version already, None for another."""
    given = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    if etag in tags or "*" in tags:
        return Response(status_code=304, headers=validators(etag))
    return None


def validators(etag: str) -> dict[str, str]:
    """Headers of what may be kept, and is asked for again before it is used: access can end."""
    return {"ETag": etag, "Cache-Control": "private, no-cache"}


def versioned(request: Request, document: Any) -> Response:
    """JSON that a client asks for again and again: 304 for one that has exactly this already."""
    answer = json_answer(document)
    etag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers.update(validators(etag))
    return known(request, etag) or answer


def binary(body: bytes, etag: str, media_type: str = "application/octet-stream") -> Response:
    return Response(body, media_type=media_type, headers=validators(etag))
