"""SenseVoice, by a tiny checkpoint with random weights in the true layout: loading, features, frames, words. Never quality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import torch

from app.media.sound import sound
from models.protocols import Transcriber, VoiceModel
from models.voice._filling import UntrainedPart
from models.voice._sensevoice_network import PUBLISHED, Network, Vocabulary, _classes
from models.voice.sensevoice import LONGEST_US, SenseVoice, collapsed, parts, words
from models.voice.windows import windows
from models.weights.errors import UnreadableWeights, UnsafeWeights
from tests.models import voice_checkpoints
from tests.models.voice_checkpoints import BPE, EMOTIONS, TAGS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    voice_checkpoints.no_network(monkeypatch)
    with voice_checkpoints.weights_in(tmp_path / "weights") as weights:
        yield weights / "sensevoice"


@pytest.fixture
def spoken(data: Path) -> np.ndarray:
    return sound(data / "ravdess_speech" / "03-01-05-02-01-01-01.flac")


def network(folder: Path) -> Network:
    return Network({path.name: path for path in folder.iterdir()}, Vocabulary.read(folder / BPE))


def test_random_weights_in_the_true_layout_give_every_window_of_real_speech_a_distribution(folder: Path, spoken: np.ndarray) -> None:
    voice_checkpoints.sensevoice(folder)
    assert SenseVoice.available().ready
    voice = SenseVoice()
    assert isinstance(voice, VoiceModel) and isinstance(voice, Transcriber)
    spans = windows(len(spoken) * 1_000_000 // 16_000, voice.listening.window_us, voice.listening.hop_us)
    assert (spans[1] == [500_000, 2_500_000]).all()
    scores = voice.score(spoken, spans)
    assert scores.windows.tolist() == spans.tolist() and scores.probabilities.shape == (len(spans), 9)
    assert np.ptp(scores.probabilities, axis=0).max() > 1e-3, "windows of different sound are answered differently"
    assert voice.score(spoken, spans[:0]).probabilities.shape == (0, 9)
    assert voice.transcribe(spoken, spans[:0]) == []


def test_with_random_weights_it_answers_as_funasrs_own_inference_does(folder: Path, spoken: np.ndarray) -> None:
    """The encoder is hooked in funasr's own run: softmax over the emotion tokens of frame 1, and the same text without its tags."""
    state = voice_checkpoints.sensevoice(folder)
    import yaml

    config = yaml.safe_load((folder / "config.yaml").read_text())
    make, frontend = _classes()
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / BPE))
    model = make(
        encoder=config["encoder"],
        encoder_conf=config["encoder_conf"],
        input_size=560,
        vocab_size=pieces.GetPieceSize(),
        **config["model_conf"],
    )
    model.load_state_dict(state)
    model.eval()
    outputs: list[torch.Tensor] = []
    model.encoder.register_forward_hook(lambda module, given, out: outputs.append(out[0]))

    class Tokenizer:
        decode = staticmethod(pieces.DecodeIds)

    with torch.inference_mode():
        (result,), _ = model.inference(
            [torch.from_numpy(spoken)],
            key=["a"],
            tokenizer=Tokenizer,
            frontend=frontend(**{**config["frontend_conf"], "cmvn_file": str(folder / "am.mvn"), "dither": 0.0}),
            device="cpu",
            use_itn=True,
            fs=16_000,
        )
        ids = [pieces.PieceToId(f"<|{emotion}|>") for emotion in EMOTIONS]
        expected = model.ctc.ctc_lo(outputs[0])[0, 1, ids].softmax(-1).numpy()
    whole = np.array([[0, len(spoken) * 1_000_000 // 16_000]])
    voice = SenseVoice()
    np.testing.assert_allclose(voice.score(spoken, whole).probabilities[0], expected, atol=1e-5)
    (said,) = voice.transcribe(spoken, whole)
    bare = result["text"]
    for tag in TAGS:
        bare = bare.replace(f"<|{tag}|>", "")
    heard = "".join(said.text.split())
    assert heard and "".join(bare.split()).endswith(heard), (
        "funasr also writes out the first four frames, where random weights say anything"
    )


def test_emotions_language_and_events_are_read_by_the_names_of_its_own_tokens(folder: Path) -> None:
    """The network says the same whatever it hears: with logits 2 and 1 for two emotions, the softmax can be worked out by hand."""
    voice_checkpoints.sensevoice(folder, ctc_bias={"ANGRY": 2.0, "EMO_UNKNOWN": 1.0, "yue": 3.0, "Laughter": 4.0})
    voice, heard = SenseVoice(), np.zeros(32_000, np.float32)
    row = voice.score(heard, np.array([[0, 2_000_000]])).probabilities[0]
    total = np.exp(2) + np.exp(1) + 7
    by_name = dict(zip(EMOTIONS, row, strict=True))
    assert by_name["ANGRY"] == pytest.approx(np.exp(2) / total) and by_name["EMO_UNKNOWN"] == pytest.approx(np.exp(1) / total)
    assert by_name["OTHER"] == pytest.approx(1 / total), "no class is left out of the sum"
    (said,) = voice.transcribe(heard, np.array([[0, 2_000_000]]))
    assert (said.text, said.language, said.events, said.tokens) == ("", "yue", ("Laughter",), ())


def test_speech_is_no_event_and_no_speech_is_no_language(folder: Path) -> None:
    voice_checkpoints.sensevoice(folder, ctc_bias={"nospeech": 3.0, "Speech": 4.0})
    (said,) = SenseVoice().transcribe(np.zeros(16_000, np.float32), np.array([[0, 1_000_000]]))
    assert (said.language, said.events) == (None, ())


def test_a_vocabulary_without_an_emotion_is_refused(folder: Path) -> None:
    voice_checkpoints.sensevoice(folder, tags=tuple(tag for tag in TAGS if tag != "FEARFUL"))
    with pytest.raises(UnreadableWeights, match=r"no <\|FEARFUL\|>"):
        SenseVoice()


def test_the_published_numbers_check_the_published_vocabulary(tmp_path: Path) -> None:
    class Pieces:
        """A vocabulary of the published size whose emotions are one off."""

        def LoadFromSerializedProto(self, proto: bytes) -> None: ...
        def GetPieceSize(self) -> int:
            return 25_055

        def unk_id(self) -> int:
            return 0

        def PieceToId(self, piece: str) -> int:
            return PUBLISHED[piece[2:-2]] + 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sentencepiece.SentencePieceProcessor", Pieces)
        path = tmp_path / BPE
        path.write_bytes(b"")
        with pytest.raises(UnreadableWeights, match="was published"):
            Vocabulary.read(path)


def test_features_are_those_of_the_published_formula(folder: Path) -> None:
    """Kaldi's filter bank of 16-bit sound (Hamming, 25 ms every 10, preemphasis 0.97, 80 bands from 20 Hz), stacked, shifted, scaled."""
    voice_checkpoints.sensevoice(folder)
    heard = np.random.default_rng(3).uniform(-0.3, 0.3, 16_000 * 3 // 10).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(heard.astype(np.float64) * 32_768, 400)[::160]
    frames = frames - frames.mean(1, keepdims=True)
    emphasised = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 399)
    power = np.abs(np.fft.rfft(emphasised * window, 512)) ** 2
    mel = 1127 * np.log1p(np.arange(257) * 16_000 / 512 / 700)
    edges = np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8_000 / 700), 82)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bands = np.maximum(0, np.minimum((mel[:, None] - low) / (centre - low), (high - mel[:, None]) / (high - centre)))
    logs = np.log(power[:, :256] @ bands[:256])
    count = -(-len(logs) // 6)
    padded = np.concatenate([np.repeat(logs[:1], 3, axis=0), logs, np.repeat(logs[-1:], 7, axis=0)])
    stacked = np.stack([padded[6 * i : 6 * i + 7].reshape(-1) for i in range(count)])
    lines = (folder / "am.mvn").read_text().splitlines()
    shift, scale = (np.array(lines[i].split()[3:-1], np.float64) for i in (4, 6))
    features = network(folder).features(heard)
    assert features.shape == (count, 560) == (5, 560)
    np.testing.assert_allclose(features, (stacked + shift) * scale, atol=2e-3)


def test_the_same_sound_gets_the_same_answer_alone_among_others_and_again(folder: Path) -> None:
    voice_checkpoints.sensevoice(folder)
    voice, heard = SenseVoice(), np.random.default_rng(4).uniform(-0.5, 0.5, 64_000).astype(np.float32)
    spans = np.array([[0, 2_000_000], [500_000, 2_500_000], [1_000_000, 1_030_000], [2_000_000, 4_000_000], [0, 4_000_000]])
    together = voice.score(heard, spans).probabilities
    assert (voice.score(heard, spans).probabilities == together).all(), "no dither"
    for span, row in zip(spans, together, strict=True):
        np.testing.assert_allclose(voice.score(heard, span[None]).probabilities[0], row, atol=1e-5)


@pytest.mark.parametrize("samples", [160, 8_000, 40_000])
def test_silence_gives_a_distribution_and_a_transcript(folder: Path, samples: int) -> None:
    voice_checkpoints.sensevoice(folder)
    voice, heard = SenseVoice(), np.zeros(samples, np.float32)
    spans = windows(samples * 1_000_000 // 16_000)
    assert np.isfinite(voice.score(heard, spans).probabilities).all()
    assert len(voice.transcribe(heard, spans)) == len(spans)


def test_one_lacking_parameter_is_refused_and_so_is_a_pickle(folder: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "it ran",)

    state = voice_checkpoints.sensevoice(folder)
    torch.save({"state_dict": state}, folder / "model.pt")
    SenseVoice()  # one level deeper, as fine-tuning saves it
    torch.save({key: value for key, value in state.items() if key != "ctc.ctc_lo.bias"}, folder / "model.pt")
    with pytest.raises(UntrainedPart, match=r"model\.pt .* lacks ctc\.ctc_lo\.bias"):
        SenseVoice()
    torch.save({"embed.weight": Bomb()}, folder / "model.pt")
    with pytest.raises(UnsafeWeights):
        SenseVoice()
    assert not (tmp_path / "it ran").exists()


def test_another_network_in_the_folder_is_refused(folder: Path) -> None:
    voice_checkpoints.sensevoice(folder)
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace("model: SenseVoiceSmall", "model: Paraformer"))
    with pytest.raises(UnreadableWeights, match="Paraformer"):
        SenseVoice()


def test_funasr_can_still_be_imported_as_ever_after_it(folder: Path) -> None:
    import importlib.util
    import sys

    voice_checkpoints.sensevoice(folder)
    SenseVoice()
    there: Any = sys.modules.get("funasr")
    assert there is None or hasattr(there, "AutoModel")
    assert importlib.util.find_spec("funasr") is not None


def test_a_path_of_frames_becomes_runs_without_blanks() -> None:
    assert collapsed([0, 5, 5, 0, 5, 7, 0]) == [(5, 1, 3), (5, 4, 5), (7, 5, 6)]
    assert collapsed([0, 0]) == [] == collapsed([])


def test_words_have_the_times_of_their_frames_within_the_span(folder: Path) -> None:
    voice_checkpoints.sensevoice(folder)
    vocabulary = Vocabulary.read(folder / BPE)
    tokens = vocabulary.pieces.EncodeAsIds("kids by the door")
    runs = [(token, 2 * i, 2 * i + 1) for i, token in enumerate(tokens)]
    found = words(runs, vocabulary, 1_000_000, 9_000_000)
    assert " ".join(word.text for word in found) == "kids by the door"
    assert found[0].start_us == 1_000_000, "half a frame before the first is cut off"
    begins = [i for i, token in enumerate(tokens) if vocabulary.begins_word(token)]
    assert [word.start_us for word in found[1:]] == [1_000_000 + 2 * i * 60_000 - 30_000 for i in begins[1:]]
    assert found[-1].end_us == 1_000_000 + (2 * len(tokens) - 1) * 60_000 - 30_000
    assert words(runs, vocabulary, 0, 100_000)[-1].end_us == 100_000
    chinese = [vocabulary.pieces.PieceToId(sign) for sign in "狗坐"]
    assert len(words([(token, i, i + 1) for i, token in enumerate(chinese)], vocabulary, 0, 1_000_000)) == 2, "a word each, without spaces"


def vocabulary_of(*sentences: str) -> Vocabulary:
    """One in which nearly every letter is a token of its own."""
    import io

    import sentencepiece

    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(sentences * 5), model_writer=written, model_type="char", vocab_size=60, hard_vocab_limit=False, minloglevel=2
    )
    return Vocabulary(sentencepiece.SentencePieceProcessor(model_proto=written.getvalue()))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("안녕하세요 반갑습니다", ["안녕하세요", "반갑습니다"]),
        ("ありがとう カメラ", [*"ありがとう", *"カメラ"]),
        ("我们走吧", [*"我们走吧"]),
        ("déjà vu", ["déjà", "vu"]),
    ],
)
def test_only_scripts_without_spaces_have_a_word_at_every_sign(said: str, expected: list[str]) -> None:
    vocabulary = vocabulary_of(said)
    tokens = vocabulary.pieces.EncodeAsIds(said)
    found = words([(token, i, i + 1) for i, token in enumerate(tokens)], vocabulary, 0, 10_000_000)
    assert [word.text for word in found] == expected


def test_long_speech_is_parted_where_it_is_quiet() -> None:
    heard = np.full(16_000 * 70, 0.1, np.float32)
    heard[16_000 * 28 : 16_000 * 28 + 4_800] = 0.0
    found = parts(heard, 0, 70_000_000)
    assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]] and found[-1][1] == 70_000_000
    assert 28_000_000 <= found[0][1] <= 28_300_000
    assert all(end - start <= LONGEST_US for start, end in found)
    assert parts(heard, 5, 1_000_000) == [(5, 1_000_000)]
