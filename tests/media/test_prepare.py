from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.media import prepare, spectrogram, waveform
from app.media.limits import Limits
from app.media.probe import probe
from app.media.store import Store
from db.tables import Medium, now
from tests.media.conftest import files_in
from tests.media.crafted import tone, write_clip

STEADY = range(0, 3000, 40)


def _medium(path: Path, store: Store, limits: Limits) -> Medium:
    received, probed = store.adopt(path), probe(path, limits)
    return Medium(
        sha256=received.sha256,
        size=received.size,
        video_codec=probed.video_codec,
        audio_codec=probed.audio_codec,
        frames=probed.frames,
        duration_us=probed.duration_us,
        playable=probed.playable,
        created_at=now(),
    )


def test_all_that_a_browser_wants_is_made_once(clips: Path, store: Store, limits: Limits) -> None:
    medium = _medium(clips / "face_then_none.mov", store, limits)
    prepare.prepare(store, medium)
    made = {path.name.partition(".")[2]: path.stat().st_mtime_ns for path in files_in(store.root)}
    assert set(made) == {"", "1.proxy.mp4", "1.poster.jpg", "1.peaks", "1.spectrogram.zip"}
    prepare.prepare(store, medium)
    assert {path.name.partition(".")[2]: path.stat().st_mtime_ns for path in files_in(store.root)} == made


def test_a_clip_that_browsers_play_gets_no_proxy(clips: Path, store: Store, limits: Limits) -> None:
    prepare.prepare(store, _medium(clips / "three_faces_5_frames.mp4", store, limits))
    assert {path.name.partition(".")[2] for path in files_in(store.root)} == {"", "1.poster.jpg"}


def test_an_interrupted_proxy_leaves_nothing_half_made(clips: Path, store: Store, limits: Limits) -> None:
    medium = _medium(clips / "01-01-08-02-01-01-19.mp4", store, limits)

    def cancel(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        prepare.prepare(store, medium, cancel)
    assert files_in(store.root) == [store.path(medium.sha256)]


def test_a_poster_is_a_small_upright_picture_from_a_third_into_the_clip(store: Store, tmp_path: Path, limits: Limits) -> None:
    medium = _medium(write_clip(tmp_path / "v.mp4", STEADY, size=(960, 640), rotation=90), store, limits)
    path = prepare.poster(store, medium)
    assert path is not None
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("JPEG", (320, 480))
        grey = np.asarray(picture.convert("L"))[5, -5]  # turned, the upper right corner is grey
    assert grey == pytest.approx(40 + 4 * 25, abs=6)  # frame 25 of 75


def test_sound_alone_has_no_poster_and_pictures_alone_no_waveform(data: Path, clips: Path, store: Store, limits: Limits) -> None:
    assert prepare.poster(store, _medium(data / "ravdess_speech" / "03-01-01-01-01-01-01.flac", store, limits)) is None
    silent = _medium(clips / "three_faces_5_frames.mp4", store, limits)
    assert prepare.peaks(store, silent, 100) is None
    assert prepare.tile(store, silent, 0) is None


@pytest.mark.parametrize("buckets", [1, 7, 100, 3000])
def test_the_waveform_shows_what_is_loud_where_it_is(buckets: int, store: Store, tmp_path: Path, limits: Limits) -> None:
    sound = np.concatenate([np.zeros(48_000), tone(1, level=0.5), np.zeros(48_000)]).astype(np.float32)
    drawn = prepare.peaks(store, _medium(write_clip(tmp_path / "s.wav", sound=sound, sound_codec="pcm_s16le"), store, limits), buckets)
    assert drawn is not None
    assert (drawn.shape, drawn.dtype) == ((buckets, 2), np.int8)
    assert drawn.min() == pytest.approx(-64, abs=1) and drawn.max() == pytest.approx(64, abs=1)
    quiet = np.r_[drawn[: buckets // 3 - 1], drawn[2 * buckets // 3 + 2 :]]
    assert not np.abs(quiet).max(initial=0) > 2
    loud = drawn[buckets // 3 + 1 : 2 * buckets // 3 - 1]
    assert loud.max(axis=1).min(initial=64) > 20


def test_the_waveform_is_flat_after_the_end_of_the_sound(store: Store, tmp_path: Path, limits: Limits) -> None:
    drawn = prepare.peaks(store, _medium(write_clip(tmp_path / "v.mp4", STEADY, sound=tone(1.5)), store, limits), 100)
    assert drawn is not None
    assert drawn[:48, 1].min() > 50 and not drawn[55:].any()


def test_full_scale_fills_the_waveform(store: Store, tmp_path: Path, limits: Limits) -> None:
    drawn = prepare.peaks(
        store, _medium(write_clip(tmp_path / "s.wav", sound=tone(1, level=1), sound_codec="pcm_s16le"), store, limits), 10
    )
    assert drawn is not None and (drawn[2:8] == [-waveform.FULL_SCALE, waveform.FULL_SCALE]).all()


def test_spectrogram_tiles_cover_ten_seconds_each_and_none_after_the_end(clips: Path, store: Store, limits: Limits) -> None:
    medium = _medium(clips / "silent_audio_track.mp4", store, limits)
    tiles = [prepare.tile(store, medium, k) for k in range(3)]
    assert tiles[2] is None
    for tile in tiles[:2]:
        assert tile is not None
        with Image.open(io.BytesIO(tile)) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (1000, 96))
            assert np.asarray(picture).max() == 0, "digital silence is black"


def test_the_spectrogram_shows_a_tone_in_its_row_and_columns_on_one_scale_of_decibels(store: Store, tmp_path: Path, limits: Limits) -> None:
    sound = np.concatenate([np.zeros(11 * 48_000), tone(1, hertz=1000, level=0.01), np.zeros(48_000)]).astype(np.float32)
    medium = _medium(write_clip(tmp_path / "s.wav", sound=sound, sound_codec="pcm_s16le"), store, limits)
    second = prepare.tile(store, medium, 1)
    assert second is not None
    with Image.open(io.BytesIO(second)) as image:
        picture = np.asarray(image)
    mel = 2595 * np.log10(1 + 1000 / 700) / (2595 * np.log10(1 + 8000 / 700)) * 97
    assert abs((95 - int(picture[:, 150].argmax())) - (mel - 1)) <= 1
    decibels = picture[:, 110:190] / 255 * (spectrogram.CEILING_DB - spectrogram.FLOOR_DB) + spectrogram.FLOOR_DB
    assert 10 * np.log10((10 ** (decibels / 10)).sum(axis=0)) == pytest.approx(-40, abs=0.5), "a hundredth of full scale"
    assert not picture[:, :98].any() and not picture[:, 202:].any()
