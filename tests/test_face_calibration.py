"""A model is calibrated on labelled faces by a process of its own: told as it goes on, stopped when asked, and errors in words."""

from __future__ import annotations

import os
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from app.child_process import Said
from app.face_calibration import FaceCalibration, NoSuchFaces, begin, calibration_on_faces, forget, mendable, run
from app.settings import Settings
from models.calibration.kept import calibration_of
from models.catalogue import face_models
from models.weights import store as weights

PATIENCE_S = 120


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(home=tmp_path / "home")
    weights.use(made.weights)
    yield made
    weights.use(None)


@pytest.fixture(scope="module")
def faces(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every 20th face of FER-2013's public test, about 180, as a folder."""
    folder = tmp_path_factory.mktemp("faces")
    with tarfile.open(data / "faces" / "fer2013_public_test.tar") as archive:
        members = sorted((one for one in archive.getmembers() if one.isfile()), key=lambda one: one.name)[::20]
        archive.extractall(folder, members, filter="data")
    return next(folder.rglob("angry")).parent


def finished(going: FaceCalibration) -> FaceCalibration:
    until = time.monotonic() + PATIENCE_S
    while not going.over:
        assert time.monotonic() < until, going
        time.sleep(0.05)
    return going


def test_what_it_finds_is_in_force_when_it_is_over(settings: Settings, faces: Path) -> None:
    there = len(list(faces.glob("*/*")))
    first = begin(settings, "fer", f" {faces} ")
    assert begin(settings, "fer", str(faces)) is first is calibration_on_faces(settings, "fer"), "one at a time for a model"
    assert calibration_on_faces(settings, "portrayal_face") is None
    finished(first)
    assert first.error is None and first.outcome is not None
    assert (first.done, first.of) == (there, there)
    found = calibration_of(face_models.get("fer").info)
    assert found is not None and found.data == f"{there} faces of {faces.name}"
    assert (found.data, found.made_at, found.map.document()) == tuple(first.outcome[key] for key in ("data", "made_at", "map"))
    forget(settings, "fer")
    assert calibration_on_faces(settings, "fer") is None


def test_how_far_it_is_is_said_as_it_goes_on(settings: Settings, faces: Path) -> None:
    said: list[Said] = []
    run(settings, "fer", faces, said.append)
    *steps, last = said
    assert [step["done"] for step in steps[:3]] == [1, 21, 41] and steps[-1]["done"] == steps[-1]["of"]
    assert set(last) == {"outcome"}


def test_stopped_it_leaves_everything_as_it_was(settings: Settings, faces: Path) -> None:
    before = calibration_of(face_models.get("fer").info)
    going = FaceCalibration.start(settings, "fer", str(faces))
    going.stop()
    assert going._process is not None
    going._process.wait(PATIENCE_S)
    assert going.over and going.outcome is None and going.error is None
    assert calibration_of(face_models.get("fer").info) == before


@pytest.mark.parametrize(
    ("holds", "says"),
    [
        ({"fc.weight": torch.zeros(2, 3)}, "does not hold EmoNet with 5 classes"),
        (os.system, "emonet_5.pth"),
        (None, "models fetch emonet_5"),
    ],
    ids=["another network", "what could run code", "nothing"],
)
def test_weights_that_are_missing_or_not_to_be_read_are_told_in_words(settings: Settings, faces: Path, holds: object, says: str) -> None:
    if holds is not None:
        place = settings.weights / "emonet_5" / "emonet_5.pth"
        place.parent.mkdir(parents=True)
        torch.save(holds, place)
    with pytest.raises(mendable(), match=says):
        run(settings, "emonet_5", faces, lambda _: None)


def test_a_folder_without_labelled_faces_is_told_in_words(settings: Settings, tmp_path: Path) -> None:
    going = finished(FaceCalibration.start(settings, "fer", str(tmp_path)))
    assert "no pictures in folders named after classes" in (going.error or "")


@pytest.mark.parametrize("given", ["", "   ", "/no/such/folder", "tests"])
def test_a_path_that_means_nothing_on_this_machine_is_refused_before_anything_starts(settings: Settings, given: str) -> None:
    with pytest.raises(NoSuchFaces, match="full path"):
        FaceCalibration.start(settings, "fer", given)
