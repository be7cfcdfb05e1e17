"""Where weights lie on this machine: `<folder>/<model>/<file>`, and `pins.json` with what is known of each.

An adapter asks `store().paths(info)` and gets paths, or `WeightsMissing` with what to do. Nothing here touches the network.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from models.types import Availability, ModelInfo, WeightsAltered, WeightsMissing
from models.weights.advice import advice, altered_advice, described
from models.weights.errors import PinsDamaged, UnsafeName
from models.weights.files import InstalledPackage, WeightsFile

PINS = "pins.json"
PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
"""What a model's or a file's name may be made of: never a way out of the folder."""


@dataclass(frozen=True)
class Pin:
    """What is known of a file in the store. `own`: a person put it in with `models add`, and so vouches for what it may run."""

    sha256: str
    size: int
    mtime_ns: int
    when: str
    """ISO 8601, UTC."""
    came_from: str
    own: bool = False


class WeightsStore:
    """The weights in one folder, which is made when the first file comes in. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._vouched: dict[Path, str] = {}
        """Files whose sha256 stands in a manifest, by their paths."""

    def paths(self, info: ModelInfo) -> dict[str, Path]:
        """Every file of the model by its name (optional ones where they are here), each compared with its sha256 where one is known.

        Raises `WeightsMissing`, and `WeightsAltered` where a file is not the one that was pinned.
        """
        if missing := self.missing(info):
            raise WeightsMissing(advice(info, missing))
        return {file.name: self._sound(info, file) for file in self.here(info)}

    def availability(self, info: ModelInfo) -> Availability:
        """Whether all of the model's files are here in their right sizes. Reads none of them."""
        if missing := self.missing(info):
            return Availability(False, advice(info, missing))
        for file in self.here(info):
            if (size := self.path(info, file).stat().st_size) != (file.size or size):
                return Availability(False, altered_advice(info, file, f"{size} bytes", f"{file.size}"))
        return Availability(True)

    def missing(self, info: ModelInfo) -> tuple[WeightsFile, ...]:
        """The files that the model cannot do without and that are not on this machine."""
        return tuple(file for file in info.weights if not file.optional and not self.path(info, file).is_file())

    def here(self, info: ModelInfo) -> tuple[WeightsFile, ...]:
        """The model's files that are on this machine, whatever is in them."""
        return tuple(file for file in info.weights if self.path(info, file).is_file())

    def path(self, info: ModelInfo, file: WeightsFile) -> Path:
        """Where the file is, or will be. What an installed package brings stays where it was installed. Raises `UnsafeName`."""
        if isinstance(file.source, InstalledPackage) and (installed := _installed(file.source)) is not None:
            return installed
        return self.place(info.name, file.name)

    def place(self, model: str, name: str) -> Path:
        """The path of a model's file in this folder. Raises `UnsafeName`."""
        return self.folder.joinpath(*(_safe(part) for part in (model, *name.split("/"))))

    def aside(self, name: str) -> Path:
        """Where a wheel lies while files are taken out of it. Raises `UnsafeName`."""
        return self.folder / ".wheels" / _safe(name)

    def pins(self) -> dict[str, Pin]:
        """What is known of the files in this folder, by `model/file`. Raises `PinsDamaged`."""
        path = self.folder / PINS
        try:
            return {key: Pin(**facts) for key, facts in json.loads(path.read_text(encoding="utf-8")).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            raise PinsDamaged(f"{path} cannot be read ({error}); move it away, and fetch or add the weights again") from error

    def facts(self, info: ModelInfo) -> list[dict[str, Any]]:
        """Each of the model's files for people and scripts: what it must be, as far as that is known, and whether it is here."""
        return [
            {
                "file": file.name,
                "source": described(file.source),
                "size": file.size if file.size is not None or not path.is_file() else path.stat().st_size,
                "sha256": self.expected_sha256(info, file),
                "licence": file.licence,
                "optional": file.optional,
                "here": path.is_file(),
            }
            for file, path in ((file, self.path(info, file)) for file in info.weights)
        ]

    def fingerprint(self, info: ModelInfo) -> dict[str, str]:
        """The sha256 of each of the model's files that is here, by its name: what a model's answers hang on beside its version.

        What an installed package brings is left out, since the release that brings it is pinned with the program. A file is read only
        where its size or time are not those of its pin, and then once per process, so that this may be asked before every use.
        """
        paths = {file.name: self.path(info, file) for file in self.here(info)}
        return {name: self.sha256(path) for name, path in sorted(paths.items()) if path.is_relative_to(self.folder)}

    def examine(self, info: ModelInfo, file: WeightsFile) -> str:
        """What is wrong with a file that is here, read from its first byte to its last; empty where nothing is."""
        path, expected = self.path(info, file), self.expected_sha256(info, file)
        if (size := path.stat().st_size) != (file.size or size):
            return altered_advice(info, file, f"{size} bytes", f"{file.size}")
        if expected is not None and (found := read_sha256(path)) != expected:
            return altered_advice(info, file, f"sha256 {found}", expected)
        return ""

    def pin_of(self, info: ModelInfo, file: WeightsFile) -> Pin | None:
        return self.pins().get(f"{info.name}/{file.name}")

    def expected_sha256(self, info: ModelInfo, file: WeightsFile) -> str | None:
        """What the file must have: the manifest's word, else the pin's; None where nobody here has seen it yet."""
        if file.sha256 is not None:
            return file.sha256
        pin = self.pin_of(info, file)
        return pin.sha256 if pin else None

    def take_in(self, info: ModelInfo, file: WeightsFile, ready: Path, came_from: str, *, own: bool = False) -> Pin:
        """Moves `ready`, a whole file on the same file system, to its place and pins it. Content was checked before."""
        place = self.place(info.name, file.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        sha256 = sha256_of(ready)
        _flush(ready)
        with self.locked(PINS):
            ready.replace(place)
            stat = place.stat()
            pin = Pin(sha256, stat.st_size, stat.st_mtime_ns, datetime.now(UTC).isoformat(timespec="seconds"), came_from, own)
            pins = self.pins() | {f"{info.name}/{file.name}": pin}
            write_json(self.folder / PINS, {key: asdict(value) for key, value in sorted(pins.items())})
        return pin

    def vouched_sha256(self, path: Path) -> str | None:
        """The sha256 that somebody vouches for at this path: our manifest (known for files that `paths` gave), or the user by `models add`.

        Only such content may be read in a way that could run what it holds.
        """
        pin = self._pin_at(path)
        return self._vouched.get(path) or (pin.sha256 if pin and pin.own else None)

    def may_run(self, path: Path) -> bool:
        """Whether the file seems to be what somebody vouches for: enough to say so, not to run it, since its size and time are believed.

        `models.weights.loading` looks at the very content it runs.
        """
        sha256 = self.vouched_sha256(path)
        return sha256 is not None and self.sha256(path) == sha256

    def known_sha256(self, path: Path) -> str | None:
        """What the file at this path must have, as the manifest or its pin says; None where nobody knows it."""
        pin = self._pin_at(path)
        return self._vouched.get(path) or (pin.sha256 if pin else None)

    @contextmanager
    def locked(self, name: str, waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """Holds what is called `name` against other threads and processes; `waiting` is called now and then, and may raise."""
        from filelock import FileLock, Timeout

        locks = self.folder / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{name.replace('/', '--')}.lock")
        while not lock.is_locked:
            try:
                lock.acquire(timeout=0.2)
            except Timeout:
                if waiting is not None:
                    waiting()
        try:
            yield
        finally:
            lock.release()

    def _sound(self, info: ModelInfo, file: WeightsFile) -> Path:
        path = self.path(info, file)
        expected = self.expected_sha256(info, file)
        if expected is not None and (found := self.sha256(path)) != expected:
            raise WeightsAltered(altered_advice(info, file, f"sha256 {found}", expected))
        if file.sha256 is not None:
            self._vouched[path] = file.sha256
        return path

    def sha256(self, path: Path) -> str:
        """From the pin where size and time are still those of the pinned file: a gigabyte is not read twice to be loaded once."""
        pin, stat = self._pin_at(path), path.stat()
        return pin.sha256 if pin and (pin.size, pin.mtime_ns) == (stat.st_size, stat.st_mtime_ns) else sha256_of(path)

    def _pin_at(self, path: Path) -> Pin | None:
        try:
            return self.pins().get(path.relative_to(self.folder).as_posix())
        except ValueError:  # it lies elsewhere
            return None


def _safe(part: str) -> str:
    if not PART.fullmatch(part):
        raise UnsafeName(
            f"{part!r} cannot name a weights file; names are made of letters, digits and ._+-, and begin with a letter or digit"
        )
    return part


def sha256_of(path: Path) -> str:
    """Lower-case hex; read anew only where the file's size or time has changed."""
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


def read_sha256(path: Path) -> str:
    """Lower-case hex of what lies on the disk now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob_of(path: Path) -> str:
    """The id that git gives this content: SHA-1 of `blob <size>`, a zero byte, and the bytes (Git's object format)."""
    whole = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(2**20):
            whole.update(block)
    return whole.hexdigest()


@cache
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    return read_sha256(path)


def _installed(source: InstalledPackage) -> Path | None:
    try:
        path = Path(str(distribution(source.distribution).locate_file(source.path)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


def write_json(path: Path, document: object) -> None:
    """Written whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


_chosen: Path | None = None


def use(folder: Path | None) -> None:
    """From now on this process keeps weights in `folder`; None: where the environment says."""
    global _chosen
    _chosen = folder


def store() -> WeightsStore:
    """This process's weights: in the folder that `use` named, else PORTRAYAL_WEIGHTS, else `weights` in PORTRAYAL_HOME (`./var`)."""
    home = Path(os.environ.get("PORTRAYAL_HOME") or "var")
    return _store_in(Path(_chosen or os.environ.get("PORTRAYAL_WEIGHTS") or home / "weights").absolute())


@cache
def _store_in(folder: Path) -> WeightsStore:
    return WeightsStore(folder)
