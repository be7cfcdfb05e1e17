"""Silero VAD, from the ONNX file that its own wheel brings: where somebody speaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.catalogue import speech_detectors
from models.types import SAMPLE_RATE, Availability, Modality, ModelInfo, SpeechActivity
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.store import store

WEIGHTS = WeightsFile(
    "silero_vad_16k_sequence.onnx",
    InstalledPackage("silero-vad", "silero_vad/data/silero_vad_16k_sequence.onnx"),  # the package itself would bring torch along
    "MIT",
    sha256="9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
    size=1_246_165,
)
"""The form of the network that takes a run of hops in one call; its answers are those of the streaming form."""

HOP = 512
"""Samples the network judges at a time (32 ms); fixed by its training."""
CONTEXT = 64
"""Samples of the hop before that it wants in front of each."""
BLOCK = 512
"""Hops a call, about 16 s: long recordings never sit in memory twice."""

THRESHOLD = 0.5
RELEASE = 0.35
"""Speech begins at THRESHOLD and ends below RELEASE, Silero's own defaults; two levels, lest a wavering probability chop a word."""
SHORTEST_SPEECH_US = 250_000
"""A click or a cough is shorter."""
SHORTEST_PAUSE_US = 100_000
"""A stop consonant holds its breath this long within a word."""
MARGIN_US = 30_000
"""Added at both ends of a stretch: the onset of a soft consonant comes before the network is sure."""


@speech_detectors.register("silero")
class Silero:
    """Speech activity of mono 16 kHz sound. One thread; hold one instance a process."""

    info = ModelInfo(
        name="silero",
        modality=Modality.SPEECH,
        version="silero-vad 6.2.3, 16 kHz sequence network, stretches 1",
        summary="Tells speech from silence, noise and music, 32 ms at a time. It knows nothing of who speaks or how.",
        licence="MIT",
        source="https://github.com/snakers4/silero-vad, in the silero-vad wheel",
        weights=(WEIGHTS,),
    )

    def __init__(self) -> None:
        """Loads the network. Raises `WeightsMissing` where the wheel is not installed."""
        path = store().paths(self.info)[WEIGHTS.name]
        from models.weights.loading import onnx_session

        self._session = onnx_session(path)

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def speech(self, samples: NDArray[np.float32]) -> SpeechActivity:
        """Where somebody speaks in mono 16 kHz `samples` (n,) float32 in [-1, 1].

        A hop of 32 ms has one probability; the last hop, if the recording ends within it, is completed with silence. Stretches never
        reach beyond the recording. No samples, no hops.
        """
        if samples.ndim != 1:
            raise ValueError(f"samples must be mono, shape (n,), not {samples.shape}")
        probability = self._probability(np.asarray(samples, np.float32))
        edges = np.arange(len(probability) + 1, dtype=np.int64) * HOP * 1_000_000 // SAMPLE_RATE
        duration_us = len(samples) * 1_000_000 // SAMPLE_RATE
        return SpeechActivity((edges[:-1] + edges[1:]) // 2, probability, stretches(probability, duration_us))

    def _probability(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        hops = -(-len(samples) // HOP)
        padded = np.zeros(CONTEXT + hops * HOP, np.float32)
        padded[CONTEXT : CONTEXT + len(samples)] = samples
        # Row i is hop i with the CONTEXT samples before it; the first hop is preceded by silence.
        rows = np.lib.stride_tricks.as_strided(padded, (hops, CONTEXT + HOP), (HOP * padded.itemsize, padded.itemsize), writeable=False)
        hidden = cell = np.zeros((1, 1, 128), np.float32)
        heard = [np.empty(0, np.float32)]
        for start in range(0, hops, BLOCK):
            block = np.ascontiguousarray(rows[start : start + BLOCK])
            probability, hidden, cell = self._session.run(None, {"input": block, "h": hidden, "c": cell})
            heard.append(np.asarray(probability, np.float32))
        return np.concatenate(heard)


def stretches(probability: NDArray[np.float32], duration_us: int) -> NDArray[np.int64]:
    """Stretches of speech, (S, 2) int64 µs, sorted and disjoint, in hop probabilities (T,) of a recording of `duration_us`.

    A stretch opens at THRESHOLD and closes at the first hop of a pause (all hops below RELEASE) of at least SHORTEST_PAUSE_US.
    Those shorter than SHORTEST_SPEECH_US are dropped; the others get MARGIN_US at both ends, within the recording, and those that
    then touch are joined.
    """
    found: list[list[int]] = []
    start: int | None = None
    quiet_since: int | None = None
    for hop, p in enumerate(probability):
        now = _hop_us(hop)
        if p >= THRESHOLD and start is None:
            start = now
        if p >= RELEASE:
            quiet_since = None
        elif start is not None:
            quiet_since = now if quiet_since is None else quiet_since
            if _hop_us(hop + 1) - quiet_since >= SHORTEST_PAUSE_US:
                found.append([start, quiet_since])
                start = quiet_since = None
    if start is not None:
        found.append([start, duration_us if quiet_since is None else quiet_since])
    joined: list[list[int]] = []
    for begin, end in found:
        if end - begin < SHORTEST_SPEECH_US:
            continue
        begin, end = max(0, begin - MARGIN_US), min(duration_us, end + MARGIN_US)
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = end
        else:
            joined.append([begin, end])
    return np.array(joined, np.int64).reshape(-1, 2)


def _hop_us(hop: int) -> int:
    return hop * HOP * 1_000_000 // SAMPLE_RATE
