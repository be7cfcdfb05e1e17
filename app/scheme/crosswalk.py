"""What a label of a foreign set says about the shipped 44 emotions: a view that can be drawn anew, never stored in a label's place."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property

from app.scheme.emotions import DATA


class UnknownLabelSet(LookupError):
    """There is no crosswalk for that set of labels; the message lists the sets there are."""


class UnknownLabel(LookupError):
    """The set has no such label; the message lists the labels there are."""


class Match(StrEnum):
    """How a foreign label relates to its targets."""

    EXACT = "exact"
    """The one target is the same emotion."""
    NEAREST = "nearest"
    """The first target is the closest emotion."""
    ANCHOR_FAMILY = "anchor+family"
    """A coarse class: the first target is the anchor, the others are plausible members."""
    SPLIT = "split"
    """One of the targets, none preferred: never resolved silently."""
    BROADER = "broader"
    """Reaches over all targets, none preferred: never resolved silently."""
    NONE = "none"
    """Says nothing: an abstention, never neutral."""
    CONFLICT = "CONFLICT"
    """Sources disagree on what the label means: to be calibrated before use."""


@dataclass(frozen=True)
class Mapping:
    """One foreign label. `code` is its index or short form in the set it comes from, empty where it has none."""

    label: str
    match: Match
    targets: tuple[str, ...]
    note: str
    code: str = ""

    @property
    def resolved(self) -> str | None:
        """The one emotion the label names, or None where it names none or does not say which."""
        return self.targets[0] if self.match in (Match.EXACT, Match.NEAREST) else None

    @property
    def ambiguous(self) -> bool:
        """Whether the label means one of several targets, or all of them, without a preference."""
        return self.match in (Match.SPLIT, Match.BROADER, Match.CONFLICT)


@dataclass(frozen=True)
class Crosswalk:
    """All labels of one foreign set, in its order."""

    name: str
    mappings: tuple[Mapping, ...]

    def __getitem__(self, label: str) -> Mapping:
        """The mapping of a label by its name, upper or lower case. Raises `UnknownLabel`."""
        return self._find(label, self._by_label)

    def coded(self, code: str) -> Mapping:
        """The mapping of a label by its index or short form as a file name writes it ("03", "sa", "ANG"). Raises `UnknownLabel`.

        Orders differ between sets: a model's classes are mapped by name.
        """
        return self._find(code, self._by_code)

    def settled(self, label: str, meaning: Mapping) -> Crosswalk:
        """With `label` meaning what `meaning`, a label of another set, does. Raises `UnknownLabel`."""
        disputed = self[label]
        return replace(
            self, mappings=tuple(replace(meaning, label=one.label, code=one.code) if one is disputed else one for one in self.mappings)
        )

    def __contains__(self, label: object) -> bool:
        return isinstance(label, str) and label.casefold() in self._by_label

    def __iter__(self) -> Iterator[Mapping]:
        return iter(self.mappings)

    def __len__(self) -> int:
        return len(self.mappings)

    @cached_property
    def _by_label(self) -> dict[str, Mapping]:
        return {mapping.label.casefold(): mapping for mapping in self.mappings}

    @cached_property
    def _by_code(self) -> dict[str, Mapping]:
        return {mapping.code.casefold(): mapping for mapping in self.mappings if mapping.code}

    def _find(self, given: str, there: dict[str, Mapping]) -> Mapping:
        try:
            return there[given.casefold()]
        except KeyError:
            known = ", ".join(mapping.label if there is self._by_label else mapping.code for mapping in there.values())
            raise UnknownLabel(f"the label set {self.name!r} has no {given!r}; it has: {known}") from None


def crosswalk(set_name: str) -> Crosswalk:
    """What the labels of a foreign set say about the shipped 44. Raises `UnknownLabelSet`."""
    try:
        return _crosswalks()[set_name]
    except KeyError:
        raise UnknownLabelSet(f"no crosswalk is there for the label set {set_name!r}; there are: {', '.join(label_sets())}") from None


def label_sets() -> tuple[str, ...]:
    """The names of all foreign sets, sorted."""
    return tuple(sorted(_crosswalks()))


@cache
def _crosswalks() -> dict[str, Crosswalk]:
    mappings: dict[str, list[Mapping]] = {}
    with (DATA / "crosswalk.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            targets = tuple(filter(None, row["target_ids"].split("|")))
            mapping = Mapping(row["native_label"], _match(row["note"]), targets, row["note"], row["native_index"])
            mappings.setdefault(row["source_set"], []).append(mapping)
    return {name: Crosswalk(name, tuple(entries)) for name, entries in mappings.items()}


def _match(note: str) -> Match:
    found = re.match(r"match=([A-Za-z+]+)", note)
    assert found is not None, f"a crosswalk note begins with its match; got {note!r}"
    return Match(found[1])
