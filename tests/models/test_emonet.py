from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.catalogue import face_models
from models.face._emonet_network import Block, EmoNetwork
from models.face.emonet import EmoNet5, EmoNet8, as_input, class_four_by_evidence
from models.protocols import FaceModel
from models.types import WeightsMissing
from models.weights.errors import UnreadableWeights
from tests.models.faces_for_networks import real_face, weights_in
from tests.models.random_weights import emonet_state

EIGHT = ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger", "Contempt")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store in which both files lie under their published names, the five-class one as it is saved from several GPUs."""
    with weights_in(tmp_path_factory.mktemp("weights")) as folder:
        for classes, prefix in ((8, ""), (5, "module.")):
            place = folder / f"emonet_{classes}" / f"emonet_{classes}.pth"
            place.parent.mkdir()
            torch.save({prefix + key: value for key, value in emonet_state(classes).items()}, place)
        yield folder


@pytest.fixture(scope="module")
def eight(weights: Path) -> EmoNet8:
    return EmoNet8(threads=1)


@pytest.fixture(scope="module")
def face(data: Path) -> NDArray[np.uint8]:
    return real_face(data, 256)


def test_are_in_the_catalogue_with_their_classes_in_order(eight: EmoNet8) -> None:
    assert face_models.get("emonet_8") is EmoNet8 and face_models.get("emonet_5") is EmoNet5
    assert isinstance(eight, FaceModel)
    assert EmoNet8.info.labels is not None and EmoNet8.info.labels.classes == EIGHT
    assert EmoNet5.info.labels is not None and EmoNet5.info.labels.classes[:4] == EIGHT[:4]


def test_every_class_is_in_the_crosswalk_and_class_four_of_five_is_a_conflict() -> None:
    from app.scheme.crosswalk import Match, crosswalk

    for model in (EmoNet8, EmoNet5):
        assert model.info.labels is not None
        assert all(label in crosswalk(model.info.labels.name) for label in model.info.labels.classes)
    assert EmoNet5.info.labels is not None
    assert crosswalk("emonet5")[EmoNet5.info.labels.classes[4]].match is Match.CONFLICT


def test_random_weights_of_the_published_layout_answer_for_a_real_face(eight: EmoNet8, face: NDArray[np.uint8]) -> None:
    scores = eight.score(face)
    assert scores.probabilities.shape == (5, 8) and scores.probabilities.dtype == np.float32
    assert scores.valence is not None and scores.arousal is not None
    assert np.ptp(scores.probabilities, axis=0).max() > 0  # it looks at the picture
    for affect in (scores.valence, scores.arousal):
        assert affect.shape == (5,) and np.abs(affect).max() <= 1


def test_random_weights_saved_from_several_gpus_are_read_as_well(weights: Path, face: NDArray[np.uint8]) -> None:
    assert EmoNet5.available().ready
    assert EmoNet5(threads=1).score(face[:1]).probabilities.shape == (1, 5)


def test_random_weights_give_a_batch_what_they_give_single_faces(eight: EmoNet8, face: NDArray[np.uint8]) -> None:
    together = eight.score(face)
    assert together.valence is not None
    for place in range(len(face)):
        alone = eight.score(face[place : place + 1])
        assert alone.valence is not None
        np.testing.assert_allclose(together.probabilities[place], alone.probabilities[0], atol=1e-5)
        np.testing.assert_allclose(together.valence[place : place + 1], alone.valence, atol=1e-5)


def test_no_faces_have_no_scores(eight: EmoNet8) -> None:
    scores = eight.score(np.empty((0, 256, 256, 3), np.uint8))
    assert scores.probabilities.shape == (0, 8)
    assert scores.valence is not None and scores.valence.shape == (0,)


def test_affect_is_clipped_and_not_swapped(eight: EmoNet8, face: NDArray[np.uint8]) -> None:
    last: Any = eight._network.emo_fc_2[3]
    kept = last.bias.detach().clone()
    with torch.no_grad():
        last.bias[8:] = torch.tensor([7.0, -7.0])
    try:
        scores = eight.score(face[:1])
    finally:
        with torch.no_grad():
            last.bias.copy_(kept)
    assert (scores.valence, scores.arousal) == (1, -1)


def test_the_network_has_the_names_and_shapes_of_the_published_state_dicts() -> None:
    shapes = {key: tuple(value.shape) for key, value in EmoNetwork(8).state_dict().items()}
    assert len(shapes) == 682
    expected = {
        "conv1.weight": (64, 3, 7, 7),
        "conv1.bias": (64,),
        "conv2.downsample.0.running_var": (64,),
        "conv2.downsample.2.weight": (128, 64, 1, 1),
        "conv4.conv1.weight": (128, 128, 3, 3),
        "m0.b1_4.conv3.weight": (64, 64, 3, 3),
        "m1.b2_plus_1.bn1.weight": (256,),
        "m1.b3_1.conv2.weight": (64, 128, 3, 3),
        "top_m_0.bn3.bias": (64,),
        "conv_last1.weight": (256, 256, 1, 1),
        "bn_end0.running_mean": (256,),
        "l1.weight": (68, 256, 1, 1),
        "bl0.bias": (256,),
        "al0.weight": (256, 68, 1, 1),
        "conv1x1_input_emo_2.weight": (256, 768, 1, 1),
        "emo_net_2.6.conv1.weight": (128, 256, 3, 3),
        "emo_fc_2.0.weight": (128, 256),
        "emo_fc_2.1.running_mean": (128,),
        "emo_fc_2.3.weight": (10, 128),
    }
    assert {key: shapes.get(key) for key in expected} == expected
    assert not {"bl1.weight", "al1.weight", "m0.b2_plus_2.bn1.weight", "conv3.downsample.2.weight"} & set(shapes)


def test_a_block_computes_what_is_worked_out_by_hand_in_numpy() -> None:
    torch.manual_seed(1)
    block = Block(8, 16).eval()
    for key, value in block.state_dict().items():
        if "running" in key:
            value.uniform_(0.5, 1.5)
    p = {key: value.double().numpy() for key, value in block.state_dict().items()}
    x = np.random.default_rng(1).normal(size=(8, 6, 5))

    def normal(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        scaled = (x - p[f"{name}.running_mean"][:, None, None]) / np.sqrt(p[f"{name}.running_var"] + 1e-5)[:, None, None]
        return np.maximum(scaled * p[f"{name}.weight"][:, None, None] + p[f"{name}.bias"][:, None, None], 0)

    def convolved(x: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
        around = kernel.shape[2] // 2
        wide = np.pad(x, ((0, 0), (around, around), (around, around)))
        windows = np.lib.stride_tricks.sliding_window_view(wide, kernel.shape[2:], axis=(1, 2))
        return np.einsum("chwij,ocij->ohw", windows, kernel)

    first = convolved(normal(x, "bn1"), p["conv1.weight"])
    second = convolved(normal(first, "bn2"), p["conv2.weight"])
    third = convolved(normal(second, "bn3"), p["conv3.weight"])
    expected = np.concatenate([first, second, third]) + convolved(normal(x, "downsample.0"), p["downsample.2.weight"])
    with torch.inference_mode():
        np.testing.assert_allclose(block(torch.from_numpy(x).float()[None])[0].numpy(), expected, atol=1e-5)


def test_random_weights_give_what_the_paper_s_steps_give_one_by_one(eight: EmoNet8, face: NDArray[np.uint8]) -> None:
    p = emonet_state(8)

    def normal(name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.batch_norm(x, p[f"{name}.running_mean"], p[f"{name}.running_var"], p[f"{name}.weight"], p[f"{name}.bias"])

    def convolved(name: str, x: torch.Tensor, **how: int) -> torch.Tensor:
        return functional.conv2d(x, p[f"{name}.weight"], p.get(f"{name}.bias"), **how)

    def block(name: str, x: torch.Tensor) -> torch.Tensor:
        one = convolved(f"{name}.conv1", normal(f"{name}.bn1", x).relu(), padding=1)
        two = convolved(f"{name}.conv2", normal(f"{name}.bn2", one).relu(), padding=1)
        three = convolved(f"{name}.conv3", normal(f"{name}.bn3", two).relu(), padding=1)
        if f"{name}.downsample.2.weight" in p:
            x = convolved(f"{name}.downsample.2", normal(f"{name}.downsample.0", x).relu())
        return torch.cat([one, two, three], 1) + x

    def hourglass(name: str, x: torch.Tensor) -> torch.Tensor:
        beside = []
        for level in (4, 3, 2, 1):
            beside.append(block(f"{name}.b1_{level}", x))
            x = block(f"{name}.b2_{level}", functional.max_pool2d(x, 2))
        x = block(f"{name}.b2_plus_1", x)
        for level in (1, 2, 3, 4):
            x = block(f"{name}.b3_{level}", x).repeat_interleave(2, 2).repeat_interleave(2, 3) + beside.pop()
        return x

    with torch.inference_mode():
        x = normal("bn1", convolved("conv1", torch.from_numpy(as_input(face[:1])), stride=2, padding=3)).relu()
        low = block("conv4", block("conv3", functional.max_pool2d(block("conv2", x), 2)))
        here = normal("bn_end0", convolved("conv_last0", block("top_m_0", hourglass("m0", low)))).relu()
        first = convolved("bl0", here)
        here = low + first + convolved("al0", convolved("l0", here))
        second = normal("bn_end1", convolved("conv_last1", block("top_m_1", hourglass("m1", here)))).relu()
        attention = convolved("l1", second).sum(1, keepdim=True)
        x = convolved("conv1x1_input_emo_2", torch.cat([low, first * attention, second * attention], 1))
        for place in (0, 2, 4, 6):
            x = functional.max_pool2d(block(f"emo_net_2.{place}", x), 2)
        x = functional.avg_pool2d(x, 4).flatten(1)
        x = normal("emo_fc_2.1", functional.linear(x, p["emo_fc_2.0.weight"], p["emo_fc_2.0.bias"])).relu()
        answer = functional.linear(x, p["emo_fc_2.3.weight"], p["emo_fc_2.3.bias"])[0]
    scores = eight.score(face[:1])
    assert scores.valence is not None and scores.arousal is not None
    np.testing.assert_allclose(scores.probabilities[0], answer[:8].softmax(0), atol=1e-5)
    np.testing.assert_allclose([scores.valence[0], scores.arousal[0]], answer[8:], atol=1e-5)


def test_a_face_is_prepared_as_red_green_blue_from_0_to_1_by_hand() -> None:
    face = np.zeros((1, 512, 512, 3), np.uint8)
    face[0, :2, :2] = [[[255, 0, 10], [255, 0, 20]], [[255, 0, 30], [255, 0, 40]]]
    pixels = as_input(face)
    assert pixels.shape == (1, 3, 256, 256) and pixels.dtype == np.float32
    np.testing.assert_allclose(pixels[0, :, 0, 0], [1, 0, 25 / 255], atol=1e-7)  # the mean of the four
    assert pixels[0, :, 0, 1].max() == 0
    same = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3), np.uint8)
    np.testing.assert_array_equal(as_input(same), (same / np.float32(255)).transpose(0, 3, 1, 2))


def test_missing_weights_are_said_in_one_sentence(tmp_path: Path) -> None:
    with weights_in(tmp_path):
        there = EmoNet8.available()
        assert not there.ready and "emonet_8.pth" in there.advice and "models fetch emonet_8" in there.advice
        with pytest.raises(WeightsMissing, match="models fetch emonet_8"):
            EmoNet8()


def test_a_file_of_another_layout_is_refused_with_what_was_found_and_expected(weights: Path, tmp_path: Path) -> None:
    with weights_in(tmp_path):
        place = tmp_path / "emonet_8" / "emonet_8.pth"
        place.parent.mkdir()
        place.write_bytes((weights / "emonet_5" / "emonet_5.pth").read_bytes())
        with pytest.raises(UnreadableWeights, match=r"emo_fc_2.3.weight must have shape \(10, 128\) and has \(7, 128\); 2 of "):
            EmoNet8()
        torch.save({"fc.weight": torch.zeros(2, 3)}, place)
        with pytest.raises(UnreadableWeights, match=r"conv1.weight must have shape .* is not there; .* holds 1: fc.weight$"):
            EmoNet8()


def test_class_four_is_named_only_where_labelled_faces_settle_it() -> None:
    chance = np.random.default_rng(0)
    low, high = chance.beta(2, 4, 200).astype(np.float32), chance.beta(4, 2, 200).astype(np.float32)
    assert class_four_by_evidence(on_fear=low, on_anger=high) == "Anger"
    assert class_four_by_evidence(on_fear=high, on_anger=low) == "Fear"
    assert class_four_by_evidence(on_fear=low[:100], on_anger=low[100:]) is None
    assert class_four_by_evidence(on_fear=high[:3], on_anger=low[:3]) is None  # too few to tell
    assert class_four_by_evidence(on_fear=np.full(500, 0.2, np.float32), on_anger=np.full(500, 0.2, np.float32)) is None
    assert class_four_by_evidence(on_fear=low, on_anger=low[:0]) is None
