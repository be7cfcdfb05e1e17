from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from models.ahead import ahead


class Source:
    """Counts up; knows how many were made, by which threads, and whether it was ended."""

    def __init__(self, most: int = 1_000_000, broken_at: int = -1) -> None:
        self.made = 0
        self.ended = False
        self.threads: set[threading.Thread] = set()
        self.reached: dict[int, threading.Event] = {}
        self._most, self._broken_at = most, broken_at

    def __iter__(self) -> Iterator[int]:
        try:
            for number in range(self._most):
                self.threads.add(threading.current_thread())
                if number == self._broken_at:
                    raise OSError("damaged")
                self.made = number + 1
                self.reached.setdefault(self.made, threading.Event()).set()
                yield number
        finally:
            self.ended = True

    def wait_for(self, made: int) -> bool:
        return self.reached.setdefault(made, threading.Event()).wait(10)

    def runs_on(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)


@pytest.mark.parametrize("length", [0, 1, 4, 5, 50])
def test_every_item_comes_once_and_in_order_and_the_thread_ends(length: int) -> None:
    source = Source(length)
    assert list(ahead(source, 4)) == list(range(length))
    assert source.ended and not source.runs_on()


def test_the_next_items_are_made_by_another_thread_while_one_is_used_but_no_more_than_asked() -> None:
    source = Source()
    items = ahead(source, 4)
    for used in range(3):
        assert next(items) == used
        assert source.wait_for(used + 5)  # the one in use and four more
        assert source.made == used + 5
    assert threading.current_thread() not in source.threads
    items.close()  # pyright: ignore[reportAttributeAccessIssue]


def test_an_error_comes_where_its_item_would_have_and_the_thread_ends() -> None:
    source = Source(broken_at=3)
    items = ahead(source, 8)
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="damaged"):
        next(items)
    assert source.ended and not source.runs_on()


def test_whoever_stops_early_ends_the_thread_and_the_source() -> None:
    source = Source()

    class Cancelled(Exception):
        pass

    def use() -> None:
        for item in ahead(source, 4):
            if item == 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        use()
    assert not source.runs_on()
    made = source.made
    assert source.ended and source.made == made


def test_nothing_is_made_before_the_first_item_is_asked_for() -> None:
    source = Source()
    ahead(source, 4)
    assert source.made == 0 and not source.threads
