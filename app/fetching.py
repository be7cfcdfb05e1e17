"""Fetches of weights that go on while pages come and go: each in a thread of its own, watched and stopped from any page."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace

from models.catalogue import called
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
        self._to_stop: set[str] = set()

    def begin(self, model: str) -> None:
        """Starts fetching a model's weights, unless that is going on already. Raises `UnknownName`."""
        (asked,) = called([model])
        with self._lock:
            if model in self._now and not self._now[model].over:
                return
            self._now[model] = Fetch(model)
            self._to_stop.discard(model)
        threading.Thread(target=self._run, args=(model, asked.info), name=f"fetch {model}", daemon=True).start()

    def stop(self, model: str) -> None:
        """The fetch ends at its next sign of life; what came so far stays, and the next try goes on from there."""
        with self._lock:
            self._to_stop.add(model)

    def of(self, model: str) -> Fetch | None:
        """How far the newest fetch of this model is; None where there was none in this process."""
        with self._lock:
            return self._now.get(model)

    def forget(self, model: str) -> None:
        """Its outcome was seen."""
        with self._lock:
            if model in self._now and self._now[model].over:
                del self._now[model]

    @property
    def going_on(self) -> bool:
        with self._lock:
            return any(not fetch.over for fetch in self._now.values())

    def _run(self, model: str, info) -> None:  # type: ignore[no-untyped-def]
        def progress(done: int, total: int | None) -> None:
            with self._lock:
                if model in self._to_stop:
                    raise Stopped
                self._now[model] = replace(self._now[model], done=done, total=total)

        try:
            fetch(info, progress)
            ended = {}
        except Stopped:
            ended = {"stopped": True}
        except Exception as error:  # whatever it is, the page says it; a thread has nobody else to tell
            if not type(error).__module__.startswith("models."):
                log.exception("fetching %s", model)
            ended = {"error": str(error) or type(error).__name__}
        with self._lock:
            self._now[model] = replace(self._now[model], over=True, **ended)
