"""A file of one's own goes in whole and pinned, or leaves nothing behind."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.types import ModelInfo
from models.weights.adding import add
from models.weights.errors import UnknownWeights, UnsafeName, WrongContent
from models.weights.files import InstalledPackage, OwnFile, WeightsFile
from models.weights.store import WeightsStore, git_blob_of
from tests.models.weights_server import model

ONNX = b"\x08\x07" + b"net" * 100
SHA256 = hashlib.sha256(ONNX).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "weights")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own" / "net.onnx"
    path.parent.mkdir()
    path.write_bytes(ONNX)
    return path


def net(sha256: str | None = None, size: int | None = None, *names: str) -> ModelInfo:
    return model(*(WeightsFile(name, OwnFile("yours"), "own", sha256, size) for name in names or ("net.onnx",)))


def test_it_is_copied_and_pinned_and_the_persons_file_stays(store: WeightsStore, own: Path) -> None:
    pin = add(net(), own, into=store)
    place = store.paths(net())["net.onnx"]
    assert place.read_bytes() == own.read_bytes() == ONNX
    assert (pin.sha256, pin.size, pin.own, pin.came_from) == (SHA256, len(ONNX), True, str(own))
    own.write_bytes(b"gone on with")
    assert place.read_bytes() == ONNX


def test_a_newer_one_takes_its_place(store: WeightsStore, own: Path) -> None:
    add(net(), own, into=store)
    own.write_bytes(ONNX + b"more")
    add(net(), own, into=store)
    assert store.paths(net())["net.onnx"].read_bytes() == ONNX + b"more"


def test_the_only_file_needs_no_name_and_one_of_several_does(store: WeightsStore, own: Path) -> None:
    other = own.rename(own.with_name("mine.onnx"))
    add(net(), other, into=store)
    two = net(None, None, "a.onnx", "b.onnx")
    with pytest.raises(UnknownWeights, match=r"--as: a\.onnx, b\.onnx"):
        add(two, other, into=store)
    add(two, other, "b.onnx", into=store)
    assert [file.name for file in store.missing(two)] == ["a.onnx"]


def test_what_lies_in_its_place_already_is_only_pinned(store: WeightsStore, own: Path) -> None:
    place = store.place("net", "net.onnx")
    place.parent.mkdir(parents=True)
    own.rename(place)
    assert not store.may_run(place)
    add(net(), place, into=store)
    assert store.may_run(place) and place.read_bytes() == ONNX


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path) -> None:
    path.rename(path.with_name("target"))
    path.symlink_to("target")


@pytest.mark.parametrize(
    ("spoil", "info", "arguments", "error", "said"),
    [
        (_folder, net(), {}, WrongContent, "folder"),
        (_link, net(), {}, WrongContent, "link"),
        (Path.unlink, net(), {}, FileNotFoundError, "net.onnx"),
        (lambda path: path.write_bytes(b""), net(), {}, WrongContent, "empty"),
        (lambda path: path.write_bytes(b"<html>404</html>"), net(), {}, WrongContent, "web page"),
        (lambda path: path.write_bytes(b"PK\x03\x04 a zip"), net(), {}, WrongContent, "does not begin as a .onnx"),
        (None, net("0" * 64), {}, WrongContent, SHA256),
        (None, net(None, 5), {}, WrongContent, "has 5"),
        (None, net(), {"sha256": "0" * 64}, WrongContent, "you say 000"),
        (None, net(), {"name": "other.onnx"}, UnknownWeights, "its files are: net.onnx"),
        (None, net(None, None, "net.pt"), {}, WrongContent, "does not begin as a .pt"),
        (None, net(None, None, "../net.onnx"), {"name": "../net.onnx"}, UnsafeName, "cannot name"),
        (None, model(), {}, UnknownWeights, "takes no weights file"),
        (None, model(WeightsFile("a.onnx", InstalledPackage("fer", "a"), "MIT")), {}, UnknownWeights, "comes with the program"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(store: WeightsStore, own: Path, spoil, info, arguments, error, said) -> None:  # type: ignore[no-untyped-def]
    if spoil:
        spoil(own)
    with pytest.raises(error, match=said):
        add(info, own, into=store, **arguments)
    assert not store.folder.exists()


def test_a_program_is_never_taken(store: WeightsStore, own: Path) -> None:
    program = own.rename(own.with_name("net.pkl"))
    with pytest.raises(WrongContent, match="programs, not weights"):
        add(net(None, None, "net.pkl"), program, into=store)


def test_a_file_that_its_repository_keeps_under_another_id_is_refused(store: WeightsStore, own: Path) -> None:
    """git names content by its bytes; the id of this text stands in Pro Git, "Git Objects"."""
    text = own.with_name("text.json")
    text.write_bytes(b"what is up, doc?")
    assert git_blob_of(text) == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"
    right = model(WeightsFile("net.onnx", OwnFile("yours"), "own", git_blob=git_blob_of(own)))
    add(right, own, into=store)
    wrong = model(WeightsFile("net.onnx", OwnFile("yours"), "own", git_blob="0" * 40))
    with pytest.raises(WrongContent, match="git blob"):
        add(wrong, own, into=store)
