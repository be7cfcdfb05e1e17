"""What the sound of a clip says: where somebody speaks, and how it sounds in each window and each stretch of speech."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis import loaded
from app.analysis.plan import AnalysisPlan
from app.analysis.speakers import listen_to_voices, together, turns_in
from app.analysis.traces import CLASS, Trace
from app.clock import MICROSECONDS, Span
from models.calibration.kept import calibrated, calibration_of
from models.protocols import Transcriber
from models.types import SAMPLE_RATE, LabelSet, SpeechActivity, Token
from models.voice.windows import pool, speech_share, windows

BLOCK = 600 * SAMPLE_RATE
"""Samples held at a time, ten minutes: 38 MB. A whole number of the speech detector's hops."""

RUN_UP = 320 * 512
"""Samples, about 10 s, that the speech detector hears again before each further block: it needs a while until it is itself."""

SPOKEN = 0.5
"""A window is heard when at least half of it is speech: the voice models here know speech only, and were measured so."""

DIGITAL_SILENCE = 2.0**-15
"""A sound that never exceeds one step of 16 bits is no sound."""


@dataclass(frozen=True)
class Utterance:
    """A stretch of speech with the voice model's pooled probabilities of its classes; none where nobody was heard.

    `speaker` is a number from 1, None where nobody asked who speaks. What is said in it is None where no model wrote it down; its words
    have times on the clip's clock.
    """

    start_us: int
    end_us: int
    scores: dict[str, float] = field(default_factory=dict)
    speaker: str | None = None
    confidence: float | None = None
    """How surely it is this speaker, see `models.speakers.turns.Turn`."""
    text: str | None = None
    language: str | None = None
    events: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Heard:
    """`traces`: `speech`, `voice` where a voice model listened, `speakers` where it was asked who speaks; `sound` is False for digital
    silence."""

    traces: tuple[Trace, ...]
    utterances: tuple[Utterance, ...]
    speech_us: int
    sound: bool
    models: dict[str, dict[str, Any]]
    parameters: dict[str, Any]
    label_set: str | None


def listen(path: Path, plan: AnalysisPlan, heard: Callable[[float], None]) -> Heard:
    """Listens to the sound of the file at `path`.

    `heard` is told the share that is done, 0 to 1; what it raises ends the work. At most ten minutes of sound are held at a time.
    Raises `app.media.sound.NoSound`, `UnknownName`, `WeightsMissing`, `UnreadableMedia`.
    """
    sound = _Sound(path)
    activity, peak = _speech(sound, plan, heard)
    traces = [Trace("speech", "", plan.speech, None, activity.times, ("probability",), activity.probability[:, None])]
    models = {"speech": loaded.about(loaded.speech_detector(plan.speech).info)}
    parameters: dict[str, Any] = {"spoken": SPOKEN}
    labels = None
    utterances = [Utterance(int(start), int(end)) for start, end in activity.stretches]
    if plan.speakers is not None:
        embedder = loaded.speaker_embedder(plan.speakers)
        models["speaker"] = loaded.about(embedder.info)
        voices = listen_to_voices(sound.cut, activity.stretches, embedder, lambda _: heard(0.5))
        traces.append(voices)
        utterances = [
            Utterance(turn.start_us, turn.end_us, speaker=str(turn.speaker), confidence=turn.confidence) for turn in turns_in(voices)
        ]
    if plan.voice is not None:
        model, listening = loaded.voice_model(plan.voice), loaded.listening(plan.voice)
        assert model.info.labels is not None, f"{plan.voice} has no classes"
        labels = model.info.labels
        calibration = calibration_of(model.info)
        sharpness = loaded.sharpness(model, calibration)
        models["voice"] = loaded.about(model.info, calibration) | {"sharpness": sharpness}
        parameters |= {"window_us": listening.window_us, "hop_us": listening.hop_us}
        writer = loaded.transcriber(plan.voice)
        spans = windows(sound.duration_us, listening.window_us, listening.hop_us)
        said = np.array([(one.start_us, one.end_us) for one in utterances], np.int64).reshape(-1, 2)
        shares, counted = _attention(spans, said)
        probabilities = np.full((len(spans), len(labels)), np.nan, np.float32)
        listened = np.flatnonzero(counted)
        pieces = len(listened) + (len(utterances) if writer else 0)
        for run in together(spans[listened], listening.at_once):
            some = listened[run]
            first, last = int(spans[some, 0].min()), int(spans[some, 1].max())
            probabilities[some] = model.score(sound.cut(first, last), spans[some] - first).probabilities
            heard(0.5 + 0.5 * run.stop / pieces)
        probabilities = calibrated(probabilities, calibration)
        middles = spans.sum(1) // 2
        columns = ("speech", *(CLASS + label for label in labels.classes))
        traces.append(Trace("voice", "", plan.voice, labels.name, middles, columns, np.hstack([shares[:, None], probabilities])))
        utterances = [_scored(one, spans, probabilities, labels, sharpness) for one in utterances]
        if writer is not None:
            for i, utterance in enumerate(utterances):
                utterances[i] = _written(utterance, writer, sound)
                heard(0.5 + 0.5 * (len(listened) + i + 1) / pieces)
    if not utterances and peak > DIGITAL_SILENCE:
        utterances = [Utterance(0, sound.duration_us)]
    return Heard(
        tuple(traces),
        tuple(utterances),
        speech_us=int((activity.stretches[:, 1] - activity.stretches[:, 0]).sum()),
        sound=peak > DIGITAL_SILENCE,
        models=models,
        parameters=parameters,
        label_set=None if labels is None else labels.name,
    )


class _Sound:
    """A clip's sound in blocks, then in cuts; a short one is decoded once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole: NDArray[np.float32] | None = None
        self.samples = 0

    @property
    def duration_us(self) -> int:
        return self.samples * MICROSECONDS // SAMPLE_RATE

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        from app.media.sound import sound_chunks

        for block in sound_chunks(self._path, BLOCK):
            self._whole = block if self.samples == 0 else None
            self.samples += len(block)
            yield block

    def cut(self, start_us: int, end_us: int) -> NDArray[np.float32]:
        from app.media.sound import sound

        if self._whole is None:
            return sound(self._path, Span(start_us, end_us))
        return self._whole[round(start_us * SAMPLE_RATE / MICROSECONDS) : round(end_us * SAMPLE_RATE / MICROSECONDS)]


def _speech(sound: _Sound, plan: AnalysisPlan, heard: Callable[[float], None]) -> tuple[SpeechActivity, float]:
    """Where somebody speaks in the whole sound, and its peak. A stretch that goes on into the next block stays one."""
    detector = loaded.speech_detector(plan.speech)
    times, probability, stretches = [np.empty(0, np.int64)], [np.empty(0, np.float32)], list[list[int]]()
    before, start, peak = np.empty(0, np.float32), 0, 0.0
    for block in sound.blocks():
        offset = (start - len(before)) * MICROSECONDS // SAMPLE_RATE
        found = detector.speech(np.concatenate([before, block]) if len(before) else block)
        new = found.times + offset >= start * MICROSECONDS // SAMPLE_RATE
        times.append(found.times[new] + offset)
        probability.append(found.probability[new])
        _join(stretches, (found.stretches + offset).tolist())
        before, start = block[-RUN_UP:], start + len(block)
        peak = max(peak, float(np.abs(block).max(initial=0)))
        heard(0.0)
    heard(0.5)
    return SpeechActivity(np.concatenate(times), np.concatenate(probability), np.array(stretches, np.int64).reshape(-1, 2)), peak


def _join(known: list[list[int]], new: list[list[int]]) -> None:
    """Adds stretches to those before them; those that meet become one."""
    for start, end in new:
        while known and start <= known[-1][1]:
            earlier = known.pop()
            start, end = min(start, earlier[0]), max(end, earlier[1])
        known.append([start, end])


def _attention(spans: NDArray[np.int64], stretches: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """How much of each window is speech (W,), and which are heard (W,): those at least half speech, and for a stretch of speech that no
    such window touches (a single word in silence) the one that holds most of it.
    """
    shares = np.concatenate(
        [
            np.empty(0, np.float32),
            *(speech_share(some, _overlapping(stretches, some)) for some in np.array_split(spans, len(spans) // 1000 + 1)),
        ]
    )
    counted = shares >= SPOKEN
    for stretch in stretches:
        near = _touching(spans, stretch)
        if len(near) and not counted[near].any():
            counted[near[speech_share(spans[near], stretch[None]).argmax()]] = True
    return shares, counted


def _scored(
    utterance: Utterance, spans: NDArray[np.int64], probabilities: NDArray[np.float32], labels: LabelSet, sharpness: float
) -> Utterance:
    """With what the windows over it say of it together, each counting by how much of it this utterance fills."""
    stretch = np.array([utterance.start_us, utterance.end_us])
    near = _touching(spans, stretch)
    near = near[~np.isnan(probabilities[near]).any(1)]
    pooled = pool(probabilities[near], speech_share(spans[near], stretch[None]), sharpness)
    scores = {} if pooled is None else {label: float(p) for label, p in zip(labels.classes, pooled, strict=True)}
    return replace(utterance, scores=scores)


def _written(utterance: Utterance, writer: Transcriber, sound: _Sound) -> Utterance:
    """With what is said in it, each word on the clip's clock."""
    start, end = utterance.start_us, utterance.end_us
    samples = sound.cut(start, end)
    (said,) = writer.transcribe(samples, np.array([[0, min(end - start, len(samples) * MICROSECONDS // SAMPLE_RATE)]]))
    tokens = tuple(Token(token.text, start + token.start_us, start + token.end_us) for token in said.tokens)
    return replace(utterance, text=said.text, language=said.language, events=said.events, tokens=tokens)


def _touching(spans: NDArray[np.int64], stretch: NDArray[np.int64]) -> NDArray[np.intp]:
    """The windows that share something with a stretch; starts and ends of windows both ascend."""
    return np.arange(np.searchsorted(spans[:, 1], stretch[0], "right"), np.searchsorted(spans[:, 0], stretch[1], "left"))


def _overlapping(stretches: NDArray[np.int64], spans: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(spans) or not len(stretches):
        return stretches[:0]
    return stretches[(stretches[:, 1] > spans[:, 0].min()) & (stretches[:, 0] < spans[:, 1].max())]
