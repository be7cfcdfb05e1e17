from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.media.decode import frames
from app.media.limits import Limits
from app.media.probe import probe
from tests.media.crafted import overwrite_packets, tone, with_empty_packets, write_clip

STEADY = range(0, 2000, 40)


def test_every_frame_has_the_number_and_time_that_were_measured(clip: Path, limits: Limits) -> None:
    times = probe(clip, limits).frame_times_us
    assert times is not None
    decoded = [(index, time_us) for index, time_us, _ in frames(clip, max_size=64)]
    assert decoded == list(enumerate(times.tolist()))


@pytest.mark.parametrize(
    ("name", "codec"), [("v.avi", "mpeg4"), ("v.avi", "libx264"), ("v.ts", "libx264"), ("v.webm", "libvpx"), ("v.flv", "libx264")]
)
def test_number_and_time_agree_where_frames_must_be_decoded_to_be_counted(name: str, codec: str, tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / name, STEADY, codec=codec, ticks=25)
    times = probe(path, limits).frame_times_us
    assert times is not None and len(times) == 50
    assert [(index, time_us) for index, time_us, _ in frames(path)] == list(enumerate(times.tolist()))


def test_pictures_are_those_that_were_recorded_in_their_order(tmp_path: Path) -> None:
    greys = [int(picture[-1, -1].mean()) for _, _, picture in frames(write_clip(tmp_path / "v.mp4", STEADY))]
    assert greys == pytest.approx([40 + 4 * k for k in range(50)], abs=3)


def test_a_picture_is_rgb_of_the_displayed_size(clips: Path) -> None:
    _, _, picture = next(frames(clips / "talking_2.mp4"))
    assert (picture.shape, picture.dtype) == ((844, 844, 3), np.uint8)
    with av.open(str(clips / "talking_2.mp4")) as container:
        reference = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(picture.astype(int) - reference.astype(int)).mean() < 1


def test_pictures_are_scaled_down_on_request_and_never_up(clips: Path) -> None:
    assert next(frames(clips / "no_face.mp4", max_size=480))[2].shape == (270, 480, 3)
    assert next(frames(clips / "no_face.mp4", max_size=4000))[2].shape == (540, 960, 3)


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (-90, (0, 1))])
def test_a_turned_picture_comes_out_as_a_player_shows_it(rotation: int, corner: tuple[int, int], tmp_path: Path) -> None:
    """The upper left quarter is red before turning (counterclockwise)."""
    _, _, picture = next(frames(write_clip(tmp_path / "v.mp4", STEADY, rotation=rotation)))
    height, width = picture.shape[:2]
    reddest = {
        (row, column): int(picture[row * (height - 1), column * (width - 1), 0]) - int(picture[row * (height - 1), column * (width - 1), 1])
        for row in (0, 1)
        for column in (0, 1)
    }
    assert max(reddest, key=lambda place: reddest[place]) == corner


def test_a_picture_with_oblong_pixels_comes_out_with_square_ones(tmp_path: Path) -> None:
    _, _, picture = next(frames(write_clip(tmp_path / "v.mp4", STEADY, size=(96, 64), pixel_shape=Fraction(4, 3))))
    assert picture.shape == (64, 128, 3)


@pytest.mark.parametrize(("name", "codec"), [("v.mp4", "libx264"), ("v.mkv", "mjpeg"), ("v.avi", "mjpeg"), ("v.avi", "mpeg4")])
def test_broken_frames_are_left_out_and_the_others_keep_time_and_picture(name: str, codec: str, tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / name, STEADY, codec=codec, ticks=25)
    whole = {time_us: picture for _, time_us, picture in frames(path)}
    overwrite_packets(path, "video", range(14, 17))
    times = probe(path, limits).frame_times_us
    assert times is not None
    left = {}
    for index, time_us, picture in frames(path):
        assert time_us == times[index], "number and time agree with what was measured, in the damaged file too"
        left[time_us] = picture
    assert 30 <= len(left) < 50
    unharmed = [time_us for time_us in whole if time_us < 12 * 40_000 or time_us >= 26 * 40_000]  # up to, and again from, a key frame
    assert all(np.array_equal(left[time_us], whole[time_us]) for time_us in unharmed)


def test_packets_that_hold_no_picture_are_not_counted_as_frames(tmp_path: Path, limits: Limits) -> None:
    path = with_empty_packets(write_clip(tmp_path / "v.mp4", STEADY, codec_options={"bf": "0"}), tmp_path / "doubled.mp4")
    times = probe(path, limits).frame_times_us
    assert times is not None and times.tolist() == [40_000 * k for k in range(50)]
    assert [(index, time_us) for index, time_us, _ in frames(path)] == list(enumerate(times.tolist()))


def test_without_video_there_are_no_frames(tmp_path: Path) -> None:
    assert list(frames(write_clip(tmp_path / "s.wav", sound=tone(1), sound_codec="pcm_s16le"))) == []
