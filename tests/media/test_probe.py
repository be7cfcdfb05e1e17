from __future__ import annotations

import dataclasses
import itertools
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.media.limits import Limits
from app.media.probe import Probed, UnreadableMedia, pack_times, probe, unpack_times
from tests.media.conftest import CLIPS
from tests.media.crafted import overwrite_packets, tone, write_clip

STEADY = range(0, 2000, 40)


def test_measures_of_real_clips(clip: Path, limits: Limits) -> None:
    probed = probe(clip, limits)
    fps = round(probed.fps, 2) if probed.fps else None
    assert (
        probed.frames,
        fps,
        round(probed.duration_us / 1e6, 3),
        probed.width,
        probed.height,
        probed.video_codec,
        probed.audio_codec,
        probed.playable,
    ) == CLIPS[clip.name]


def test_frame_times_are_the_presentation_times_that_a_decoder_gives(clip: Path, limits: Limits) -> None:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        decoded = [round(Fraction(frame.pts) * stream.time_base * 1_000_000) for frame in container.decode(stream)]
    probed = probe(clip, limits)
    assert _times(probed) == decoded


def test_frame_times_survive_the_database(clip: Path, limits: Limits) -> None:
    times = probe(clip, limits).frame_times_us
    assert times is not None
    assert np.array_equal(unpack_times(pack_times(times)), times)


def test_sound_that_begins_late_keeps_its_place(clips: Path, limits: Limits) -> None:
    assert probe(clips / "face_then_none.mov", limits).audio_offset_us == 2_430_023


def test_video_that_begins_late_keeps_its_place(clips: Path, limits: Limits) -> None:
    probed = probe(clips / "talking_1.mp4", limits)
    assert (_times(probed)[0], probed.audio_offset_us) == (33_008, 0)


@pytest.mark.parametrize(("name", "codec"), [("v.mp4", "libx264"), ("v.mkv", "libx264"), ("v.webm", "libvpx"), ("v.mov", "mpeg4")])
def test_a_variable_frame_rate_is_read_exactly_and_said(name: str, codec: str, tmp_path: Path, limits: Limits) -> None:
    times_ms = [0, 33, 40, 100, 133, 400, 401, 450]
    probed = probe(write_clip(tmp_path / name, times_ms, codec=codec), limits)
    assert _times(probed) == [1000 * time for time in times_ms]
    assert "frame rate varies" in " ".join(probed.notes)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_avi_has_even_frame_times_with_and_without_reordered_frames(codec: str, tmp_path: Path, limits: Limits) -> None:
    assert _times(probe(write_clip(tmp_path / "v.avi", STEADY, codec=codec, ticks=25), limits)) == [1000 * time for time in STEADY]


@pytest.mark.parametrize(("name", "codec"), [("v.ts", "libx264"), ("v.mp4", "libx264"), ("v.webm", "libvpx")])
def test_a_clock_that_begins_late_is_counted_from_the_first_frame_and_not_left_to_browsers(
    name: str, codec: str, tmp_path: Path, limits: Limits
) -> None:
    probed = probe(write_clip(tmp_path / name, [500 + time for time in STEADY], codec=codec), limits)
    assert _times(probed) == [1000 * time for time in STEADY]
    assert not probed.playable


def test_turned_video_has_the_size_it_is_shown_in(tmp_path: Path, limits: Limits) -> None:
    probed = probe(write_clip(tmp_path / "v.mp4", STEADY, size=(96, 64), rotation=90), limits)
    assert (probed.width, probed.height) == (64, 96)


def test_video_with_oblong_pixels_has_the_size_it_is_shown_in(tmp_path: Path, limits: Limits) -> None:
    probed = probe(write_clip(tmp_path / "v.mp4", STEADY, size=(96, 64), pixel_shape=Fraction(4, 3)), limits)
    assert (probed.width, probed.height) == (128, 64)


def test_sound_alone_is_a_clip(data: Path, limits: Limits) -> None:
    probed = probe(data / "ravdess_speech" / "03-01-01-01-01-01-01.flac", limits)
    assert (probed.frames, probed.width, probed.fps, probed.sample_rate, probed.channels, probed.playable) == (
        0,
        None,
        None,
        16_000,
        1,
        True,
    )


def test_of_several_streams_the_first_is_used_and_that_is_said(tmp_path: Path, limits: Limits) -> None:
    probed = probe(write_clip(tmp_path / "v.mp4", STEADY, sound=tone(2), video_streams=2, sound_streams=3), limits)
    assert probed.frames == 50
    assert [note for note in probed.notes if "first is used" in note] == [
        "The file has 2 video streams; the first is used.",
        "The file has 3 audio streams; the first is used.",
    ]


def test_a_cover_picture_is_no_video(tmp_path: Path, limits: Limits) -> None:
    picture = _png_of_one_pixel()
    frame = b"\x00image/png\x00\x03\x00" + picture
    tag = b"APIC" + struct.pack(">IH", len(frame), 0) + frame
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    song = write_clip(tmp_path / "song.mp3", sound=tone(1), sound_codec="libmp3lame")
    song.write_bytes(b"ID3\x03\x00\x00" + size + tag + song.read_bytes())
    with av.open(str(song)) as container:
        assert container.streams.video, "the file has a cover"
    probed = probe(song, limits)
    assert (probed.video_codec, probed.frames, probed.audio_codec) == (None, 0, "mp3")


@pytest.mark.parametrize("codec", ["aac", "flac", "libmp3lame"])
def test_broken_sound_leaves_the_video_usable_and_is_said(codec: str, tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / "v.mp4", STEADY, sound=tone(2), sound_codec=codec)
    overwrite_packets(path, "audio")
    probed = probe(path, limits)
    assert (probed.frames, probed.audio_codec, probed.playable) == (50, None, False)
    assert "cannot be decoded" in " ".join(probed.notes)


def test_broken_video_is_rejected_with_its_codec(tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / "v.mp4", STEADY)
    overwrite_packets(path, "video")
    with pytest.raises(UnreadableMedia, match=r"No frame of its video \(h264\)"):
        probe(path, limits)


def test_a_file_cut_off_before_its_index_is_rejected_as_cut_off(clips: Path, tmp_path: Path, limits: Limits) -> None:
    whole = (clips / "talking_2.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableMedia, match="cut short"):
        probe(cut, limits)


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
def test_a_file_cut_off_after_its_index_is_accepted_as_far_as_it_goes(name: str, tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / name, STEADY, sound=tone(2), options={"movflags": "+faststart"} if name == "v.mp4" else None)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    probed = probe(path, limits)
    assert 10 < probed.frames < 45
    assert "breaks off" in " ".join(probed.notes)


def test_a_whole_clip_is_not_said_to_break_off(clip: Path, limits: Limits) -> None:
    assert "breaks off" not in " ".join(probe(clip, limits).notes)


@pytest.mark.parametrize(
    ("limit", "reason"),
    [({"size": 1000}, "PORTRAYAL_MAX_UPLOAD_BYTES"), ({"pixels": 96 * 64 - 1}, "96 × 64 pixels"), ({"duration_us": 1_900_000}, "minutes")],
)
def test_beyond_a_limit_is_rejected_with_the_setting(limit: dict[str, int], reason: str, tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / "v.mp4", STEADY)
    assert probe(path, dataclasses.replace(limits, pixels=96 * 64, duration_us=2_000_000)).frames == 50
    with pytest.raises(UnreadableMedia, match=reason):
        probe(path, dataclasses.replace(limits, **limit))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("samples")
    short = range(0, 400, 40)
    return [
        write_clip(folder / "a.mp4", short, sound=tone(0.4)).read_bytes(),
        write_clip(folder / "a.mkv", short, sound=tone(0.4)).read_bytes(),
        write_clip(folder / "a.avi", short, codec="mpeg4", ticks=25, sound=tone(0.4), sound_codec="pcm_s16le").read_bytes(),
        write_clip(folder / "a.ts", short, sound=tone(0.4)).read_bytes(),
        write_clip(folder / "a.ogg", sound=tone(0.4), sound_codec="libopus").read_bytes(),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_gives_measures_or_a_reason(samples: list[bytes], tmp_path: Path, limits: Limits, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(samples)))
    del content[data.draw(st.integers(1, len(content))) :]
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=20)):
        content[place] = value
    path = tmp_path / "damaged"
    path.write_bytes(content)
    try:
        probed = probe(path, limits)
    except UnreadableMedia as error:
        assert str(error)
        return
    times = _times(probed)
    assert all(earlier < later for earlier, later in itertools.pairwise(times))
    assert probed.duration_us >= 0


def _times(probed: Probed) -> list[int]:
    return [] if probed.frame_times_us is None else probed.frame_times_us.tolist()


def _png_of_one_pixel() -> bytes:
    context = av.CodecContext.create("png", "w")
    context.width = context.height = 1
    context.pix_fmt = "rgb24"
    context.time_base = Fraction(1, 25)
    return b"".join(bytes(packet) for packet in context.encode(av.VideoFrame(1, 1, "rgb24")))
