"""A clip's clock: where its zero lies, and when each frame is shown.

Zero is the earliest thing that is presented, picture or sound, of the two streams that are used. For nearly every file that is also
zero of the container's own clock and of `<video>.currentTime`. Where it is not (a transport stream that starts at 1.4 s, a recording
cut out of a longer one), browsers disagree on what to show, so such a file gets a proxy whose clock starts at zero (`app.media.proxy`).

Times are exact rationals until they become whole microseconds, once, in `in_us`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.audio.frame import AudioFrame
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from app.clock import MICROSECONDS
from app.media.opening import OpenMedia, open_media
from app.media.sniffing import AVI, UnreadableMedia

PATIENCE = 300
"""Packets without a single frame or sample after which a stream counts as undecodable: ten seconds of video, six of sound."""

TABLED_CODECS = frozenset({"h264", "hevc", "vp9", "av1", "mpeg4", "mpeg2video", "mjpeg", "prores", "dnxhd"})
"""Codecs whose packets, in MP4 and Matroska, are one shown frame each. VP8 for one hides frames in packets of their own."""

TRIED = 32
"""Frames that are decoded to see whether packets are frames: a second, and more than the deepest reordering."""

MISSING = 1.5
"""Packets a decoded frame from which on they are not frames. Two where pictures are stored as two fields; less is damage."""


@dataclass(frozen=True)
class FrameTable:
    """The presentation times of a video stream's frames, ascending and distinct, in ticks of `time_base` seconds."""

    ticks: list[int]
    time_base: Fraction
    end: int
    """When the last frame stops being shown."""

    @property
    def rate(self) -> float | None:
        """Mean frames a second, for people to read: frames over the time in which they are shown. None where that is nothing."""
        shown = (self.end - self.ticks[0]) * self.time_base if self.ticks else 0
        return float(len(self.ticks) / shown) if shown else None

    def index(self, tick: int) -> int | None:
        """The number of the frame that is shown from exactly `tick` on, or None."""
        place = bisect_left(self.ticks, tick)
        return place if place < len(self.ticks) and self.ticks[place] == tick else None


def in_us(time: Fraction) -> int:
    """Seconds as the nearest whole microsecond, halves to even."""
    return round(time * MICROSECONDS)


def zero_of(path: Path) -> Fraction:
    """When the clip begins, in seconds of the container's own clock: its earliest frame or sample that can be decoded; 0 without any.

    Raises `UnreadableMedia` where the file cannot be opened.
    """
    frame, sound = first_frame(path), first_sound(path)
    return min((start_of(first) for first in (frame, sound) if first is not None), default=Fraction(0))


def first_frame(path: Path) -> VideoFrame | None:
    """The first video frame that can be decoded; None without video, or where `PATIENCE` packets give none."""
    with open_media(path) as media:
        return next((frame for _, frame in presented(media, PATIENCE)), None)


def first_sound(path: Path) -> AudioFrame | None:
    """The first stretch of sound that can be decoded; None without sound, or where `PATIENCE` packets give none."""
    with open_media(path) as media:
        return next(heard(media, PATIENCE), None)


def start_of(frame: VideoFrame | AudioFrame) -> Fraction:
    """When a decoded frame begins, in seconds of the container's own clock."""
    if frame.pts is None or frame.time_base is None:
        return Fraction(0)
    return frame.pts * frame.time_base


def is_tabled(media: OpenMedia) -> bool:
    """Whether the video's frame times can be read from its packets, without decoding."""
    if media.video is None or media.video.codec_context is None:
        return False
    return media.container.tabled and media.video.codec_context.codec.canonical_name in TABLED_CODECS


def presented(media: OpenMedia, patience: int | None = None) -> Iterator[tuple[int, VideoFrame]]:
    """Every video frame that can be decoded, with its tick, in ascending ticks. What cannot be decoded is left out and costs no other
    frame its time. With `patience`, gives up after that many packets without a frame.
    """
    if media.video is None or media.video.codec_context is None:
        return
    media.only(media.video)
    clock = FrameClock(media)
    seen = False
    for count, packet in enumerate(packets(media, media.video)):
        if patience is not None and not seen and count >= patience:
            return
        for item in clock.decode(packet):
            seen = True
            yield item


def heard(media: OpenMedia, patience: int | None = None) -> Iterator[AudioFrame]:
    """Every stretch of sound that can be decoded, in the order of the file; `patience` as in `presented`."""
    if media.audio is None or media.audio.codec_context is None:
        return
    media.only(media.audio)
    seen = False
    for count, packet in enumerate(packets(media, media.audio)):
        if patience is not None and not seen and count >= patience:
            return
        for frame in _decode(packet) or ():
            if isinstance(frame, AudioFrame) and frame.samples > 0:
                seen = True
                yield frame


def packets(media: OpenMedia, *streams: Stream) -> Iterator[Packet]:
    """The packets of `streams` in the order of the file, up to its end or to where it is too damaged to go on."""
    reading = media.handle.demux(*streams)
    while True:
        try:
            packet = next(reading, None)
        except FFmpegError:  # damage; where the disk fails, Python's own OSError comes through
            return
        except IndexError:  # PyAV's, at the end, after our last packet, where streams turned up on the way
            return
        if packet is None:
            return
        yield packet


def frame_table(path: Path, most: int | None = None) -> FrameTable:
    """When each frame of the video is shown; empty without video. Raises `TooManyFrames` past `most`."""
    return packet_table(path, most) or _decoded_table(path, most)


def packet_table(path: Path, most: int | None = None) -> FrameTable | None:
    """The table read from the packets alone; None where that cannot be done (`is_tabled`), a packet has no time, or packets turn out
    not to be frames when the first `TRIED` are decoded.

    Packets that are not shown are not frames: cut away by an edit list, broken off, or before the first frame that a decoder can
    give because they refer to what was cut away.
    """
    with open_media(path) as media:
        tried = [tick for tick, _ in islice(presented(media, PATIENCE), TRIED)] if is_tabled(media) else []
    with open_media(path) as media:
        if not tried or media.video is None:
            return None
        media.only(media.video)
        durations: dict[int, int] = {}
        for packet in packets(media, media.video):
            if packet.size == 0 or packet.is_discard or packet.is_corrupt:
                continue
            if packet.pts is None:
                return None
            if packet.pts >= tried[0]:
                durations[packet.pts] = packet.duration or 0
            _check(len(durations), most)
        ticks = sorted(durations)
        if bisect_right(ticks, tried[-1]) > MISSING * len(tried):
            return None
        return _table(ticks, durations[ticks[-1]] if ticks else 0, media.video)


def _decoded_table(path: Path, most: int | None) -> FrameTable:
    ticks: list[int] = []
    duration = 0
    with open_media(path) as media:
        for tick, frame in presented(media):
            ticks.append(tick)
            duration = frame.duration or 0
            _check(len(ticks), most)
        return _table(ticks, duration, media.video)


def _table(ticks: list[int], last_duration: int, stream: Stream | None) -> FrameTable:
    """Where the file does not say how long the last frame is shown, it is shown as long as the one before."""
    if stream is None or stream.time_base is None:
        return FrameTable([], Fraction(1), 0)
    last_step = ticks[-1] - ticks[-2] if len(ticks) > 1 else 0
    return FrameTable(ticks, stream.time_base, ticks[-1] + (last_duration or last_step) if ticks else 0)


class TooManyFrames(UnreadableMedia):
    """More frames than the longest clip that is accepted could have."""


def _check(count: int, most: int | None) -> None:
    if most is not None and count > most:
        raise TooManyFrames(f"The file holds more than {most:,} frames, more than any accepted clip could have. Cut it into shorter ones.")


class FrameClock:
    """Decodes a video stream's packets and says when each frame is shown.

    Formats with presentation times give them with the frame. AVI has only an order of decoding: there the frame that comes out k-th
    gets the k-th packet's time, which is what the file means.
    """

    def __init__(self, media: OpenMedia) -> None:
        assert media.video is not None
        self._by_order = media.container is AVI and bool(media.video.codec_context.has_b_frames)
        # Frame threads report a broken packet late, and then it is unknown which packet's time has to go.
        media.video.thread_type = "SLICE" if self._by_order else "AUTO"
        self._waiting: deque[int] = deque()
        self._last: int | None = None

    def decode(self, packet: Packet) -> Iterator[tuple[int, VideoFrame]]:
        if self._by_order and packet.dts is not None:
            self._waiting.append(packet.dts)
        frames = _decode(packet)
        if frames is None:
            if self._waiting:
                self._waiting.pop()
            return
        for frame in frames:
            if not isinstance(frame, VideoFrame):
                continue
            tick = self._tick(frame)
            if tick is None or frame.is_corrupt or (self._last is not None and tick <= self._last):
                continue
            self._last = frame.pts = tick
            yield tick, frame

    def _tick(self, frame: VideoFrame) -> int | None:
        if self._by_order:
            return self._waiting.popleft() if self._waiting else None
        return frame.pts if frame.pts is not None else frame.dts


def _decode(packet: Packet) -> list | None:
    """The packet's frames; None where it is broken."""
    try:
        return packet.decode()
    except FFmpegError:
        return None
