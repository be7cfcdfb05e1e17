from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.sniffing import CONTAINERS, HEAD_BYTES, UnreadableMedia, sniff
from tests.media.crafted import tone, write_clip

PLAYLISTS = {
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
    "hls after a byte order mark": b"\xef\xbb\xbf#EXTM3U\nhttp://example.org/a.ts\n",
    "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "asx": b'<asx version="3.0"><entry><ref href="http://example.org/"/></entry></asx>',
    "pls": b"[playlist]\nFile1=http://example.org/\n",
}
PICTURES = {
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(60),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(60),
    "gif": b"GIF89a" + bytes(60),
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(60),
    "heic": b"\x00\x00\x00\x18ftypheic" + bytes(60),
    "avif": b"\x00\x00\x00\x18ftypavif" + bytes(60),
}


def test_a_file_is_known_by_its_contents_whatever_it_is_called(tmp_path: Path) -> None:
    names = {"mp4": "libx264", "mkv": "libx264", "webm": "libvpx", "avi": "mpeg4", "ts": "libx264", "flv": "libx264", "mpg": "mpeg1video"}
    found = {name: _sniffed(write_clip(tmp_path / f"v.{name}", range(0, 400, 40), codec=codec, ticks=25)) for name, codec in names.items()}
    assert found == {"mp4": "mp4", "mkv": "matroska", "webm": "webm", "avi": "avi", "ts": "mpegts", "flv": "flv", "mpg": "mpeg"}


def test_sound_is_known_by_its_contents_whatever_it_is_called(tmp_path: Path) -> None:
    names = {
        "wav": "pcm_s16le",
        "flac": "flac",
        "ogg": "libopus",
        "mp3": "libmp3lame",
        "aac": "aac",
        "aiff": "pcm_s16be",
        "caf": "pcm_s16le",
    }
    found = {name: _sniffed(write_clip(tmp_path / f"s.{name}", sound=tone(0.3), sound_codec=codec)) for name, codec in names.items()}
    assert found == {name: name for name in names}


@pytest.mark.parametrize("text", PLAYLISTS.values(), ids=PLAYLISTS)
def test_a_playlist_in_disguise_is_refused_as_one(text: bytes) -> None:
    with pytest.raises(UnreadableMedia, match="points to other files"):
        sniff(text)


@pytest.mark.parametrize("head", PICTURES.values(), ids=PICTURES)
def test_a_still_image_is_refused_as_one(head: bytes) -> None:
    with pytest.raises(UnreadableMedia, match="still image"):
        sniff(head)


@pytest.mark.parametrize(
    "text", [b"1\n00:00:01,000 --> 00:00:02,000\nHello\n", b"WEBVTT\n", b"a,b\n1,2\n", b"<html></html>", b"img%03d.png"]
)
def test_text_is_refused_as_text(text: bytes) -> None:
    with pytest.raises(UnreadableMedia, match=r"text file|points to other files"):
        sniff(text)


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(UnreadableMedia, match="empty"):
        sniff(b"")


@given(st.binary(min_size=1, max_size=HEAD_BYTES))
def test_any_bytes_are_a_known_container_or_refused_with_a_reason(head: bytes) -> None:
    try:
        assert sniff(head) in CONTAINERS
    except UnreadableMedia as error:
        assert re.search(r"[.!]$", str(error))


@given(st.sampled_from(list(PLAYLISTS.values())), st.binary(max_size=200))
def test_nothing_that_follows_makes_a_playlist_acceptable(start: bytes, rest: bytes) -> None:
    with pytest.raises(UnreadableMedia):
        sniff(start + rest)


def _sniffed(path: Path) -> str:
    return sniff(path.read_bytes()[:HEAD_BYTES]).name
