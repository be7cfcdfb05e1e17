"""What a file is, by its first bytes. Its name and what it calls itself are never asked.

Only containers named here are ever opened, each with its own demuxer. Everything else FFmpeg could read — playlists that lead to
other files or hosts, patterns of image files, subtitles, devices — is refused before FFmpeg sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD_BYTES = 4096
"""How much of a file `sniff` wants to see: room for a tag before the sound, and twenty packets of a transport stream."""


class UnreadableMedia(Exception):
    """The file cannot become a clip. The message says why and what to do; it names no path."""


@dataclass(frozen=True)
class Container:
    """A kind of file, as people call it, and the only demuxer that may open it."""

    name: str
    demuxer: str
    tabled: bool = False
    """Whether every packet carries its exact presentation time, so that frame times are read without decoding."""
    seekable: bool = False
    """Whether a jump to a time lands where the time stamps say."""


MP4 = Container("mp4", "mov", tabled=True, seekable=True)
MOV = Container("mov", "mov", tabled=True, seekable=True)
MATROSKA = Container("matroska", "matroska", tabled=True, seekable=True)
WEBM = Container("webm", "matroska", tabled=True, seekable=True)
WAV = Container("wav", "wav", seekable=True)
FLAC = Container("flac", "flac", seekable=True)
AVI = Container("avi", "avi")
OGG = Container("ogg", "ogg")
MP3 = Container("mp3", "mp3")
AAC = Container("aac", "aac")
AIFF = Container("aiff", "aiff", seekable=True)
CAF = Container("caf", "caf")
AMR = Container("amr", "amr")
FLV = Container("flv", "flv")
ASF = Container("asf", "asf")
MPEG_TS = Container("mpegts", "mpegts")
MPEG_PS = Container("mpeg", "mpeg")
CONTAINERS = (MP4, MOV, MATROSKA, WEBM, WAV, FLAC, AVI, OGG, MP3, AAC, AIFF, CAF, AMR, FLV, ASF, MPEG_TS, MPEG_PS)

ACCEPTED = "MP4, MOV, WebM, Matroska, AVI, MPEG, FLV, WMV, WAV, FLAC, Ogg, MP3, AAC, AIFF, CAF or AMR"

_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"jxl ")
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof")


def sniff(head: bytes) -> Container:
    """The container whose signature `head` (the first `HEAD_BYTES` bytes, or all there are) carries.

    Raises `UnreadableMedia` for anything else: empty, still images, playlists and other text, unknown bytes.
    """
    if not head:
        raise UnreadableMedia("The file is empty. Copy it again from where it was recorded.")
    for recognise in _SIGNATURES:
        if container := recognise(head):
            return container
    raise UnreadableMedia(_refusal(head))


def _iso_media(head: bytes) -> Container | None:
    if head[4:8] not in _BOXES:
        return None
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "  # files from before `ftyp` are QuickTime's
    if brand in _STILL_BRANDS:
        return None
    return MOV if brand == b"qt  " else MP4


def _matroska(head: bytes) -> Container | None:
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return None
    return WEBM if b"webm" in head[:64] else MATROSKA


def _riff(head: bytes) -> Container | None:
    if head[:4] in (b"RIFF", b"RF64"):
        return {b"WAVE": WAV, b"AVI ": AVI, b"AVIX": AVI}.get(head[8:12])
    return None


def _iff(head: bytes) -> Container | None:
    return AIFF if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC") else None


def _transport_stream(head: bytes) -> Container | None:
    for start, step in ((0, 188), (4, 192)):
        if len(head) > start + 4 * step and all(head[start + k * step] == 0x47 for k in range(5)):
            return MPEG_TS
    return None


def _mpeg_audio(head: bytes) -> Container | None:
    """MP3, ADTS or FLAC, with or without an ID3 tag before it."""
    start = 0
    while head[start : start + 3] == b"ID3" and len(head) >= start + 10:  # one tag after another, each with its length
        start += 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[start + 6 : start + 10], (21, 14, 7, 0), strict=True))
    tagged = start > 0
    sound = head[start : start + 4]
    if sound == b"fLaC":
        return FLAC
    if len(sound) < 4:
        return MP3 if tagged else None  # the tag, often with a picture in it, is longer than the head
    word = int.from_bytes(sound, "big")
    if word >> 20 != 0xFFF and word >> 21 != 0x7FF:
        return None
    layer, version, bit_rate, sample_rate = word >> 17 & 3, word >> 19 & 3, word >> 12 & 15, word >> 10 & 3
    if layer == 0:
        return AAC if word >> 20 == 0xFFF else None
    return MP3 if version != 1 and bit_rate not in (0, 15) and sample_rate != 3 else None


def _plain(signature: bytes, container: Container) -> Callable[[bytes], Container | None]:
    return lambda head: container if head.startswith(signature) else None


_SIGNATURES: tuple[Callable[[bytes], Container | None], ...] = (
    _iso_media,
    _matroska,
    _riff,
    _iff,
    _plain(b"OggS\x00", OGG),
    _plain(b"FLV\x01", FLV),
    _plain(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
    _plain(b"\x00\x00\x01\xba", MPEG_PS),
    _plain(b"caff\x00", CAF),
    _plain(b"#!AMR", AMR),
    _transport_stream,
    _mpeg_audio,
)

_STILL_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"\x00\x00\x00\x0cJXL", b"8BPS")
_PLAYLIST_SIGNATURES = (b"#extm3u", b"ffconcat", b"<?xml", b"<mpd", b"<smil", b"<asx", b"v=0", b"[playlist]", b"[reference]", b"rtsptext")


def _refusal(head: bytes) -> str:
    is_still = head.startswith(_STILL_SIGNATURES) or head[8:12] == b"WEBP" or (head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS)
    if is_still:
        return "This is a still image. A clip needs video or sound: import the recording it was taken from."
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_PLAYLIST_SIGNATURES):
        return "This is a playlist or description that points to other files, whatever its name says. Import the media files themselves."
    if _is_text(head):
        return f"This is a text file, whatever its name says. Accepted are {ACCEPTED}."
    return f"This is no video or sound that is known here. Accepted are {ACCEPTED}; convert the file to one of them."


def _is_text(head: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head[:512])
