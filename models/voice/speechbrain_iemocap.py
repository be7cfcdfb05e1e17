"""speechbrain/emotion-recognition-wav2vec2-IEMOCAP without speechbrain: wav2vec 2.0 base, averaged over time, one projection.

The recipe (https://arxiv.org/abs/2111.02735) normalises each sound as a whole, and each output of the encoder over time and features
together. speechbrain's pooling also adds noise below 1e-4 to each mean, so that no two runs agree; here it is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from models.catalogue import voice_models
from models.types import LabelSet, Modality, ModelInfo
from models.voice._wav2vec2_voice import Wav2Vec2Voice, order
from models.voice.windows import Listening
from models.weights.errors import UnreadableWeights
from models.weights.files import Hub, WeightsFile
from models.weights.store import store

REPOSITORY = "speechbrain/emotion-recognition-wav2vec2-IEMOCAP"
REVISION = "117a9c3dff08be81a3628eecf6a66b547ec1659b"
BASE = "facebook/wav2vec2-base"
"""What its hyperparameters name as `wav2vec2_hub`: the architecture is described there, not in the repository itself."""
BASE_REVISION = "0b5b8e868dd84f03fd87d01f9c4ff0f080fecfe8"
LICENCE = "Apache-2.0"

LABEL = re.compile(r"'(?P<label>[^']+)' => (?P<place>\d+)")


@voice_models.register("speechbrain_iemocap")
class SpeechbrainIemocap(Wav2Vec2Voice):
    """Four emotions of acted and improvised English dialogue. Hold one instance a process."""

    info = ModelInfo(
        name="speechbrain_iemocap",
        modality=Modality.VOICE,
        version=f"{REPOSITORY} {REVISION[:7]}, read without speechbrain 1",
        summary="wav2vec 2.0 base, trained further on IEMOCAP, dialogues of ten actors; its authors report 79 % of its test set. It knows "
        "no fear, disgust or surprise: what it hears of them it gives to one of its four.",
        licence=LICENCE,
        source=f"https://huggingface.co/{REPOSITORY}",
        labels=LabelSet("speechbrain_iemocap4", ("neu", "ang", "hap", "sad")),
        weights=(
            *(
                WeightsFile(name, Hub(REPOSITORY, name, REVISION), LICENCE)
                for name in ("wav2vec2.ckpt", "model.ckpt", "hyperparams.yaml", "label_encoder.txt")
            ),
            WeightsFile("config.json", Hub(BASE, "config.json", BASE_REVISION), LICENCE),
        ),
    )

    epsilon = 1e-5
    """Of torch's layer norm, which the recipe normalises sound with."""
    listening = Listening(window_us=3_000_000, hop_us=1_000_000, at_once=4)
    """It knows whole turns, 4.5 s in the mean, and takes 0.11 s of a core for each second heard."""

    def __init__(self, threads: int = 2) -> None:
        """Reads its files. Raises `WeightsMissing`, `WeightsAltered`, `UnsafeWeights`, and `UnreadableWeights` (as `UntrainedPart`)
        where they hold another network or other classes.
        """
        paths = store().paths(self.info)  # says what is missing before anything heavy is loaded
        from models.voice._filling import filled
        from models.voice._wav2vec2 import ONLY_TRAINING, AverageClassifier, configuration, renamed
        from models.weights.loading import state_dict

        labels = self.info.labels
        assert labels is not None
        self._order = order(labels, _places(paths["label_encoder.txt"]), "label_encoder.txt")
        config, output_norm = configuration(paths["config.json"]), _output_norm(paths["hyperparams.yaml"])
        encoder, head = renamed(state_dict(paths["wav2vec2.ckpt"])), state_dict(paths["model.ckpt"])
        tensors = {f"encoder.{key.removeprefix('model.')}": value for key, value in encoder.items()}
        tensors |= {f"head.{key.removeprefix('0.w.')}": value for key, value in head.items()}
        self._network = filled(
            lambda: AverageClassifier(config, len(labels), output_norm),
            tensors,
            "wav2vec2.ckpt with model.ckpt",
            {f"encoder.{ONLY_TRAINING}"},
        )
        self._threads = threads


def _places(path: Path) -> dict[str, int]:
    """Where each class stands in the network's output: `label_encoder.txt` has a line `'neu' => 0` for each, then a rule of `=` and
    settings of no concern here."""
    above = path.read_text(encoding="utf-8").split("\n====")[0]
    return {found["label"]: int(found["place"]) for found in LABEL.finditer(above)}


def _output_norm(path: Path) -> bool:
    """Whether the encoder's output is normalised. Raises `UnreadableWeights` where the hyperparameters describe another network."""
    said = _plain_yaml(path)
    if str(said.get("wav2vec2_hub", "")).split("/")[-1] != BASE.split("/")[-1] or said.get("avg_pool", {}).get("return_std") is not False:
        raise UnreadableWeights(f"{path.name} describes another network than {BASE} with the mean over time")
    return bool(said.get("wav2vec2", {}).get("output_norm", False))


def _plain_yaml(path: Path) -> dict[str, Any]:
    """The values of a HyperPyYAML file, its tags (`!new:`, `!ref`) read as nothing but what follows them: none of it is run."""
    import yaml

    class Plain(yaml.SafeLoader):
        pass

    def value(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value

    Plain.add_multi_constructor("!", value)
    try:
        said = yaml.load(path.read_text(encoding="utf-8"), Plain)
    except yaml.YAMLError as error:
        raise UnreadableWeights(f"{path.name} cannot be read as YAML: {error}") from error
    return said if isinstance(said, dict) else {}
