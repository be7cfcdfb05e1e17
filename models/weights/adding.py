"""A weights file of the user's own: looked at, copied into the store, and pinned by its sha256."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from models.types import ModelInfo
from models.weights.downloading import need_room
from models.weights.errors import UnknownWeights, WrongContent
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.kinds import check_kind
from models.weights.store import Pin, WeightsStore, git_blob_of, read_sha256, sha256_of, store


def add(info: ModelInfo, path: Path, name: str | None = None, sha256: str | None = None, into: WeightsStore | None = None) -> Pin:
    """Copies `path` into the store as the model's file `name`, or as the one of its own name, or as the only one the model has.

    Whoever adds a file vouches for it: from then on exactly this content may also be read in ways that can run code.
    `sha256`, where given, is what it must have. A file that lies in its place in the store already is only pinned.
    Raises `UnknownWeights`; `WrongContent` for a link, a folder, another kind, size or sha256; `NoRoom`. Then nothing has changed.
    """
    into = into or store()
    file = _asked_for(info, path, name)
    place = into.place(info.name, file.name)
    if not stat.S_ISREG(path.lstat().st_mode):
        raise WrongContent(f"{path} is not a file but a {_form(path)}; give the file itself")
    found = _checked(file, path, sha256)
    if path.resolve() == place.resolve():
        return into.take_in(info, file, place, str(path.absolute()), own=True)
    need_room(into.folder, path.stat().st_size)
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, copy = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    os.close(handle)
    try:
        shutil.copyfile(path, copy)
        if sha256_of(Path(copy)) != found:
            raise WrongContent(f"{path} changed while it was copied; nothing was taken")
        with into.locked(f"{info.name}/{file.name}"):
            return into.take_in(info, file, Path(copy), str(path.absolute()), own=True)
    finally:
        Path(copy).unlink(missing_ok=True)


def _asked_for(info: ModelInfo, path: Path, name: str | None) -> WeightsFile:
    files = [file for file in info.weights if not isinstance(file.source, InstalledPackage)]
    names = ", ".join(file.name for file in files)
    if not files:
        raise UnknownWeights(f"{info.name} takes no weights file: what it needs comes with the program")
    if match := next((file for file in files if file.name == (name or path.name)), None):
        return match
    if name is None and len(files) == 1:
        return files[0]
    if name is None:
        raise UnknownWeights(f"which of {info.name}'s files is {path.name}? Say so with --as: {names}")
    raise UnknownWeights(f"{info.name} has no file called {name}; its files are: {names}")


def _checked(file: WeightsFile, path: Path, sha256: str | None) -> str:
    """The file's sha256, once its kind, size and sha256 are found to be right."""
    size = path.stat().st_size
    check_kind(path, file.name)
    if file.size not in (None, size):
        raise WrongContent(f"{path.name} has {size} bytes; {file.name} has {file.size}")
    found = read_sha256(path)
    for expected, whose in ((sha256, "you say"), (file.sha256, f"{file.name} has")):
        if expected is not None and expected.lower() != found:
            raise WrongContent(f"{path.name} has sha256 {found}; {whose} {expected}")
    if file.git_blob not in (None, blob := git_blob_of(path)):
        raise WrongContent(f"{path.name} is git blob {blob}; {file.name} is {file.git_blob} in its repository")
    return found


def _form(path: Path) -> str:
    return "link" if path.is_symlink() else "folder" if path.is_dir() else "device"
