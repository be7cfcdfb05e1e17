"""Calibrating on the models page: a network looks at faces elsewhere, while pages come and go."""

from __future__ import annotations

import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import face_calibration
from app.services import Services
from models.calibration.kept import calibration_of
from models.catalogue import face_models
from models.weights import store as weights
from tests.pages.conftest import page

PATIENCE_S = 120


@pytest.fixture(autouse=True)
def own_store(opened: Services) -> Iterator[None]:
    weights.use(opened.settings.weights)
    yield
    weights.use(None)


@pytest.fixture
def on_faces(signed_in: AppTest) -> AppTest:
    """The page, about to calibrate `fer` on faces."""
    at = page(signed_in, "models")
    at.session_state["models_tab"] = "Calibration"
    at.run()
    at.selectbox(key="calibrated_model").set_value("fer").run()
    return at.radio(key="calibrate_on").set_value("faces").run()


def started(at: AppTest, path: str) -> AppTest:
    at.text_input(key="calibrate_path").set_value(path).run()
    at.button(key="calibrate").click().run()
    assert not at.exception
    return at


def over(opened: Services) -> None:
    going = face_calibration.calibration_on_faces(opened.settings, "fer")
    assert going is not None
    until = time.monotonic() + PATIENCE_S
    while not going.over:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_network_looks_in_a_process_of_its_own_and_what_it_found_is_shown(
    on_faces: AppTest, opened: Services, data: Path, tmp_path: Path
) -> None:
    with tarfile.open(data / "faces" / "fer2013_public_test.tar") as archive:
        members = sorted((one for one in archive.getmembers() if one.isfile()), key=lambda one: one.name)[::30]
        archive.extractall(tmp_path, members, filter="data")
    faces = next(tmp_path.rglob("angry")).parent
    at = started(on_faces, str(faces))
    assert at.button(key="calibrate").disabled and at.button(key="stop_calibration")
    over(opened)
    at.run()
    assert not at.exception
    assert any(f"fer is calibrated on {len(members)} faces" in text.value for text in at.text)
    assert any(f"{len(members)} faces of" in text.value for text in at.markdown), "it is in force"
    at.button(key="calibration_close").click().run()
    assert not at.button(key="calibrate").disabled and face_calibration.calibration_on_faces(opened.settings, "fer") is None


def test_stopped_it_says_that_everything_is_as_it_was(on_faces: AppTest, opened: Services, data: Path) -> None:
    before = calibration_of(face_models.get("fer").info)
    at = started(on_faces, str(data / "faces" / "fer2013_public_test.tar"))
    at.button(key="stop_calibration").click().run()
    assert any("Everything is as it was" in text.value for text in at.text)
    assert calibration_of(face_models.get("fer").info) == before


def test_what_goes_wrong_is_told_in_words(on_faces: AppTest, opened: Services, tmp_path: Path) -> None:
    assert "give the full path" in started(on_faces, "/no/such/folder").error[0].value
    at = started(on_faces, str(tmp_path / "home"))
    over(opened)
    at.run()
    assert "no pictures in folders named after classes" in at.error[0].value


def test_a_damaged_calibration_is_told_and_can_be_taken_out_of_force(on_faces: AppTest) -> None:
    place = weights.store().place("fer", "calibration.json")
    place.parent.mkdir(parents=True)
    place.write_text("{")
    at = on_faces.run()
    assert "cannot be read as a calibration" in at.error[0].value
    at.button(key="forget_calibration").click().run()
    assert not at.exception and not at.error and not place.exists()
