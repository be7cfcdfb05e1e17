"""Fetches that pages begin and stop, from a server on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import fetching
from app.fetching import Fetch, Fetches
from models.weights import fetching as weights_fetching
from models.weights import store as stores
from models.weights.files import Address, WeightsFile
from models.weights.network import Network
from tests.models.weights_server import HOST, Served, model, running

CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The weights of a model called `net`, on a server that waits in the middle of them."""
    for name in ("PORTRAYAL_OFFLINE", "HF_HUB_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(stores, "_chosen", tmp_path)
    monkeypatch.setattr(weights_fetching, "Network", lambda: Network(frozenset({HOST})))
    with running() as server:
        served = Served(CONTENT, wait=threading.Event())
        info = model(WeightsFile("net.bin2", Address(server.serve("/net", served)), "MIT"))
        monkeypatch.setattr(fetching, "called", lambda names: [SimpleNamespace(info=info)])
        yield served
        assert served.wait is not None
        served.wait.set()


def until(fetches: Fetches, true: Callable[[Fetch], bool]) -> Fetch:
    ends = time.monotonic() + 20
    while (now := fetches.of("net")) is None or not true(now):
        assert time.monotonic() < ends, f"it never came to that: {now}"
        time.sleep(0.01)
    return now


def go_on(served: Served) -> None:
    assert served.wait is not None
    served.wait.set()


def test_a_fetch_that_is_begun_again_right_after_it_was_stopped_goes_on_to_its_end(served: Served) -> None:
    fetches = Fetches()
    fetches.begin("net")
    until(fetches, lambda now: now.done > 0)
    fetches.stop("net")
    fetches.begin("net")
    assert fetches.going_on
    go_on(served)
    ended = until(fetches, lambda now: now.over)
    assert (ended.stopped, ended.error) == (False, "")
    assert stores.store().place("net", "net.bin2").read_bytes() == CONTENT


def test_a_fetch_that_was_stopped_says_so_and_keeps_what_came(served: Served) -> None:
    fetches = Fetches()
    fetches.begin("net")
    until(fetches, lambda now: now.done > 0)
    fetches.stop("net")
    go_on(served)
    assert until(fetches, lambda now: now.over).stopped
    assert not stores.store().place("net", "net.bin2").exists()
    fetches.forget("net")
    assert fetches.of("net") is None and not fetches.going_on


def test_a_fetch_that_goes_on_is_not_begun_twice(served: Served) -> None:
    fetches = Fetches()
    for _ in range(3):
        fetches.begin("net")
    until(fetches, lambda now: now.done > 0)
    assert sum(thread.name == "fetch net" for thread in threading.enumerate()) == 1
    go_on(served)
    assert until(fetches, lambda now: now.over).error == ""


def test_stopping_what_never_began_is_nothing(served: Served) -> None:
    fetches = Fetches()
    fetches.stop("net")
    assert fetches.of("net") is None
    fetches.begin("net")
    go_on(served)
    assert not until(fetches, lambda now: now.over).stopped
