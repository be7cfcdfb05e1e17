from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.clock import Span
from app.media.decode import SAMPLE_RATE, NoSound, sound, sound_chunks
from tests.media.crafted import overwrite_packets, tone, write_clip

STEADY = range(0, 3000, 40)


def _onset_s(samples: np.ndarray) -> float:
    """When the sound rises above a tenth of full scale."""
    return float(np.argmax(np.abs(samples) > 0.1)) / SAMPLE_RATE


def test_sound_is_mono_float_at_16_khz_and_as_loud_as_recorded(tmp_path: Path) -> None:
    heard = sound(write_clip(tmp_path / "s.wav", sound=tone(2, hertz=440, level=0.5), sound_codec="pcm_s16le"))
    wanted = tone(2, hertz=440, rate=SAMPLE_RATE, level=0.5)
    assert (heard.dtype, heard.shape) == (np.float32, (32_000,))
    assert np.abs(heard - wanted)[200:-200].max() < 1e-3, "in step with the clock, neither late nor early"


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
def test_every_kind_of_sample_has_the_same_full_scale(codec: str, tmp_path: Path) -> None:
    heard = sound(write_clip(tmp_path / "s.wav", sound=tone(0.5, rate=SAMPLE_RATE), sound_codec=codec, sound_rate=SAMPLE_RATE))
    assert np.abs(heard - tone(0.5, rate=SAMPLE_RATE)).max() < 0.01


def test_sample_zero_is_the_clips_zero_where_sound_begins_late(clips: Path) -> None:
    heard = sound(clips / "face_then_none.mov")
    begin = round(2.430023 * SAMPLE_RATE)
    assert not heard[: begin - 1].any()
    assert heard[begin:].any()


@pytest.mark.parametrize("name", ["s.mp4", "s.mkv", "s.ts"])
def test_a_sound_is_heard_when_the_clip_has_it(name: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / name, STEADY, sound=np.concatenate([np.zeros(48_000, np.float32), tone(1)]))
    # In a transport stream the encoder's own delay counts as sound, as it does for players.
    assert _onset_s(sound(path)) == pytest.approx(1.0, abs=0.03 if name == "s.ts" else 0.005)


def test_lost_sound_is_silence_of_the_same_length(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "s.mkv", STEADY, sound=tone(3, hertz=500), sound_codec="flac")
    whole = sound(path)
    overwrite_packets(path, "audio", range(20, 24), byte=255)
    damaged = sound(path)
    assert len(damaged) == pytest.approx(len(whole), abs=SAMPLE_RATE // 100)
    lost = slice(20 * 1536, 25 * 1536)  # a packet of 4608 samples at 48 kHz; the decoder needs one whole one to find its feet
    assert not damaged[lost].any()
    for kept in (slice(0, lost.start - 100), slice(lost.stop + 100, 47_000)):
        assert np.abs(damaged[kept] - whole[kept]).max() < 0.01, "what is left is in its place"


@pytest.mark.parametrize("name", ["talking_1.mp4", "talking_2.mp4", "face_then_none.mov", "single_face_quiet.mp4"])
def test_a_span_is_that_stretch_of_the_whole(name: str, clips: Path) -> None:
    whole = sound(clips / name)
    part = sound(clips / name, Span(1_500_000, 2_000_000))
    assert part.shape == (8_000,)
    assert np.abs(part - whole[24_000:32_000]).max() < 0.005  # AAC makes up noise anew at each decoding


def test_a_span_is_as_long_as_asked_even_past_the_end(clips: Path) -> None:
    part = sound(clips / "talking_2.mp4", Span(4_900_000, 5_900_000))
    assert part.shape == (16_000,)
    assert part[:1_000].any() and not part[4_000:].any()


def test_chunks_are_the_whole_cut_into_pieces(clips: Path) -> None:
    pieces = list(sound_chunks(clips / "silent_audio_track.mp4", chunk=50_000))
    assert [len(piece) for piece in pieces[:-1]] == [50_000] * (len(pieces) - 1)
    assert 0 < len(pieces[-1]) <= 50_000
    assert np.array_equal(np.concatenate(pieces), sound(clips / "silent_audio_track.mp4"))


def test_a_clip_without_sound_says_so(clips: Path) -> None:
    with pytest.raises(NoSound):
        sound(clips / "three_faces_5_frames.mp4")


def test_broken_sound_counts_as_none(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "v.mp4", STEADY, sound=tone(3))
    overwrite_packets(path, "audio")
    with pytest.raises(NoSound):
        sound(path)
