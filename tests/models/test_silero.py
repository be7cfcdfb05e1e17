"""Silero VAD hears speech where there is speech, on real clips."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from app.training.voice.data import read_sound
from models.catalogue import speech_detectors
from models.protocols import SpeechDetector
from models.speech.silero import HOP, Silero, stretches


@pytest.fixture(scope="module")
def vad() -> Silero:
    return Silero()


def test_it_is_in_the_catalogue_ready_and_a_speech_detector(vad: Silero) -> None:
    assert speech_detectors.get("silero") is Silero
    assert Silero.available().ready
    assert isinstance(vad, SpeechDetector)


def test_the_spoken_sentence_of_a_ravdess_clip_is_one_stretch_at_its_known_place(vad: Silero, clips: Path) -> None:
    found = vad.speech(read_sound(clips / "01-01-08-02-01-01-19.mp4")).stretches
    assert found.shape == (1, 2)
    assert found[0] == pytest.approx([1_060_000, 3_260_000], abs=100_000)


@pytest.mark.parametrize("name", ["single_face_quiet.mp4", "silent_audio_track.mp4"])
def test_quiet_and_digital_silence_hold_no_speech(vad: Silero, clips: Path, name: str) -> None:
    activity = vad.speech(read_sound(clips / name))
    assert activity.stretches.shape == (0, 2)
    assert len(activity.probability) > 70
    assert activity.probability.max() < 0.5


def test_a_tone_is_sound_but_not_speech(vad: Silero) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 16_000)
    assert len(vad.speech(tone.astype(np.float32)).stretches) == 0


def test_every_hop_has_a_time_in_its_middle_and_a_probability(vad: Silero) -> None:
    activity = vad.speech(np.zeros(HOP * 3 + 1, np.float32))
    assert activity.times.tolist() == [16_000, 48_000, 80_000, 112_000]
    assert activity.probability.shape == (4,)


def test_no_samples_give_no_hops(vad: Silero) -> None:
    activity = vad.speech(np.empty(0, np.float32))
    assert (len(activity.times), len(activity.probability), activity.stretches.shape) == (0, 0, (0, 2))


def test_a_recording_longer_than_a_block_is_heard_as_one(vad: Silero, clips: Path) -> None:
    samples = read_sound(clips / "talking_2.mp4")
    silence = np.zeros(HOP * 500, np.float32)
    once = vad.speech(np.concatenate([silence, samples]))
    shifted = vad.speech(samples).stretches + 16_000_000
    assert once.stretches == pytest.approx(shifted, abs=100_000)


def test_samples_of_more_than_one_channel_are_refused(vad: Silero) -> None:
    with pytest.raises(ValueError, match=r"mono, shape \(n,\), not \(2, 512\)"):
        vad.speech(np.zeros((2, 512), np.float32))


def test_stretches_survive_a_short_pause_end_at_a_long_one_and_drop_a_click() -> None:
    said = [0.9] * 10
    probability = np.array([*said, *[0.1] * 2, *said, *[0.1] * 10, 0.9, *[0.1] * 10, *said], np.float32)
    found = stretches(probability, len(probability) * 32_000)
    assert found.tolist() == [[0, 22 * 32_000 + 30_000], [43 * 32_000 - 30_000, 53 * 32_000]]


def test_a_probability_that_wavers_between_the_two_levels_keeps_the_stretch_open() -> None:
    probability = np.array([0.9] * 5 + [0.4] * 20 + [0.1] * 10, np.float32)
    assert stretches(probability, len(probability) * 32_000).tolist() == [[0, 25 * 32_000 + 30_000]]


def test_the_silero_package_itself_which_needs_torch_is_never_imported(vad: Silero) -> None:
    vad.speech(np.zeros(HOP, np.float32))
    assert "silero_vad" not in sys.modules
