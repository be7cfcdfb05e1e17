"""The log-mel spectrogram, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.types import SAMPLE_RATE
from models.voice.logmel import FLOOR, HOP, MELS, WINDOW, frame_count, frames_of, hann, log_mel, mel_bands


def sine(hz: float, seconds: float = 1.0, amplitude: float = 1.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)).astype(np.float32)


def test_a_full_sine_on_a_bin_has_power_one_there_times_what_the_band_hears_of_it_and_its_neighbours() -> None:
    # 1 kHz is bin 64 of 1024 at 15.625 Hz each. Its power there is 1; what the window leaks beside it is summed from the window's own
    # transform, in which the neighbour j bins off sees the window at j · WINDOW/FFT of its own bins.
    samples = np.arange(WINDOW)
    leak = [abs(np.sum(hann() * np.exp(-2j * np.pi * j * samples / 1024))) ** 2 / 4 for j in range(-6, 7)]
    assert leak[6] == pytest.approx(1.0, abs=1e-5)
    expected = np.log(np.array(leak) @ mel_bands()[58:71] + FLOOR)
    band = int(expected.argmax())
    assert log_mel(sine(1000))[5, band] == pytest.approx(expected[band], abs=0.01)


def test_the_loudest_band_of_a_sine_is_the_one_around_its_frequency() -> None:
    # 64 bands between 60 and 7600 Hz: mel(60) = 92.7, mel(7600) = 2787.7, 65 steps of 41.46 mel; 1000 Hz is mel 1000.
    # Band i peaks at 92.7 + 41.46 (i + 1): band 21 at 1004.8 is the nearest.
    assert log_mel(sine(1000)).mean(0).argmax() == 21


def test_half_the_amplitude_is_a_quarter_of_the_power() -> None:
    loud, soft = log_mel(sine(1000)), log_mel(sine(1000, amplitude=0.5))
    assert (loud - soft)[:, 21] == pytest.approx(np.log(4), abs=1e-3)


def test_every_band_hears_some_bin() -> None:
    assert (mel_bands() > 0).any(axis=0).all()


def test_silence_is_the_floor() -> None:
    assert log_mel(np.zeros(WINDOW, np.float32)) == pytest.approx(np.log(FLOOR))


@pytest.mark.parametrize(
    ("samples", "frames"), [(0, 0), (WINDOW - 1, 0), (WINDOW, 1), (WINDOW + HOP - 1, 1), (WINDOW + HOP, 2), (24_000, 93)]
)
def test_only_frames_wholly_within_the_sound_are_made(samples: int, frames: int) -> None:
    rows = log_mel(np.zeros(samples, np.float32))
    assert rows.shape == (frames, MELS)
    assert frame_count(samples) == frames


def test_a_long_recording_is_the_same_as_its_pieces() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 70 * SAMPLE_RATE).astype(np.float32)
    whole = log_mel(noise)
    piece = log_mel(noise[4_000 * HOP : 4_200 * HOP])
    assert whole[4_000 : 4_000 + len(piece)] == pytest.approx(piece, abs=1e-5)


def test_the_frames_of_a_window_are_those_of_its_own_sound() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 3 * SAMPLE_RATE).astype(np.float32)
    rows = frames_of(log_mel(noise), np.array([250_000, 1_750_000]))
    assert rows == pytest.approx(log_mel(noise[4_000:28_000]), abs=1e-5)


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="mono"):
        log_mel(np.zeros((2, 16_000), np.float32))
