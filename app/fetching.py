"""Fetches of weights that go on while pages come and go: each in a thread of its own, watched and stopped from any page."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import Any

from models.catalogue import called
from models.types import ModelInfo
from models.weights.fetching import fetch

log = logging.getLogger("portrayal.fetching")


class Stopped(Exception):
    """Ends a fetch from within its progress report; what came so far stays for the next try."""


@dataclass(frozen=True)
class Fetch:
    """How far the fetch of a model's weights is: bytes; `total` None where nobody knows. `error` says why it failed; empty otherwise."""

    model: str
    done: int = 0
    total: int | None = None
    over: bool = False
    stopped: bool = False
    error: str = ""

    @property
    def share(self) -> float | None:
        """In [0, 1]; None where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else None


class Fetches:
    """The fetches of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: dict[str, Fetch] = {}
        self._told: dict[str, threading.Event] = {}
        """Of each model's newest fetch: set where it was told to stop. The fetch is known by it, too."""

    def begin(self, model: str) -> None:
        """Starts fetching a model's weights, unless that is going on already. Raises `UnknownName`.

        A fetch that was told to stop and has not yet counts as over: the new one waits for it, and goes on where it ended.
        """
        (asked,) = called([model])
        with self._lock:
            if model in self._now and not self._now[model].over and not self._told[model].is_set():
                return
            self._now[model] = Fetch(model)
            told = self._told[model] = threading.Event()
        threading.Thread(target=self._run, args=(model, asked.info, told), name=f"fetch {model}", daemon=True).start()

    def stop(self, model: str) -> None:
        """The fetch ends at its next sign of life; what came so far stays, and the next try goes on from there."""
        with self._lock:
            if model in self._told:
                self._told[model].set()

    def of(self, model: str) -> Fetch | None:
        """How far the newest fetch of this model is; None where there was none in this process."""
        with self._lock:
            return self._now.get(model)

    def forget(self, model: str) -> None:
        """Its outcome was seen."""
        with self._lock:
            if model in self._now and self._now[model].over:
                del self._now[model], self._told[model]

    @property
    def going_on(self) -> bool:
        with self._lock:
            return any(not fetch.over for fetch in self._now.values())

    def _run(self, model: str, info: ModelInfo, told: threading.Event) -> None:
        def progress(done: int, total: int | None) -> None:
            if told.is_set():
                raise Stopped
            self._note(model, told, done=done, total=total)

        try:
            fetch(info, progress)
            ended = {}
        except Stopped:
            ended = {"stopped": True}
        except Exception as error:  # whatever it is, the page says it; a thread has nobody else to tell
            if not type(error).__module__.startswith("models."):
                log.exception("fetching %s", model)
            ended = {"error": str(error) or type(error).__name__}
        self._note(model, told, over=True, **ended)

    def _note(self, model: str, told: threading.Event, **changed: Any) -> None:
        """What a fetch tells of itself, as long as no newer one has taken its place."""
        with self._lock:
            if self._told.get(model) is told:
                self._now[model] = replace(self._now[model], **changed)
