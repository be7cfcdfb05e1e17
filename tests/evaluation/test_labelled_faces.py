"""A model is measured and calibrated on labelled faces as they are handed on."""

from __future__ import annotations

import shutil
import tarfile
from itertools import islice

import pytest

from app.evaluation.calibrating import NotCalibrated, calibrate_on_faces
from app.evaluation.faces import NoFaces, answers, labelled_faces
from models.calibration.fitting import TooFewLabels
from models.calibration.kept import calibration_of
from models.catalogue import UnknownName, face_models
from models.weights import store as weights


@pytest.fixture(autouse=True)
def own_store(tmp_path):
    weights.use(tmp_path / "weights")
    yield
    weights.use(None)


@pytest.fixture(scope="module")
def some_faces(data, tmp_path_factory):
    """Every 9th face of FER-2013's public test, about 400, as a folder."""
    folder = tmp_path_factory.mktemp("faces")
    with tarfile.open(data / "faces" / "fer2013_public_test.tar") as archive:
        members = sorted((m for m in archive.getmembers() if m.isfile()), key=lambda m: m.name)[::9]
        archive.extractall(folder, members, filter="data")
    inner = next(folder.rglob("angry")).parent
    return inner


def test_calibrating_fer_brings_its_error_down_and_is_used_from_then_on(some_faces):
    seen: list[int] = []
    found = calibrate_on_faces("fer", some_faces, "temperature", seen=seen.append)
    assert found.before.cases == seen[-1] > 350
    assert found.after.ece < found.before.ece
    assert found.map.document()["temperature"] > 1.1  # fer is overconfident on faces it was not trained on
    assert calibration_of(face_models.get("fer").info) == found


def test_a_tar_file_and_the_folder_in_it_give_the_same_answers(some_faces, tmp_path):
    packed = tmp_path / "faces.tar"
    with tarfile.open(packed, "w") as archive:
        archive.add(some_faces, "faces")
    model = face_models.get("fer")()
    from_tar, from_folder = (answers(model, islice(labelled_faces(path), 40)) for path in (packed, some_faces))
    assert (from_tar[0] == from_folder[0]).all() and (from_tar[1] == from_folder[1]).all()


def test_pictures_that_cannot_be_read_are_left_out(some_faces, tmp_path):
    shutil.copytree(some_faces / "happy", tmp_path / "faces" / "happy")
    (tmp_path / "faces" / "happy" / "0.jpg").write_bytes(b"no picture")
    there = len(list((some_faces / "happy").iterdir()))
    assert len(list(labelled_faces(tmp_path / "faces"))) == there


def test_folders_that_no_answer_is_named_after_are_refused(some_faces, tmp_path):
    shutil.copytree(some_faces / "happy", tmp_path / "faces" / "cats")
    with pytest.raises(NoFaces, match=r"no folder \(cats\) is named after an answer of fer"):
        calibrate_on_faces("fer", tmp_path / "faces")
    assert not (weights.store().folder / "fer").exists()


def test_what_holds_no_labelled_pictures_is_refused(tmp_path):
    (tmp_path / "note.txt").write_text("no archive")
    for path in (tmp_path, tmp_path / "note.txt"):
        with pytest.raises(NoFaces):
            list(labelled_faces(path))


def test_a_handful_of_faces_is_too_few(some_faces, tmp_path):
    folder = tmp_path / "faces" / "happy"
    folder.mkdir(parents=True)
    for picture in sorted((some_faces / "happy").iterdir())[:20]:
        shutil.copy(picture, folder)
    with pytest.raises(TooFewLabels, match="20 labelled clips or faces are too few"):
        calibrate_on_faces("fer", tmp_path / "faces")


def test_faces_say_nothing_of_a_voice_model(some_faces):
    with pytest.raises(NotCalibrated, match="portrayal_voice listens"):
        calibrate_on_faces("portrayal_voice", some_faces)


def test_an_unknown_model_is_refused_with_those_there_are(some_faces):
    with pytest.raises(UnknownName, match=r"there are: .*fer"):
        calibrate_on_faces("oracle", some_faces)
