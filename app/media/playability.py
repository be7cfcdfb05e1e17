"""Whether browsers play a file as it is, and under which media type it is served. No library is needed to tell."""

from __future__ import annotations

_VIDEO_IN = {
    "mp4": frozenset({"h264", "av1", "vp9"}),
    "mov": frozenset({"h264"}),
    "webm": frozenset({"vp8", "vp9", "av1"}),
}
_SOUND_IN = {
    "mp4": frozenset({"aac", "mp3", "opus", "flac"}),
    "mov": frozenset({"aac", "mp3"}),
    "webm": frozenset({"opus", "vorbis"}),
    "wav": frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"}),
    "flac": frozenset({"flac"}),
    "mp3": frozenset({"mp3"}),
    "ogg": frozenset({"opus", "vorbis", "flac"}),
}
_PIXELS = frozenset({"yuv420p", "yuvj420p"})
"""8-bit 4:2:0: what every hardware decoder takes. H.264 in 4:2:2 or 10 bits stays black in most browsers."""

_MEDIA_TYPES = {"mp4": "mp4", "mov": "mp4", "webm": "webm", "wav": "wav", "flac": "flac", "mp3": "mpeg", "ogg": "ogg"}


def browsers_play(container: str, video_codec: str | None, pixel_format: str | None, audio_codec: str | None) -> bool:
    """Whether Chromium and Firefox play such a file. Codecs and pixel format as FFmpeg names them, None for a stream that is absent."""
    if video_codec is None:
        return audio_codec in _SOUND_IN.get(container, ())
    plays_video = video_codec in _VIDEO_IN.get(container, ()) and pixel_format in _PIXELS
    return plays_video and (audio_codec is None or audio_codec in _SOUND_IN[container])


def media_type(container: str, has_video: bool) -> str:
    """The Content-Type under which an original of `container` is served; QuickTime as MP4, which browsers then play.

    >>> media_type("mov", True), media_type("wav", False), media_type("avi", True)
    ('video/mp4', 'audio/wav', 'application/octet-stream')
    """
    subtype = _MEDIA_TYPES.get(container)
    return f"{'video' if has_video else 'audio'}/{subtype}" if subtype else "application/octet-stream"
