"""Who gets in. One middleware in front of everything, Streamlit's own routes and its websocket among them.

Local mode: the program serves the machine it runs on, and nobody else.
- Every request carries a `Host` that names this machine. A page elsewhere whose name was turned to point at 127.0.0.1
  (DNS rebinding) still carries its own name and is refused.
- Whoever opens the page on this machine is given a signed cookie. All else, but for the health checks and Streamlit's own static
  files, asks for that cookie. It is HttpOnly, so no script reads it, and SameSite=Strict, so no other site's page can make the
  browser send it. Strict does not stand in the way of a link to the program: such a visit arrives without the cookie, and the page
  that answers brings a new one.
- Other ports of this machine count as the same site. What they have the browser fetch is recognised by `Sec-Fetch-Site`
  and `Origin`, and refused; so is a websocket from there, which Streamlit itself would let in.
- A write needs the header `X-Portrayal: 1`, which no form can set, and proof of the same origin.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import Headers

from app.settings import Settings

SECRET_FILE = "session.key"
SECRET_BYTES = 32
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
RENEW_AFTER = 0.5
"""Share of a cookie's life after which a visit to the page brings a new one, so that regular users are never thrown out."""


class BrokenSecret(RuntimeError):
    """The file with the signing secret is not what this program wrote."""


@dataclass(frozen=True)
class Access:
    """Signs and checks session cookies, and tells this machine's requests from others'."""

    secret: str
    lifetime_s: int
    local_hosts: frozenset[str] = LOCAL_HOSTS

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """With the home folder's own secret, made at the first start. Raises `BrokenSecret`."""
        return cls(_secret(settings.secrets / SECRET_FILE), max(1, round(settings.session_hours * 3600)))

    @cached_property
    def cookie_name(self) -> str:
        """Browsers share cookies between the ports of a machine: each home folder has a name of its own, so two programs can run."""
        return f"portrayal_{sha256(self.secret.encode()).hexdigest()[:8]}"

    @cached_property
    def installation(self) -> str:
        """Tells this home folder from any other: what a browser keeps for one must not reach another's clips. 16 hexadecimal digits."""
        return sha256(f"installation {self.secret}".encode()).hexdigest()[:16]

    @cached_property
    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="portrayal session")

    def new_cookie(self) -> str:
        """The value of a `Set-Cookie` header."""
        token = self._signer.dumps({"session": secrets.token_urlsafe(16)})
        cookie: SimpleCookie = SimpleCookie({self.cookie_name: str(token)})
        morsel = cookie[self.cookie_name]
        morsel["path"], morsel["max-age"] = "/", self.lifetime_s
        morsel["httponly"], morsel["samesite"] = True, "Strict"
        return morsel.OutputString()

    def age_s(self, headers: Headers) -> float | None:
        """Seconds since the request's cookie was signed; None where there is none, or it is forged or expired."""
        for token in _cookies(headers, self.cookie_name):
            try:
                _, signed = self._signer.loads(token, max_age=self.lifetime_s, return_timestamp=True)
            except BadData:
                continue
            return max(0.0, time.time() - signed.timestamp())
        return None

    def is_local_host(self, host: str | None) -> bool:
        """Whether a `Host` header names this machine, at whichever port."""
        try:
            name = urlsplit(f"//{host}").hostname if host else None
        except ValueError:
            return False
        return name in self.local_hosts


def is_local_client(client: tuple[str, int] | None) -> bool:
    """Whether a connection's other end is this machine."""
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def same_origin(scheme: str, headers: Headers) -> bool | None:
    """Whether the browser says that one of this server's own pages sent the request; None where it says nothing."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and site is None:
        return None
    own = f"{ {'ws': 'http', 'wss': 'https'}.get(scheme, scheme) }://{headers.get('host')}"
    return (origin is None or origin == own) and (site is None or site == "same-origin")


def _cookies(headers: Headers, name: str) -> list[str]:
    """Every value sent under `name`: a browser can hold several, of different paths, and the first need not be ours."""
    pairs = (pair.partition("=") for header in headers.getlist("cookie") for pair in header.split(";"))
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == name]


def _secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES))
        try:
            path.hardlink_to(draft)  # whole or not at all, and never over another process's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    path.chmod(0o600)
    secret = path.read_text().strip()
    if len(secret) < 2 * SECRET_BYTES:
        raise BrokenSecret(f"{path} should hold {2 * SECRET_BYTES} characters and holds {len(secret)}; delete it, and open the page again")
    return secret
