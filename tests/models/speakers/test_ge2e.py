"""GE2E tells voices apart, with the weights of the wheel, on real voices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from app.training.voice.data import read_sound
from models.catalogue import speaker_embedders
from models.protocols import SpeakerEmbedder
from models.speakers.ge2e import Ge2e, encoder
from models.speakers.mel import MELS, mel_power
from models.weights.errors import UnreadableWeights


@pytest.fixture(scope="module")
def model() -> Ge2e:
    return Ge2e()


def spoken(path: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A RAVDESS recording and the stretch in its middle in which everybody speaks."""
    sound = read_sound(path)
    return sound, np.array([[1_000_000, len(sound) * 1_000_000 // 16_000 - 1_000_000]], np.int64)


def test_is_in_the_catalogue_ready_and_a_speaker_embedder(model: Ge2e) -> None:
    assert speaker_embedders.get("ge2e") is Ge2e
    assert Ge2e.available().ready
    assert isinstance(model, SpeakerEmbedder)


def test_the_spectrogram_is_librosas() -> None:
    librosa = pytest.importorskip("librosa")
    sound = np.random.default_rng(0).normal(0, 0.1, 16_123).astype(np.float32)
    theirs = librosa.feature.melspectrogram(y=sound, sr=16_000, n_fft=400, hop_length=160, n_mels=40).T
    assert theirs.shape == (101, MELS)
    np.testing.assert_allclose(mel_power(sound), theirs, rtol=1e-4, atol=1e-5 * theirs.max())


def test_a_calm_voice_is_nearer_to_itself_than_to_any_other(model: Ge2e, data: Path) -> None:
    """Two sentences each of twelve actors, neutral: every sentence is nearest to the other of the same actor but for one or two."""
    actors = range(1, 13)
    names = [f"03-01-01-01-{sentence}-01-{actor:02}.flac" for actor in actors for sentence in ("01", "02")]
    rows = np.concatenate([model.embed(*spoken(data / "ravdess_speech" / name)) for name in names])
    alike = rows @ rows.T
    np.fill_diagonal(alike, -1)
    right = sum(nearest // 2 == place // 2 for place, nearest in enumerate(alike.argmax(1)))
    assert right >= 22
    own = np.array([alike[2 * i, 2 * i + 1] for i in range(len(actors))])
    assert own.mean() > 0.5
    assert alike[alike > -1].mean() < 0.15


def test_rows_have_length_1_and_a_span_too_short_or_silent_is_missing(model: Ge2e, data: Path) -> None:
    sound, _ = spoken(data / "ravdess_speech" / "03-01-01-01-01-01-01.flac")
    sound = np.concatenate([sound, np.zeros(32_000, np.float32)])
    end = len(sound) * 1_000_000 // 16_000
    rows = model.embed(sound, np.array([[1_000_000, 2_200_000], [0, 3_300_000], [1_000_000, 1_300_000], [end - 1_500_000, end]], np.int64))
    assert rows.shape == (4, 256) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows[:2], axis=1), 1, rtol=1e-5)
    assert np.isnan(rows[2:]).all()


def test_no_spans_give_no_rows(model: Ge2e) -> None:
    assert model.embed(np.zeros(16_000, np.float32), np.empty((0, 2), np.int64)).shape == (0, 256)


def test_how_loud_a_soft_voice_was_recorded_does_not_matter(model: Ge2e, data: Path) -> None:
    sound, span = spoken(data / "ravdess_speech" / "03-01-01-01-01-01-05.flac")
    sound = np.asarray(sound * (0.02 / np.abs(sound).max()), np.float32)
    np.testing.assert_allclose(model.embed(sound, span), model.embed(np.asarray(sound / 4, np.float32), span), atol=1e-3)


def test_another_networks_weights_are_refused() -> None:
    with pytest.raises(UnreadableWeights, match="not those of the GE2E encoder"):
        encoder({"linear.weight": torch.zeros(256, 256)})
