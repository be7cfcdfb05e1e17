"""Points on faces and bodies: measured when asked for, absent when not, and never in the way of the tables that others read."""

from __future__ import annotations

import csv
from collections.abc import Callable

import numpy as np
import pytest

from app.analysis.bodies import EVERY, People, apart
from app.analysis.latest import latest_analysis
from app.analysis.plan import AnalysisPlan
from app.analysis.run import analyze_clip
from app.analysis.tables import frames_csv
from app.analysis.traces import Trace, load
from app.services import Services
from db import tables
from models.catalogue import body_landmarkers
from tests.models.weights_at_hand import need

NEW = {"gaze_pitch", "gaze_yaw", "mouth_opening"}


@pytest.fixture
def traces(
    services: Services, add: Callable[..., int]
) -> Callable[[str, AnalysisPlan], tuple[list[Trace], list[dict[str, str]], tables.Analysis]]:
    known: dict[str, int] = {}

    def run(name: str, plan: AnalysisPlan) -> tuple[list[Trace], list[dict[str, str]], tables.Analysis]:
        clip_id = known[name] if name in known else known.setdefault(name, add(name))
        analyze_clip(services.database, services.store, clip_id, plan)
        with services.database.reading() as session:
            analysis = latest_analysis(session, clip_id)
            assert analysis is not None
            return load(session, analysis.id), list(csv.DictReader("".join(frames_csv(session, analysis)).splitlines())), analysis

    return run


def test_a_face_has_pose_gaze_and_mouth_from_the_landmarker_and_the_table_keeps_its_columns(traces) -> None:
    plain, plain_rows, _ = traces("single_face_quiet.mp4", AnalysisPlan(voice=None))
    asked, rows, analysis = traces("single_face_quiet.mp4", AnalysisPlan(voice=None, landmarks="mediapipe_face"))
    (before,), (after,) = ([trace for trace in found if trace.kind == "face"] for found in (plain, asked))
    assert not NEW & set(before.columns) and set(after.columns) >= NEW
    assert "valence" not in after.columns  # fer has none, and an empty column is none
    np.testing.assert_array_equal(after.probabilities, before.probabilities)  # what the face shows is scored as ever
    assert np.ptp(after["pitch"]) < 8 < 15 < np.ptp(before["pitch"])  # he grins, and does not nod
    blink = np.isnan(after["gaze_yaw"])
    assert (
        0 < blink.sum() < len(after) / 3 and not np.isnan(after["pitch"]).any()
    )  # closed eyes look nowhere; the head still faces somewhere
    np.testing.assert_array_equal(blink, np.isnan(after["gaze_pitch"]))
    assert np.nanmax(np.abs(after["gaze_yaw"])) < 20 and after["mouth_opening"].min() >= 0 and after["mouth_opening"].max() < 0.3
    assert list(rows[0]) == list(plain_rows[0])
    assert [float(row["pitch"]) for row in rows] == pytest.approx(after["pitch"].tolist(), abs=0.01)
    assert analysis.models["landmarks"]["name"] == "mediapipe_face" and analysis.parameters["landmarks"] == "mediapipe_face"


def test_a_persons_points_are_a_trace_at_every_fifth_frame_with_or_without_faces(traces) -> None:
    need(body_landmarkers.get("mediapipe_pose").info)
    found, rows, analysis = traces("talking_1.mp4", AnalysisPlan(face=None, voice=None, body="mediapipe_pose"))
    (body,) = (trace for trace in found if trace.kind == "body")
    assert body.subject == "1" and len(body) == -(-analysis.frames // EVERY) and len(body.columns) == 99
    assert set(np.diff(body.times_us)) and body.label_set is None
    assert (body["left_shoulder_x"] > body["right_shoulder_x"]).all() and body["nose_visibility"].min() > 0.9
    assert body["nose_x"].min() > 0 and body["nose_x"].max() < 700
    assert all(row["num_faces"] == "" for row in rows)


def test_where_nobody_is_the_note_says_so(traces) -> None:
    need(body_landmarkers.get("mediapipe_pose").info)
    found, _, analysis = traces("three_faces_5_frames.mp4", AnalysisPlan(face=None, voice=None, body="mediapipe_pose"))
    assert [trace for trace in found if trace.kind == "body"] == []
    assert "Nobody's body was found in any frame." in analysis.notes


def test_a_person_is_known_again_by_points_seen_both_times_in_sizes_of_the_body() -> None:
    points = np.array([[0, 0], [30, 40], [999, 999]], np.float32)
    seen = np.array([True, True, False])
    assert apart(points, seen, points + np.array([3, 4], np.float32), seen) == pytest.approx(0.1)
    assert apart(points, seen, points, ~seen) == float("inf")


def bodies(*places: float, seen: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """People 100 pixels high, each at x of its own; the first `seen` of ten points are visible."""
    one = np.stack([np.linspace(0, 40, 10), np.linspace(0, 100, 10)], axis=1)
    visibility = np.where(np.arange(10) < seen, 0.9, 0.1)
    return (
        np.array([one + np.array([x, 0]) for x in places], np.float32).reshape(-1, 10, 2),
        np.tile(visibility, (len(places), 1)).astype(np.float32),
    )


def at(people: People, number: int) -> list[float]:
    """x of a person's first point at each look."""
    return np.frombuffer(people.known[number - 1].values, np.float32).reshape(-1, 30)[:, 0].tolist()


def test_two_people_stay_themselves_in_whatever_order_they_are_found() -> None:
    people = People()
    people.add(0, *bodies(0, 300))
    people.add(200_000, *bodies(310, 5))
    people.add(400_000, *bodies(10, 320))
    assert (at(people, 1), at(people, 2)) == ([0, 5, 10], [300, 310, 320])


def test_who_comes_where_nobody_was_and_who_was_long_away_is_somebody_new() -> None:
    people = People()
    people.add(0, *bodies(0))
    people.add(200_000, *bodies(0, 200))
    people.add(1_300_000, *bodies(200))
    assert [list(person.times) for person in people.known] == [[0, 200_000], [200_000], [1_300_000]]


def test_so_little_of_a_person_is_nobody() -> None:
    people = People()
    people.add(0, *bodies(0, seen=4))
    people.add(200_000, *bodies())
    assert people.known == []
