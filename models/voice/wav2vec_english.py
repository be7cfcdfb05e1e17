"""r-f/wav2vec-english-speech-emotion-recognition: wav2vec 2.0 (XLSR) trained further on three corpora of acted English."""

from __future__ import annotations

import json

from models.catalogue import voice_models
from models.types import LabelSet, Modality, ModelInfo
from models.voice._wav2vec2_voice import Wav2Vec2Voice, order
from models.voice.windows import Listening
from models.weights.errors import UnreadableWeights
from models.weights.files import Hub, WeightsFile
from models.weights.store import store

REPOSITORY = "r-f/wav2vec-english-speech-emotion-recognition"
LICENCE = "Apache-2.0"


@voice_models.register("wav2vec_english")
class Wav2vecEnglish(Wav2Vec2Voice):
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

    epsilon = 1e-7
    """Of its feature extractor's normalisation."""
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
        theirs = {label.lower(): int(i) for i, label in (config.id2label or {}).items()}
        self._order = order(self.info.labels, theirs, "config.json")
        self._normalises = bool(json.loads(paths["preprocessor_config.json"].read_text(encoding="utf-8")).get("do_normalize", True))
        if getattr(config, "pooling_mode", "mean") != "mean":
            raise UnreadableWeights(f"config.json asks for pooling_mode {config.pooling_mode!r}; this network takes the mean over time")
        tensors = renamed(state_dict(paths["pytorch_model.bin"]))
        self._network = filled(lambda: PooledClassifier(config), tensors, "pytorch_model.bin", {f"wav2vec2.{ONLY_TRAINING}"})
        self._threads = threads
