"""Whose face: the networks' own file layouts with random weights, for theirs cannot be had here; no figure of quality comes from these."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.catalogue import face_embedders
from models.identity.facenet import FILE, FaceNet
from models.identity.framing import portrait
from models.identity.sface import NETWORK, SFace
from models.protocols import FaceEmbedder
from models.types import WeightsAltered, WeightsMissing
from models.weights.errors import UnreadableWeights
from tests.models.faces_for_networks import weights_in
from tests.models.pictures import detector, picture
from tests.models.random_weights import RANDOM, unpinned


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with weights_in(tmp_path_factory.mktemp("weights")) as folder:
        for name in ("sface", "facenet_vggface2"):
            RANDOM[name](folder / name)
        yield folder


@pytest.fixture
def sface(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SFace:
    """With a file of random weights in the place of the pinned one, whose sha256 and size it cannot have."""
    monkeypatch.setattr(SFace, "info", unpinned(SFace.info))
    return SFace()


@pytest.fixture(scope="module")
def facenet(folder: Path) -> FaceNet:
    return FaceNet()


@pytest.fixture(scope="module")
def photograph(data: Path) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    image = picture(data / "images" / "one_face.jpg")
    (found,) = detector().detect([image])
    return image, found.boxes[0], found.landmarks[0]


def test_both_are_in_the_catalogue(sface: SFace, facenet: FaceNet) -> None:
    assert face_embedders.get("sface") is SFace and face_embedders.get("facenet_vggface2") is FaceNet
    assert isinstance(sface, FaceEmbedder) and isinstance(facenet, FaceEmbedder)


@pytest.mark.parametrize("model", [SFace, FaceNet])
def test_without_weights_it_says_how_to_come_by_them(model: type[SFace] | type[FaceNet], tmp_path: Path) -> None:
    with weights_in(tmp_path):
        assert f"models fetch {model.info.name}" in model.available().advice
        with pytest.raises(WeightsMissing, match="models fetch"):
            model()


def test_a_file_that_is_not_the_pinned_one_is_refused(folder: Path) -> None:
    with pytest.raises(WeightsAltered):
        SFace()


def test_random_weights_sface_answers_as_opencvs_own_recogniser_does(sface: SFace, folder: Path) -> None:
    """Same file, same crops: OpenCV's preprocessing and ours are one."""
    faces = np.random.default_rng(1).integers(0, 256, (2, 112, 112, 3), np.uint8)
    theirs = cv2.FaceRecognizerSF.create(str(folder / "sface" / NETWORK), "")
    expected = np.concatenate([theirs.feature(np.ascontiguousarray(face[..., ::-1])) for face in faces])
    np.testing.assert_allclose(sface.embed(faces), expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-4)


def test_the_crop_for_sface_is_opencvs_aligned_one(photograph: tuple[NDArray[np.uint8], ...], sface: SFace, folder: Path) -> None:
    image, box, landmarks = photograph
    theirs = cv2.FaceRecognizerSF.create(str(folder / "sface" / NETWORK), "")
    row = np.concatenate([box, landmarks.reshape(-1), [0.99]]).astype(np.float32)[None]
    expected = cv2.GaussianBlur(theirs.alignCrop(np.ascontiguousarray(image[..., ::-1]), row)[..., ::-1], (0, 0), 1.5)
    ours = cv2.GaussianBlur(portrait(image, np.asarray(landmarks, np.float32), sface), (0, 0), 1.5)
    assert np.abs(ours.astype(float) - expected).mean() < 3


def test_random_weights_facenet_gives_unit_rows_and_does_not_mind_company(facenet: FaceNet) -> None:
    faces = np.random.default_rng(1).integers(0, 256, (3, 160, 160, 3), np.uint8)
    rows = facenet.embed(faces)
    assert rows.shape == (3, 512) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(facenet.embed(faces[1:2]), rows[1:2], atol=1e-5)


def test_no_faces_give_no_rows_and_other_sizes_are_refused(sface: SFace, facenet: FaceNet) -> None:
    assert sface.embed(np.empty((0, 112, 112, 3), np.uint8)).shape == (0, 128)
    assert facenet.embed(np.empty((0, 160, 160, 3), np.uint8)).shape == (0, 512)
    for model in (sface, facenet):
        with pytest.raises(ValueError, match="faces must have shape"):
            model.embed(np.empty((1, 48, 48, 3), np.uint8))


def test_another_networks_file_is_refused_as_facenet(tmp_path: Path) -> None:
    with weights_in(tmp_path):
        (tmp_path / "facenet_vggface2").mkdir()
        torch.save({"a": torch.zeros(1)}, tmp_path / "facenet_vggface2" / FILE)
        with pytest.raises(UnreadableWeights, match="another network"):
            FaceNet()
