"""What the two voice systems on wav2vec 2.0 have in common: sound by itself in, logits of their checkpoint's classes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.torch_threads import torch_threads
from models.types import Availability, LabelSet, ModelInfo, VoiceScores
from models.voice._batches import in_batches, normalised
from models.voice.windows import pieces
from models.weights.errors import UnreadableWeights
from models.weights.store import store

SHORTEST_US = 500_000
"""A shorter window is widened: both were taught on whole sentences, and 25 ms is the least that the convolutions can take."""
BATCH = 4


class Wav2Vec2Voice:
    """A network that `__init__` reads into `_network`, and `_order`: where each of our classes stands in its answers."""

    info: ClassVar[ModelInfo]
    epsilon: ClassVar[float]
    """Of the normalisation of sound."""
    _network: Any
    _order: list[int]
    _threads: int
    _normalises = True

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def score(self, samples: NDArray[np.float32], windows: NDArray[np.int64]) -> VoiceScores:
        """Class probabilities of each window (W, 2) µs of mono 16 kHz `samples` (n,) in [-1, 1]; W may be 0.

        Uncalibrated softmax. Windows below SHORTEST_US are heard with what is around them. Raises `ValueError` for windows that reach
        beyond the recording.
        """
        spans = np.asarray(windows, np.int64).reshape(-1, 2)
        heard = [normalised(piece, self.epsilon) if self._normalises else piece for piece in pieces(samples, spans, SHORTEST_US)]
        return VoiceScores(spans, in_batches(heard, self._logits, len(self._order), BATCH)[:, self._order])

    def _logits(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode(), torch_threads(self._threads):
            return self._network(torch.from_numpy(sound)).numpy()


def order(labels: LabelSet | None, theirs: Mapping[str, int], file: str) -> list[int]:
    """Where each of our classes stands among a checkpoint's own, `theirs`, which `file` names. Raises `UnreadableWeights` for others."""
    assert labels is not None
    if sorted(theirs.values()) != list(range(len(labels))) or set(theirs) != set(labels.classes):
        raise UnreadableWeights(f"{file} names the classes {dict(theirs)}; those of {labels.name} are {', '.join(labels.classes)}")
    return [theirs[label] for label in labels.classes]
