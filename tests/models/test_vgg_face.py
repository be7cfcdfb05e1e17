from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.vgg_face import DeepFace, KerasExpressions, VggFaceEmotion, as_input
from models.protocols import FaceModel
from models.types import WeightsMissing
from models.weights.errors import UnreadableWeights
from tests.models.faces_for_networks import real_face, weights_in
from tests.models.random_weights import keras_arrays, keras_file

BOTH: list[type[KerasExpressions]] = [DeepFace, VggFaceEmotion]


def place_of(folder: Path, model: type[KerasExpressions]) -> Path:
    return folder / model.info.name / model.info.weights[0].name


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with weights_in(tmp_path_factory.mktemp("weights")) as folder:
        for model in BOTH:
            keras_file(place_of(folder, model), keras_arrays())
        yield folder


@pytest.fixture(scope="module")
def face(data: Path) -> NDArray[np.uint8]:
    return real_face(data, 128)


def by_hand(pixels: NDArray[np.float32], arrays: list[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> NDArray[np.float64]:
    """Probabilities of (48, 48) grey in [0, 1], in numpy, with Keras' own order of axes."""

    def windows(x: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))

    x = pixels[..., None].astype(np.float64)
    for place, (kernel, bias) in enumerate(arrays[:5]):
        x = np.maximum(np.einsum("hwcij,ijco->hwo", windows(x, kernel.shape[0]), kernel, optimize=True) + bias, 0)
        if place == 0:
            x = windows(x, 5)[::2, ::2].max((3, 4))
        elif place in (2, 4):
            x = windows(x, 3)[::2, ::2].mean((3, 4))
    x = x.reshape(-1)
    for kernel, bias in arrays[5:7]:
        x = np.maximum(x @ kernel + bias, 0)
    odds = np.exp(x @ arrays[7][0] + arrays[7][1])
    return odds / odds.sum()


@pytest.mark.parametrize("model", BOTH)
def test_is_in_the_catalogue_with_classes_of_the_crosswalk(weights: Path, model: type[KerasExpressions]) -> None:
    from app.scheme.crosswalk import crosswalk

    assert face_models.get(model.info.name) is model
    assert model.available().ready and isinstance(model(threads=1), FaceModel)
    assert model.info.labels is not None
    assert [mapping.label for mapping in crosswalk(model.info.labels.name)] == list(model.info.labels.classes)
    assert [label.lower() for label in model.info.labels.classes] == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.mark.parametrize("model", BOTH)
def test_random_weights_of_the_keras_layout_give_a_real_face_what_numpy_gives_it(
    weights: Path, model: type[KerasExpressions], face: NDArray[np.uint8]
) -> None:
    scores = model(threads=1).score(face)
    assert scores.probabilities.shape == (5, 7) and scores.probabilities.dtype == np.float32 and scores.valence is None
    expected = np.stack([by_hand(pixels[0], keras_arrays()) for pixels in as_input(face)])
    assert np.ptp(expected, axis=0).max() > 1e-3  # the five crops differ, and so do their scores
    np.testing.assert_allclose(scores.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize(("first", "whole_model"), [(9, False), (1, True)])
def test_random_weights_are_read_whatever_their_layers_are_numbered_and_out_of_a_whole_model(
    weights: Path, tmp_path: Path, face: NDArray[np.uint8], first: int, whole_model: bool
) -> None:
    expected = DeepFace(threads=1).score(face).probabilities
    with weights_in(tmp_path):
        keras_file(place_of(tmp_path, DeepFace), keras_arrays(), first, whole_model)  # from 9: conv2d_10 stands after conv2d_9, not before
        np.testing.assert_array_equal(DeepFace(threads=1).score(face).probabilities, expected)


def test_random_weights_give_a_batch_what_they_give_single_faces(weights: Path, face: NDArray[np.uint8]) -> None:
    network, faces = DeepFace(threads=1), np.concatenate([face] * 7)  # 35: more than one call
    alone = np.concatenate([network.score(one[None]).probabilities for one in faces])
    np.testing.assert_allclose(network.score(faces).probabilities, alone, atol=1e-6)


def test_no_faces_have_no_scores(weights: Path) -> None:
    assert DeepFace(threads=1).score(np.empty((0, 128, 128, 3), np.uint8)).probabilities.shape == (0, 7)


def test_a_face_is_prepared_as_grey_from_0_to_1_by_hand() -> None:
    face = np.zeros((3, 96, 96, 3), np.uint8)
    face[0, :2, :2] = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [0, 0, 0]]]
    face[1] = 255
    face[2] = [100, 150, 200]
    pixels = as_input(face)
    assert pixels.shape == (3, 1, 48, 48) and pixels.dtype == np.float32
    # Grey is 0.299 red + 0.587 green + 0.114 blue: 76, 150 and 29 of 255, and then the mean of the four.
    np.testing.assert_allclose(pixels[0, 0, 0, 0], round((76 + 150 + 29 + 0) / 4) / 255, rtol=1e-6)
    assert pixels[0, 0, 1:].max() == 0 and (pixels[1] == 1).all()
    np.testing.assert_allclose(pixels[2], 141 / 255, rtol=1e-6)  # 29.9 + 88.05 + 22.8 = 140.75


def test_missing_weights_are_said_in_one_sentence(tmp_path: Path) -> None:
    with weights_in(tmp_path):
        for model, way in ((DeepFace, "models fetch deepface"), (VggFaceEmotion, "models add vgg_face_emotion FILE")):
            there = model.available()
            assert not there.ready and model.info.weights[0].name in there.advice and way in there.advice
            with pytest.raises(WeightsMissing, match=way):
                model()


def test_a_file_of_another_layout_is_refused_with_what_was_found_and_expected(tmp_path: Path) -> None:
    others = keras_arrays()
    others[7] = (np.zeros((1024, 8), np.float32), np.zeros(8, np.float32))
    with weights_in(tmp_path):
        place = place_of(tmp_path, DeepFace)
        keras_file(place, others)
        with pytest.raises(UnreadableWeights, match=r"array 15 is 1024×8, expected is 1024×7"):
            DeepFace()
        with h5py.File(place, "w") as file:
            file.create_dataset("dense/kernel:0", data=np.zeros((3, 4), np.float32))
        with pytest.raises(UnreadableWeights, match=r"holds 1 array, expected are 16; array 1 is 3×4, expected is 5×5×1×64"):
            DeepFace()
        with h5py.File(place, "w"):
            pass
        with pytest.raises(UnreadableWeights, match="holds 0 arrays, expected are 16"):
            DeepFace()
