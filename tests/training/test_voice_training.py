"""The voice network's training: honest folds, honest figures, and an export that answers as the trained network does."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from app.training.measures import calibration_error, confusion, mean_recall
from app.training.voice.augment import masked, recorded_elsewhere
from app.training.voice.card import card
from app.training.voice.data import RAVDESS, Clip, UnreadableCorpus, folds, read_clips
from app.training.voice.evaluate import Calibration, Heard, calibrate, clip_probabilities, window_probabilities
from app.training.voice.export import export
from app.training.voice.figures import figures
from app.training.voice.fit import Recipe, fit
from app.training.voice.lessons import Lesson
from app.training.voice.network import Ear, Listener, level
from app.training.voice.train import train
from models.voice.logmel import MELS
from models.voice.windows import pool

TINY = Recipe(epochs=1, batch=8, width=4)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def handful(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of 33 real clips: every emotion once by actors 1, 2, 3 and 7, and the second of actor 7's two identical ones."""
    folder = tmp_path_factory.mktemp("handful")
    source = data / "ravdess_speech"
    with (source / "index.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    wanted = [r for r in rows if r["actor"] in {"1", "2", "3", "7"} and r["clip"][9:17] == "01-02-01"]
    wanted += [r for r in rows if r["clip"] == "03-01-03-01-02-02-07"]
    with (folder / "index.csv").open("w", newline="") as lines:
        table = csv.DictWriter(lines, rows[0].keys())
        table.writeheader()
        table.writerows(wanted)
    for row in wanted:
        (folder / f"{row['clip']}.flac").symlink_to((source / f"{row['clip']}.flac").resolve())
    return folder


@pytest.fixture(scope="module")
def few(handful: Path) -> list[Clip]:
    return read_clips(handful, speeds=(1.0,))


def test_the_byte_identical_clip_of_actor_seven_is_read_once(few: list[Clip]) -> None:
    assert len(few) == 32
    assert "03-01-03-01-02-02-07" not in {clip.name for clip in few}


def test_clips_are_cut_to_their_speech_and_a_faster_tape_is_shorter(handful: Path) -> None:
    normal, fast = read_clips(handful, speeds=(1.0, 1.25))[0].takes
    assert 90 < len(normal) < 180  # about two seconds at 64 frames a second, of a clip of more than three
    assert len(fast) == pytest.approx(len(normal) / 1.25, abs=3)


def test_a_folder_that_is_no_such_corpus_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCorpus, match=r"no index\.csv .* --data"):
        read_clips(tmp_path)
    (tmp_path / "index.csv").write_text("clip,actor,sex,emotion\nx,1,male,sad\n")
    with pytest.raises(UnreadableCorpus, match=r"x\.flac is not beside it"):
        read_clips(tmp_path)


def test_every_actor_is_held_out_once_and_the_sexes_are_dealt_evenly() -> None:
    nothing = np.empty(0, np.float32)
    clips = [Clip(f"{actor}", actor, "male" if actor % 2 else "female", 0, (), nothing) for actor in [*range(1, 21)] * 2]
    held = folds(clips, 5)
    assert sorted(actor for fold in held for actor in fold) == [*range(1, 21)]
    assert all(sum(actor % 2 for actor in fold) == 2 and len(fold) == 4 for fold in held)


def test_the_same_seed_teaches_the_same_ear_and_another_seed_another(few: list[Clip]) -> None:
    quiet = lambda _: None  # noqa: E731
    first, again, other = (fit(few[:8], TINY, seed, quiet).state_dict()["head.1.weight"] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_an_ear_learnt_before_is_not_learnt_again_unless_the_recipe_differs(
    few: list[Clip], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = Lesson(frozenset({1}), seed=5)
    first, again = (lesson.learn(few[:16], TINY, tmp_path) for _ in range(2))
    assert capsys.readouterr().out.count("epoch 1/1") == 1
    assert torch.equal(first.state_dict()["head.1.weight"], again.state_dict()["head.1.weight"])
    lesson.learn(few[:16], replace(TINY, rate=1e-3), tmp_path)
    assert capsys.readouterr().out.count("epoch 1/1") == 1


def test_loudness_does_not_change_what_an_ear_hears() -> None:
    heard = torch.randn(2, 93, MELS)
    assert torch.allclose(level(heard), level(heard - 4.0), atol=1e-5)


def test_masking_hides_a_part_and_never_all_and_another_room_keeps_the_shape() -> None:
    random = torch.Generator().manual_seed(0)
    heard = torch.randn(6, 50, MELS, generator=random)
    assert recorded_elsewhere(heard, random).shape == heard.shape
    hidden = (masked(heard, random) != heard).float().mean()
    assert 0 < hidden < 0.7


def test_random_ears_answer_the_same_from_the_onnx_file_as_from_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    listener = Listener([Ear(8, width=4), Ear(8, width=4)], temperature=0.05).eval()
    export(listener, tmp_path / "ears.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "ears.onnx"), providers=["CPUExecutionProvider"])
    for windows, frames in [(1, 16), (3, 93), (2, 200)]:
        heard = 5 * torch.randn(windows, frames, MELS)
        with torch.no_grad():
            expected = listener(heard).numpy()
        assert expected.std() > 0.01
        assert session.run(None, {"log_mel": heard.numpy()})[0] == pytest.approx(expected, abs=1e-5)


def test_one_epoch_on_a_handful_of_clips_writes_a_network_its_facts_and_its_card(handful: Path, tmp_path: Path) -> None:
    facts = train(handful, tmp_path, TINY, ears=1, fold_count=2, speeds=(1.0,))
    assert facts == json.loads((tmp_path / "portrayal_voice.json").read_text())
    assert (tmp_path / "portrayal_voice.md").read_text() == card(facts)
    assert facts["data"] | {"clips": 32, "actors": 4, "duplicates": 1} == facts["data"]
    held = [set(fold["actors"]) for fold in facts["figures"]["folds"]]
    assert set.union(*held) == {1, 2, 3, 7} and not set.intersection(*held)
    session = onnxruntime.InferenceSession(str(tmp_path / "portrayal_voice.onnx"), providers=["CPUExecutionProvider"])
    assert np.asarray(session.run(None, {"log_mel": np.zeros((2, 93, MELS), np.float32)})[0]).sum(1) == pytest.approx(1)


def test_mean_recall_weighs_a_rare_class_as_much_as_a_common_one() -> None:
    truth = np.array([0, 0, 0, 1])
    always_nought = np.tile(np.array([0.9, 0.1, 0.0], np.float32), (4, 1))
    assert mean_recall(always_nought, truth) == 0.5
    assert confusion(always_nought, truth) == [[3, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure = np.tile(np.array([0.8, 0.2], np.float32), (10, 1))
    assert calibration_error(sure, np.array([0] * 8 + [1] * 2)) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(sure, np.array([0] * 5 + [1] * 5)) == pytest.approx(0.3, abs=1e-6)


def _answers(scale: float, actors: tuple[int, ...]) -> list[Heard]:
    """Answers that are right as often as their confidence says once their logits are divided by `scale`."""
    random = np.random.default_rng(sum(actors))
    made = []
    for actor in actors:
        for _ in range(200):
            logits = random.normal(0, 1.5, len(RAVDESS))
            chances = np.exp(logits) / np.exp(logits).sum()
            made.append(
                Heard("", actor, int(random.choice(len(RAVDESS), p=chances)), (logits[None] * scale).astype(np.float32), np.ones(1))
            )
    return made


def test_clips_are_pooled_as_the_product_pools_them() -> None:
    random = np.random.default_rng(0)
    heard = [
        Heard("", 1, 0, random.normal(size=(n, 8)).astype(np.float32), random.uniform(0.5, 1, n).astype(np.float32)) for n in (3, 1, 5)
    ]
    expected = [pool(window_probabilities([clip], 1.3), clip.shares, 1.2) for clip in heard]
    assert clip_probabilities(heard, Calibration(1.3, 1.2)) == pytest.approx(np.array(expected), abs=1e-6)


def test_the_temperature_undoes_overconfidence() -> None:
    assert calibrate(_answers(3.0, (1, 2, 3))).temperature == pytest.approx(3.0, rel=0.15)


def test_a_fold_is_calibrated_by_the_others_and_never_by_itself() -> None:
    sober, drunk = _answers(1.0, (1, 2)), _answers(3.0, (3, 4))
    first, second = figures([sober, drunk])["folds"]
    assert first["temperature"] == calibrate(drunk).temperature
    assert second["temperature"] == calibrate(sober).temperature


def test_the_card_says_that_its_figures_are_of_the_folds_and_not_of_the_network_that_ships() -> None:
    shipped = Path(__file__).parents[2] / "models" / "voice"
    text = (shipped / "portrayal_voice.md").read_text()
    assert re.search(r"describe the networks of the folds", text)
    assert text == card(json.loads((shipped / "portrayal_voice.json").read_text()))
