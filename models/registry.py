"""A registry in a page: a decorator puts a thing in under a name, `get` takes it out.

Other packages add their own through an entry point of the group that a registry names, for example in their `pyproject.toml`:

    [project.entry-points."portrayal.face_models"]
    our_net = "our_package.portrayal:OurNet"
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, TypeVar, cast

Thing = TypeVar("Thing")
Registered = TypeVar("Registered")


class UnknownName(LookupError):
    """The asked-for name is in no registry; the message lists the names there are."""


class Registry(Generic[Thing]):
    """Named things of one kind, each kept in one file of a package that is imported at the first look-up.

    `kind` is the word that error messages use; `package` the module whose children register themselves when imported;
    `entry_point_group` where other distributions announce theirs.
    """

    def __init__(self, kind: str, package: str, entry_point_group: str | None = None) -> None:
        self.kind = kind
        self._package = package
        self._group = entry_point_group
        self._things: dict[str, Thing] = {}
        self._complete = False
        self._completing = threading.RLock()

    def register(self, name: str) -> Callable[[Registered], Registered]:
        """Decorator: puts the decorated thing in under `name`. Raises `ValueError` if another thing has that name."""

        def put(thing: Registered) -> Registered:
            there = self._things.get(name)
            if there is not None and getattr(there, "__qualname__", there) != getattr(thing, "__qualname__", thing):
                raise ValueError(f"two {self.kind}s are called {name!r}: {there!r} and {thing!r}")
            self._things[name] = cast(Thing, thing)  # the caller keeps the class it wrote, not the bare protocol
            return thing

        return put

    def get(self, name: str) -> Thing:
        """The thing called `name`. Raises `UnknownName`, which lists the names there are."""
        self._complete_once()
        try:
            return self._things[name]
        except KeyError:
            raise UnknownName(f"no {self.kind} is called {name!r}; there are: {', '.join(self.names())}") from None

    def names(self) -> list[str]:
        """All names, sorted."""
        self._complete_once()
        return sorted(self._things)

    def __iter__(self) -> Iterator[tuple[str, Thing]]:
        return ((name, self._things[name]) for name in self.names())

    def __contains__(self, name: object) -> bool:
        self._complete_once()
        return name in self._things

    def _complete_once(self) -> None:
        if self._complete:
            return
        with self._completing:  # a second thread waits for the whole registry instead of seeing half of it
            if self._complete:
                return
            _import_children(importlib.import_module(self._package))
            if self._group is not None:
                for point in entry_points(group=self._group):
                    self.register(point.name)(point.load())
            self._complete = True


def _import_children(package: ModuleType) -> None:
    for child in pkgutil.iter_modules(package.__path__):
        if not child.name.startswith("_"):
            importlib.import_module(f"{package.__name__}.{child.name}")
