"""r-f/wav2vec-english-speech-emotion-recognition: wav2vec 2.0 (XLSR) trained further on three corpora of acted English."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import voice_models
from models.torch_threads import torch_threads
from models.types import Availability, LabelSet, Modality, ModelInfo, VoiceScores
from models.voice._batches import in_batches, normalised
from models.voice.windows import Listening, pieces
from models.weights.errors import UnreadableWeights
from models.weights.files import Hub, WeightsFile
from models.weights.store import store

REPOSITORY = "r-f/wav2vec-english-speech-emotion-recognition"
LICENCE = "Apache-2.0"

EPSILON = 1e-7
"""Of its feature extractor's normalisation."""
SHORTEST_US = 500_000
"""A shorter window is widened: it was trained on whole sentences, and 25 ms is the least that its convolutions can take."""
BATCH = 4


@voice_models.register("wav2vec_english")
class Wav2vecEnglish:
    """Seven emotions of acted English. Hold one instance a process."""

    info = ModelInfo(
        name="wav2vec_english",
        modality=Modality.VOICE,
        version=f"{REPOSITORY} main, head dense-tanh-out_proj 1",
        summary="wav2vec 2.0 large, trained further on acted English (RAVDESS, SAVEE, TESS). Those are the corpora it knows: figures on "
        "RAVDESS clips flatter it.",
        licence=LICENCE,
        source=f"https://huggingface.co/{REPOSITORY}",
        labels=LabelSet("rf_wav2vec", ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")),
        weights=tuple(
            WeightsFile(name, Hub(REPOSITORY, name), LICENCE) for name in ("config.json", "preprocessor_config.json", "pytorch_model.bin")
        ),
    )

    listening = Listening(window_us=3_000_000, hop_us=1_000_000, at_once=2)
    """It knows sentences of 2 to 5 s, and takes 0.4 s of a core for each second heard."""

    def __init__(self, threads: int = 2) -> None:
        """Reads its files. Raises `WeightsMissing`, `WeightsAltered`, `UnsafeWeights`, and `UnreadableWeights` (as `UntrainedPart`)
        where they hold another network or other classes.
        """
        paths = store().paths(self.info)  # says what is missing before anything heavy is loaded
        from models.voice._filling import filled
        from models.voice._wav2vec2 import ONLY_TRAINING, PooledClassifier, configuration, renamed
        from models.weights.loading import state_dict

        config = configuration(paths["config.json"])
        self._order = _order(self.info.labels, config.id2label or {})
        self._normalises = bool(json.loads(paths["preprocessor_config.json"].read_text(encoding="utf-8")).get("do_normalize", True))
        if getattr(config, "pooling_mode", "mean") != "mean":
            raise UnreadableWeights(f"config.json asks for pooling_mode {config.pooling_mode!r}; this network takes the mean over time")
        tensors = renamed(state_dict(paths["pytorch_model.bin"]))
        self._network = filled(lambda: PooledClassifier(config), tensors, "pytorch_model.bin", {f"wav2vec2.{ONLY_TRAINING}"})
        self._threads = threads

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def score(self, samples: NDArray[np.float32], windows: NDArray[np.int64]) -> VoiceScores:
        """Class probabilities of each window (W, 2) µs of mono 16 kHz `samples` (n,) in [-1, 1]; W may be 0.

        Uncalibrated softmax. Windows below SHORTEST_US are heard with what is around them. Raises `ValueError` for windows that reach
        beyond the recording.
        """
        spans = np.asarray(windows, np.int64).reshape(-1, 2)
        heard = [normalised(piece, EPSILON) if self._normalises else piece for piece in pieces(samples, spans, SHORTEST_US)]
        return VoiceScores(spans, in_batches(heard, self._logits, len(self._order), BATCH)[:, self._order])

    def _logits(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode(), torch_threads(self._threads):
            return self._network(torch.from_numpy(sound)).numpy()


def _order(labels: LabelSet | None, id2label: Mapping[Any, str]) -> list[int]:
    """Where each of our classes stands among the checkpoint's own, which its config names."""
    assert labels is not None
    theirs = {label.lower(): int(i) for i, label in id2label.items()}
    if set(theirs) != set(labels.classes):
        raise UnreadableWeights(
            f"config.json names the classes {', '.join(theirs)}; those of {labels.name} are {', '.join(labels.classes)}"
        )
    return [theirs[label] for label in labels.classes]
