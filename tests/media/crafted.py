"""Small clips with exactly known contents, written with PyAV: for what no real clip here shows."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

MS = Fraction(1, 1000)
RATE = 48_000


def write_clip(
    path: Path,
    times_ms: Sequence[int] = (),
    *,
    codec: str = "libx264",
    ticks: int = 1000,
    size: tuple[int, int] = (96, 64),
    sound: np.ndarray | None = None,
    sound_at_ms: int = 0,
    sound_codec: str = "aac",
    sound_rate: int = RATE,
    rotation: int = 0,
    pixel_shape: Fraction | None = None,
    video_streams: int = 1,
    sound_streams: int = 1,
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
) -> Path:
    """A clip whose video counts `ticks` a second, with one frame at each of `times_ms`: grey k × 4, its upper left quarter red; and `sound` (samples,) in ±1."""
    with av.open(str(path), "w", options=options or {}) as output:
        videos = [
            _video(output, codec, ticks, size, rotation, pixel_shape, codec_options) for _ in range(video_streams if len(times_ms) else 0)
        ]
        audios = [output.add_stream(sound_codec, rate=sound_rate, layout="mono") for _ in range(sound_streams if sound is not None else 0)]
        for stream in videos:
            for k, time in enumerate(times_ms):
                frame = av.VideoFrame.from_ndarray(grey_with_red(k, size), format="rgb24")
                frame.pts, frame.time_base = time, MS
                output.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
            output.mux(stream.encode(None))
        for stream in audios:
            assert sound is not None
            for start in range(0, len(sound), 1024):
                output.mux(stream.encode(_sound_frame(sound[start : start + 1024], start + sound_at_ms * sound_rate // 1000, sound_rate)))
            output.mux(stream.encode(None))
    return path


def grey_with_red(k: int, size: tuple[int, int]) -> np.ndarray:
    picture = np.full((size[1], size[0], 3), 40 + k * 4 % 200, np.uint8)
    picture[: size[1] // 2, : size[0] // 2] = (220, 20, 20)
    return picture


def tone(seconds: float, hertz: float = 440, rate: int = RATE, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def overwrite_packets(path: Path, kind: str, numbers: range | None = None, byte: int = 0) -> None:
    """Overwrites the bytes of some packets (all, if `numbers` is None) of the first stream of `kind`: damage inside, index untouched."""
    with av.open(str(path)) as container:
        stream = container.streams.get({kind: 0})[0]
        places = [(packet.pos, packet.size) for packet in container.demux(stream) if packet.size]
    content = bytearray(path.read_bytes())
    for number in numbers if numbers is not None else range(len(places)):
        position, size = places[number]
        assert position is not None
        content[position : position + size] = bytes([byte]) * size
    path.write_bytes(content)


def with_empty_packets(clip: Path, path: Path) -> Path:
    """The H.264 clip with a packet that only announces a picture (an access unit delimiter) after each one that holds one."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.pts is None:
                continue
            delimiter = av.Packet(struct.pack(">IBB", 2, 9, 0xF0))
            delimiter.pts = delimiter.dts = packet.pts + packet.duration // 2
            delimiter.time_base = packet.time_base
            for each in (packet, delimiter):
                each.stream = stream
                output.mux(each)
    return path


def boxes(content: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """`(type, begin of the contents, end)` of the MP4 boxes between `start` and `end`."""
    end = len(content) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack(">I4s", content[start : start + 8])
        yield kind, start + 8, start + size
        start += size


def with_data_reference(clip: bytes, external: Path) -> bytes:
    """The MP4 (its index at the end) with its samples declared to lie in `external`, the way QuickTime's reference movies do."""
    path = str(external).encode()
    alias = bytes(10) + bytes(1 + 27 + 12 + 1 + 63 + 16) + struct.pack(">HH", 1, 1) + bytes(16)
    alias += struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + struct.pack(">hH", -1, 0)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    return _replaced(clip, (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"), struct.pack(">II", 0, 1) + entry)


def _replaced(content: bytes, path: tuple[bytes, ...], replacement: bytes) -> bytes:
    for kind, begin, end in boxes(content):
        if kind == path[0]:
            inner = content[begin:end]
            inner = replacement if len(path) == 1 else _replaced(inner, path[1:], replacement)
            return content[: begin - 8] + struct.pack(">I4s", len(inner) + 8, kind) + inner + content[end:]
    raise LookupError(f"no box {path[0]!r}")


def _video(
    output: Any, codec: str, ticks: int, size: tuple[int, int], rotation: int, pixel_shape: Fraction | None, options: dict[str, str] | None
) -> Any:
    stream = output.add_stream(codec, rate=25)
    stream.width, stream.height = size
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.time_base = stream.codec_context.time_base = Fraction(1, ticks)
    stream.codec_context.gop_size = 12
    stream.options = options or {}
    if pixel_shape is not None:
        stream.codec_context.sample_aspect_ratio = pixel_shape
    if rotation:
        stream.set_display_rotation(rotation)
    return stream


def _sound_frame(samples: np.ndarray, pts: int, rate: int) -> Any:
    frame = av.AudioFrame.from_ndarray(np.round(samples[np.newaxis] * 32767).astype(np.int16), format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, pts, Fraction(1, rate)
    return frame
