from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from models.catalogue import face_models
from models.face.hsemotion import HsEmotion, HsEmotion7, HsEmotion8, HsEmotionMtl, as_input
from models.protocols import FaceModel
from models.types import WeightsMissing
from models.weights.errors import UnreadableWeights
from tests.models.faces_for_networks import real_face, weights_in
from tests.models.random_weights import RANDOM, hsemotion_network

ALL: list[type[HsEmotion]] = [HsEmotion7, HsEmotion8, HsEmotionMtl]
EIGHT = ("Anger", "Contempt", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise")


def put(folder: Path, model: type[HsEmotion], network: bytes) -> None:
    place = folder / model.info.name / model.info.weights[0].name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(network)


def outputs(model: type[HsEmotion]) -> int:
    return len(model.info.labels or ()) + 2 * model.affect


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with weights_in(tmp_path_factory.mktemp("weights")) as folder:
        for model in ALL:
            RANDOM[model.info.name](folder / model.info.name)
        yield folder


@pytest.fixture(scope="module")
def face(data: Path) -> NDArray[np.uint8]:
    return real_face(data, 260)


@pytest.mark.parametrize("model", ALL)
def test_is_in_the_catalogue_with_classes_of_the_crosswalk(weights: Path, model: type[HsEmotion]) -> None:
    from app.scheme.crosswalk import crosswalk

    assert face_models.get(model.info.name) is model
    assert model.available().ready and isinstance(model(threads=1), FaceModel)
    assert model.info.labels is not None
    assert [mapping.label for mapping in crosswalk(model.info.labels.name)] == list(model.info.labels.classes)


def test_the_order_of_classes_is_the_alphabet_s_and_seven_lack_contempt() -> None:
    assert HsEmotion8.info.labels is not None and HsEmotion7.info.labels is not None and HsEmotionMtl.info.labels is not None
    assert HsEmotion8.info.labels.classes == HsEmotionMtl.info.labels.classes == EIGHT
    assert HsEmotion7.info.labels.classes == tuple(label for label in EIGHT if label != "Contempt")


@pytest.mark.parametrize("model", ALL)
def test_random_weights_answer_for_a_real_face_with_a_softmax_of_the_logits(
    weights: Path, model: type[HsEmotion], face: NDArray[np.uint8]
) -> None:
    scores = model(threads=1).score(face)
    kernel = hsemotion_network(model.crop_side, outputs(model))[1]
    logits = as_input(face, model.crop_side).mean((2, 3), dtype=np.float64) @ kernel.T
    odds = np.exp(logits[:, : len(model.info.labels or ())])
    np.testing.assert_allclose(scores.probabilities, odds / odds.sum(1, keepdims=True), atol=1e-4)
    assert scores.probabilities.dtype == np.float32
    if model.affect:
        assert scores.valence is not None and scores.arousal is not None
        np.testing.assert_allclose(scores.valence, logits[:, 8].clip(-1, 1), atol=1e-4)
        np.testing.assert_allclose(scores.arousal, logits[:, 9].clip(-1, 1), atol=1e-4)
    else:
        assert scores.valence is None and scores.arousal is None


@pytest.mark.parametrize("model", ALL)
def test_random_weights_give_a_batch_what_they_give_single_faces(weights: Path, model: type[HsEmotion], face: NDArray[np.uint8]) -> None:
    network, faces = model(threads=1), np.concatenate([face, face[:, ::-1]])  # ten: more than one call
    alone = np.concatenate([network.score(one[None]).probabilities for one in faces])
    np.testing.assert_allclose(network.score(faces).probabilities, alone, atol=1e-5)


def test_random_weights_that_take_one_face_a_call_are_given_one_a_call(tmp_path: Path, face: NDArray[np.uint8]) -> None:
    with weights_in(tmp_path):
        put(tmp_path, HsEmotion8, hsemotion_network(260, 8, batch=1)[0])
        assert HsEmotion8(threads=1).score(face).probabilities.shape == (5, 8)


@pytest.mark.parametrize("model", ALL)
def test_no_faces_have_no_scores(weights: Path, model: type[HsEmotion]) -> None:
    scores = model(threads=1).score(np.empty((0, 128, 128, 3), np.uint8))
    assert scores.probabilities.shape == (0, len(model.info.labels or ()))
    assert (scores.valence is not None) == model.affect


def test_a_face_is_prepared_with_imagenet_s_mean_and_deviation_by_hand() -> None:
    face = np.zeros((2, 448, 448, 3), np.uint8)
    face[1] = 255
    face[0, :2, :2, 0] = [[10, 20], [30, 40]]
    pixels = as_input(face, 224)
    assert pixels.shape == (2, 3, 224, 224) and pixels.dtype == np.float32 and pixels.flags.c_contiguous
    np.testing.assert_allclose(pixels[0, 0, 0, 0], (25 / 255 - 0.485) / 0.229, rtol=1e-5)  # the mean of the four
    np.testing.assert_allclose(pixels[0, :, 1, 1], [-2.117904, -2.035714, -1.804444], rtol=1e-5)
    np.testing.assert_allclose(pixels[1, :, 5, 9], [2.248908, 2.428571, 2.64], rtol=1e-5)


@pytest.mark.parametrize("model", ALL)
def test_missing_weights_are_said_in_one_sentence(tmp_path: Path, model: type[HsEmotion]) -> None:
    with weights_in(tmp_path):
        there = model.available()
        assert not there.ready and model.info.weights[0].name in there.advice
        with pytest.raises(WeightsMissing, match=f"models fetch {model.info.name}"):
            model()


@pytest.mark.parametrize(
    ("side", "given", "colours", "found"),
    [(260, 7, 3, "gives 1 × 7,"), (224, 8, 3, "takes batch_size × 3 × 224 × 224"), (260, 8, 1, "takes batch_size × 1 × 260")],
)
def test_a_file_of_another_layout_is_refused_with_what_was_found_and_expected(
    tmp_path: Path, side: int, given: int, colours: int, found: str
) -> None:
    with weights_in(tmp_path):
        put(tmp_path, HsEmotion8, hsemotion_network(side, given, colours=colours)[0])
        with pytest.raises(UnreadableWeights, match=f"{found}.*not N × 3 × 260 × 260 and N × 8"):
            HsEmotion8()


def test_an_unnamed_number_of_outputs_is_measured(tmp_path: Path) -> None:
    network = onnx.load_from_string(hsemotion_network(260, 7)[0])
    network.graph.output[0].type.tensor_type.shape.dim[1].dim_param = "classes"
    with weights_in(tmp_path):
        put(tmp_path, HsEmotion8, network.SerializeToString())
        with pytest.raises(UnreadableWeights, match="gives 1 × 7"):
            HsEmotion8()
