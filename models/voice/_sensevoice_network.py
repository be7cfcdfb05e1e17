"""SenseVoiceSmall (https://arxiv.org/abs/2407.04051) by funasr's own classes, from a folder of files and nothing else.

funasr's `AutoModel` is not used: it loads checkpoints without `weights_only`, leaves parameters that it does not find at their first random
values with a printed warning, and may install what a folder's `requirements.txt` asks for.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from models.types import SAMPLE_RATE
from models.voice._filling import filled
from models.weights.errors import UnreadableWeights
from models.weights.loading import state_dict

if TYPE_CHECKING:
    import sentencepiece

LANGUAGE, EMOTION, EVENT, SPEECH = 0, 1, 2, 4
"""Frames of the encoder's output: three answers, one for the style of writing, then the speech itself."""

LFR_HOP_US = 60_000
"""A frame of speech: six of the 10 ms frames of the filter bank."""

WITHOUT_SPACES = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""A letter of Chinese or Japanese: Han, its iteration marks, hiragana, katakana, by their blocks in Unicode. Korean writes spaces."""

PUBLISHED = {
    "HAPPY": 25001, "SAD": 25002, "ANGRY": 25003, "NEUTRAL": 25004, "FEARFUL": 25005, "DISGUSTED": 25006, "SURPRISED": 25007,
    "OTHER": 25008, "EMO_UNKNOWN": 25009,
}  # fmt: skip
"""Ids in the published vocabulary, which only check what is read from the file."""
PUBLISHED_SIZE = 25_055


@dataclass(frozen=True)
class Vocabulary:
    """The model's own tokens, from its sentencepiece file."""

    pieces: sentencepiece.SentencePieceProcessor

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Raises `UnreadableWeights`, also where the published vocabulary has other numbers than were published."""
        import sentencepiece

        pieces = sentencepiece.SentencePieceProcessor()
        try:
            pieces.LoadFromSerializedProto(path.read_bytes())
        except RuntimeError as error:
            raise UnreadableWeights(f"{path.name} cannot be read as a sentencepiece model: {error}") from error
        vocabulary = cls(pieces)
        if len(vocabulary) == PUBLISHED_SIZE and (found := {name: vocabulary.tag(name) for name in PUBLISHED}) != PUBLISHED:
            raise UnreadableWeights(f"{path.name} has {found}, but {PUBLISHED} was published")
        return vocabulary

    def __len__(self) -> int:
        return self.pieces.GetPieceSize()

    def tag(self, name: str) -> int:
        """The id of `<|name|>`. Raises `UnreadableWeights` where there is none."""
        found = self.pieces.PieceToId(f"<|{name}|>")
        if found == self.pieces.unk_id():
            raise UnreadableWeights(f"the vocabulary of {len(self)} tokens has no <|{name}|>: it is not SenseVoice's")
        return found

    def tags(self, names: tuple[str, ...]) -> dict[str, int]:
        """Ids of those of `names` that the vocabulary has."""
        found = {name: self.pieces.PieceToId(f"<|{name}|>") for name in names}
        return {name: i for name, i in found.items() if i != self.pieces.unk_id()}

    def is_tag(self, token: int) -> bool:
        piece = self.pieces.IdToPiece(token)
        return piece.startswith("<|") and piece.endswith("|>")

    def text(self, tokens: list[int]) -> str:
        return self.pieces.DecodeIds(tokens).strip()

    def begins_word(self, token: int) -> bool:
        """Whether a token begins what is read as a word: there is a space before it, or it is of a script that writes none."""
        piece = self.pieces.IdToPiece(token)
        return piece.startswith("▁") or WITHOUT_SPACES.match(piece) is not None


class Network:
    """What SenseVoice says to sound: logits over its tokens in every frame."""

    def __init__(self, paths: Mapping[str, Path], vocabulary: Vocabulary) -> None:
        """Raises `UnreadableWeights` (as `UntrainedPart`) where the files describe or hold another network, `UnsafeWeights`."""
        config = _config(paths["config.yaml"])
        model, frontend = _classes()
        # Dither would be noise of one step of 16 bits, drawn anew each time; the same sound is to get the same answer.
        features = {**config["frontend_conf"], "cmvn_file": str(paths["am.mvn"]), "dither": 0.0}
        self._frontend = frontend(**features)
        if self._frontend.fs != SAMPLE_RATE or self._frontend.cmvn.shape != (2, self._frontend.output_size()):
            raise UnreadableWeights(f"am.mvn does not fit the features that config.yaml describes, {self._frontend.output_size()} a frame")
        self._network: Any = filled(
            lambda: model(
                encoder=config["encoder"],
                encoder_conf=config["encoder_conf"],
                ctc_conf=config.get("ctc_conf"),
                input_size=self._frontend.output_size(),
                vocab_size=len(vocabulary),
                **config["model_conf"],
            ),
            _tensors(state_dict(paths["model.pt"])),
            "model.pt",
        )

    def features(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, 560): log mel filter bank, seven frames of 10 ms stacked at every sixth, shifted and scaled as `am.mvn` says."""
        rows, _ = self._frontend(torch.from_numpy(np.ascontiguousarray(sound))[None], torch.tensor([len(sound)]))
        return rows[0].numpy()

    def logits(self, features: NDArray[np.float32], frames: slice, tokens: list[int] | None = None) -> NDArray[np.float32]:
        """(B, frames, K) for features (B, T, 560), of all tokens or of some."""
        encoded = self._encoded(torch.from_numpy(features))[:, frames]
        layer = self._network.ctc.ctc_lo
        if tokens is None:
            return layer(encoded).numpy()
        return torch.nn.functional.linear(encoded, layer.weight[tokens], layer.bias[tokens]).numpy()

    def _encoded(self, features: torch.Tensor) -> torch.Tensor:
        """The encoder's output (B, 4 + T, D), asked to find out the language and to write numbers and punctuation."""
        network = self._network
        asked = torch.tensor([network.lid_dict["auto"], 1, 2, network.textnorm_dict["withitn"]])
        queries = network.embed(asked)[None].expand(len(features), -1, -1)
        frames = torch.cat([queries, features], dim=1)
        encoded, _ = network.encoder(frames, torch.full((len(frames),), frames.shape[1]))
        return encoded


def _config(path: Path) -> dict[str, Any]:
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UnreadableWeights(f"{path.name} cannot be read as YAML: {error}") from error
    said = tuple(config.get(key) for key in ("model", "encoder", "frontend")) if isinstance(config, dict) else ()
    if said != ("SenseVoiceSmall", "SenseVoiceEncoderSmall", "WavFrontend"):
        raise UnreadableWeights(f"{path.name} describes {said}, not SenseVoiceSmall with its encoder and WavFrontend")
    return config


def _tensors(loaded: dict[str, Any]) -> dict[str, Any]:
    """Checkpoints of fine-tuning have the parameters one level deeper."""
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(loaded.get(key), dict):
            return _tensors(loaded[key])
    return {key.removeprefix("module."): value for key, value in loaded.items()}


def _classes() -> tuple[Any, Any]:
    """funasr's network and its features. Importing funasr itself would load each of its hundreds of modules, which takes 15 s."""
    with _bare_funasr(), contextlib.redirect_stdout(io.StringIO()):  # it prints a notice about programs that are not used here
        from funasr.frontends.wav_frontend import WavFrontend
        from funasr.models.sense_voice.model import SenseVoiceSmall
    return SenseVoiceSmall, WavFrontend


@contextlib.contextmanager
def _bare_funasr() -> Iterator[None]:
    """For as long as it holds, `funasr` is a package whose own code is not run; afterwards it can be imported as ever."""
    if "funasr" in sys.modules:
        yield
        return
    spec = importlib.util.find_spec("funasr")
    assert spec is not None, "funasr is installed with the program"
    sys.modules["funasr"] = importlib.util.module_from_spec(spec)
    try:
        yield
    finally:
        del sys.modules["funasr"]
