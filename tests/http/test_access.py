"""Who gets in: this machine's browser that opened the page, and nobody else."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from app.http.access import Access, BrokenSecret, is_local_client
from app.http.middleware import middleware
from app.http.routes import routes
from app.services import Services
from app.settings import Settings
from tests.http.conftest import ADDRESS, SAME_ORIGIN

STREAM = "ws://127.0.0.1:8501/_stcore/stream"
CLOSED_STREAMLIT = ("/_stcore/host-config", "/_stcore/metrics", "/_stcore/upload_file/a/b", "/media/x.mp4", "/component/x/y.js")
WRITE = "/api/clips/1/operations"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One home folder for all of this file: nobody who is refused changes anything."""
    opened = Services.open(Settings(home=tmp_path_factory.mktemp("home")))
    yield opened
    opened.close()


def own_paths(found: list[BaseRoute]) -> list[tuple[str, str]]:
    """Method and an example address of every route there is."""
    example = {
        "clip_id": "1",
        "tile": "0",
        "judgement_id": "x",
        "job_id": "1",
        "name": "study",
        "component": "timeline",
        "version": "1",
        "file": "view.js",
        "rest": "x",
    }
    paths: list[tuple[str, str]] = []
    for route in found:
        assert isinstance(route, Route), "Mounted folders would need a test of their own."
        assert not isinstance(route, Mount)
        path = route.path
        for name in route.param_convertors:
            for convertor in ("", ":int", ":path"):
                path = path.replace(f"{{{name}{convertor}}}", example[name])
        paths += [(method, path) for method in sorted(route.methods or ()) if method != "HEAD"]
    return paths


def test_every_route_is_closed_to_a_stranger(services: Services, stranger: TestClient) -> None:
    paths = [(method, path) for method, path in own_paths(list(routes(services))) if path != "/healthz"]
    assert len(paths) > 20
    for method, path in paths:
        answer = stranger.request(method, path, headers=SAME_ORIGIN)
        assert (answer.status_code, list(answer.json())) == (401, ["error"]), f"{method} {path}"


@pytest.mark.parametrize("path", CLOSED_STREAMLIT)
def test_streamlits_own_routes_are_closed_too(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 401
    assert stranger.put(path, headers=SAME_ORIGIN).status_code == 401


def test_streamlits_websocket_is_closed_to_a_stranger(stranger: TestClient) -> None:
    with pytest.raises(WebSocketDenialResponse) as refused, stranger.websocket_connect(STREAM, subprotocols=["streamlit"]):
        pass
    assert refused.value.status_code == 401


def test_a_server_that_cannot_refuse_a_websocket_in_words_closes_it(access: Access) -> None:
    bare = Starlette(middleware=middleware(access))

    async def without_words(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        scope["extensions"] = {}
        await bare(scope, receive, send)

    with pytest.raises(WebSocketDisconnect) as refused, TestClient(without_words, ADDRESS).websocket_connect(STREAM):
        pass
    assert refused.value.code == 1008


def test_the_page_brings_a_cookie_that_scripts_and_other_sites_cannot_use(stranger: TestClient, access: Access) -> None:
    (cookie,) = stranger.get("/").headers.get_list("set-cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith(access.cookie_name + "=")
    assert sorted(attributes) == ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Strict"]


def test_any_page_of_the_program_brings_it(stranger: TestClient) -> None:
    assert "set-cookie" in stranger.get("/review?clip=3").headers


def test_who_has_opened_the_page_gets_in(browser: TestClient) -> None:
    assert browser.get("/api/jobs?project=none").status_code == 404
    assert browser.get("/_stcore/host-config").status_code == 200


def test_a_cookie_that_is_there_and_young_is_left_alone(browser: TestClient) -> None:
    assert "set-cookie" not in browser.get("/").headers


def test_a_cookie_past_half_its_life_is_renewed_by_the_page(services: Services, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_with(services, access, cookie_signed_at(access, monkeypatch, age_s=access.lifetime_s * 0.6))
    assert client.get("/api/jobs").status_code == 400
    assert "set-cookie" in client.get("/", headers={"Sec-Fetch-Dest": "document"}).headers


def test_an_expired_cookie_lets_nobody_in(services: Services, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        client_with(services, access, cookie_signed_at(access, monkeypatch, age_s=access.lifetime_s + 5)).get("/api/jobs").status_code
        == 401
    )


@pytest.mark.parametrize("how", ["", "x", "e30.abc.def", 'no"quote'])
def test_a_forged_cookie_lets_nobody_in(services: Services, access: Access, how: str) -> None:
    assert client_with(services, access, how).get("/api/jobs").status_code == 401


def test_a_cookie_signed_with_another_secret_or_changed_lets_nobody_in(services: Services, access: Access) -> None:
    other = replace(access, secret="0" * 64)
    foreign = other.new_cookie().split(";")[0].split("=", 1)[1]
    good = access.new_cookie().split(";")[0].split("=", 1)[1]
    for token in (foreign, good[:-2], "A" + good[1:]):
        assert client_with(services, access, token).get("/api/jobs").status_code == 401
    assert client_with(services, access, good).get("/api/jobs").status_code == 400


def test_a_good_cookie_beside_a_planted_one_counts(services: Services, access: Access) -> None:
    good = access.new_cookie().split(";")[0]
    client = client_with(services, access, "planted")
    assert client.get("/api/jobs", headers={"Cookie": f"{access.cookie_name}=planted; {good}"}).status_code == 400


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.0.7:8501",
        "",
        "[::1",
        "a@127.0.0.1@b",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/jobs", "/_stcore/host-config"])
def test_another_name_for_this_machine_is_refused_with_or_without_a_cookie(browser: TestClient, host: str, path: str) -> None:
    """DNS rebinding: the browser believes that it talks to evil.example, whose scripts could then read everything."""
    answer = browser.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8501", "LOCALHOST", "[::1]:8501"])
def test_every_name_of_this_machine_opens_the_page(stranger: TestClient, host: str) -> None:
    answer = stranger.get("/", headers={"Host": host})
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, True)


def test_another_machine_is_given_no_cookie(services: Services, access: Access) -> None:
    for address in ("192.168.0.9", "172.17.0.1", "8.8.8.8", "testclient"):
        client = TestClient(Starlette(routes=[Route("/", home)], middleware=middleware(access)), ADDRESS, client=(address, 1))
        answer = client.get("/")
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("::ffff:8.8.8.8", False), ("10.0.0.1", False)],
)
def test_this_machine_is_known_by_its_loopback_addresses(address: str, local: bool) -> None:
    assert is_local_client((address, 1)) is local
    assert is_local_client(None) is False


@pytest.mark.parametrize("destination", ["iframe", "script", "empty", "image", "object", "embed"])
def test_a_page_that_is_framed_or_fetched_brings_no_cookie(stranger: TestClient, destination: str) -> None:
    assert "set-cookie" not in stranger.get("/", headers={"Sec-Fetch-Dest": destination}).headers


def test_a_change_needs_its_header(browser: TestClient) -> None:
    del browser.headers["X-Portrayal"]
    answer = browser.post(WRITE, json={"operations": []})
    assert (answer.status_code, answer.json()) == (403, {"error": "a change needs the header X-Portrayal: 1"})


def test_a_change_needs_proof_of_its_origin(browser: TestClient) -> None:
    del browser.headers["Origin"], browser.headers["Sec-Fetch-Site"]
    assert browser.post(WRITE, json={"operations": []}).status_code == 403
    assert browser.post(WRITE, json={"operations": []}, headers={"Origin": ADDRESS}).status_code == 404
    assert browser.post(WRITE, json={"operations": []}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 404


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Origin": "https://127.0.0.1:8501"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": ADDRESS, "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_sites_page_neither_writes_nor_reads_even_with_the_cookie(browser: TestClient, headers: dict[str, str]) -> None:
    del browser.headers["Origin"], browser.headers["Sec-Fetch-Site"]
    assert browser.post(WRITE, json={"operations": []}, headers=headers).status_code == 403
    assert browser.get("/clips/1/media", headers=headers).status_code == 403
    assert browser.post("/_stcore/agent/interact", headers=headers).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "http://localhost:3000"])
def test_another_sites_page_gets_no_websocket_even_with_the_cookie(browser: TestClient, origin: str) -> None:
    with pytest.raises(WebSocketDenialResponse) as refused:
        browser.websocket_connect(STREAM, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"}).__enter__()
    assert refused.value.status_code == 403


def test_the_page_itself_gets_its_websocket(access: Access) -> None:
    async def accepts(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})

    client = TestClient(Starlette(routes=[Mount("/_stcore/stream", accepts)], middleware=middleware(access)), ADDRESS)
    headers = {"Origin": ADDRESS, "Cookie": access.new_cookie().split(";")[0]}
    with client.websocket_connect(STREAM + "/", headers=headers) as socket:
        assert socket.receive_text() == "hello"


def test_an_address_that_was_typed_is_answered(browser: TestClient) -> None:
    del browser.headers["Origin"]
    assert browser.get("/api/jobs", headers={"Sec-Fetch-Site": "none"}).status_code == 400


def test_health_is_open_under_any_name_and_tells_the_servers_life(services: Services, stranger: TestClient) -> None:
    answer = stranger.get("/healthz", headers={"Host": "portrayal-1.cluster.local"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "boot": services.boot})
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/", "/api/jobs", "/_stcore/health"])
def test_every_answer_tells_the_browser_to_be_strict(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "//api/jobs",
        "/x/../api/jobs",
        "/%2e%2e/api/jobs",
        "/api%2Fjobs",
        "/clips/1/../../api/jobs",
        "/static/../api/jobs",
        "/static/..%2f..%2fapi/jobs",
    ],
)
def test_no_spelling_of_an_address_leads_past_the_door(stranger: TestClient, path: str) -> None:
    answer = stranger.get(stranger.base_url.copy_with(raw_path=path.encode()))
    assert answer.status_code in (400, 401) or "text/html" in answer.headers["content-type"]
    assert b'"jobs"' not in answer.content


def test_the_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = Access.open(settings)
    assert Access.open(settings) == first
    (file,) = settings.secrets.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.secrets.stat().st_mode) == 0o700
    assert Access.open(Settings(home=tmp_path / "other")).cookie_name != first.cookie_name


def test_an_installation_keeps_its_name_tells_nothing_of_the_secret_and_shares_it_with_no_other(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = Access.open(settings)
    assert Access.open(settings).installation == first.installation
    assert Access.open(Settings(home=tmp_path / "other")).installation != first.installation
    assert first.installation not in first.secret
    assert first.cookie_name.removeprefix("portrayal_") not in first.installation


def test_a_damaged_secret_is_not_used(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.secrets.mkdir()
    (settings.secrets / "session.key").write_text("short")
    with pytest.raises(BrokenSecret, match="delete it"):
        Access.open(settings)


async def home(_: object) -> PlainTextResponse:
    return PlainTextResponse("page")


def client_with(services: Services, access: Access, token: str) -> TestClient:
    app = Starlette(routes=[*routes(services), Route("/", home)], middleware=middleware(access))
    return TestClient(app, ADDRESS, client=("127.0.0.1", 1), headers={"Cookie": f"{access.cookie_name}={token}", **SAME_ORIGIN})


def cookie_signed_at(access: Access, monkeypatch: pytest.MonkeyPatch, age_s: float) -> str:
    import time

    now = time.time()
    with monkeypatch.context() as past:
        past.setattr("itsdangerous.timed.time.time", lambda: now - age_s)
        signer = URLSafeTimedSerializer(access.secret, salt="portrayal session")
        return str(signer.dumps({"session": "x"}))
