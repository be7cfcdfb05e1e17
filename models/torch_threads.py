"""How many threads torch uses, for as long as one network runs: the setting is the whole process's, and others rely on theirs.

Each thread of the process has a count of its own, which it takes from the last one that any thread has set when it first computes. So
what to go back to cannot be asked when a network begins to run: another may be running then, on its own count.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_setting = threading.Lock()
_here = threading.local()
"""`count` where this thread runs a network already."""


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """This thread computes on `count` threads; afterwards on as many as before, and every new thread on as many as the process began with.

    Any number of threads may do this at once. Where they ask for different counts each has its own, but libraries that torch calls may
    know only the last one that was asked for: that costs time and changes no answer.
    """
    import torch

    before = getattr(_here, "count", None)
    with _setting:
        usual = _usual()
        torch.get_num_threads()  # or a new thread would still take the last count set by any, at its first computation
        torch.set_num_threads(count)
    _here.count = count
    try:
        yield
    finally:
        _here.count = before
        with _setting:
            torch.set_num_threads(before or usual)


@cache
def _usual() -> int:
    """The process's own count, asked for before the first network runs."""
    import torch

    return torch.get_num_threads()
