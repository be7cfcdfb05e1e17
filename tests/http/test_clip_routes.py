"""Real clips through the routes: uploaded, played by ranges, drawn, analysed, exported."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.analysis.plan import AnalysisPlan
from app.analysis.quantised import dequantise
from app.analysis.run import analyze_clip
from app.analysis.traces import Trace, save
from app.http.access import Access
from app.http.middleware import middleware
from app.http.routes import routes
from app.media.probe import unpack_times
from app.raters import name_local_rater
from app.services import Services
from app.settings import Settings
from db import tables
from tests.http.conftest import ADDRESS, SAME_ORIGIN

TALKING, RAVDESS, QUICKTIME, FIVE_FRAMES = "talking_1.mp4", "01-01-08-02-01-01-19.mp4", "face_then_none.mov", "three_faces_5_frames.mp4"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    opened = Services.open(Settings(home=tmp_path_factory.mktemp("home"), max_upload_bytes=64 * 2**20))
    with opened.database.writing() as session:
        name_local_rater(session, "anna")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    access = Access.open(services.settings)
    app = Starlette(routes=list(routes(services)), middleware=middleware(access))
    return TestClient(app, ADDRESS, headers={**SAME_ORIGIN, "Cookie": access.new_cookie().split(";")[0]})


@pytest.fixture(scope="module")
def uploaded(client: TestClient, clips: Path) -> dict[str, int]:
    """Clip numbers by file name."""
    return {name: upload(client, name, (clips / name).read_bytes()).json()["clip"] for name in (TALKING, RAVDESS, QUICKTIME, FIVE_FRAMES)}


def upload(client: TestClient, name: str, content: bytes, project: str = "study"):  # type: ignore[no-untyped-def]
    return client.put(f"/api/uploads?project={quote(project)}", content=content, headers={"X-File-Name": quote(name)})


def test_an_upload_twice_is_known_by_its_bytes(client: TestClient, uploaded: dict[str, int], clips: Path) -> None:
    answer = upload(client, "another name.mp4", (clips / TALKING).read_bytes())
    assert (answer.status_code, answer.json()["duplicate_of"]) == (409, uploaded[TALKING])


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.mp4", b"", 415), ("a.mp4", b"#EXTM3U\nhttp://evil/x.ts\n", 415), ("", b"x", 400), ("../..", b"x", 400)],
)
def test_what_is_no_clip_is_refused_in_words(client: TestClient, name: str, content: bytes, status: int) -> None:
    answer = upload(client, name, content)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_an_upload_says_into_which_project(client: TestClient) -> None:
    assert client.put("/api/uploads", content=b"x", headers={"X-File-Name": "a.mp4"}).status_code == 400
    assert upload(client, "a.mp4", b"x", project=" ").status_code in (400, 415)


def test_an_upload_that_is_too_large_leaves_nothing(client: TestClient, services: Services) -> None:
    before = sorted(services.settings.media.rglob("*"))
    answer = client.put("/api/uploads?project=study", content=b"x", headers={"X-File-Name": "a.mp4", "Content-Length": str(65 * 2**20)})
    assert answer.status_code == 413
    pieces = (b"\0" * 2**20 for _ in range(65))
    assert client.put("/api/uploads?project=study", content=pieces, headers={"X-File-Name": "a.mp4"}).status_code == 413
    assert sorted(services.settings.media.rglob("*")) == before


def test_the_whole_file_comes_as_it_was(client: TestClient, uploaded: dict[str, int], clips: Path) -> None:
    answer = client.get(f"/clips/{uploaded[TALKING]}/media")
    assert answer.status_code == 200
    assert answer.content == (clips / TALKING).read_bytes()
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=1000-", 1000, None),
        ("bytes=-7", -7, None),
        ("bytes=5-99999999999", 5, None),
    ],
)
def test_a_range_is_that_part_of_the_file(
    client: TestClient, uploaded: dict[str, int], clips: Path, asked: str, start: int, end: int | None
) -> None:
    content = (clips / TALKING).read_bytes()
    answer = client.get(f"/clips/{uploaded[TALKING]}/media", headers={"Range": asked})
    first, last, _ = slice(start, end).indices(len(content))
    assert answer.status_code == 206
    assert answer.content == content[start:end]
    assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(last - first)


def test_a_range_past_the_end_is_416_with_the_size(client: TestClient, uploaded: dict[str, int], clips: Path) -> None:
    size = (clips / TALKING).stat().st_size
    answer = client.get(f"/clips/{uploaded[TALKING]}/media", headers={"Range": f"bytes={size}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")


def test_if_range_gives_the_part_only_of_the_same_file(client: TestClient, uploaded: dict[str, int]) -> None:
    path = f"/clips/{uploaded[TALKING]}/media"
    etag = client.get(path).headers["etag"]
    assert client.get(path, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert client.get(path, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200


def test_head_tells_the_size_and_sends_nothing(client: TestClient, uploaded: dict[str, int], clips: Path) -> None:
    answer = client.head(f"/clips/{uploaded[TALKING]}/media")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str((clips / TALKING).stat().st_size)


def test_what_browsers_cannot_play_comes_as_a_proxy(client: TestClient, uploaded: dict[str, int], clips: Path) -> None:
    answer = client.get(f"/clips/{uploaded[QUICKTIME]}/media")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.content != (clips / QUICKTIME).read_bytes()
    assert b"avc1" in answer.content


def test_frame_times_are_the_clips_own(client: TestClient, services: Services, uploaded: dict[str, int]) -> None:
    times = np.frombuffer(client.get(f"/clips/{uploaded[TALKING]}/frame-times").content, "<f8")
    with services.database.reading() as session:
        packed = session.get_one(tables.Clip, uploaded[TALKING]).medium.frame_times
    assert packed is not None
    assert times.tolist() == unpack_times(packed).tolist()
    assert len(times) > 100


def test_peaks_are_pairs_and_there_are_none_without_sound(client: TestClient, uploaded: dict[str, int]) -> None:
    answer = client.get(f"/clips/{uploaded[TALKING]}/peaks?buckets=300")
    pairs = np.frombuffer(answer.content, np.int8).reshape(300, 2)
    assert (pairs[:, 0] <= pairs[:, 1]).all()
    assert pairs.any()
    silent = client.get(f"/clips/{uploaded[FIVE_FRAMES]}/peaks?buckets=300")
    assert (silent.status_code, silent.content) == (204, b"")


@pytest.mark.parametrize("buckets", ["", "0", "-1", "x", "100001", "9" * 30, "1.5"])
def test_peaks_into_how_many_stretches_is_said(client: TestClient, uploaded: dict[str, int], buckets: str) -> None:
    assert client.get(f"/clips/{uploaded[TALKING]}/peaks?buckets={buckets}").status_code == 400


def test_tiles_are_pictures_of_ten_seconds_and_end_with_the_clip(client: TestClient, uploaded: dict[str, int]) -> None:
    answer = client.get(f"/clips/{uploaded[TALKING]}/spectrogram/0.png")
    picture = Image.open(io.BytesIO(answer.content))
    assert (answer.headers["content-type"], picture.size, picture.mode) == ("image/png", (1000, 96), "L")
    assert client.get(f"/clips/{uploaded[TALKING]}/spectrogram/1.png").status_code == 404
    assert client.get(f"/clips/{uploaded[FIVE_FRAMES]}/spectrogram/0.png").status_code == 404


def test_the_poster_is_a_small_picture(client: TestClient, uploaded: dict[str, int]) -> None:
    answer = client.get(f"/clips/{uploaded[RAVDESS]}/poster.jpg")
    picture = Image.open(io.BytesIO(answer.content))
    assert (answer.headers["content-type"], picture.format, max(picture.size)) == ("image/jpeg", "JPEG", 480)


@pytest.mark.parametrize("what", ["media", "frame-times", "peaks?buckets=10", "spectrogram/0.png", "poster.jpg"])
def test_what_a_browser_has_is_not_sent_again(client: TestClient, uploaded: dict[str, int], what: str) -> None:
    path = f"/clips/{uploaded[TALKING]}/{what}"
    etag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_linked_file_that_is_gone_is_said_to_be(client: TestClient, services: Services, clips: Path, tmp_path: Path) -> None:
    from app.media.importing import Imported, import_file
    from app.media.limits import Limits

    linked = tmp_path / "linked.mp4"
    linked.write_bytes((clips / "talking_2.mp4").read_bytes())
    outcome = import_file(services.database, services.store, Limits.of(services.settings), "study", linked, link=True)
    assert isinstance(outcome, Imported)
    path = f"/clips/{outcome.clip_id}/media"
    assert client.get(path).status_code == 200
    linked.write_bytes(b"short")
    assert client.get(path).status_code == 410
    linked.unlink()
    answer = client.get(path)
    assert (answer.status_code, "Put it back" in answer.json()["error"]) == (410, True)


def test_a_clip_never_analysed_has_no_traces_and_opens_all_the_same(client: TestClient, uploaded: dict[str, int]) -> None:
    assert client.get(f"/clips/{uploaded[QUICKTIME]}/traces").status_code == 404
    document = client.get(f"/api/clips/{uploaded[QUICKTIME]}").json()
    assert (document["analysis"], document["suggestion"], document["judgements"]) == (None, None, [])
    assert (document["clip"]["has_video"], document["clip"]["playable"]) == (True, False)


@pytest.fixture(scope="module")
def analysed(services: Services, uploaded: dict[str, int]) -> int:
    """The RAVDESS clip, heard by the voice models that ship; and five frames with what a face model could have said of three of them."""
    heard = analyze_clip(services.database, services.store, uploaded[RAVDESS], AnalysisPlan(face=None))
    assert heard.analysis is not None
    with services.database.writing() as session:
        times = unpack_times(session.get_one(tables.Clip, uploaded[FIVE_FRAMES]).medium.frame_times or b"")
        counts = Trace("faces", "", "mtcnn", None, times, ("num_faces",), np.array([[1], [0], [1], [1], [0]], np.float32))
        scores = np.array([[0.75, 0.25]] * 3, np.float32)
        face = Trace("face", "1", "fer 1", "fer", times[[0, 2, 3]], ("p:happy", "p:angry"), scores)
        models = {"face": {"name": "fer", "version": "1", "classes": ["happy", "angry"]}}
        analysis = tables.Analysis(
            clip_id=uploaded[FIVE_FRAMES],
            models=models,
            parameters={},
            program_version="0",
            frames=5,
            frames_with_face=3,
            faces=1,
            seconds=1.0,
        )
        save(session, analysis, [counts, face])
    return uploaded[RAVDESS]


def test_traces_come_as_bytes_with_an_etag(client: TestClient, analysed: int, uploaded: dict[str, int]) -> None:
    answer = client.get(f"/clips/{analysed}/traces")
    number, traces = dequantise(answer.content)
    assert {trace.kind for trace in traces} == {"speech", "voice"}
    assert client.get(f"/clips/{analysed}/traces?analysis={number}").content == answer.content
    assert client.get(f"/clips/{analysed}/traces", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert client.get(f"/clips/{uploaded[FIVE_FRAMES]}/traces?analysis={number}").status_code == 404


@pytest.mark.parametrize(("wanted", "status"), [("999", 404), ("x", 400), ("-1", 400), ("9" * 40, 400), ("", 400)])
def test_another_analysis_than_there_is_is_refused(client: TestClient, analysed: int, wanted: str, status: int) -> None:
    assert client.get(f"/clips/{analysed}/traces?analysis={wanted}").status_code == status


def test_the_editors_document_says_all_about_a_clip(
    client: TestClient, services: Services, analysed: int, uploaded: dict[str, int]
) -> None:
    document = client.get(f"/api/clips/{analysed}").json()
    assert document["boot"] == services.boot
    assert document["installation"] == Access.open(services.settings).installation
    clip = document["clip"]
    assert (clip["corpus"], clip["actor"], clip["width"], clip["height"], clip["has_audio"]) == ("ravdess", "19", 720, 720, True)
    assert clip["intended"] == [{"emotion": "positive_surprise", "weight": None}, {"emotion": "negative_surprise", "weight": None}]
    assert document["project"] == {"name": "study", "blind": False}
    assert document["rater"]["name"] == "anna"
    assert len(document["scheme"]["emotions"]) == 44
    assert {"id", "name", "colour", "letter"} <= document["scheme"]["families"][0].keys()
    assert set(document["scheme"]["families"][0]["colour"]) == {"light", "dark"}
    assert document["analysis"]["models"].keys() == {"speech", "voice"}
    assert document["analysis"]["speech"]
    assert abs(sum(document["suggestion"]["families"].values()) - 1) < 1e-6
    assert (document["previous"], document["next"]) == (uploaded[TALKING], uploaded[QUICKTIME])
    faces = client.get(f"/api/clips/{uploaded[FIVE_FRAMES]}").json()["analysis"]["faces"]
    assert [face["subject"] for face in faces] == [1]


def test_an_export_comes_as_a_zip_with_what_was_said(client: TestClient, analysed: int, uploaded: dict[str, int]) -> None:
    said = {"tier": "clip", "emotions": [{"id": "positive_surprise", "weight": 1}]}
    operation = {"op_id": str(uuid4()), "kind": "put", "judgement_id": str(uuid4()), "base_revision": 0, "judgement": said}
    client.post(f"/api/clips/{analysed}/operations", json={"operations": [operation]})
    answer = client.get("/api/projects/study/export.zip?frames=1")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="study-export.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["labels.csv", "clips.csv", "frames.csv", "codebook.csv", "manifest.json"]
    (label,) = csv.DictReader(io.StringIO(archive.read("labels.csv").decode()))
    assert (label["emotion"], label["intended_emotion"]) == ("positive_surprise", "positive_surprise|negative_surprise")
    assert label["annotator"] == "anna"
    frames = list(csv.DictReader(io.StringIO(archive.read("frames.csv").decode())))
    heard_only = [row for row in frames if row["clip_id"] == str(analysed)]
    assert {(row["num_faces"], row["success"], row["happy"]) for row in heard_only} == {("", "", "")}
    seen = [row for row in frames if row["clip_id"] == str(uploaded[FIVE_FRAMES])]
    assert [(row["frame"], row["success"], row["num_faces"], row["happy"], row["predicted_emotion"]) for row in seen] == [
        ("0", "1", "1", "0.75", "happy"),
        ("1", "0", "0", "", ""),
        ("2", "1", "1", "0.75", "happy"),
        ("3", "1", "1", "0.75", "happy"),
        ("4", "0", "0", "", ""),
    ]
    assert json.loads(archive.read("manifest.json"))["counts"]["judgements"] == 1
    assert client.get("/api/projects/study/export.zip?format=nonsense").status_code == 400


def test_an_export_that_was_sent_or_broken_off_leaves_nothing_on_the_disk(
    client: TestClient, uploaded: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert client.get("/api/projects/study/export.zip").status_code == 200
    assert client.get("/api/projects/study/export.zip?format=nonsense").status_code == 400
    assert list(tmp_path.iterdir()) == []


def test_jobs_are_listed_and_cancelled(client: TestClient, services: Services, uploaded: dict[str, int]) -> None:
    from app.analysis.jobs import enqueue

    with services.database.writing() as session:
        (job,) = enqueue(session, [uploaded[TALKING]], AnalysisPlan())
    (listed,) = (one for one in client.get("/api/jobs?project=study").json()["jobs"] if one["id"] == job)
    assert listed == {"id": job, "clip": uploaded[TALKING], "state": "waiting", "progress": 0.0, "message": "", "error": None}
    assert client.post(f"/api/jobs/{job}/cancel").json()["job"]["state"] == "cancelled"


def test_the_timelines_modules_are_served_and_nothing_else_is(client: TestClient) -> None:
    from app.http.assets import UI, timeline_version

    names = [file.relative_to(UI / "timeline").as_posix() for file in (UI / "timeline").rglob("*.js")]
    assert names
    for name in names:
        answer = client.get(f"/assets/timeline/{timeline_version()}/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert "immutable" in answer.headers["cache-control"]
        assert "immutable" not in client.get(f"/assets/timeline/old/{name}").headers["cache-control"]
    for path in (
        "timeline/1/package.json",
        "timeline/1/../../session.py",
        "timeline/1/..%2F..%2Fsession.py",
        "..%2F..%2Fapp/1/version.py",
        "timeline/1//etc/passwd",
    ):
        assert client.get(client.base_url.copy_with(raw_path=f"/assets/{path}".encode())).status_code in (400, 404), path
