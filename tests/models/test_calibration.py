"""Calibrated probabilities are worth what they say, and the figures about them are taken on cases the calibration has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from models.calibration.fitting import TooFewLabels, calibrate, fit_isotonic, fit_temperature
from models.calibration.kept import Calibration, CalibrationDamaged, calibrated, calibration_of, forget, keep
from models.calibration.maps import Isotonic, Temperature, read_map
from models.calibration.pooling import Pooling
from models.calibration.reliability import entropy, margin, reliability
from models.catalogue import face_models
from models.types import LabelSet, Modality, ModelInfo
from models.voice.windows import pool
from models.weights import store as weights
from models.weights.files import OwnFile, WeightsFile


@pytest.fixture(autouse=True)
def own_store(tmp_path):
    weights.use(tmp_path / "weights")
    yield
    weights.use(None)


def overconfident(cases: int, temperature: float, seed: int = 0, classes: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Answers of a model that is `temperature` times surer in its logits than it is right."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (cases, classes))
    honest = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([random.choice(classes, p=row) for row in honest])
    said = np.exp(logits * temperature)
    return said / said.sum(1, keepdims=True), truth


def test_a_temperature_undoes_just_as_much_overconfidence_as_there_is():
    said, truth = overconfident(8000, 2.5)
    assert fit_temperature(said, truth, np.ones(len(said))).temperature == pytest.approx(2.5, rel=0.05)


def test_temperature_is_softmax_of_logits_divided_by_it():
    logits = np.array([[2.0, 0.5, -1.0]])
    p = np.exp(logits) / np.exp(logits).sum()
    by_hand = np.exp(logits / 3) / np.exp(logits / 3).sum()
    assert np.allclose(Temperature(3).apply(p), by_hand, atol=1e-6)


def test_calibration_brings_the_error_down_on_cases_it_has_not_seen():
    said, truth = overconfident(4000, 3.0)
    fitted = calibrate(said, truth)
    assert fitted.before.ece > 0.1
    assert fitted.after.ece < 0.03
    fresh, fresh_truth = overconfident(4000, 3.0, seed=1)
    assert reliability(fitted.map.apply(fresh), fresh_truth).ece < 0.03


def test_a_staircase_mends_what_no_temperature_can():
    said, truth = overconfident(6000, 1.0, classes=3)
    bent = np.column_stack([said[:, 0] ** 3, said[:, 1], np.sqrt(said[:, 2])])
    bent /= bent.sum(1, keepdims=True)
    fitted = calibrate(bent, truth)
    assert isinstance(fitted.map, Isotonic)
    assert fitted.after.log_loss < calibrate(bent, truth, method="temperature").after.log_loss


def test_what_chance_alone_could_give_is_not_learnt():
    """A staircase on few cases would learn them by heart; the figures after it must not look better for that."""
    random = np.random.default_rng(3)
    said, truth = random.dirichlet(np.ones(4), 400), random.integers(0, 4, 400)
    fitted = calibrate(said, truth, method="isotonic")
    assert fitted.after.log_loss > reliability(fitted.map.apply(said), truth).log_loss


def test_frames_of_one_clip_stay_in_one_fold_and_count_as_one():
    said, truth = overconfident(150, 2.0)
    many = calibrate(np.repeat(said, 9, axis=0), np.repeat(truth, 9), cases=np.repeat(np.arange(150), 9))
    once = calibrate(said, truth, cases=np.arange(150))
    assert many.after.log_loss == pytest.approx(once.after.log_loss, rel=1e-4)


def test_a_class_with_few_labels_gets_no_staircase_of_its_own():
    said, truth = overconfident(300, 2.0)
    assert isinstance(calibrate(said, truth).map, Temperature)


def test_too_few_labels_are_refused_with_what_it_takes():
    said, truth = overconfident(40, 2.0)
    with pytest.raises(TooFewLabels, match="40 labelled clips or faces are too few"):
        calibrate(said, truth)


def test_what_stays_apart_is_never_both_learnt_from_and_measured_on():
    """Answers that give away their actor help only whoever has met that actor."""
    random = np.random.default_rng(5)
    actor = np.repeat(np.arange(10), 60)
    habit = random.dirichlet(np.full(5, 0.1), 10)
    truth = np.array([random.choice(5, p=habit[one]) for one in actor])
    said = np.full((600, 5), 0.2) + 1e-3 * np.sin(np.arange(5)[None] + actor[:, None])
    said /= said.sum(1, keepdims=True)
    mixed = calibrate(said, truth, method="isotonic").after.log_loss
    assert calibrate(said, truth, apart=actor, method="isotonic").after.log_loss > mixed


def test_one_actor_alone_tells_nothing_of_others():
    said, truth = overconfident(200, 2.0)
    with pytest.raises(TooFewLabels, match="one actor"):
        calibrate(said, truth, apart=np.zeros(200, int))


def test_an_unknown_method_is_refused_with_those_there_are():
    said, truth = overconfident(200, 2.0)
    with pytest.raises(ValueError, match="'platt'; there are: temperature, isotonic"):
        calibrate(said, truth, method="platt")


@pytest.mark.parametrize("fit", [fit_temperature, fit_isotonic])
def test_calibrated_rows_are_probabilities_and_missing_stays_missing(fit):
    said, truth = overconfident(500, 2.0)
    found = fit(said, truth, np.ones(len(said)))
    rows = np.vstack([said[:5], np.full((1, 7), np.nan), np.eye(7)[:1]])
    mapped = found.apply(rows)
    assert np.isnan(mapped[5]).all()
    kept = mapped[[0, 1, 2, 3, 4, 6]]
    assert kept.sum(1) == pytest.approx(np.ones(6), abs=1e-5) and (kept >= 0).all()
    assert len(found.apply(rows[:0])) == 0
    assert np.allclose(read_map(found.document()).apply(said), found.apply(said))


def test_expected_calibration_error_is_what_it_says():
    """Two bins by hand: ten cases at 0.9 of which 6 are right, ten at 0.6 of which 6 are: 0.5·0.3 + 0.5·0."""
    p = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
    truth = np.array([0] * 6 + [1] * 4 + [0] * 6 + [1] * 4)
    found = reliability(p, truth)
    assert found.ece == pytest.approx(0.15)
    assert found.right == pytest.approx(0.6)
    assert found.mean_recall == pytest.approx(0.5)
    assert found.brier == pytest.approx(np.mean([2 * 0.01] * 6 + [2 * 0.81] * 4 + [2 * 0.16] * 6 + [2 * 0.36] * 4))
    assert sum(found.counts) == 20 and [n for n in found.counts if n] == [10, 10]


def test_nothing_is_said_of_no_cases():
    with pytest.raises(ValueError, match="no labelled case"):
        reliability(np.empty((0, 7)), np.empty(0, int))


def test_uncertainty_runs_from_sure_to_clueless_and_is_missing_where_nothing_was_said():
    rows = np.array([[1.0, 0, 0], [1 / 3] * 3, [np.nan] * 3])
    assert entropy(rows)[:2] == pytest.approx([0, 1], abs=1e-9) and np.isnan(entropy(rows)[2])
    assert margin(rows)[:2] == pytest.approx([1, 0]) and np.isnan(margin(rows)[2])


INFO = ModelInfo("toy", Modality.FACE, "1", "", "", "", LabelSet("fer2013", ("Angry", "Happy")))


def fitted_for(info: ModelInfo) -> Calibration:
    said, truth = overconfident(200, 2.0, classes=2)
    return Calibration.of(info, calibrate(said, truth), "200 made-up cases")


def test_a_calibration_is_found_again_and_can_be_taken_out_of_force():
    made = fitted_for(INFO)
    keep(made)
    assert calibration_of(INFO) == made
    assert forget("toy") and calibration_of(INFO) is None and not forget("toy")


def test_a_calibration_of_another_version_is_not_used():
    keep(fitted_for(INFO))
    assert calibration_of(ModelInfo("toy", Modality.FACE, "2", "", "", "", INFO.labels)) is None


def test_a_damaged_calibration_is_told_and_not_passed_over():
    keep(fitted_for(INFO)).write_text("{", encoding="utf-8")
    with pytest.raises(CalibrationDamaged, match="calibrate toy --forget"):
        calibration_of(INFO)


def test_a_calibration_of_other_weights_is_not_used():
    info = ModelInfo("toy", Modality.FACE, "1", "", "", "", INFO.labels, weights=(WeightsFile("net.onnx", OwnFile("yours"), "own"),))
    place = weights.store().place("toy", "net.onnx")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"one network")
    keep(fitted_for(info))
    assert calibration_of(info) is not None
    place.write_bytes(b"yet another network")
    assert calibration_of(info) is None


def test_calibrated_answers_are_what_the_map_says_and_missing_stays_missing():
    made = fitted_for(INFO)
    rows = np.array([[0.99, 0.01], [np.nan, np.nan]], np.float32)
    found = calibrated(rows, made)
    assert 0.6 < found[0, 0] < 0.97 and np.isnan(found[1]).all()
    assert calibrated(rows, None) is rows
    assert calibrated(rows[:0], made).shape == (0, 2)


def moody_clips(clips: int, moments: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers for moments that err together: each clip has its own bias, so pooling makes them less sure than independent looks would."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, clips)
    bias = random.normal(0, 1.2, (clips, 4)) + 1.5 * np.eye(4)[truth]
    logits = 2.5 * (np.repeat(bias, moments, axis=0) + random.normal(0, 0.6, (clips * moments, 4)))
    said = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return said, np.repeat(truth, moments), np.repeat(np.arange(clips), moments)


@pytest.mark.parametrize("sharpness", [1.259, 1.0, None])
def test_whole_clips_can_be_believed_after_a_calibration_on_their_moments(sharpness):
    said, truth, clip = moody_clips(600, 12)
    found = calibrate(said, truth, cases=clip, pooling=Pooling(np.ones(len(said)), sharpness))
    assert found.cases_before is not None and found.cases_after is not None
    assert found.cases_before.ece > 0.08 > found.cases_after.ece
    assert (found.sharpness is None) == (sharpness is None)
    fresh, fresh_truth, fresh_clip = moody_clips(600, 12, seed=1)
    pooling = Pooling(np.ones(len(fresh)), sharpness)
    pooled = pooling.pool(found.map.apply(fresh), fresh_clip, found.sharpness)
    assert reliability(pooled, pooling.of_cases(fresh_truth, fresh_clip)).ece < 0.08


def test_pooling_a_voice_is_the_programs_own_pooling():
    said, _, clip = moody_clips(3, 5)
    shares = np.linspace(0.5, 1, len(said))
    rows = Pooling(shares, 1.0).pool(said, clip, 1.259)
    by_program = [pool(said[clip == k].astype(np.float32), shares[clip == k].astype(np.float32), 1.259) for k in range(3)]
    assert np.allclose(rows, np.stack(by_program), atol=1e-5)


def test_shipped_calibrations_are_for_the_versions_that_are_shipped():
    from models.calibration.kept import SHIPPED

    for path in SHIPPED.glob("*.json"):
        assert calibration_of(face_models.get(path.stem).info) is not None, f"{path.name} is for another version than the one here"
