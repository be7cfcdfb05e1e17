"""A clip's sound as mono samples on the clip's clock."""

from __future__ import annotations

from collections.abc import Iterator
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

SLACK = Fraction(1, 100)
"""Seconds by which a stretch may miss the end of the one before and still follow it: above the milliseconds to which Matroska
rounds, below the 20 ms of the shortest packet that can be lost."""

PREROLL = Fraction(1, 2)
"""Seconds decoded before a span: a decoder's first packets after a jump are not yet right."""

_FULL_SCALE = {np.dtype(np.int16): 2.0**15, np.dtype(np.int32): 2.0**31, np.dtype(np.int64): 2.0**63}


class NoSound(Exception):
    """The clip has no sound that can be decoded."""


def sound(path: Path, span: Span | None = None) -> np.ndarray:
    """The sound as float32 (samples,), mono (mean of the channels), 16 kHz, full scale ±1; sample 0 is the clip's zero, or `span`'s start.

    Without `span` it lasts to the end of the sound; with it exactly as long as `span`. Where the clip's clock runs but the file has
    no sound (before it begins, in a gap, after its end) samples are 0. Raises `NoSound`, `UnreadableMedia`.
    """
    if span is None:
        return np.concatenate(list(sound_chunks(path)))
    first, last = (round(Fraction(time * SAMPLE_RATE, MICROSECONDS)) for time in (span.start_us, span.end_us))
    cut = np.zeros(last - first, np.float32)
    for start, samples in _pieces(path, Fraction(span.start_us, MICROSECONDS)):
        if start >= last:
            break
        begin, end = max(start, first), min(start + len(samples), last)
        if begin < end:
            cut[begin - first : end - first] = samples[begin - start : end - start]
    return cut


def sound_chunks(path: Path, chunk: int = CHUNK) -> Iterator[np.ndarray]:
    """The same samples as `sound(path)`, `chunk` at a time, the last one shorter; memory does not grow with the clip's length."""
    waiting: list[np.ndarray] = []
    held = 0
    for samples in _gapless(path):
        waiting.append(samples)
        held += len(samples)
        if held >= chunk:
            joined = np.concatenate(waiting)
            whole = held - held % chunk
            yield from np.split(joined[:whole], whole // chunk)
            waiting, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(waiting)


def _gapless(path: Path) -> Iterator[np.ndarray]:
    """The pieces one after the other from sample 0 on, silence between them; what a later one says again is left out."""
    cursor = 0
    for start, samples in _pieces(path):
        while cursor < start:
            silence = np.zeros(min(start - cursor, CHUNK), np.float32)
            cursor += len(silence)
            yield silence
        fresh = samples[cursor - start :]
        cursor += len(fresh)
        if len(fresh):
            yield fresh


def _pieces(path: Path, since: Fraction = Fraction(0)) -> Iterator[tuple[int, np.ndarray]]:
    """`(first sample's number, samples)` of stretches in the order of the file, from shortly before `since` seconds or earlier."""
    zero = zero_of(path)
    with open_media(path) as media:
        _jump(media, zero + since - PREROLL)
        run: _Run | None = None
        for frame in heard(media):
            time = start_of(frame) - zero
            if run is None or not run.continues(frame, time):
                if run:
                    yield run.finish()
                run = _Run(frame, time)
            yield run.add(_mono(frame))
        if run is None and since == 0:
            raise NoSound("The clip has no sound that can be decoded.")
        if run:
            yield run.finish()


def _jump(media: OpenMedia, time: Fraction) -> None:
    if time > 0 and media.container.seekable and media.audio is not None and media.audio.time_base is not None:
        media.handle.seek(int(time / media.audio.time_base), stream=media.audio)


def _mono(frame: AudioFrame) -> np.ndarray:
    """The mean of the frame's channels as float32 (samples,), full scale ±1."""
    raw = frame.to_ndarray()
    channels = raw if frame.format.is_planar else raw.reshape(frame.samples, -1).T
    if raw.dtype == np.uint8:
        channels = channels.astype(np.float32) / 128 - 1
    elif scale := _FULL_SCALE.get(raw.dtype):
        channels = channels / scale
    return np.nan_to_num(channels.mean(axis=0, dtype=np.float64)).astype(np.float32)


class _Run:
    """Sound without a gap and of one sample rate, resampled as one, beginning at a whole sample of the output."""

    def __init__(self, first: AudioFrame, time: Fraction) -> None:
        self._rate = first.sample_rate
        self._start = time
        self._read = 0
        silence = _samples_before(time, self._rate)
        self._next = round((time - Fraction(silence, self._rate)) * SAMPLE_RATE)
        self._resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE) if self._rate != SAMPLE_RATE else None
        self._fed = 0
        self._lead = np.zeros(silence, np.float32)

    def continues(self, frame: AudioFrame, time: Fraction) -> bool:
        expected = self._start + Fraction(self._read, self._rate)
        return frame.sample_rate == self._rate and abs(time - expected) <= SLACK

    def add(self, samples: np.ndarray) -> tuple[int, np.ndarray]:
        self._read += len(samples)
        if len(self._lead):
            samples, self._lead = np.concatenate([self._lead, samples]), self._lead[:0]
        return self._placed(samples if self._resampler is None else self._resampled(samples))

    def finish(self) -> tuple[int, np.ndarray]:
        return self._placed(np.zeros(0, np.float32) if self._resampler is None else self._resampled(None))

    def _placed(self, samples: np.ndarray) -> tuple[int, np.ndarray]:
        start, self._next = self._next, self._next + len(samples)
        return start, samples

    def _resampled(self, samples: np.ndarray | None) -> np.ndarray:
        assert self._resampler is not None
        frame = None
        if samples is not None:
            frame = AudioFrame.from_ndarray(samples[np.newaxis], format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = self._rate, self._fed, Fraction(1, self._rate)
            self._fed += len(samples)
        made = [out.to_ndarray()[0] for out in self._resampler.resample(frame)]
        return np.concatenate(made) if made else np.zeros(0, np.float32)


def _samples_before(time: Fraction, rate: int) -> int:
    """How many samples of silence at `rate` bring a beginning at `time` back onto a whole sample of the output; 0 where none can.

    So a run that begins in the middle, after a jump, has the same samples as one decoded from the start.
    """
    period = rate // gcd(rate, SAMPLE_RATE)
    return next((k for k in range(period) if ((time - Fraction(k, rate)) * SAMPLE_RATE).denominator == 1), 0)
