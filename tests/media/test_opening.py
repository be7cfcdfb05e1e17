from __future__ import annotations

from pathlib import Path

import av
import pytest

from app.media import opening
from app.media.limits import Limits
from app.media.opening import open_media
from app.media.probe import probe
from app.media.sniffing import Container, UnreadableMedia
from tests.media.crafted import with_data_reference, write_clip


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A good clip that no disguised file may reach."""
    return write_clip(tmp_path / "other.mp4", range(0, 400, 40))


@pytest.mark.parametrize(
    ("name", "text"),
    [("hls", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"), ("concat", "ffconcat version 1.0\nfile '{}'\n")],
)
def test_a_playlist_named_mp4_is_never_opened(name: str, text: str, tmp_path: Path, other: Path, limits: Limits) -> None:
    disguised = tmp_path / "clip.mp4"
    disguised.write_text(text.format(other))
    assert av.open(str(disguised), format=name, options={"safe": "0", "allowed_extensions": "ALL"}), "the disguise works where nobody looks"
    with pytest.raises(UnreadableMedia, match="points to other files"):
        probe(disguised, limits)


@pytest.mark.parametrize(
    ("name", "text"),
    [("hls", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"), ("concat", "ffconcat version 1.0\nfile '{}'\n")],
)
def test_even_a_playlist_reader_could_not_leave_the_file(
    name: str, text: str, tmp_path: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall, with the first one (the allow-list) taken away."""
    monkeypatch.setattr(opening, "sniff", lambda head: Container("playlist", name))
    playlist = tmp_path / "clip.mp4"
    playlist.write_text(text.format(other))
    with pytest.raises((PermissionError, UnreadableMedia)), open_media(playlist) as media:
        next(media.handle.demux())


def test_a_reference_movie_reads_no_other_file(tmp_path: Path, other: Path, limits: Limits) -> None:
    movie = tmp_path / "reference.mov"
    movie.write_bytes(with_data_reference(other.read_bytes(), other))
    with av.open(str(movie), container_options={"enable_drefs": "1", "use_absolute_path": "1"}) as careless:
        assert sum(packet.size > 0 for packet in careless.demux(video=0)) == 10, "the reference is a working one"
    with pytest.raises(UnreadableMedia):
        probe(movie, limits)
