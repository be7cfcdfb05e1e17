"""Work done ahead: while one item is used, a thread makes the next ones.

Decoders, OpenCV and the networks let go of Python's lock while they compute, so two such steps of a stream keep two cores busy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

Item = TypeVar("Item")


def ahead(items: Iterable[Item], size: int) -> Iterator[Item]:
    """The same items in the same order, up to `size` of them made by a thread before they are asked for.

    What `items` raises is raised where its item would have come. The thread ends with the items, with an error, and when this generator is
    closed or dropped; an item that is just being made is waited for, so nothing of `items` runs on afterwards.
    """
    source, end = iter(items), object()
    thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")

    def begin() -> Future[object]:
        return thread.submit(next, source, end)

    try:
        waiting = deque(begin() for _ in range(size))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(begin())
            yield cast(Item, item)
    finally:
        thread.shutdown(cancel_futures=True)
