"""The two wav2vec 2.0 systems, by tiny checkpoints with random weights in the true layout: loading, preprocessing, shapes. Never quality."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification, Wav2Vec2Model

from app.media.sound import sound
from models.protocols import VoiceModel
from models.types import WeightsMissing
from models.voice._batches import normalised
from models.voice._filling import UntrainedPart
from models.voice.speechbrain_iemocap import SpeechbrainIemocap
from models.voice.wav2vec_english import Wav2vecEnglish
from models.voice.windows import pieces, windows
from models.weights.errors import UnreadableWeights, UnsafeWeights
from tests.models import voice_checkpoints

RF = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    voice_checkpoints.no_network(monkeypatch)
    with voice_checkpoints.weights_in(tmp_path / "weights") as folder:
        yield folder


@pytest.fixture
def spoken(data: Path) -> np.ndarray:
    return sound(data / "ravdess_speech" / "03-01-05-02-01-01-01.flac")


def samples_of(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * 16_000)).astype(np.float32)


def test_random_weights_in_the_true_layout_give_every_window_of_real_speech_a_distribution(folder: Path, spoken: np.ndarray) -> None:
    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF)
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    for system in (Wav2vecEnglish, SpeechbrainIemocap):
        assert system.available().ready
        voice = system()
        assert isinstance(voice, VoiceModel)
        spans = windows(len(spoken) * 1_000_000 // 16_000, voice.listening.window_us, voice.listening.hop_us)
        scores = voice.score(spoken, spans)
        assert scores.windows.tolist() == spans.tolist()
        assert scores.probabilities.shape == (len(spans), len(system.info.labels or ()))
        assert len(voice.score(spoken, np.empty((0, 2), np.int64)).probabilities) == 0


def test_english_with_random_weights_answers_as_its_parts_do_one_by_one(folder: Path) -> None:
    config, state = voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF)
    heard = samples_of(1.5)
    extractor = Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True)
    values = extractor(heard, sampling_rate=16_000, return_tensors="pt").input_values
    encoder = Wav2Vec2Model(config).eval()
    named = {
        key.replace("weight_g", "parametrizations.weight.original0").replace("weight_v", "parametrizations.weight.original1"): value
        for key, value in state.items()
    }
    encoder.load_state_dict({key.removeprefix("wav2vec2."): value for key, value in named.items() if key.startswith("wav2vec2.")})
    with torch.inference_mode():
        mean = encoder(values).last_hidden_state.mean(1)[0].numpy()
    head = {key.removeprefix("classifier."): value.numpy() for key, value in state.items() if key.startswith("classifier.")}
    logits = head["out_proj.weight"] @ np.tanh(head["dense.weight"] @ mean + head["dense.bias"]) + head["out_proj.bias"]
    expected = np.exp(logits) / np.exp(logits).sum()
    scores = Wav2vecEnglish().score(heard, np.array([[0, 1_500_000]]))
    np.testing.assert_allclose(scores.probabilities[0], expected, atol=2e-5)


def test_iemocap_with_random_weights_answers_as_the_recipe_does_step_by_step(folder: Path) -> None:
    encoder, head = voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    heard = samples_of(1.5)
    wave = (heard - heard.mean()) / np.sqrt(heard.var() + 1e-5)
    with torch.inference_mode():
        out = encoder(torch.from_numpy(wave)[None]).last_hidden_state[0].numpy()
    out = (out - out.mean()) / np.sqrt(out.var() + 1e-5)  # over time and features together
    logits = head.numpy() @ out.mean(0)
    scores = SpeechbrainIemocap().score(heard, np.array([[0, 1_500_000]]))
    np.testing.assert_allclose(scores.probabilities[0], np.exp(logits) / np.exp(logits).sum(), atol=2e-5)


def test_classes_are_placed_by_the_files_and_not_by_our_order(folder: Path) -> None:
    heard, span = samples_of(1), np.array([[0, 1_000_000]])
    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF)
    first = Wav2vecEnglish().score(heard, span).probabilities[0]
    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF[::-1])
    np.testing.assert_allclose(Wav2vecEnglish().score(heard, span).probabilities[0], first[::-1], atol=1e-6)
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    neu, ang, hap, sad = SpeechbrainIemocap().score(heard, span).probabilities[0]
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap", ("sad", "neu", "ang", "hap"))
    np.testing.assert_allclose(SpeechbrainIemocap().score(heard, span).probabilities[0], [ang, hap, sad, neu], atol=1e-6)


def test_other_classes_are_refused(folder: Path) -> None:
    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", (*RF[:6], "calm"))
    with pytest.raises(UnreadableWeights, match=r"calm.*rf_wav2vec"):
        Wav2vecEnglish()
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap", ("neu", "ang", "hap", "fru"))
    with pytest.raises(UnreadableWeights, match=r"fru.*speechbrain_iemocap4"):
        SpeechbrainIemocap()


def test_a_head_that_would_be_newly_initialised_is_refused(folder: Path) -> None:
    """What the stock class saves: its head has other names, and loading it the lenient way would leave ours at chance."""
    there = folder / "wav2vec_english"
    config, _ = voice_checkpoints.wav2vec_english(there, RF)
    torch.save(Wav2Vec2ForSequenceClassification(config).state_dict(), there / "pytorch_model.bin")
    with pytest.raises(UntrainedPart, match=r"pytorch_model.bin .* lacks classifier.dense.weight"):
        Wav2vecEnglish()


@pytest.mark.parametrize("lost", ["wav2vec2.encoder.layers.1.final_layer_norm.weight", "classifier.out_proj.bias"])
def test_one_parameter_that_is_not_there_is_enough_to_refuse(folder: Path, lost: str) -> None:
    there = folder / "wav2vec_english"
    _, state = voice_checkpoints.wav2vec_english(there, RF)
    torch.save({key: value for key, value in state.items() if key != lost}, there / "pytorch_model.bin")
    with pytest.raises(UntrainedPart, match=f"lacks {lost}"):
        Wav2vecEnglish()


def test_a_head_with_a_bias_that_would_not_be_run_is_refused(folder: Path) -> None:
    _, head = voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    torch.save({"0.w.weight": head, "0.w.bias": torch.ones(4)}, folder / "speechbrain_iemocap" / "model.ckpt")
    with pytest.raises(UntrainedPart, match=r"too many: head.bias"):
        SpeechbrainIemocap()


def test_a_pickle_that_would_run_something_is_refused(folder: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "it ran",)

    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF)
    torch.save({"classifier.dense.weight": Bomb()}, folder / "wav2vec_english" / "pytorch_model.bin")
    with pytest.raises(UnsafeWeights):
        Wav2vecEnglish()
    assert not (tmp_path / "it ran").exists()


def test_hyperparameters_of_another_network_are_refused(folder: Path) -> None:
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    path = folder / "speechbrain_iemocap" / "hyperparams.yaml"
    path.write_text(path.read_text().replace("return_std: False", "return_std: True"))
    with pytest.raises(UnreadableWeights, match=r"hyperparams.yaml"):
        SpeechbrainIemocap()


@pytest.mark.parametrize("system", [Wav2vecEnglish, SpeechbrainIemocap])
def test_a_window_is_heard_the_same_alone_and_among_others(folder: Path, system: type[Wav2vecEnglish | SpeechbrainIemocap]) -> None:
    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF)
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    voice, heard = system(), samples_of(4)
    spans = np.array([[0, 1_500_000], [250_000, 1_750_000], [1_000_000, 1_040_000], [0, 4_000_000], [2_500_000, 4_000_000]])
    together = voice.score(heard, spans).probabilities
    for span, row in zip(spans, together, strict=True):
        np.testing.assert_allclose(voice.score(heard, span[None]).probabilities[0], row, atol=1e-5)


@pytest.mark.parametrize(
    "heard", [np.zeros(32_000, np.float32), np.zeros(100, np.float32), samples_of(0.01)], ids=["silence", "less silence", "a click"]
)
def test_silence_and_a_click_still_give_a_distribution(folder: Path, heard: np.ndarray) -> None:
    voice_checkpoints.wav2vec_english(folder / "wav2vec_english", RF)
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    for system in (Wav2vecEnglish, SpeechbrainIemocap):
        assert np.isfinite(system().score(heard, windows(len(heard) * 1_000_000 // 16_000)).probabilities).all()


def test_normalisation_is_that_of_the_published_formula() -> None:
    """Mean 0.25, variance 0.0625: (x − 0.25) / sqrt(0.0625 + 1e-7)."""
    values = normalised(np.array([0.0, 0.5, 0.0, 0.5], np.float32), 1e-7)
    np.testing.assert_allclose(values, [-0.9999992, 0.9999992, -0.9999992, 0.9999992], rtol=1e-6)
    assert not normalised(np.zeros(4, np.float32), 1e-7).any()


def test_pieces_are_the_samples_of_the_windows_and_short_ones_are_widened() -> None:
    ramp = np.arange(16_000, dtype=np.float32)
    first, short = pieces(ramp, np.array([[250_000, 750_000], [500_000, 510_000]]), 500_000)
    assert (first[0], first[-1], len(first)) == (4_000, 11_999, 8_000)
    assert (short[0], len(short)) == (4_080, 8_000)
    (repeated,) = pieces(ramp[:3], np.array([[0, 188]]), 500_000)
    assert len(repeated) == 8_000 and repeated[:6].tolist() == [0, 1, 2, 0, 1, 2]
    with pytest.raises(ValueError, match="within the recording"):
        pieces(ramp, np.array([[0, 1_000_100]]), 500_000)


def test_missing_weights_are_said_in_one_sentence_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    program = """
import sys
from models.catalogue import voice_models
from models.types import WeightsMissing
for name in ("sensevoice", "wav2vec_english", "speechbrain_iemocap"):
    model = voice_models.get(name)
    assert not model.available().ready
    try:
        model()
    except WeightsMissing as missing:
        assert str(missing) == model.available().advice
        print(missing)
assert not {"torch", "funasr", "transformers"} & set(sys.modules)
"""
    environment = os.environ | {"PORTRAYAL_WEIGHTS": str(tmp_path / "none")}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert len(lines) == 3
    for name, line in zip(("sensevoice", "wav2vec_english", "speechbrain_iemocap"), lines, strict=True):
        assert f"python -m app models fetch {name}" in line


def test_a_file_that_is_not_here_is_named(folder: Path) -> None:
    voice_checkpoints.speechbrain_iemocap(folder / "speechbrain_iemocap")
    (folder / "speechbrain_iemocap" / "label_encoder.txt").unlink()
    assert not SpeechbrainIemocap.available().ready
    with pytest.raises(WeightsMissing, match=r"label_encoder\.txt is not here"):
        SpeechbrainIemocap()
