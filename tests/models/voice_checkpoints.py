"""The smallest folders in the true layout of the voice systems, with random weights: they run the real loading code and say nothing of quality."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from transformers import Wav2Vec2Config, Wav2Vec2Model

from models.weights import store as stores

BPE = "chn_jpn_yue_eng_ko_spectok.bpe.model"

EMOTIONS = ("HAPPY", "SAD", "ANGRY", "NEUTRAL", "FEARFUL", "DISGUSTED", "SURPRISED", "OTHER", "EMO_UNKNOWN")
TAGS = (
    *("zh", "en", "yue", "ja", "ko", "nospeech"),
    *("EMO_UNKNOWN", "OTHER", "SURPRISED", "DISGUSTED", "FEARFUL", "NEUTRAL", "ANGRY", "SAD", "HAPPY"),  # not in the published order
    *("Speech", "BGM", "Laughter", "Applause", "Cry", "Sneeze", "Breath", "Cough", "Event_UNK"),
    *("withitn", "woitn"),
)

CONFIG_YAML = """encoder: SenseVoiceEncoderSmall
encoder_conf:
    output_size: 16
    attention_heads: 2
    linear_units: 32
    num_blocks: 2
    tp_blocks: 1
    dropout_rate: 0.1
    positional_dropout_rate: 0.1
    attention_dropout_rate: 0.1
    input_layer: pe
    pos_enc_class: SinusoidalPositionEncoder
    normalize_before: true
    kernel_size: 11
    sanm_shfit: 0
    selfattention_layer_type: sanm
model: SenseVoiceSmall
model_conf:
    length_normalized_loss: true
    sos: 1
    eos: 2
    ignore_id: -1
tokenizer: SentencepiecesTokenizer
tokenizer_conf:
  bpemodel: null
  unk_symbol: <unk>
  split_with_space: true
frontend: WavFrontend
frontend_conf:
    fs: 16000
    window: hamming
    n_mels: 80
    frame_length: 25
    frame_shift: 10
    lfr_m: 7
    lfr_n: 6
    cmvn_file: null
ctc_conf:
    dropout_rate: 0.0
    ctc_type: builtin
    reduce: true
    ignore_nan_grad: true
"""

HYPERPARAMS_YAML = """wav2vec2_hub: facebook/wav2vec2-base
encoder_dim: 16
out_n_neurons: 4
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
wav2vec2: !new:speechbrain.lobes.models.huggingface_transformers.wav2vec2.Wav2Vec2
    source: !ref <wav2vec2_hub>
    output_norm: True
    freeze: False
    freeze_feature_extractor: True
    save_path: wav2vec2_checkpoints
avg_pool: !new:speechbrain.nnet.pooling.StatisticsPooling
    return_std: False
output_mlp: !new:speechbrain.nnet.linear.Linear
    input_size: !ref <encoder_dim>
    n_neurons: !ref <out_n_neurons>
    bias: False
model: !new:torch.nn.ModuleList
    - [!ref <output_mlp>]
softmax: !new:speechbrain.nnet.activations.Softmax
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        wav2vec2: !ref <wav2vec2>
        model: !ref <model>
        label_encoder: !ref <label_encoder>
"""


@contextmanager
def weights_in(folder: Path) -> Iterator[Path]:
    """Weights are looked for in `folder`, and nowhere else, as long as this holds."""
    stores.use(folder)
    try:
        yield folder
    finally:
        stores.use(None)


def no_network(monkeypatch: Any) -> None:
    """Whoever asks for an address or a connection fails the test."""

    def refuse(*asked: object, **more: object) -> None:
        raise AssertionError(f"the network was asked for {asked}")

    for name in ("socket.getaddrinfo", "socket.create_connection", "socket.socket.connect"):
        monkeypatch.setattr(name, refuse)


def wav2vec2_config(**more: Any) -> Wav2Vec2Config:
    """wav2vec 2.0 with its own convolutions (kernels and strides) and next to no width."""
    return Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        **more,
    )


def wav2vec2_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """As checkpoints of that time have it: the weight-normalised convolution under torch's older names."""
    old = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    renamed = {}
    for key, value in model.state_dict().items():
        for new, older in old.items():
            key = key.replace(new, older)
        renamed[key] = value
    return renamed


RF = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def wav2vec_english(folder: Path, classes: tuple[str, ...] = RF, seed: int = 0) -> tuple[Wav2Vec2Config, dict[str, torch.Tensor]]:
    """The folder of r-f/wav2vec-english-speech-emotion-recognition: its three files; gives what is in them."""
    torch.manual_seed(seed)
    config = wav2vec2_config(
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        conv_bias=True,
        id2label=dict(enumerate(classes)),
        label2id={label: i for i, label in enumerate(classes)},
        finetuning_task="wav2vec2_clf",
    )
    state = {f"wav2vec2.{key}": value for key, value in wav2vec2_state(Wav2Vec2Model(config)).items()}
    for name, shape in (("dense", (16, 16)), ("out_proj", (len(classes), 16))):
        state |= {f"classifier.{name}.weight": torch.randn(shape), f"classifier.{name}.bias": torch.randn(shape[0])}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "pooling_mode": "mean"}))
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"do_normalize": True, "sampling_rate": 16000, "return_attention_mask": True})
    )
    torch.save(state, folder / "pytorch_model.bin")
    return config, state


def speechbrain_iemocap(folder: Path, classes: tuple[str, ...] = ("neu", "ang", "hap", "sad")) -> tuple[Wav2Vec2Model, torch.Tensor]:
    """The folder of speechbrain/emotion-recognition-wav2vec2-IEMOCAP; gives its encoder and its head (4, 16)."""
    torch.manual_seed(1)
    config = wav2vec2_config(feat_extract_norm="group", do_stable_layer_norm=False)
    encoder, head = Wav2Vec2Model(config).eval(), torch.randn(len(classes), 16)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({f"model.{key}": value for key, value in wav2vec2_state(encoder).items()}, folder / "wav2vec2.ckpt")
    torch.save({"0.w.weight": head}, folder / "model.ckpt")
    (folder / "hyperparams.yaml").write_text(HYPERPARAMS_YAML)
    lines = [f"'{label}' => {place}" for place, label in enumerate(classes)]
    (folder / "label_encoder.txt").write_text("\n".join([*lines, "================", "'starting_index' => 0", ""]))
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    return encoder, head


def sensevoice(folder: Path, tags: tuple[str, ...] = TAGS, ctc_bias: dict[str, float] | None = None) -> dict[str, torch.Tensor]:
    """The folder of FunAudioLLM/SenseVoiceSmall, its numbers of tokens its own; gives its parameters.

    With `ctc_bias` the network says the same in every frame whatever it hears: logits of tags by their names, 0 for all else.
    """
    from models.voice._sensevoice_network import _classes

    folder.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(["kids are talking by the door", "dogs are sitting by the door"] * 20 + ["狗坐在门边"] * 5),
        model_writer=written,
        model_type="bpe",
        vocab_size=110,
        user_defined_symbols=[f"<|{tag}|>" for tag in tags],
        unk_id=0,
        bos_id=1,
        eos_id=2,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / BPE).write_bytes(written.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    (folder / "config.yaml").write_text(CONFIG_YAML)
    (folder / "configuration.json").write_text(
        json.dumps({"framework": "pytorch", "task": "auto-speech-recognition", "model": {"type": "funasr"}})
    )
    rng = np.random.default_rng(0)
    shift, scale = rng.uniform(-14, -8, 560), rng.uniform(0.1, 0.3, 560)
    rows = (" ".join(f"{value:.6f}" for value in values) for values in (shift, scale))
    (folder / "am.mvn").write_text(
        "<Nnet>\n<Splice> 560 560\n[ 0 ]\n<AddShift> 560 560\n<LearnRateCoef> 0 [ {} ]\n<Rescale> 560 560\n<LearnRateCoef> 0 [ {} ]\n</Nnet>\n".format(
            *rows
        )
    )
    torch.manual_seed(2)
    import yaml

    config = yaml.safe_load(CONFIG_YAML)
    model = _classes()[0](
        encoder=config["encoder"],
        encoder_conf=config["encoder_conf"],
        ctc_conf=config["ctc_conf"],
        input_size=560,
        vocab_size=pieces.GetPieceSize(),
        **config["model_conf"],
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name:
                parameter.normal_(0, 0.3)
        if ctc_bias is not None:
            model.ctc.ctc_lo.weight.zero_()
            model.ctc.ctc_lo.bias.zero_()
            for tag, logit in ctc_bias.items():
                model.ctc.ctc_lo.bias[pieces.PieceToId(f"<|{tag}|>")] = logit
    state = model.state_dict()
    torch.save(state, folder / "model.pt")
    return state
