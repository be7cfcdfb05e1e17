"""GE2E voice encoder (Wan et al. 2018, "Generalized end-to-end loss for speaker verification"): who speaks, as a vector.

The weights are those of Resemblyzer; its package is never imported, for it wants a compiled voice detector that we do without.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import speaker_embedders
from models.speakers.mel import HOP, MELS, mel_power
from models.torch_threads import torch_threads
from models.types import SAMPLE_RATE, Availability, Modality, ModelInfo
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.loading import state_dict
from models.weights.store import store

if TYPE_CHECKING:
    import torch

WEIGHTS = WeightsFile(
    "pretrained.pt",
    InstalledPackage("resemblyzer", "resemblyzer/pretrained.pt"),
    licence="Apache-2.0",
    sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
    size=17_090_379,
)

MEAN = Path(__file__).with_name("ge2e_mean.npy")
"""(256,) float32: the mean of the network's answers over windows of speech of ten RAVDESS actors, by `python -m bench.speakers --mean`.
The network's vectors have no negative part and so lie close together; taking the mean away spreads them over all directions."""

WIDTH = 256
LAYERS = 3
PARTIAL = 160
"""Frames the network was trained on, 1.6 s. A longer span is heard in several such parts, a shorter one as it is."""
STEP = 77
"""Frames between two parts: 1.3 parts a second, as Resemblyzer has it."""
SHORTEST_US = 400_000
"""Below this a span says more of its vowel than of its speaker."""
LOUDNESS = 10 ** (-30 / 20)
"""Root mean square to which a softer span is brought, −30 dB below full scale, as in training. Louder ones stay."""
AT_ONCE = 64
"""Parts given to the network together."""


@speaker_embedders.register("ge2e")
class Ge2e:
    """One thread; hold one instance a process."""

    info = ModelInfo(
        name="ge2e",
        modality=Modality.SPEAKER,
        version="resemblyzer 0.1.4, centred 1",
        summary="Tells voices apart. Trained on English, read or from interviews; one voice that is acted angry, then sad, can seem two.",
        licence="Apache-2.0",
        source="https://github.com/resemble-ai/Resemblyzer, in the resemblyzer wheel",
        weights=(WEIGHTS,),
    )

    def __init__(self) -> None:
        """Loads the network. Raises `WeightsMissing`, `WeightsAltered`, `UnreadableWeights`."""
        self._network = encoder(state_dict(store().paths(self.info)[WEIGHTS.name])["model_state"])
        self._mean: NDArray[np.float32] = np.load(MEAN, allow_pickle=False)

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def embed(self, samples: NDArray[np.float32], spans: NDArray[np.int64]) -> NDArray[np.float32]:
        """Who speaks in each span (S, 2) µs of mono 16 kHz `samples` (n,) float32 in [-1, 1].

        (S, 256) float32, rows of length 1, whose cosine is about 0 for two people and nears 1 for one; NaN where a span is shorter
        than `SHORTEST_US` or silent. S may be 0.
        """
        rows = self.raw(samples, spans) - self._mean
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def raw(self, samples: NDArray[np.float32], spans: NDArray[np.int64]) -> NDArray[np.float32]:
        """As Resemblyzer answers: (S, 256) float32, rows of length 1 without a negative part."""
        if samples.ndim != 1:
            raise ValueError(f"samples must be mono, shape (n,), not {samples.shape}")
        parts: list[NDArray[np.float32]] = []
        owners: list[int] = []
        for place, span in enumerate(spans):
            mine = _parts(samples, int(span[0]), int(span[1]))
            parts += mine
            owners += [place] * len(mine)
        rows = np.full((len(spans), WIDTH), np.nan, np.float32)
        heard = self._hear(parts)
        for place in sorted(set(owners)):
            mean = heard[np.array(owners) == place].mean(0)
            rows[place] = mean / np.linalg.norm(mean)
        return rows

    def _hear(self, parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Parts (frames, MELS) → (P, 256). Those of one length go together."""
        import torch

        heard = np.empty((len(parts), WIDTH), np.float32)
        by_length: dict[int, list[int]] = {}
        for place, part in enumerate(parts):
            by_length.setdefault(len(part), []).append(place)
        with torch.inference_mode(), torch_threads(1):
            for places in by_length.values():
                for start in range(0, len(places), AT_ONCE):
                    some = places[start : start + AT_ONCE]
                    heard[some] = self._network(torch.from_numpy(np.stack([parts[place] for place in some]))).numpy()
        return heard


def encoder(weights: dict[str, torch.Tensor]) -> Any:
    """The network, in evaluation mode: (P, frames, MELS) mel power → (P, 256), rows of length 1, from a `model_state` by its own key names.

    Raises `UnreadableWeights` where they are another network's.
    """
    import torch
    from torch import nn

    from models.weights.errors import UnreadableWeights

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(MELS, WIDTH, LAYERS, batch_first=True)
            self.linear = nn.Linear(WIDTH, WIDTH)

        def forward(self, mels: torch.Tensor) -> torch.Tensor:
            _, (last, _) = self.lstm(mels)
            return nn.functional.normalize(torch.relu(self.linear(last[-1])))

    network = Encoder().eval()
    # What the training needed beside the network: the loss's scale and offset.
    own = {key: value for key, value in weights.items() if key not in ("similarity_weight", "similarity_bias")}
    try:
        network.load_state_dict(own)
    except RuntimeError as error:
        raise UnreadableWeights(f"the weights are not those of the GE2E encoder: {error}") from error
    return network


def _parts(samples: NDArray[np.float32], start_us: int, end_us: int) -> list[NDArray[np.float32]]:
    """The mel power of a span, (frames, MELS) each, in parts of PARTIAL frames that reach to its end; none where it is too short."""
    sound = samples[start_us * SAMPLE_RATE // 1_000_000 : end_us * SAMPLE_RATE // 1_000_000]
    loudness = float(np.sqrt((sound**2).mean())) if len(sound) else 0.0
    if len(sound) * 1_000_000 < SHORTEST_US * SAMPLE_RATE or loudness < 1e-6:
        return []
    mels = mel_power(sound * np.float32(max(1.0, LOUDNESS / loudness)))[: len(sound) // HOP]
    if len(mels) <= PARTIAL:
        return [mels]
    starts = [*range(0, len(mels) - PARTIAL, STEP), len(mels) - PARTIAL]
    return [mels[start : start + PARTIAL] for start in starts]
