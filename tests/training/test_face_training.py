"""The face network's training: honest folds, a run that can be taken up again, and an export that answers as the trained network does."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from app.training.face.augment import blended, seen_otherwise
from app.training.face.card import card
from app.training.face.data import PUBLIC_TEST, TRAINING, Faces, UnreadableFaces, folds, log_frequency, read_faces
from app.training.face.evaluate import COMMONNESS, Calibration, calibrate, logits_of, probabilities
from app.training.face.export import export
from app.training.face.fit import Recipe, fit
from app.training.face.network import SIDE, Beholder, Onlooker, standardised
from app.training.face.train import train
from app.training.measures import softmax

TINY = Recipe(epochs=1, batch=32, width=8, depth=1)
KINDS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def handful(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Archives of real faces: 20 of each class to learn from, of which one is in the public test too, and 5 of each in the public test."""
    folder = tmp_path_factory.mktemp("faces")
    with tarfile.open(data / "faces" / PUBLIC_TEST) as tar:
        members = [member for member in tar if member.isfile()]
        by_class = {kind: [m for m in members if Path(m.name).parent.name == kind][:25] for kind in KINDS}
        pictures = {m.name: _read(tar, m) for chosen in by_class.values() for m in chosen}
    _archive(folder / PUBLIC_TEST, {m.name: pictures[m.name] for chosen in by_class.values() for m in chosen[:5]})
    learnt = {m.name: pictures[m.name] for chosen in by_class.values() for m in chosen[5:]}
    _archive(folder / TRAINING, {**learnt, "faces/sad/again.jpg": pictures[by_class["sad"][0].name]})
    return folder


@pytest.fixture(scope="module")
def few(handful: Path) -> Faces:
    return read_faces(handful / TRAINING)


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def _archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def _picture(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (side, side), 90).save(file, "PNG")
    return file.getvalue()


def test_faces_are_read_with_the_class_of_their_folder(few: Faces) -> None:
    assert few.pixels.shape == (7 * 20 + 1, SIDE, SIDE) and few.pixels.dtype == np.uint8
    assert np.bincount(few.emotions).tolist() == [20, 20, 20, 20, 21, 20, 20]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no image"),
        ({"faces/bored/1.png": _picture(SIDE)}, r"faces/bored/1\.png lies in none of the folders angry"),
        ({"faces/sad/1.png": _picture(64)}, r"64×64 pixels; 48×48 are wanted"),
    ],
)
def test_an_archive_that_is_not_fer_2013_is_refused_with_what_is_wrong(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    _archive(tmp_path / TRAINING, files)
    with pytest.raises(UnreadableFaces, match=message):
        read_faces(tmp_path / TRAINING)


def test_a_missing_archive_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFaces, match=r"is missing: point --data"):
        read_faces(tmp_path / TRAINING)


def test_a_face_of_the_public_test_is_not_learnt_from(handful: Path, few: Faces) -> None:
    left = few.without(read_faces(handful / PUBLIC_TEST))
    assert len(left) == len(few) - 1
    assert np.bincount(left.emotions).tolist() == [20] * 7


def test_the_same_picture_is_never_on_both_sides_of_a_fold(few: Faces) -> None:
    twice = Faces(np.concatenate([few.pixels, few.pixels]), np.concatenate([few.emotions, (few.emotions + 1) % 7]))
    fold = folds(twice, 5)
    assert (fold[: len(few)] == fold[len(few) :]).all()
    assert set(fold.tolist()) == {0, 1, 2, 3, 4}


def test_a_handful_of_faces_can_be_learnt_by_heart(few: Faces) -> None:
    some = few.chosen(np.arange(0, len(few), 10))
    plain = Recipe(
        epochs=40, early=0, batch=len(some), rate=1e-2, smoothing=0, strength=0, blend=0, average=0.5, width=8, depth=1, dropout=0
    )
    answers = logits_of(Beholder([fit(some, plain, 0, told=quiet)]).eval(), some).argmax(1)
    assert (answers == some.emotions).mean() > 0.9


def test_a_run_that_was_cut_off_goes_on_to_what_it_would_have_been(few: Faces, tmp_path: Path) -> None:
    recipe = replace(TINY, epochs=3)

    def cut_off(line: str) -> None:
        if line.startswith("epoch 3"):
            raise KeyboardInterrupt

    whole = fit(few, recipe, 4, told=quiet).state_dict()["head.1.weight"]
    with pytest.raises(KeyboardInterrupt):
        fit(few, recipe, 4, tmp_path / "run.pt", cut_off)
    lines: list[str] = []
    resumed = fit(few, recipe, 4, tmp_path / "run.pt", lines.append).state_dict()["head.1.weight"]
    assert [line[:9] for line in lines] == ["epoch 3/3"]
    torch.testing.assert_close(resumed, whole)
    assert not torch.allclose(fit(few, recipe, 5, told=quiet).state_dict()["head.1.weight"], whole)


def test_brightness_and_contrast_do_not_reach_the_network() -> None:
    faces = 60 + 80 * torch.rand(2, 1, SIDE, SIDE)
    assert torch.allclose(standardised(faces), standardised(faces * 0.5 + 20), atol=0.05)


def test_faces_seen_otherwise_stay_faces_and_at_no_strength_are_only_mirrored(few: Faces) -> None:
    random = torch.Generator().manual_seed(0)
    faces = torch.from_numpy(few.pixels[:32])[:, None].float()
    otherwise = seen_otherwise(faces, 1.0, random, SIDE)
    assert otherwise.shape == faces.shape and otherwise.min() >= 0 and otherwise.max() <= 255.01
    assert not torch.allclose(otherwise, faces, atol=5)
    plain = seen_otherwise(faces, 0.0, random, SIDE)
    mirrored = (plain - faces.flip(3)).abs().amax((1, 2, 3)) < 0.1
    assert (mirrored | ((plain - faces).abs().amax((1, 2, 3)) < 0.1)).all() and 0 < mirrored.sum() < 32


def test_blended_targets_stay_distributions_that_lean_to_the_face_itself() -> None:
    target = torch.eye(7)
    faces, mixed = blended(torch.rand(7, 1, SIDE, SIDE), target, 1.0, torch.Generator().manual_seed(0))
    assert faces.shape == (7, 1, SIDE, SIDE)
    assert torch.allclose(mixed.sum(1), torch.ones(7)) and (mixed.diagonal() >= 0.5).all() and not torch.equal(mixed, target)


def test_a_mirrored_face_gets_the_same_answer() -> None:
    beholder = Beholder([Onlooker(7, 8, (1, 1, 1))]).eval()
    faces = 255 * torch.rand(3, SIDE, SIDE)
    with torch.no_grad():
        assert torch.allclose(beholder(faces), beholder(faces.flip(2)), atol=1e-5)


@pytest.mark.parametrize("mirrored", [True, False])
def test_random_onlookers_answer_the_same_from_the_onnx_file_as_from_torch(tmp_path: Path, mirrored: bool) -> None:
    torch.manual_seed(0)
    onlookers = [Onlooker(7, 8, (1, 2, 1)) for _ in range(2)]
    beholder = Beholder(onlookers, torch.arange(7.0), 0.3, mirrored).eval()
    export(beholder, tmp_path / "faces.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "faces.onnx"), providers=["CPUExecutionProvider"])
    for count in (1, 5):
        faces = 255 * torch.rand(count, SIDE, SIDE)
        with torch.no_grad():
            expected = beholder(faces).numpy()
        assert session.run(None, {"faces": faces.numpy()})[0] == pytest.approx(expected, abs=1e-5)


def test_calibration_undoes_overconfidence() -> None:
    random = np.random.default_rng(0)
    common = np.log(np.array([0.7, 0.3]))
    judged = random.normal(0, 2, (4000, 2))
    truth = np.array([random.choice(2, p=p) for p in softmax(judged + COMMONNESS * common)])
    found = calibrate((3 * judged).astype(np.float32), truth, (3 * common).astype(np.float32))
    assert (found.commonness, found.temperature) == (COMMONNESS, pytest.approx(3, rel=0.15))


def test_without_evidence_classes_are_as_probable_as_they_are_common() -> None:
    common = np.log(np.array([0.7, 0.3], np.float32))
    nothing = np.zeros((1, 2), np.float32)
    assert probabilities(nothing, common, Calibration(1.0, 1.0)) == pytest.approx(np.array([[0.7, 0.3]]))
    assert probabilities(nothing, common, Calibration(0.0, 1.0)) == pytest.approx(0.5)


def test_the_frequency_of_an_absent_class_is_a_number() -> None:
    shares = np.exp(log_frequency(Faces(np.zeros((3, SIDE, SIDE), np.uint8), np.array([0, 0, 3]))))
    assert np.isfinite(shares).all() and shares.sum() == pytest.approx(1) and shares.argmax() == 0


def test_one_epoch_on_a_handful_of_faces_writes_a_network_its_facts_and_its_card(handful: Path, tmp_path: Path) -> None:
    facts = train(handful, tmp_path, TINY, onlookers=2, fold_count=4)
    assert facts == json.loads((tmp_path / "portrayal_face.json").read_text())
    assert (tmp_path / "portrayal_face.md").read_text() == card(facts)
    assert facts["data"]["also_in_public_test"] == 1
    assert facts["data"]["learnt_from"] + facts["data"]["held_out"] == 140
    assert facts["figures"]["public_test"]["count"] == facts["figures"]["fer"]["count"] == 35
    session = onnxruntime.InferenceSession(str(tmp_path / "portrayal_face.onnx"), providers=["CPUExecutionProvider"])
    assert np.asarray(session.run(None, {"faces": np.zeros((2, SIDE, SIDE), np.float32)})[0]).sum(1) == pytest.approx(1)


def test_while_a_recipe_is_being_chosen_nothing_is_measured_on_the_public_test(handful: Path) -> None:
    facts = train(handful, None, TINY, onlookers=1, fold_count=4)
    assert set(facts) == {"recipe", "calibration", "held_out"}
