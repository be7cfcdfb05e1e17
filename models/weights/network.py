"""Asking other machines for files: https only, and whether there is a network is known within seconds."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self
from urllib.request import getproxies, proxy_bypass

import httpx

from models.weights.errors import FetchFailed, NoNetwork, UnsafeAddress

CONNECT_S = 3.0
"""Whoever has a network is connected by then; whoever has none is told."""
SILENCE_S = 15.0
"""Of a server in the middle of a file."""
MOST_REDIRECTS = 8
MOST_PAGE_BYTES = 32 * 2**20
"""Of a page that is read whole; the longest listing of a package on PyPI has a few."""
OFFLINE = ("PORTRAYAL_OFFLINE", "HF_HUB_OFFLINE")


class BrokenOff(FetchFailed):
    """The connection ended in the middle; trying again goes on from there."""


class Network:
    """Connections to other machines, closed at the end of a `with`. `plain_hosts` may be asked by http: for tests that serve themselves."""

    def __init__(self, plain_hosts: frozenset[str] = frozenset()) -> None:
        self._plain_hosts = plain_hosts
        self._reached: dict[tuple[str, int], str] = {}
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """The answer to a GET, to be read in the `with`; redirects are followed.

        Raises `NoNetwork`, `UnsafeAddress`, `FetchFailed` for any status but 200, 206 and 416, `BrokenOff` where it ends too early.
        """
        if variable := next((name for name in OFFLINE if os.environ.get(name, "").lower() in ("1", "true", "yes", "on")), None):
            raise NoNetwork(f"nothing is fetched, since {variable} is set")
        try:
            with self._opened().stream("GET", url, headers=headers) as response:
                if response.status_code not in (200, 206, 416):
                    raise FetchFailed(_refusal(response))
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NoNetwork(f"no connection to {error.request.url.host} ({error})") from error
        except httpx.TimeoutException as error:
            raise FetchFailed(
                f"{error.request.url.host} has said nothing for {SILENCE_S:.0f} s; what came is kept, try again later"
            ) from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            raise BrokenOff(f"{error.request.url.host} broke off ({str(error) or type(error).__name__})") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"{httpx.URL(url).host} cannot be asked: {error}") from error

    def page(self, url: str, accept: str) -> tuple[httpx.URL, str, bytes]:
        """Where a page was found in the end, its content type and its bytes. Raises as `get` does, `FetchFailed` where it has no end."""
        with self.get(url, {"Accept": accept}) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MOST_PAGE_BYTES:
                    raise FetchFailed(
                        f"{response.url.host} answers with more than {MOST_PAGE_BYTES // 2**20} MiB where a list was asked for"
                    )
            return response.url, response.headers.get("content-type", ""), bytes(content)

    def _opened(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(
                timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
                follow_redirects=True,
                max_redirects=MOST_REDIRECTS,
                headers={"User-Agent": "portrayal", "Accept-Encoding": "identity"},
                event_hooks={"request": [self._admit]},  # redirects pass here, too
            )
        return self._client

    def _admit(self, request: httpx.Request) -> None:
        url = request.url
        if url.scheme != "https" and not (url.scheme == "http" and url.host in self._plain_hosts):
            raise UnsafeAddress(f"{url.scheme}://{url.host} is not asked for weights: only https is, lest they be changed on the way")
        if not _by_proxy(url):
            self._reach(url.host, url.port or (443 if url.scheme == "https" else 80))

    def _reach(self, host: str, port: int) -> None:
        """Tried aside: looking up a name may take half a minute, and each of the name's addresses the whole of a timeout."""
        reason = self._reached.get((host, port))
        if reason is None:
            said = ["no answer"]

            def try_once() -> None:
                try:
                    socket.create_connection((host, port), CONNECT_S).close()
                    said[0] = ""
                except OSError as error:
                    said[0] = error.strerror or str(error)

            thread = threading.Thread(target=try_once, daemon=True)
            thread.start()
            thread.join(CONNECT_S)
            reason = self._reached[host, port] = said[0]
        if reason:
            raise NoNetwork(f"no network, or {host} cannot be reached ({reason})")


def _by_proxy(url: httpx.URL) -> bool:
    proxies = getproxies()
    return bool(proxies.get(url.scheme) or proxies.get("all")) and not proxy_bypass(url.host)


def _refusal(response: httpx.Response) -> str:
    host, status = response.url.host, response.status_code
    if status in (401, 403):
        return f"{host} gives this file only to people who are signed in or have accepted its licence ({status}); download it in a browser"
    if status in (404, 410):
        return f"{host} has no such file any more ({status})"
    return f"{host} answers {status} {response.reason_phrase}; try again later"
