"""A clip's sound as mono samples on the clip's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from app.clock import MICROSECONDS, Span
from app.media.opening import OpenMedia, open_media
from app.media.timeline import heard, start_of, zero_of

SAMPLE_RATE = 16_000
"""Samples a second of everything in this module: what the voice models were trained on."""

CHUNK = 30 * SAMPLE_RATE
"""Samples in one of `sound_chunks`: 30 s, two megabytes."""

SLACK_S = 0.01
"""Seconds by which a stretch may miss the end of the one before and still follow it: above the milliseconds to which Matroska
rounds, below the 20 ms of the shortest packet that can be lost."""

BATCH = SAMPLE_RATE
"""Samples that are mixed and resampled at a time: a third of a second or more, since each call costs as much as thousands of samples."""

PREROLL = Fraction(1, 2)
"""Seconds decoded before a span: a decoder's first packets after a jump are not yet right."""

_FULL_SCALE = {np.dtype(np.int16): 2.0**15, np.dtype(np.int32): 2.0**31, np.dtype(np.int64): 2.0**63}


class NoSound(Exception):
    """The clip has no sound that can be decoded."""


@dataclass(frozen=True)
class Format:
    """How sound is wanted: samples a second, and one channel or two."""

    rate: int = SAMPLE_RATE
    channels: int = 1


def sound(path: Path, span: Span | None = None) -> np.ndarray:
    """The sound as float32 (samples,), mono (mean of the channels), 16 kHz, full scale ±1; sample 0 is the clip's zero, or `span`'s start.

    Without `span` it lasts to the end of the sound; with it exactly as long as `span`. Where the clip's clock runs but the file has
    no sound (before it begins, in a gap, after its end) samples are 0. Raises `NoSound`, `UnreadableMedia`.
    """
    if span is None:
        return np.concatenate([np.zeros(0, np.float32), *sound_chunks(path)])
    first, last = (round(Fraction(time * SAMPLE_RATE, MICROSECONDS)) for time in (span.start_us, span.end_us))
    cut = np.zeros(last - first, np.float32)
    for start, samples in _pieces(path, Format(), since=Fraction(span.start_us, MICROSECONDS)):
        if start >= last:
            break
        begin, end = max(start, first), min(start + samples.shape[1], last)
        if begin < end:
            cut[begin - first : end - first] = samples[0, begin - start : end - start]
    return cut


def sound_chunks(path: Path, chunk: int = CHUNK) -> Iterator[np.ndarray]:
    """The same samples as `sound(path)`, `chunk` at a time, the last one shorter; memory does not grow with the clip's length."""
    waiting: list[np.ndarray] = []
    held = 0
    for samples in listen(path, Format()):
        waiting.append(samples[0])
        held += samples.shape[1]
        if held >= chunk:
            joined = np.concatenate(waiting)
            whole = held - held % chunk
            yield from np.split(joined[:whole], whole // chunk)
            waiting, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(waiting)


def listen(path: Path, form: Format) -> Iterator[np.ndarray]:
    """The sound from the clip's zero to its end in pieces of float32 (channels, samples), full scale ±1, silence in its gaps.

    Raises `NoSound`, `UnreadableMedia`.
    """
    cursor = 0
    for start, samples in _pieces(path, form):
        while cursor < start:
            silence = np.zeros((form.channels, min(start - cursor, CHUNK)), np.float32)
            cursor += silence.shape[1]
            yield silence
        fresh = samples[:, cursor - start :]  # what a later stretch says again is left out
        cursor += fresh.shape[1]
        if fresh.size:
            yield fresh


def _pieces(path: Path, form: Format, since: Fraction = Fraction(0)) -> Iterator[tuple[int, np.ndarray]]:
    """`(first sample's number, samples)` of stretches in the order of the file, from shortly before `since` seconds or earlier."""
    zero = zero_of(path)
    with open_media(path) as media:
        _jump(media, zero + since - PREROLL)
        run: _Run | None = None
        for frame in heard(media):
            if run is None or not run.continues(frame):
                if run:
                    yield run.finish()
                run = _Run(frame, zero, form)
            if batch := run.add(frame):
                yield batch
        if run:
            yield run.finish()
        elif since == 0:
            raise NoSound("The clip has no sound that can be decoded.")


def _jump(media: OpenMedia, time: Fraction) -> None:
    if time > 0 and media.container.seekable and media.audio is not None and media.audio.time_base is not None:
        media.handle.seek(int(time / media.audio.time_base), stream=media.audio)


class _Run:
    """Sound without a gap, of one kind and sample rate, resampled as one, beginning at a whole sample of the output."""

    def __init__(self, first: AudioFrame, zero: Fraction, form: Format) -> None:
        self._form = form
        self._rate = first.sample_rate
        self._channels = len(first.layout.channels)
        self._zero_s = float(zero)
        self._start_s = float(start_of(first) - zero)
        self._read = 0
        self._held: list[np.ndarray] = []
        self._held_samples = 0
        silence = _samples_before(start_of(first) - zero, self._rate, form.rate)
        self._next = round((start_of(first) - zero - Fraction(silence, self._rate)) * form.rate)
        self._lead = np.zeros((form.channels, silence), np.float32)
        self._layout = "mono" if form.channels == 1 else "stereo"
        self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=form.rate) if self._rate != form.rate else None
        self._fed = 0

    def continues(self, frame: AudioFrame) -> bool:
        expected = self._start_s + self._read / self._rate
        alike = frame.sample_rate == self._rate and len(frame.layout.channels) == self._channels
        return alike and abs((frame.time or 0.0) - self._zero_s - expected) <= SLACK_S

    def add(self, frame: AudioFrame) -> tuple[int, np.ndarray] | None:
        """Takes the next frame; gives the first sample's number and the samples when there is a batch of them."""
        raw = frame.to_ndarray()
        self._held.append(raw if frame.format.is_planar else raw.reshape(frame.samples, -1).T)
        self._held_samples += frame.samples
        self._read += frame.samples
        return self._batch() if self._held_samples >= BATCH else None

    def finish(self) -> tuple[int, np.ndarray]:
        start, samples = self._batch()
        if self._resampler is not None:
            rest = self._drain(None)
            self._next += rest.shape[1]
            samples = np.concatenate([samples, rest], axis=1)
        return start, samples

    def _batch(self) -> tuple[int, np.ndarray]:
        mixed = [_mixed(np.concatenate(self._held, axis=1), self._form.channels)] if self._held else []
        samples = np.concatenate([self._lead, *mixed], axis=1)
        self._held, self._held_samples, self._lead = [], 0, self._lead[:, :0]
        if self._resampler is not None and samples.size:
            samples = self._resampled(samples)
        start, self._next = self._next, self._next + samples.shape[1]
        return start, samples

    def _resampled(self, samples: np.ndarray) -> np.ndarray:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._fed, Fraction(1, self._rate)
        self._fed += samples.shape[1]
        return self._drain(frame)

    def _drain(self, frame: AudioFrame | None) -> np.ndarray:
        assert self._resampler is not None
        made = [out.to_ndarray() for out in self._resampler.resample(frame)]
        return np.concatenate([self._lead[:, :0], *made], axis=1)


def _mixed(raw: np.ndarray, channels: int) -> np.ndarray:
    """Samples of any kind as float32 (channels, n), full scale ±1: channel for channel where the numbers agree, else the mean in each."""
    there = raw
    if raw.dtype == np.uint8:
        there = raw.astype(np.float32) / 128 - 1
    elif scale := _FULL_SCALE.get(raw.dtype):
        there = raw / scale
    if len(there) != channels:
        there = np.broadcast_to(there.mean(axis=0, dtype=np.float64), (channels, there.shape[1]))
    return np.nan_to_num(there).astype(np.float32)


def _samples_before(time: Fraction, rate: int, wanted: int) -> int:
    """How many samples of silence at `rate` bring a beginning at `time` back onto a whole sample of the output; 0 where none can.

    So a run that begins in the middle, after a jump, has the same samples as one decoded from the start.
    """
    period = rate // gcd(rate, wanted)
    return next((k for k in range(period) if ((time - Fraction(k, rate)) * wanted).denominator == 1), 0)
