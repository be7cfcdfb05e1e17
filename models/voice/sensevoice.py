"""SenseVoiceSmall: how a voice sounds, what it says, in which language, and sounds beside speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.catalogue import voice_models
from models.torch_threads import torch_threads
from models.types import SAMPLE_RATE, Availability, LabelSet, Modality, ModelInfo, Token, Transcript, VoiceScores
from models.voice._batches import in_batches
from models.voice.windows import Listening, pieces
from models.weights.files import Hub, WeightsFile
from models.weights.store import store

if TYPE_CHECKING:
    from models.voice._sensevoice_network import Network, Vocabulary

REPOSITORY = "FunAudioLLM/SenseVoiceSmall"
REVISION = "3847d57b6bdf2dd8875cb1508d2af43d80a16bf7"
LICENCE = "FunASR Model License 1.1"
BPE = "chn_jpn_yue_eng_ko_spectok.bpe.model"

SHORTEST_US = 500_000
"""A shorter window or span is widened: one emotion is said of a whole utterance."""
BATCH = 8
LONGEST_US = 30_000_000
"""Speech is written down in parts no longer than this: the network was made for utterances, and its memory grows with their square."""
SEARCHED_US = 5_000_000
"""The last of a part, in which its end is put where the sound is quietest."""
QUIET_US = 100_000

LANGUAGES = ("zh", "en", "yue", "ja", "ko", "nospeech")
EVENTS = ("BGM", "Laughter", "Applause", "Cry", "Sneeze", "Breath", "Cough", "Sing")
NO_EVENT = ("Speech", "Speech_Noise", "GBG", "Event_UNK")
"""Answers in the event's frame that are no sound beside speech."""


@voice_models.register("sensevoice")
class SenseVoice:
    """Seven emotions and two ways not to tell; transcript, language and events. Hold one instance a process."""

    info = ModelInfo(
        name="sensevoice",
        modality=Modality.VOICE,
        version=f"{REPOSITORY} {REVISION[:7]}, funasr 1.4.16, without dither 1",
        summary="Writes down Chinese, Cantonese, English, Japanese and Korean, and says one emotion an utterance. OTHER and EMO_UNKNOWN "
        "are its ways not to tell, and it uses them much. What it was trained on is not published.",
        licence=LICENCE,
        source=f"https://huggingface.co/{REPOSITORY}",
        labels=LabelSet("sensevoice", ("HAPPY", "SAD", "ANGRY", "NEUTRAL", "FEARFUL", "DISGUSTED", "SURPRISED", "OTHER", "EMO_UNKNOWN")),
        weights=tuple(
            WeightsFile(name, Hub(REPOSITORY, name, REVISION), LICENCE)
            for name in ("configuration.json", "config.yaml", "am.mvn", BPE, "model.pt")
        ),
    )

    listening = Listening(window_us=2_000_000, hop_us=500_000, at_once=10)
    """It says one emotion an utterance; two seconds are about the least that one can be told from."""

    def __init__(self, threads: int = 2) -> None:
        """Reads its files. Raises `WeightsMissing` at once where one is not here, `WeightsAltered`, `UnsafeWeights`, and
        `UnreadableWeights` (as `UntrainedPart`) where they hold another network or other tokens.
        """
        paths = store().paths(self.info)  # says what is missing before anything heavy is loaded
        from models.voice._sensevoice_network import Network, Vocabulary

        assert self.info.labels is not None
        self._vocabulary: Vocabulary = Vocabulary.read(paths[BPE])
        self._emotions = [self._vocabulary.tag(label) for label in self.info.labels.classes]
        self._languages = self._vocabulary.tags(LANGUAGES)
        self._events = self._vocabulary.tags(EVENTS + NO_EVENT)
        self._network: Network = Network(paths, self._vocabulary)
        self._threads = threads

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def score(self, samples: NDArray[np.float32], windows: NDArray[np.int64]) -> VoiceScores:
        """Class probabilities of each window (W, 2) µs of mono 16 kHz `samples` (n,) in [-1, 1]; W may be 0.

        The uncalibrated softmax over the nine emotion tokens in the frame of the encoder that answers for the emotion. Windows below
        SHORTEST_US are heard with what is around them. Raises `ValueError` for windows that reach beyond the recording.
        """
        import torch

        from models.voice._sensevoice_network import EMOTION

        spans = np.asarray(windows, np.int64).reshape(-1, 2)
        with torch.inference_mode(), torch_threads(self._threads):
            heard = [self._network.features(piece) for piece in pieces(samples, spans, SHORTEST_US)]
            frame = slice(EMOTION, EMOTION + 1)
            probabilities = in_batches(
                heard, lambda batch: self._network.logits(batch, frame, self._emotions)[:, 0], len(self._emotions), BATCH
            )
        return VoiceScores(spans, probabilities)

    def transcribe(self, samples: NDArray[np.float32], spans: NDArray[np.int64]) -> list[Transcript]:
        """What is said in each span (S, 2) µs of mono 16 kHz `samples` (n,) in [-1, 1], on the clock of `samples`; S may be 0.

        Long spans are heard in parts of at most LONGEST_US that end where it is quiet. The language is that of the first part in which one
        was heard. Words have the times of the frames (60 ms) in which the network writes them, which lie within the word, not at its
        edges. Raises `ValueError` for spans that reach beyond the recording.
        """
        import torch

        wanted = np.asarray(spans, np.int64).reshape(-1, 2)
        with torch.inference_mode(), torch_threads(self._threads):
            return [_joined([self._heard(samples, *part) for part in parts(samples, *span)]) for span in wanted.tolist()]

    def _heard(self, samples: NDArray[np.float32], start_us: int, end_us: int) -> Transcript:
        from models.voice._sensevoice_network import EVENT, LANGUAGE, SPEECH

        (sound,) = pieces(samples, np.array([[start_us, end_us]]), SHORTEST_US)
        logits = self._network.logits(self._network.features(sound)[None], slice(0, None))[0]
        language = max(self._languages, key=lambda name: logits[LANGUAGE, self._languages[name]], default=None)
        event = max(self._events, key=lambda name: logits[EVENT, self._events[name]], default=None)
        path = logits[SPEECH:].argmax(-1).tolist()
        names = {i: name for name, i in self._events.items()}
        told = [event, *(names[token] for token in path if token in names)]
        runs = [run for run in collapsed(path) if not self._vocabulary.is_tag(run[0])]
        return Transcript(
            text=self._vocabulary.text([token for token, _, _ in runs]),
            language=None if language == "nospeech" else language,
            events=tuple(dict.fromkeys(name for name in told if name in EVENTS)),
            tokens=words(runs, self._vocabulary, start_us, end_us),
        )


def parts(samples: NDArray[np.float32], start_us: int, end_us: int) -> list[tuple[int, int]]:
    """A span in parts of at most LONGEST_US, each but the last ending at the quietest tenth of a second of its last SEARCHED_US."""
    found: list[tuple[int, int]] = []
    while end_us - start_us > LONGEST_US:
        first = start_us + LONGEST_US - SEARCHED_US
        heard = samples[first * SAMPLE_RATE // 1_000_000 : (start_us + LONGEST_US) * SAMPLE_RATE // 1_000_000]
        step = QUIET_US * SAMPLE_RATE // 1_000_000
        power = np.square(heard[: len(heard) // step * step], dtype=np.float64).reshape(-1, step).sum(1)
        cut = first + int(power.argmin()) * QUIET_US + QUIET_US // 2
        found.append((start_us, cut))
        start_us = cut
    return [*found, (start_us, end_us)]


def collapsed(path: list[int], blank: int = 0) -> list[tuple[int, int, int]]:
    """The runs of one token in a path of frames, blanks left out: token, first frame, frame after the last (Graves et al. 2006)."""
    runs: list[tuple[int, int, int]] = []
    begun = 0
    for frame in range(1, len(path) + 1):
        if frame == len(path) or path[frame] != path[begun]:
            if path[begun] != blank:
                runs.append((path[begun], begun, frame))
            begun = frame
    return runs


def words(runs: list[tuple[int, int, int]], vocabulary: Vocabulary, start_us: int, end_us: int) -> tuple[Token, ...]:
    """Runs of tokens as words, on the clock that `start_us` is on. A frame stands for the 60 ms around its place, as in funasr."""
    from models.voice._sensevoice_network import LFR_HOP_US

    grouped: list[list[tuple[int, int, int]]] = []
    for run in runs:
        if not grouped or vocabulary.begins_word(run[0]):
            grouped.append([])
        grouped[-1].append(run)
    found = []
    for group in grouped:
        edges = (start_us + frame * LFR_HOP_US - LFR_HOP_US // 2 for frame in (group[0][1], group[-1][2]))
        first, last = (min(max(edge, start_us), end_us) for edge in edges)
        if text := vocabulary.text([token for token, _, _ in group]):
            found.append(Token(text, first, last))
    return tuple(found)


def _joined(heard: list[Transcript]) -> Transcript:
    return Transcript(
        text=" ".join(part.text for part in heard if part.text),
        language=next((part.language for part in heard if part.language), None),
        events=tuple(dict.fromkeys(event for part in heard for event in part.events)),
        tokens=tuple(token for part in heard for token in part.tokens),
    )
