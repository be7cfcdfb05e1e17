from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch

from models.torch_threads import torch_threads


def in_a_new_thread() -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


@pytest.fixture
def usual() -> int:
    with torch_threads(1):
        pass
    return in_a_new_thread()


def test_two_threads_at_once_have_each_its_own_count_and_leave_the_process_as_it_was(usual: int) -> None:
    """The second begins while the first runs, and ends after it."""
    first_runs, second_runs, first_is_over = (threading.Event() for _ in range(3))
    seen: dict[str, list[int]] = {}

    def first() -> None:
        with torch_threads(usual + 1):
            first_runs.set()
            assert second_runs.wait(10)
            within = torch.get_num_threads()
        seen["first"] = [within, torch.get_num_threads()]
        first_is_over.set()

    def second() -> None:
        assert first_runs.wait(10)
        with torch_threads(usual + 2):
            second_runs.set()
            assert first_is_over.wait(10)
            within = torch.get_num_threads()
        seen["second"] = [within, torch.get_num_threads()]

    both = [threading.Thread(target=run) for run in (first, second)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert seen == {"first": [usual + 1, usual], "second": [usual + 2, usual]}
    assert in_a_new_thread() == usual


def test_threads_that_come_and_go_in_any_order_leave_the_process_as_it_was(usual: int) -> None:
    together = Barrier(4)

    def run(number: int) -> int:
        together.wait()
        for i in range(200):
            with torch_threads(usual + 1 + (number + i) % 3):
                pass
        return torch.get_num_threads()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == [usual] * 4
    assert in_a_new_thread() == usual


def test_one_network_within_another_gives_the_outer_its_count_back(usual: int) -> None:
    with torch_threads(usual + 1):
        with torch_threads(usual + 2):
            assert torch.get_num_threads() == usual + 2
        assert torch.get_num_threads() == usual + 1
    assert torch.get_num_threads() == usual


def test_an_error_leaves_the_process_as_it_was(usual: int) -> None:
    with pytest.raises(ZeroDivisionError), torch_threads(usual + 1):
        raise ZeroDivisionError
    assert in_a_new_thread() == usual
