"""The one door through which media files are opened: an allow-list of demuxers, and no way out to another file or host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from app.media.sniffing import HEAD_BYTES, Container, UnreadableMedia, sniff

READ_BYTES = 256 * 1024
"""Bytes a read of FFmpeg's: large enough that Python's part in it does not count."""

MAX_PIXELS = 2**28
"""Largest frame a decoder may make room for, whatever the settings allow: 16384 × 16384, about half a gigabyte."""


@dataclass(frozen=True)
class OpenMedia:
    """An open file: what it is, FFmpeg's handle on it and the two streams that are used, each None where there is none."""

    container: Container
    handle: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    video_streams: int
    audio_streams: int

    def only(self, *wanted: Stream | None) -> None:
        """Has the demuxer skip the bytes of every stream but those in `wanted`."""
        for stream in self.handle.streams:
            stream.discard = Discard.default if stream in wanted else Discard.all


@contextmanager
def open_media(path: Path) -> Iterator[OpenMedia]:
    """Opens the file at `path` for demuxing and decoding; the first video and the first audio stream are chosen, cover art is not video.

    FFmpeg reads through a Python file, with the demuxer that the first bytes call for, so nothing in the file or in its name can
    make it open anything else. Raises `UnreadableMedia` where it is nothing that is accepted or cannot be opened, `OSError` where
    the disk fails.
    """
    with path.open("rb") as file:
        container = sniff(file.read(HEAD_BYTES))
        file.seek(0)
        try:
            handle = av.open(
                file,
                "r",
                format=container.demuxer,
                options={"max_pixels": str(MAX_PIXELS)},
                container_options={"protocol_whitelist": "none"},
                io_open=_refuse,
                buffer_size=READ_BYTES,
                metadata_errors="replace",
            )
        except (FFmpegError, ValueError) as error:
            raise UnreadableMedia(_why_not_opened(container)) from error
        with handle:
            videos = [stream for stream in handle.streams.video if not stream.disposition & Disposition.attached_pic]
            audios = list(handle.streams.audio)
            yield OpenMedia(container, handle, next(iter(videos), None), next(iter(audios), None), len(videos), len(audios))


def _refuse(url: str, flags: int, options: Any) -> NoReturn:
    raise PermissionError("a media file asked for another file; that is never opened")


def _why_not_opened(container: Container) -> str:
    if container.demuxer == "mov":
        return (
            "The file breaks off before its index, so nothing in it can be played: the recording or the copy was cut short. "
            "Copy it again, or repair it with the recorder's own program."
        )
    return f"The file begins like {container.name} but cannot be read: it is damaged or was cut short. Copy it again."
