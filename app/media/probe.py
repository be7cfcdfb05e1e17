"""What a file holds, measured once: everything a `db.tables.Medium` needs."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.stream import Stream
from av.video.frame import VideoFrame

from app.clock import MICROSECONDS
from app.media.decode import displayed_size
from app.media.limits import Limits
from app.media.opening import OpenMedia, open_media
from app.media.playability import browsers_play
from app.media.sniffing import UnreadableMedia
from app.media.store import FileTooLarge
from app.media.timeline import FrameTable, first_frame, first_sound, frame_table, in_us, packets, start_of

__all__ = ["Probed", "UnreadableMedia", "pack_times", "probe", "unpack_times"]

FASTEST = 1000
"""Frames a second that no camera for faces exceeds; a file that claims more is absurd."""

SHORTFALL = Fraction(1, 2)
"""Seconds that a stream may end before its declared end without a word: containers round, and encoders pad."""


@dataclass(frozen=True)
class Probed:
    """The measures of a readable file. Sizes in pixels as displayed (upright, square), times in µs on the clip's clock."""

    container: str
    video_codec: str | None
    audio_codec: str | None
    """None without sound, and where the sound cannot be decoded (then `notes` says so)."""
    duration_us: int
    width: int | None
    height: int | None
    frame_times_us: np.ndarray | None
    """int64 (frames,), ascending; None without video."""
    fps: float | None
    """Frames over the time in which they are shown, for people to read; None without video."""
    sample_rate: int | None
    channels: int | None
    audio_offset_us: int | None
    """When the sound begins; None without sound."""
    playable: bool
    """Whether browsers play the file as it is, with the same zero as here."""
    notes: tuple[str, ...]

    @property
    def frames(self) -> int:
        return 0 if self.frame_times_us is None else len(self.frame_times_us)


def pack_times(times_us: np.ndarray) -> bytes:
    """Frame times (n,) as `Medium.frame_times` keeps them: int64 little-endian, zlib."""
    return zlib.compress(np.asarray(times_us, "<i8").tobytes())


def unpack_times(packed: bytes) -> np.ndarray:
    """Frame times int64 (n,) in µs out of `Medium.frame_times`."""
    return np.frombuffer(zlib.decompress(packed), "<i8").astype(np.int64)


def probe(path: Path, limits: Limits) -> Probed:
    """Measures the file at `path` without changing it.

    Frame times are the container's own presentation times, read from packets where those tell, else by decoding.
    Raises `UnreadableMedia` with the reason where it is empty, no video or sound, cut off before its index, without a single frame or
    sample that can be decoded, or beyond `limits`; `OSError` where the disk fails.
    """
    if path.stat().st_size > limits.size:
        raise UnreadableMedia(str(FileTooLarge.past(limits.size)))
    with open_media(path) as media:
        _check_declared(media, limits)
        facts = _facts(media)
    frame, sound = first_frame(path), first_sound(path)
    _check_decodable(facts, frame, sound)
    table = frame_table(path, most=limits.duration_us * FASTEST // MICROSECONDS) if frame else None
    video_end = _end(table, facts)
    sound_end = _sound_end(path, facts) if sound else None
    zero = min(start_of(first) for first in (frame, sound) if first is not None)
    end = max((each for each in (video_end, sound_end) if each is not None), default=zero)
    duration_us = in_us(end - zero)
    if duration_us > limits.duration_us:
        raise UnreadableMedia(_too_long(duration_us, limits))
    times = np.array([in_us(tick * table.time_base - zero) for tick in table.ticks], np.int64) if table else None
    if times is not None and np.any(np.diff(times) < 1):
        raise UnreadableMedia("Its frames lie less than a microsecond apart: the time stamps are damaged. Copy it again, or convert it.")
    with open_media(path) as media:
        width, height = displayed_size(media, frame) if frame else (None, None)
    video_codec = facts.video_codec if frame else None
    audio_codec = facts.audio_codec if sound else None
    browsers = browsers_play(facts.container, video_codec, frame.format.name if frame else None, audio_codec)
    return Probed(
        container=facts.container,
        video_codec=video_codec,
        audio_codec=audio_codec,
        duration_us=duration_us,
        width=width,
        height=height,
        frame_times_us=times,
        fps=table.rate if table else None,
        sample_rate=sound.sample_rate if sound else None,
        channels=len(sound.layout.channels) if sound else None,
        audio_offset_us=in_us(start_of(sound) - zero) if sound else None,
        # A player's clock and this one agree where the file's begins at zero, and in MP3, where players count from the first sample.
        playable=browsers
        and (zero == 0 or facts.container == "mp3")
        and not (facts.audio_streams and sound is None)
        and not _as_it_was_streamed(facts),
        notes=(*_stream_notes(facts, sound), *_shortfall_notes(facts, video_end, sound_end), *_rate_notes(times)),
    )


@dataclass(frozen=True)
class _Facts:
    """What the file says of itself."""

    container: str
    video_codec: str | None
    audio_codec: str | None
    video_streams: int
    audio_streams: int
    declared_video_end: Fraction | None
    declared_audio_end: Fraction | None
    declared_end: Fraction | None
    """The whole file's, where the container states it in its head instead of for each stream."""


def _facts(media: OpenMedia) -> _Facts:
    return _Facts(
        media.container.name,
        _codec(media.video),
        _codec(media.audio),
        media.video_streams,
        media.audio_streams,
        _declared_end(media.video),
        _declared_end(media.audio),
        Fraction(media.handle.duration, MICROSECONDS) if media.container.demuxer == "matroska" and media.handle.duration else None,
    )


def _as_it_was_streamed(facts: _Facts) -> bool:
    """Whether it is WebM without a length in its head and so without an index behind it, as browsers' recorders write: players take it
    for endless and do not find a frame in it that they have not come to yet. Frame times are in it all the same."""
    return facts.container == "webm" and facts.declared_end is None


def _codec(stream: Stream | None) -> str | None:
    if stream is None:
        return None
    return "unknown" if stream.codec_context is None else stream.codec_context.codec.canonical_name


def _declared_end(stream: Stream | None) -> Fraction | None:
    if stream is None or stream.duration is None or stream.time_base is None:
        return None
    return ((stream.start_time or 0) + stream.duration) * stream.time_base


def _end(table: FrameTable | None, facts: _Facts) -> Fraction | None:
    """When the last frame stops being shown, or before, where an edit list cuts it short."""
    return _cut(table.end * table.time_base, facts.declared_video_end, facts) if table else None


def _sound_end(path: Path, facts: _Facts) -> Fraction | None:
    """When the sound ends by its packets, or before, where an edit list cuts into the last of them."""
    with open_media(path) as media:
        if media.audio is None or media.audio.time_base is None:
            return None
        media.only(media.audio)
        ends = (packet.pts + (packet.duration or 0) for packet in packets(media, media.audio) if packet.size and packet.pts is not None)
        last = max(ends, default=None)
        return None if last is None else _cut(last * media.audio.time_base, facts.declared_audio_end, facts)


def _cut(end: Fraction, declared: Fraction | None, facts: _Facts) -> Fraction:
    """Only MP4 and QuickTime have edit lists; elsewhere a declared end is an estimate."""
    return min(end, declared) if declared is not None and facts.container in ("mp4", "mov") else end


def _check_declared(media: OpenMedia, limits: Limits) -> None:
    """Turns away, before anything is decoded, what says itself that it is too large or too long."""
    if media.video is None and media.audio is None:
        raise UnreadableMedia("The file holds neither video nor sound. Import the recording itself.")
    if media.video is not None and media.video.codec_context is not None:
        width, height = media.video.codec_context.width, media.video.codec_context.height
        if width * height > limits.pixels:
            raise UnreadableMedia(
                f"Its frames have {width} × {height} pixels; at most {limits.pixels:,} in all are accepted (setting PORTRAYAL_MAX_PIXELS). "
                "Scale the video down first."
            )
    declared = media.handle.duration
    if declared is not None and declared > limits.duration_us:
        raise UnreadableMedia(_too_long(declared, limits))


def _too_long(duration_us: int, limits: Limits) -> str:
    return (
        f"It lasts {duration_us / MICROSECONDS / 60:,.1f} minutes; at most {limits.duration_us / MICROSECONDS / 60:,.1f} are accepted "
        "(setting PORTRAYAL_MAX_DURATION_S). Cut it into shorter clips."
    )


def _check_decodable(facts: _Facts, frame: VideoFrame | None, sound: AudioFrame | None) -> None:
    if frame is None and facts.video_streams:
        raise UnreadableMedia(
            f"No frame of its video ({facts.video_codec}) can be decoded: it is damaged, cut short or encrypted. "
            "Copy it again, or convert it to H.264."
        )
    if frame is None and sound is None:
        raise UnreadableMedia(f"None of its sound ({facts.audio_codec}) can be decoded: it is damaged or cut short. Copy it again.")


def _stream_notes(facts: _Facts, sound: AudioFrame | None) -> list[str]:
    notes = []
    if facts.video_streams > 1:
        notes.append(f"The file has {facts.video_streams} video streams; the first is used.")
    if facts.audio_streams > 1:
        notes.append(f"The file has {facts.audio_streams} audio streams; the first is used.")
    if facts.audio_streams and sound is None:
        notes.append(f"Its sound ({facts.audio_codec}) cannot be decoded; the clip is treated as one without sound.")
    return notes


def _shortfall_notes(facts: _Facts, video_end: Fraction | None, sound_end: Fraction | None) -> list[str]:
    """A stream that ends well before it says: the copy was cut short, but what is there is of use."""
    end = max((each for each in (video_end, sound_end) if each is not None), default=None)
    pairs = (
        ("video", facts.declared_video_end, video_end),
        ("sound", facts.declared_audio_end, sound_end),
        ("file", facts.declared_end, end),
    )
    return [
        f"The {name} breaks off at {float(end):.2f} s although it announces {float(declared):.2f} s; the copy may be incomplete."
        for name, declared, end in pairs
        if declared is not None and end is not None and declared - end > SHORTFALL
    ]


def _rate_notes(times: np.ndarray | None) -> list[str]:
    if times is None or len(times) < 3:
        return []
    steps = np.diff(times) / 1000
    if steps.max() - steps.min() <= max(2.0, 0.1 * float(np.median(steps))):
        return []
    return [f"The frame rate varies: {steps.min():.1f} to {steps.max():.1f} ms from one frame to the next."]
