"""facetorch's code with random weights of the true shapes: what is promised of loading, decoding and cutting, not of recognition."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models import EmotionRecognition
from models.catalogue import detectors, face_models
from models.detectors.facetorch_retinaface import FacetorchRetinaFace
from models.face.crop import TEMPLATE
from models.face.facetorch_fer import FacetorchFer
from models.face.stream import score_faces
from models.facetorch.analyzer import Analyzer
from models.facetorch.networks import AU, DETECTOR, EMBED, FER, VA
from models.facetorch.retinaface import RetinaFace, UnfittingNetwork, decode, priors
from models.protocols import FaceDetector, FaceModel
from models.registry import UnknownName
from models.tracking.tracker import FaceTracker
from models.types import WeightsMissing
from models.weights import store as weights
from models.weights.loading import UnsafeWeights
from tests.models.facetorch_networks import KnownFace, TinyFace, TinyRetinaFace, program, put_in_store, shipped
from tests.models.pictures import picture


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[None]:
    torch.manual_seed(5)
    weights.use(tmp_path / "weights")
    yield
    weights.use(None)


@pytest.fixture
def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (90, 130, 3), dtype=np.uint8)


def retinaface(network: torch.nn.Module, long_side: int | None = None) -> FacetorchRetinaFace:
    put_in_store(FacetorchRetinaFace.info, DETECTOR, network)
    return FacetorchRetinaFace(long_side)


def known_face(size: tuple[int, int], box: tuple[float, float, float, float], place: int) -> KnownFace:
    of_size = priors(*size)
    return KnownFace(size, box, place, tuple(of_size[place].tolist()), len(of_size))


# Prior boxes


def test_priors_of_a_64_by_64_image_are_those_worked_out_by_hand() -> None:
    boxes = priors(64, 64)
    assert boxes.shape == ((64 + 16 + 4) * 2, 4)
    # Steps 8, 16, 32: first middle at half a step; sides 16 and 32, 64 and 128, 256 and 512 over 64.
    for place, wanted in {
        0: (4 / 64, 4 / 64, 0.25, 0.25),
        1: (4 / 64, 4 / 64, 0.5, 0.5),
        2: (12 / 64, 4 / 64, 0.25, 0.25),
        16: (4 / 64, 12 / 64, 0.25, 0.25),
        128: (8 / 64, 8 / 64, 1, 1),
        129: (8 / 64, 8 / 64, 2, 2),
        167: (48 / 64, 48 / 64, 8, 8),
    }.items():
        assert boxes[place].tolist() == pytest.approx(wanted)


@pytest.mark.parametrize("size", [(720, 1280), (288, 512), (1, 1), (33, 7), (479, 641)])
def test_priors_are_exactly_those_that_facetorch_builds(size: tuple[int, int]) -> None:
    from facetorch.analyzer.detector.post import PriorBox
    from facetorch.datastruct import Dimensions

    theirs = PriorBox([[16, 32], [64, 128], [256, 512]], [8, 16, 32], clip=False).forward(Dimensions(*size))
    assert torch.equal(priors(*size), theirs)


def test_priors_are_made_once_a_size_and_only_few_sizes_are_kept() -> None:
    assert priors(64, 96) is priors(64, 96)
    for height in range(100, 120):
        priors(height, 64)
    assert priors.cache_info().currsize <= 4


# Decoding


def test_boxes_and_landmarks_are_decoded_as_worked_out_by_hand() -> None:
    loc, conf, points = torch.zeros(1, 168, 4), torch.zeros(1, 168, 2), torch.zeros(1, 168, 10)
    conf[0, 0, 1] = 0.75
    loc[0, 0] = torch.tensor([1, 2, np.log(2) / 0.2, 0])
    points[0, 0] = torch.arange(10)
    found = decode((loc, conf, points), (64, 64), (64, 64))
    # Middle 4 + 0.1 × 16 × (1, 2) = (5.6, 7.2); width 16 × 2, height 16.
    np.testing.assert_allclose(found.boxes, [[5.6 - 16, 7.2 - 8, 32, 16]], atol=1e-4)
    np.testing.assert_allclose(found.landmarks[0].ravel(), 4 + 1.6 * np.arange(10), atol=1e-4)
    np.testing.assert_allclose(found.confidence, [0.75])
    twice = decode((loc, conf, points), (64, 64), (128, 192))
    np.testing.assert_allclose(twice.boxes, found.boxes * [3, 2, 3, 2], atol=1e-3)
    np.testing.assert_allclose(twice.landmarks, found.landmarks * [3, 2], atol=1e-3)


@pytest.mark.parametrize(
    ("box", "place"),
    [((30, 20, 40, 50), 128 * 2), ((-12, -9, 44, 44), 0), ((100, 60, 50, 45), 320), ((-60, 5, 300, 70), 400)],
    ids=["inside", "over the top left", "over the bottom right", "wider than the image"],
)
def test_a_known_box_at_a_known_prior_is_found_within_a_pixel(
    box: tuple[float, float, float, float], place: int, noise: NDArray[np.uint8]
) -> None:
    found = retinaface(known_face(noise.shape[:2], box, place)).detect([noise])[0]
    assert len(found) == 1
    np.testing.assert_allclose(found.boxes[0], box, atol=0.5)
    np.testing.assert_allclose(found.landmarks[0], np.array(box[:2]) + TEMPLATE * box[2:], atol=0.5)


def test_a_frame_shrunk_for_the_search_has_its_boxes_in_its_own_pixels() -> None:
    frame = np.zeros((360, 640, 3), np.uint8)
    found = retinaface(known_face((72, 128), (16, 24, 32, 32), 40), long_side=128).detect([frame])[0]
    np.testing.assert_allclose(found.boxes, [[80, 120, 160, 160]], atol=1)


def test_random_weights_find_what_facetorch_as_shipped_finds_with_them(noise: NDArray[np.uint8], tmp_path: Path) -> None:
    ours = retinaface(TinyRetinaFace()).detect([noise])[0]
    data = run_shipped(noise, tmp_path)
    theirs = data.det.dets.numpy()
    assert len(ours) == len(theirs) > 5
    np.testing.assert_allclose(ours.confidence, theirs[:, 4], atol=1e-6)
    np.testing.assert_allclose(ours.boxes[:, :2], theirs[:, :2], atol=1e-3)
    np.testing.assert_allclose(ours.boxes[:, :2] + ours.boxes[:, 2:], theirs[:, 2:4], atol=1e-3)


def run_shipped(frame: NDArray[np.uint8], tmp_path: Path) -> Any:
    from facetorch import FaceAnalyzer
    from omegaconf import OmegaConf

    fer = program(TinyFace(8), tmp_path / "fer.pt")
    detector = weights.store().path(FacetorchRetinaFace.info, DETECTOR)
    analyzer = FaceAnalyzer(OmegaConf.create(shipped(detector, fer)))  # pyright: ignore[reportArgumentType]
    return analyzer.run(tensor=torch.from_numpy(frame).permute(2, 0, 1), include_tensors=True, return_img_data=True)


@pytest.mark.parametrize("answers", [torch.zeros(3), (torch.zeros(1, 168, 4),), tuple(torch.zeros(1, 9, count) for count in (4, 2, 10))])
def test_a_network_that_is_no_retinaface_is_named(answers: Any) -> None:
    with pytest.raises(UnfittingNetwork, match="RetinaFace"):
        decode(answers, (64, 64), (64, 64))


def test_frames_of_several_sizes_have_the_same_answers_together_and_alone(noise: NDArray[np.uint8]) -> None:
    detector = retinaface(TinyRetinaFace())
    frames = [noise, noise[:50, :70], np.zeros((16, 16, 3), np.uint8), noise]
    together, alone = detector.detect(frames), [detector.detect([frame])[0] for frame in frames]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one.boxes, other.boxes)
    assert detector.detect([]) == []


# The face model


def test_random_weights_give_probabilities_and_only_what_files_are_there_for(noise: NDArray[np.uint8]) -> None:
    put_in_store(FacetorchFer.info, FER.file, TinyFace(8))
    model = FacetorchFer()
    scores = model.score(np.stack([noise, noise[::-1]]))
    assert isinstance(model, FaceModel) and scores.probabilities.shape == (2, 8)
    assert scores.valence is scores.arousal is scores.action_units is scores.embedding is None
    assert model.score(np.empty((0, 260, 260, 3), np.uint8)).probabilities.shape == (0, 8)


def test_random_weights_of_all_networks_fill_every_field(noise: NDArray[np.uint8]) -> None:
    for network, outputs in ((FER, 8), (VA, 2), (AU, 41), (EMBED, 16)):
        put_in_store(FacetorchFer.info, network.file, TinyFace(outputs, scale=9))
    scores = FacetorchFer().score(np.stack([noise] * 19))
    assert scores.valence is not None and scores.arousal is not None and scores.action_units is not None and scores.embedding is not None
    assert scores.valence.shape == scores.arousal.shape == (19,) and abs(scores.valence).max() <= 1
    assert scores.action_units.shape == (19, len(FacetorchFer.action_units)) == (19, 41)
    assert scores.action_units.min() >= 0 and scores.action_units.max() <= 1
    np.testing.assert_allclose(np.linalg.norm(scores.embedding, axis=1), 1, rtol=1e-5)


def test_logits_are_softmaxed() -> None:
    class Says(torch.nn.Module):
        def forward(self, faces: torch.Tensor) -> torch.Tensor:
            return torch.log(torch.arange(1.0, 9.0)).repeat(faces.shape[0], 1)

    put_in_store(FacetorchFer.info, FER.file, Says())
    probabilities = FacetorchFer().score(np.zeros((1, 8, 8, 3), np.uint8)).probabilities
    np.testing.assert_allclose(probabilities[0], np.arange(1, 9) / 36, rtol=1e-6)


def test_pixels_reach_the_network_as_published() -> None:
    class Pixel(torch.nn.Module):
        def forward(self, faces: torch.Tensor) -> torch.Tensor:
            assert faces.shape[1:] == (3, 260, 260)
            return torch.cat([faces[:, :, 130, 130], faces[:, :, 0, 0], faces[:, :2, 0, 259]], 1)

    put_in_store(FacetorchFer.info, FER.file, Pixel())
    probabilities = FacetorchFer().score(np.full((1, 40, 50, 3), (255, 51, 0), np.uint8)).probabilities[0]
    # Red 1, green 0.2, blue 0, less ImageNet's mean, over its deviation.
    wanted = np.array([(1 - 0.485) / 0.229, (0.2 - 0.456) / 0.224, (0 - 0.406) / 0.225])
    seen = np.log(probabilities)
    np.testing.assert_allclose(seen[:3] - seen[0], wanted - wanted[0], atol=1e-4)


@pytest.mark.parametrize("name", ["facetorch_retinaface", "facetorch_fer"])
def test_both_are_registered_and_say_what_is_missing(name: str) -> None:
    model = (detectors if name in detectors else face_models).get(name)
    advice = model.available()
    assert not advice.ready and f"models fetch {name}" in advice.advice and "tomas-gajarsky" in advice.advice
    with pytest.raises(WeightsMissing, match="fetch"):
        model()


def test_a_program_that_nobody_vouches_for_is_not_run() -> None:
    put_in_store(FacetorchRetinaFace.info, DETECTOR, TinyRetinaFace(), vouched=False)
    advice = FacetorchRetinaFace.available()
    assert not advice.ready and "models add facetorch_retinaface" in advice.advice
    with pytest.raises(UnsafeWeights, match="sha256"):
        FacetorchRetinaFace()
    put_in_store(FacetorchRetinaFace.info, DETECTOR, TinyRetinaFace())
    assert FacetorchRetinaFace.available().ready and isinstance(FacetorchRetinaFace(), FaceDetector)


def test_both_run_in_the_analysis_of_a_video_with_random_weights() -> None:
    box = (200, 80, 100, 100)
    detector = retinaface(known_face((288, 512), box, 4608 + 40), long_side=512)
    for network, outputs in ((FER, 8), (VA, 2)):
        put_in_store(FacetorchFer.info, network.file, TinyFace(outputs))
    picture = np.random.default_rng(3).integers(0, 256, (288, 512, 3), dtype=np.uint8)
    frames = list(score_faces(((index, picture) for index in range(20)), FaceTracker(detector), FacetorchFer()))
    assert [len(frame.faces) for frame in frames] == [1] * 20
    for frame in frames:
        face = frame.faces[0]
        np.testing.assert_allclose(face.box, box, atol=1)
        assert face.probabilities.shape == (8,) and face.valence is not None and face.arousal is not None


def test_recognition_runs_with_both_by_name_with_random_weights() -> None:
    put_in_store(FacetorchRetinaFace.info, DETECTOR, known_face((288, 512), (200, 80, 100, 100), 4608 + 40))
    for network, outputs in ((FER, 8), (VA, 2)):
        put_in_store(FacetorchFer.info, network.file, TinyFace(outputs))
    (face,) = EmotionRecognition(detector="facetorch_retinaface", face="facetorch_fer").run(np.zeros((288, 512, 3), np.uint8))
    assert face["box"] == (200, 80, 100, 100) and set(face["emotions"]) == set(FER.classes)
    assert face["valence"] is not None and -1 <= face["valence"] <= 1 and face["arousal"] is not None


# The whole analyzer


def analyzer(detector: str = "facetorch_retinaface") -> Analyzer:
    put_in_store(FacetorchFer.info, FER.file, TinyFace(8))
    return Analyzer(detector)


def test_random_weights_score_a_face_as_facetorch_as_shipped_does(noise: NDArray[np.uint8], tmp_path: Path) -> None:
    box = (30, 20, 44, 44)
    put_in_store(FacetorchRetinaFace.info, DETECTOR, known_face(noise.shape[:2], box, 200))
    torch.manual_seed(7)
    ours = analyzer().analyze(noise)
    torch.manual_seed(7)
    theirs = run_shipped(noise, tmp_path)
    np.testing.assert_allclose(ours.faces.boxes, [box], atol=0.5)
    wanted = torch.softmax(theirs.faces[0].preds["fer"].logits, 0).numpy()
    np.testing.assert_allclose(ours.scores.probabilities[0], wanted, atol=1e-5)


@pytest.mark.parametrize("box", [(-12, -9, 44, 44), (-20, 30, 40, 40), (40, -20, 40, 40), (100, 60, 50, 50), (-70, -70, 270, 230)])
def test_a_face_cut_by_the_border_is_kept_where_facetorch_as_shipped_drops_or_mangles_it(
    box: tuple[float, float, float, float], noise: NDArray[np.uint8], tmp_path: Path
) -> None:
    put_in_store(FacetorchRetinaFace.info, DETECTOR, known_face(noise.shape[:2], box, 0))
    ours = analyzer().analyze(noise)
    assert len(ours.faces) == len(ours.scores.probabilities) == 1
    np.testing.assert_allclose(ours.faces.boxes, [box], atol=0.5)
    if min(box[:2]) < 0:
        theirs = run_shipped(noise, tmp_path).faces
        assert not theirs or theirs[0].dims.height != theirs[0].dims.width


def test_a_face_over_the_border_is_continued_outward() -> None:
    from models.facetorch.plugs import _faces, _square

    image = torch.arange(6.0).view(1, 1, 2, 3).repeat(1, 3, 1, 1)
    face = _faces(image, [_square(np.array([-1, -1, 2, 2, 1], np.float32))])[0]
    assert face.tensor[0].tolist() == [[0, 0, 1], [0, 0, 1], [3, 3, 4]]


def test_any_of_our_detectors_can_find_the_faces(data: Path) -> None:
    image = picture(data / "images" / "five_faces.jpg")
    found = analyzer("mtcnn").analyze(image)
    wanted = detectors.get("mtcnn")().detect([image])[0]
    np.testing.assert_allclose(found.faces.boxes, wanted.boxes, atol=0.01)
    np.testing.assert_array_equal(found.faces.landmarks, wanted.landmarks)
    assert found.scores.probabilities.shape == (5, 8)


def test_an_image_without_a_face_has_none(data: Path) -> None:
    nothing = analyzer("mtcnn").analyze(picture(data / "images" / "no_face.jpg"))
    assert len(nothing.faces) == 0 and nothing.scores.probabilities.shape == (0, 8)


def test_an_unknown_detector_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="facetorch_retinaface"):
        Analyzer("retina")


def test_frames_leave_nothing_behind(noise: NDArray[np.uint8]) -> None:
    from codetiming import Timer

    put_in_store(FacetorchRetinaFace.info, DETECTOR, known_face(noise.shape[:2], (30, 20, 44, 44), 200))
    mine = analyzer()
    once = mine.analyze(noise)
    other = mine.analyze(255 - noise)
    again = mine.analyze(noise)
    np.testing.assert_array_equal(once.scores.probabilities, again.scores.probabilities)
    assert not np.array_equal(once.scores.probabilities, other.scores.probabilities)
    assert not Timer.timers.data and not Timer.timers._timings


def test_several_threads_may_ask_at_once(noise: NDArray[np.uint8]) -> None:
    put_in_store(FacetorchRetinaFace.info, DETECTOR, known_face(noise.shape[:2], (30, 20, 44, 44), 200))
    mine = analyzer()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(mine.analyze, [noise] * 12))
    assert all(np.array_equal(answer.scores.probabilities, answers[0].scores.probabilities) for answer in answers)


def test_facetorch_writes_nothing_to_the_terminal(noise: NDArray[np.uint8], capfd: pytest.CaptureFixture[str]) -> None:
    analyzer("mtcnn").analyze(noise)
    assert logging.getLogger("facetorch").getEffectiveLevel() >= logging.CRITICAL
    assert capfd.readouterr().err == ""


def test_the_search_alone_needs_no_store(noise: NDArray[np.uint8]) -> None:
    assert len(RetinaFace(TinyRetinaFace().eval(), None).detect(noise)) >= 0
