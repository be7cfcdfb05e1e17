"""The shipped voice model: its weights are those its card was written for, and it answers as the contract of voice models says."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.training.voice.data import read_sound
from models.catalogue import voice_models
from models.protocols import VoiceModel
from models.speech.silero import Silero
from models.types import WeightsMissing
from models.voice.portrayal_voice import FILE, FOLDER, PortrayalVoice, WeightsAltered, facts
from models.voice.windows import pool, speech_share, windows

ORDER = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]


@pytest.fixture(scope="module")
def voice() -> PortrayalVoice:
    return PortrayalVoice()


@pytest.fixture(scope="module")
def spoken(clips: Path) -> np.ndarray:
    return read_sound(clips / "01-01-08-02-01-01-19.mp4")


def test_it_is_in_the_catalogue_ready_and_a_voice_model(voice: PortrayalVoice) -> None:
    assert voice_models.get("portrayal_voice") is PortrayalVoice
    assert PortrayalVoice.available().ready
    assert isinstance(voice, VoiceModel)


def test_its_classes_are_ravdess_own_in_their_order_as_the_crosswalk_has_them(data: Path) -> None:
    labels = PortrayalVoice.info.labels
    assert labels is not None and (labels.name, list(labels.classes)) == ("ravdess", ORDER)
    with (data.parent / "scheme" / "crosswalk.csv").open(newline="") as lines:
        crosswalk = [row["native_label"] for row in csv.DictReader(lines) if row["source_set"] == "ravdess"]
    assert crosswalk == ORDER


def test_the_weights_fit_in_five_megabytes() -> None:
    assert (FOLDER / FILE).stat().st_size <= 5_000_000


def test_every_window_gets_a_distribution(voice: PortrayalVoice, spoken: np.ndarray) -> None:
    spans = windows(len(spoken) * 1_000_000 // 16_000)
    scores = voice.score(spoken, spans)
    assert scores.windows.tolist() == spans.tolist()
    assert scores.probabilities.shape == (len(spans), 8)
    assert scores.probabilities.sum(1) == pytest.approx(1, abs=1e-5)


def test_many_windows_at_once_are_scored_as_one_at_a_time(voice: PortrayalVoice, spoken: np.ndarray) -> None:
    spans = np.array([[0, 1_500_000], [1_000_000, 3_000_000], [1_100_000, 2_600_000], [1_060_000, 3_260_000]])
    together = voice.score(spoken, spans).probabilities
    alone = np.concatenate([voice.score(spoken, span[None]).probabilities for span in spans])
    assert together == pytest.approx(alone, abs=1e-5)


def test_a_window_is_judged_by_its_own_sound_only(voice: PortrayalVoice, spoken: np.ndarray) -> None:
    deafened = np.zeros_like(spoken)
    deafened[16_000:40_000] = spoken[16_000:40_000]
    span = np.array([[1_000_000, 2_500_000]])
    assert voice.score(deafened, span).probabilities == pytest.approx(voice.score(spoken, span).probabilities, abs=1e-5)


def test_distance_from_the_microphone_does_not_change_the_answer(voice: PortrayalVoice, spoken: np.ndarray) -> None:
    span = np.array([[1_100_000, 2_600_000]])
    near, far = (voice.score((spoken * gain).astype(np.float32), span).probabilities for gain in (1.0, 0.25))
    assert near == pytest.approx(far, abs=0.05)
    assert near.argmax() == far.argmax()


def test_no_windows_give_no_rows(voice: PortrayalVoice, spoken: np.ndarray) -> None:
    assert voice.score(spoken, np.empty((0, 2), np.int64)).probabilities.shape == (0, 8)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.4, 1.0])
def test_a_recording_shorter_than_a_window_is_one_window(voice: PortrayalVoice, spoken: np.ndarray, seconds: float) -> None:
    short = spoken[20_000 : 20_000 + int(seconds * 16_000)]
    scores = voice.score(short, windows(len(short) * 1_000_000 // 16_000))
    assert scores.probabilities.shape == (1, 8)


def test_a_short_window_is_heard_with_what_is_around_it(voice: PortrayalVoice, spoken: np.ndarray) -> None:
    brief, wide = np.array([[1_600_000, 1_700_000]]), np.array([[1_400_000, 1_900_000]])
    scores = voice.score(spoken, brief)
    assert scores.windows.tolist() == brief.tolist()
    assert scores.probabilities == pytest.approx(voice.score(spoken, wide).probabilities)


@pytest.mark.parametrize("span", [[-1, 500_000], [4_000_000, 5_000_000], [2_000_000, 2_000_000]])
def test_windows_beyond_the_recording_or_of_no_length_are_refused(voice: PortrayalVoice, spoken: np.ndarray, span: list[int]) -> None:
    with pytest.raises(ValueError, match="lie within the recording"):
        voice.score(spoken, np.array([span]))


def test_altered_weights_are_refused_and_the_message_gives_both_checksums(tmp_path: Path) -> None:
    for name in (FILE, "portrayal_voice.json"):
        shutil.copy(FOLDER / name, tmp_path)
    weights = bytearray((tmp_path / FILE).read_bytes())
    weights[-1000] ^= 1
    (tmp_path / FILE).write_bytes(weights)
    with pytest.raises(WeightsAltered, match=facts()["sha256"]):
        PortrayalVoice(tmp_path)


def test_missing_weights_are_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"portrayal_voice\.onnx is missing.*restore it"):
        PortrayalVoice(tmp_path)


def test_the_version_follows_the_weights() -> None:
    assert facts()["sha256"][:12] in PortrayalVoice.info.version


def test_the_figures_meet_what_the_card_claims_of_them() -> None:
    figures = json.loads((FOLDER / "portrayal_voice.json").read_text())["figures"]
    counts = np.array(figures["clip"]["confusion"])
    assert counts.sum() == figures["clip"]["count"] == 1_199
    assert (counts.diagonal() / counts.sum(1)).mean() == pytest.approx(figures["clip"]["mean_recall"])
    assert np.mean([fold["mean_recall"] for fold in figures["folds"]]) == pytest.approx(figures["mean_recall_of_folds"])


def test_on_clips_it_was_taught_on_it_is_mostly_right_so_it_hears_as_it_was_taught_to(voice: PortrayalVoice, data: Path) -> None:
    """No measure of its worth (that is on the card): it fails if sound is cut, scaled or ordered other than in training."""
    right = []
    vad = Silero()
    for emotion in range(1, 9):
        for actor in (4, 9, 15):
            samples = read_sound(data / "ravdess_speech" / f"03-01-{emotion:02}-01-02-01-{actor:02}.flac")
            spans = windows(len(samples) * 1_000_000 // 16_000)
            share = speech_share(spans, vad.speech(samples).stretches)
            answer = pool(voice.score(samples, spans).probabilities, np.where(share >= 0.5, share, 0), voice.sharpness)
            assert answer is not None
            right.append(answer.argmax() == emotion - 1)
    assert np.mean(right) >= 0.7


def test_inference_needs_neither_torch_nor_a_sound_library() -> None:
    code = "import sys, models.voice.portrayal_voice as p; p.PortrayalVoice(); print({'torch', 'av', 'librosa'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parents[1])
    assert done.stdout.strip() == "set()"
