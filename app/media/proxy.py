"""A copy that every browser plays, H.264 and AAC in MP4, with the same clock: the same zero and the same frame times to the microsecond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from app.clock import MICROSECONDS
from app.media.decode import displayed_size, within
from app.media.opening import open_media
from app.media.sound import Format, listen
from app.media.timeline import first_frame, first_sound, frame_table, in_us, packet_table, presented, zero_of

MAX_SIZE = 1920
"""Longer side of a proxy's picture: what a screen shows; models see the original."""

QUALITY = 20
"""x264's constant rate factor: no difference to be seen at arm's length."""

KEY_FRAMES_S = 1.0
"""Seconds between key frames at most: stepping backwards decodes no more than that."""

SOUND_BITS = 160_000
"""Bits a second of the sound: transparent for speech in stereo."""

_AAC_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
_TICK = Fraction(1, MICROSECONDS)

Report = Callable[[float], None]
"""Called now and then with the share that is done, 0 to 1. What it raises ends the work."""


class ProxyFailed(Exception):
    """No copy with the same clock could be made; the message says why."""


def make_proxy(original: Path, target: Path, progress: Report | None = None) -> None:
    """Writes the proxy of `original` to `target`; an original without video becomes one with sound alone.

    A frame that cannot be decoded is missing in the proxy too; all others keep their times. Turned and non-square pictures look the
    same. Sound begins at zero (silence where the original's begins later). Raises `ProxyFailed`, `UnreadableMedia`.
    """
    try:
        with av.open(str(target), "w", format="mp4", options=_mux_options()) as output:
            _Writer(output, original, progress).write()
    except FFmpegError as error:
        raise ProxyFailed(
            f"A copy for browsers could not be made ({error.strerror}). Convert the file to H.264 and import that."
        ) from error
    _check_clock(original, target)


def _mux_options() -> dict[str, str]:
    """The index first, so that playing begins at once; an edit list counted in microseconds, so that a late first frame stays exact."""
    return {"movflags": "+faststart", "movie_timescale": str(MICROSECONDS), "video_track_timescale": str(MICROSECONDS)}


def _check_clock(original: Path, proxy: Path) -> None:
    wanted = set(_frame_times(original))
    if not wanted.issuperset(made := _frame_times(proxy)) or bool(wanted) != bool(made):
        raise ProxyFailed(
            "The copy for browsers came out with other frame times than the original and was thrown away. Please report this."
        )


def _frame_times(path: Path) -> list[int]:
    table, zero = frame_table(path), zero_of(path)
    return [in_us(tick * table.time_base - zero) for tick in table.ticks]


class _Writer:
    """Encodes pictures and sound of one original side by side, so that neither waits long for the other in the file."""

    def __init__(self, output: OutputContainer, original: Path, progress: Report | None) -> None:
        self._output = output
        self._original = original
        self._progress = progress
        self._zero = zero_of(original)
        self._video = self._video_stream()
        self._audio = self._audio_stream()
        self._sound = self._sound_frames()
        self._heard_to = Fraction(0)

    def write(self) -> None:
        if self._video is not None:
            for time_us, frame, share in self._pictures():
                self._output.mux(self._video.encode(frame))
                self._write_sound(until=time_us * _TICK)
                if self._progress:
                    self._progress(share)
            self._output.mux(self._video.encode(None))
        self._write_sound(until=None)
        if self._audio is not None:
            self._output.mux(self._audio.encode(None))

    def _video_stream(self) -> VideoStream | None:
        frame = first_frame(self._original)
        if frame is None:
            return None
        with open_media(self._original) as media:
            turned = displayed_size(media, frame)
            rate = (media.video.average_rate if media.video else None) or Fraction(25)
        size = within((turned[1], turned[0]) if frame.rotation % 180 else turned, MAX_SIZE)
        stream: Any = self._output.add_stream("libx264", rate=max(1, round(rate)))
        stream.width, stream.height = (max(2, side + side % 2) for side in size)  # 4:2:0 has even sides
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = _TICK
        stream.codec_context.gop_size = max(1, round(rate * Fraction(KEY_FRAMES_S)))
        stream.codec_context.colorspace, stream.codec_context.color_range = int(Colorspace.ITU709), int(ColorRange.MPEG)
        stream.codec_context.color_primaries, stream.codec_context.color_trc = frame.color_primaries, frame.color_trc
        stream.options = {"preset": "veryfast", "crf": str(QUALITY), "bf": "0"}
        if frame.rotation:
            stream.set_display_rotation(frame.rotation)
        return stream

    def _pictures(self) -> Iterator[tuple[int, VideoFrame, float]]:
        """Time in µs, picture, and the share of the clip that is done."""
        table = packet_table(self._original)
        with open_media(self._original) as media:
            for tick, frame in presented(media):
                if frame.time_base is None or self._video is None or (table and table.index(tick) is None):
                    continue
                picture = frame.reformat(
                    self._video.width,
                    self._video.height,
                    "yuv420p",
                    dst_colorspace=Colorspace.ITU709,
                    dst_color_range=ColorRange.MPEG,  # said in the stream too, so that no player has to guess
                    threads=1,
                )
                time_us = in_us(tick * frame.time_base - self._zero)
                picture.pts, picture.time_base = time_us, _TICK
                picture.pict_type = 0  # the encoder chooses its own key frames
                yield time_us, picture, min(1.0, time_us / media.handle.duration) if media.handle.duration else 0.0

    def _audio_stream(self) -> AudioStream | None:
        first = first_sound(self._original)
        if first is None:
            return None
        rate = first.sample_rate if first.sample_rate in _AAC_RATES else _AAC_RATES[0]
        stream: Any = self._output.add_stream("aac", rate=rate)
        stream.layout = "mono" if len(first.layout.channels) == 1 else "stereo"
        stream.bit_rate = SOUND_BITS
        return stream

    def _sound_frames(self) -> Iterator[AudioFrame]:
        if self._audio is None:
            return
        rate, layout = self._audio.rate, self._audio.layout.name
        done = 0
        for samples in listen(self._original, Format(rate, len(self._audio.layout.channels))):
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, done, Fraction(1, rate)
            done += samples.shape[1]
            self._heard_to = Fraction(done, rate)
            yield frame

    def _write_sound(self, until: Fraction | None) -> None:
        if self._audio is None:
            return
        while until is None or self._heard_to <= until:
            frame = next(self._sound, None)
            if frame is None:
                return
            self._output.mux(self._audio.encode(frame))
