"""Stands in front of every route: lets in who has a session, gives one to who may have it, and tells browsers to be strict."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from app.http.access import RENEW_AFTER, Access, is_local_client, same_origin

HEALTH = frozenset({"/healthz", "/_stcore/health"})
"""Open to all, under whatever name: supervisors ask them, and they tell nothing."""

OPEN_FOLDERS = ("/static/",)
"""Streamlit's own scripts and styles, the same in every installation."""

CLOSED_SEGMENTS = frozenset({"_stcore", "api", "clips", "assets", "media", "component", "app", "auth", "oauth2callback"})
"""Anywhere in a path they make it ask for a session; any other path is answered with Streamlit's page."""

OWN_FOLDERS = ("/api/", "/clips/", "/assets/", "/healthz")

READS = frozenset({"GET", "HEAD", "OPTIONS"})

PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Streamlit compiles and inlines scripts
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self'",  # nothing on a page talks to any other machine
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'self'",
    )
)
PAGE_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(), geolocation=()"
"""The page that records may ask for camera and microphone; nothing that is framed in it may."""

OWN_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"


def middleware(access: Access) -> list[Middleware]:
    """For `st.App(middleware=…)`."""
    return [Middleware(AccessMiddleware, access=access)]


class AccessMiddleware:
    """See `app.http.access` for the rules."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, self._adding_headers(scope, headers, send))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Status and reason, or None for a request that may pass."""
        path = scope["path"]
        if scope["type"] == "http" and path in HEALTH:
            return None
        if not self.access.is_local_host(headers.get("host")):
            return 403, "this program answers to the name of its own machine only; open http://127.0.0.1 at its port"
        if scope["type"] == "http" and (path.startswith(OPEN_FOLDERS) or _is_page(scope)):
            return None
        if self.access.age_s(headers) is None:
            return 401, "no valid session; open the program's page in this browser (again), it gives one"
        own = same_origin(scope["scheme"], headers)
        if own is False and not (scope["type"] == "http" and _is_typed(scope, headers)):
            return 403, "another site's page asked for this; only the program's own pages may"
        if scope["type"] == "http" and scope["method"] not in READS and path.startswith(OWN_FOLDERS):
            if headers.get("x-portrayal") != "1":
                return 403, "a change needs the header X-Portrayal: 1"
            if own is None:
                return 403, "a change needs an Origin or Sec-Fetch-Site header that shows the program's own page sent it"
        return None

    def _adding_headers(self, scope: Scope, request: Headers, send: Send) -> Send:
        gives_cookie = self._gives_cookie(scope, request)
        own = scope["path"].startswith(OWN_FOLDERS)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Content-Security-Policy"] = OWN_POLICY if own else PAGE_POLICY
                headers["Permissions-Policy"] = PAGE_PERMISSIONS
                if own:
                    headers.setdefault("Cache-Control", "private, no-cache")
                if gives_cookie:
                    headers.append("Set-Cookie", self.access.new_cookie())
                    headers["Cache-Control"] = "no-store"
            await send(message)

        return send_with_headers

    def _gives_cookie(self, scope: Scope, headers: Headers) -> bool:
        """Only with the page itself, opened as a page (not fetched, not framed) from this machine, when there is none or it is old."""
        if not _is_page(scope) or scope["path"] in HEALTH or scope["path"].startswith(OPEN_FOLDERS):
            return False
        if not is_local_client(scope.get("client")) or headers.get("sec-fetch-dest", "document") != "document":
            return False
        age = self.access.age_s(headers)
        return age is None or age > RENEW_AFTER * self.access.lifetime_s


def _is_page(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and CLOSED_SEGMENTS.isdisjoint(scope["path"].split("/"))


def _is_typed(scope: Scope, headers: Headers) -> bool:
    """Whether a person entered the address, or opened it from a bookmark: no page had a part in it."""
    return scope["method"] in ("GET", "HEAD") and headers.get("origin") is None and headers.get("sec-fetch-site") == "none"


async def _refuse(refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
    status, reason = refusal
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await WebSocketClose(code=1008, reason=reason)(scope, receive, send)
        return
    response = JSONResponse({"error": reason}, status, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
    await response(scope, receive, send)
