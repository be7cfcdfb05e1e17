"""What every registered model keeps, whoever wrote it: one contract, run over all that are there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.scheme import crosswalk, label_sets
from models.catalogue import KINDS
from models.face.crop import TEMPLATE
from models.identity.framing import portrait
from models.types import SAMPLE_RATE, Availability, Detections, FaceScores, Modality, SpeechActivity, VoiceScores, WeightsMissing
from models.weights import store as weights
from tests.models.random_weights import RANDOM, unpinned

EVERY = [(modality, name) for modality, registry in KINDS.items() for name in registry.names()]
CANNOT_BE_MADE = {"mediapipe_pose": "nothing here writes TFLite files, so it has no random weights"}
Run = Callable[[Modality, str], Any]
SOUND = np.random.default_rng(0).normal(0, 0.05, 4 * SAMPLE_RATE).astype(np.float32)


@pytest.fixture(autouse=True)
def an_empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As on a new machine: only what installed packages bring is there. And no network."""

    def nowhere(*_: object, **__: object) -> None:
        raise AssertionError("a model reached for the network")

    monkeypatch.setattr(socket.socket, "connect", nowhere)
    weights.use(tmp_path)
    yield
    weights.use(None)


def of(*modalities: Modality, real: bool = False) -> list[Any]:
    """Cases: the models of these kinds; those whose weights must be fetched with random ones in their true layout, or left out for `real`."""
    return [
        pytest.param(modality, name, id=f"{name} with random weights" if name in RANDOM else name)
        for modality, name in EVERY
        if modality in modalities and not (real and name in RANDOM)
    ]


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Callable[[Modality, str], Any]:
    """Gives the model, loaded."""

    def run(modality: Modality, name: str) -> Any:
        model = KINDS[modality].get(name)
        if name in RANDOM:
            monkeypatch.setattr(model, "info", unpinned(model.info))
            RANDOM[name](weights.store().folder / name)
        elif name in CANNOT_BE_MADE:
            pytest.skip(f"{CANNOT_BE_MADE[name]}; {model.available().advice}")
        assert model.available() == Availability(True)
        return model()

    return run


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    from skimage.data import astronaut

    face = astronaut()[0:230, 120:330]
    return np.stack([face, face[:, ::-1], np.roll(face, 7, axis=1)])


@pytest.mark.parametrize(("modality", "name"), EVERY, ids=[name for _, name in EVERY])
def test_it_says_what_it_is(modality: Modality, name: str) -> None:
    info = KINDS[modality].get(name).info
    assert (info.name, info.modality) == (name, modality)
    assert all((info.version, info.summary, info.licence, info.source))
    assert info.mean_recall is None or 0 < info.mean_recall < 1
    assert len({file.name for file in info.weights}) == len(info.weights)
    assert all(file.licence for file in info.weights)
    assert all(file.sha256 is None or (len(file.sha256) == 64 and file.sha256 == file.sha256.lower()) for file in info.weights)


@pytest.mark.parametrize(("modality", "name"), of(Modality.FACE, Modality.VOICE))
def test_its_classes_are_labels_that_the_crosswalk_knows(modality: Modality, name: str) -> None:
    labels = KINDS[modality].get(name).info.labels
    assert labels is not None and labels.name in label_sets()
    known = crosswalk(labels.name)
    assert [label for label in labels.classes if label not in known] == []


@pytest.mark.parametrize(("modality", "name"), EVERY, ids=[name for _, name in EVERY])
def test_without_its_weights_it_says_what_to_do_at_once(modality: Modality, name: str) -> None:
    model = KINDS[modality].get(name)
    availability = model.available()
    assert availability.ready == (availability.advice == "")
    if not availability.ready:
        assert "\n" not in availability.advice and len(availability.advice) < 600
        with pytest.raises(WeightsMissing):
            model()


@pytest.mark.parametrize(("modality", "name"), of(Modality.DETECTOR))
def test_a_detector_answers_for_every_frame(modality: Modality, name: str, running: Run, faces: np.ndarray) -> None:
    detector = running(modality, name)
    pictures = [np.zeros((360, 480, 3), np.uint8), faces[0], np.full((5, 700, 3), 255, np.uint8)]
    found = detector.detect(pictures)
    assert [type(one) for one in found] == [Detections] * 3
    for together, picture in zip(found, pictures, strict=True):
        (alone,) = detector.detect([picture])
        assert np.allclose(together.boxes, alone.boxes, atol=1e-3) and np.allclose(together.landmarks, alone.landmarks, atol=1e-3)
        assert np.isfinite(together.boxes).all() and (together.boxes[:, 2:] >= 0).all()
        assert ((together.confidence >= 0) & (together.confidence <= 1)).all()
    assert detector.detect([]) == []


@pytest.mark.parametrize(("modality", "name"), of(Modality.DETECTOR, real=True))
def test_a_detector_finds_the_only_face_and_none_in_the_dark(modality: Modality, name: str, running: Run, faces: np.ndarray) -> None:
    detector = running(modality, name)
    picture = np.zeros((360, 480, 3), np.uint8)
    picture[60:290, 120:330] = faces[0]
    found = detector.detect([picture, np.zeros_like(picture)])
    assert [type(one) for one in found] == [Detections, Detections]
    assert len(found[0]) == 1 and len(found[1]) == 0
    x, y, width, height = found[0].boxes[0]
    assert 120 < x + width / 2 < 330 and 60 < y + height / 2 < 290
    assert found[0].confidence.min() >= 0 and found[0].confidence.max() <= 1
    assert found[0].landmarks[0, 0, 0] < found[0].landmarks[0, 1, 0]  # left as seen in the image
    assert detector.detect([]) == []


@pytest.mark.parametrize(("modality", "name"), of(Modality.FACE))
def test_a_face_model_answers_face_by_face(modality: Modality, name: str, running: Run, faces: np.ndarray) -> None:
    model = running(modality, name)
    together = model.score(faces)
    assert isinstance(together, FaceScores)
    assert together.probabilities.shape == (3, len(model.info.labels)) and together.probabilities.dtype == np.float32
    alone = np.concatenate([model.score(face[None]).probabilities for face in faces])
    assert np.allclose(together.probabilities, alone, atol=2e-4)
    assert model.score(faces[:0]).probabilities.shape == (0, len(model.info.labels))
    for mood in (together.valence, together.arousal):
        assert mood is None or (mood.shape == (3,) and np.abs(mood).max() <= 1)


@pytest.mark.parametrize(("modality", "name"), of(Modality.VOICE))
def test_a_voice_model_answers_window_by_window(modality: Modality, name: str, running: Run) -> None:
    model = running(modality, name)
    windows = np.array([[0, 1_500_000], [1_000_000, 2_500_000], [2_500_000, 4_000_000]])
    together = model.score(SOUND, windows)
    assert isinstance(together, VoiceScores)
    assert together.probabilities.shape == (3, len(model.info.labels))
    alone = np.concatenate([model.score(SOUND, window[None]).probabilities for window in windows])
    assert np.allclose(together.probabilities, alone, atol=2e-4)
    assert model.score(SOUND, windows[:0]).probabilities.shape == (0, len(model.info.labels))
    silent = model.score(np.zeros_like(SOUND), windows).probabilities
    assert np.isfinite(silent).all()


@pytest.mark.parametrize(("modality", "name"), of(Modality.SPEECH))
def test_a_speech_detector_hears_no_speech_in_silence_or_nothing(modality: Modality, name: str, running: Run) -> None:
    detector = running(modality, name)
    for sound in (np.zeros(2 * SAMPLE_RATE, np.float32), np.empty(0, np.float32)):
        heard = detector.speech(sound)
        assert isinstance(heard, SpeechActivity) and len(heard.stretches) == 0


@pytest.mark.parametrize(("modality", "name"), of(Modality.LANDMARKS))
def test_a_landmarker_answers_box_by_box(modality: Modality, name: str, running: Run, faces: np.ndarray) -> None:
    landmarker = running(modality, name)
    picture = np.zeros((360, 480, 3), np.uint8)
    picture[60:290, 120:330] = faces[0]
    boxes = np.array([[165, 95, 110, 150], [0, 0, 60, 60]], np.float32)
    found = landmarker.landmarks(picture, boxes)
    assert found.points.shape[0] == 2 and found.points.shape[2] == 3
    assert np.isfinite(found.points[0]).all()
    assert landmarker.landmarks(picture, boxes[:0]).points.shape[0] == 0


@pytest.mark.parametrize(("modality", "name"), of(Modality.SPEAKER))
def test_a_speaker_model_gives_directions_of_length_one_and_nothing_for_a_moment(modality: Modality, name: str, running: Run) -> None:
    found = running(modality, name).embed(SOUND, np.array([[0, 2_000_000], [2_000_000, 4_000_000], [0, 10_000]]))
    assert np.allclose(np.linalg.norm(found[:2], axis=1), 1, atol=1e-4)
    assert np.isnan(found[2]).all()


@pytest.mark.parametrize(("modality", "name"), of(Modality.IDENTITY))
def test_an_identity_model_gives_directions_of_length_one(modality: Modality, name: str, running: Run, faces: np.ndarray) -> None:
    model = running(modality, name)
    landmarks = TEMPLATE * np.array([faces.shape[2], faces.shape[1]], np.float32)
    portraits = np.stack([portrait(face, landmarks, model) for face in faces])
    together = model.embed(portraits)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
    assert np.allclose(together, np.concatenate([model.embed(one[None]) for one in portraits]), atol=2e-4)
    assert len(model.embed(portraits[:0])) == 0


@pytest.mark.parametrize(("modality", "name"), of(Modality.BODY))
def test_a_body_model_names_its_points(modality: Modality, name: str, running: Run) -> None:
    model = running(modality, name)
    found = model.bodies(np.zeros((240, 320, 3), np.uint8))
    assert found.points.shape[1:] == (len(model.points), 3) and found.visibility.shape == found.points.shape[:2]
