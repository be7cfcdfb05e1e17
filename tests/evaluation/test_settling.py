"""A class that its makers call by two names means what labelled faces say of it, and nothing where they do not tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from app.analysis import loaded
from app.analysis.fusion import Suggestion, evidence, suggest
from app.analysis.traces import Trace
from app.evaluation.calibrating import calibrate_on_faces
from app.evaluation.faces import answers, labelled_faces
from app.evaluation.settling import settle, verdicts
from app.scheme import shipped_scheme
from models.calibration.kept import Calibration, calibration_of
from models.catalogue import face_models
from models.face._emonet_network import EmoNetwork
from models.face.emonet import EmoNet5
from models.types import FaceScores, LabelSet
from models.weights import store as weights

LABELS = LabelSet("emonet5", ("Neutral", "Happy", "Sad", "Surprise", "Fear (README) / Anger (loader)"))
DISPUTED = LABELS.classes[4]
FEAR, ANGER = 5, 6
"""As faces of the two names are numbered, on from the classes."""


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[None]:
    weights.use(tmp_path / "weights")
    yield
    weights.use(None)


def pictures(folder: Path, each: int) -> Path:
    """So many pictures in each of six folders: grey noise, black in `fear`."""
    random = np.random.default_rng(0)
    for label in ("neutral", "happy", "sad", "surprise", "fear", "angry"):
        place = folder / label
        place.mkdir(parents=True)
        for number in range(each):
            pixels = random.integers(0, 1 if label == "fear" else 255, (48, 48), np.uint8)
            Image.fromarray(pixels).save(place / f"{number}.png")
    return folder


def scores(fear: float, anger: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """200 faces of each other class, of fear and of anger, with the mean probability of the disputed class on the two."""
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2, 3, FEAR, ANGER], 200)
    disputed = np.select([truth == FEAR, truth == ANGER], [fear, anger], 0.1) + random.normal(0, 0.05, len(truth))
    disputed = np.clip(disputed, 0.01, 0.99)[:, None]
    return np.hstack([random.dirichlet(np.ones(4), len(truth)) * (1 - disputed), disputed]).astype(np.float32), truth


@pytest.mark.parametrize(("fear", "anger", "name", "theirs"), [(0.7, 0.2, "Fear", FEAR), (0.2, 0.7, "Anger", ANGER)])
def test_what_the_faces_tell_is_kept_and_those_of_that_name_become_faces_of_the_class(
    fear: float, anger: float, name: str, theirs: int
) -> None:
    probabilities, truth = scores(fear, anger)
    found = settle(EmoNet5.disputed, LABELS, probabilities, truth)
    assert found.settles == {DISPUTED: ("emonet8", name)}
    assert np.bincount(found.truth).tolist() == [200] * 5
    np.testing.assert_array_equal(found.probabilities[found.truth == 4], probabilities[truth == theirs])


def test_where_they_do_not_tell_nothing_is_settled_and_both_are_left_out() -> None:
    found = settle(EmoNet5.disputed, LABELS, *scores(0.4, 0.4))
    assert found.settles == {DISPUTED: None}
    assert np.bincount(found.truth).tolist() == [200] * 4


def test_emonet_with_random_weights_settles_nothing(tmp_path: Path) -> None:
    place = tmp_path / "weights" / "emonet_5" / "emonet_5.pth"
    place.parent.mkdir(parents=True)
    torch.manual_seed(5)
    torch.save(EmoNetwork(5).state_dict(), place)
    faces = labelled_faces(pictures(tmp_path / "faces", 3))
    probabilities, truth = answers(EmoNet5(threads=1), faces, also=EmoNet5.disputed.names)
    assert np.bincount(truth).tolist() == [3, 3, 3, 3, 0, 3, 3], "fearful and angry faces are looked at, and are of no class"
    found = settle(EmoNet5.disputed, LABELS, probabilities, truth)
    assert found.settles == {DISPUTED: None} and len(found.truth) == 12


class SurerOfTheDark(EmoNet5):
    """Made-up answers: the darker a face, the surer of the disputed class."""

    def __init__(self) -> None:
        pass

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        dark = np.clip(1 - faces.reshape(len(faces), -1).mean(1) / 150, 0.02, 0.9)[:, None].astype(np.float32)
        return FaceScores(np.hstack([np.repeat((1 - dark) / 4, 4, 1), dark]))


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calibration:
    """What calibrating on black fearful faces finds of a network that takes the dark for its disputed class."""
    get = face_models.get
    monkeypatch.setattr(face_models, "get", lambda name: SurerOfTheDark if name == "emonet_5" else get(name))
    return calibrate_on_faces("emonet_5", pictures(tmp_path / "faces", 30), "temperature")


def test_a_calibration_says_and_keeps_what_the_faces_told(found: Calibration) -> None:
    assert verdicts(found) == [f"{DISPUTED}: it is Fear, by these faces"]
    assert found.before.cases == 150, "angry faces have no answer, fearful ones have"
    assert calibration_of(EmoNet5.info) == found == Calibration.read(json.loads(json.dumps(found.document())))


def test_from_then_on_the_class_is_evidence(found: Calibration) -> None:
    columns = tuple(f"p:{label}" for label in LABELS.classes)
    seen = Trace("face", "1", "emonet_5", "emonet5", np.array([0]), columns, np.array([[0, 0.4, 0, 0, 0.6]], np.float32))

    def said(about: dict[str, object]) -> Suggestion:
        scheme = shipped_scheme()
        suggestion = suggest(evidence([seen], {"face": json.loads(json.dumps(about))}, scheme), {}, scheme)
        assert suggestion is not None
        return suggestion

    settled, before = said(loaded.about(EmoNet5.info, found)), said(loaded.about(EmoNet5.info))
    assert (settled.family, settled.abstained) == ("fear_distress", pytest.approx(0, abs=1e-6))
    assert (before.family, before.abstained) == ("joy", pytest.approx(0.6))


def test_a_calibration_written_before_anything_could_be_settled_still_reads(found: Calibration) -> None:
    document = found.document()
    del document["settles"]
    assert Calibration.read(json.loads(json.dumps(document))).settles == {}
