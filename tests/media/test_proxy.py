from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.media.decode import frames, sound
from app.media.limits import Limits
from app.media.probe import probe
from app.media.proxy import make_proxy
from tests.media.crafted import tone, write_clip

STEADY = range(0, 2000, 40)


@pytest.fixture(scope="module")
def hevc_proxy(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proxy") / "proxy.mp4"
    make_proxy(clips / "face_then_none.mov", path)
    return path


def test_a_proxy_of_hevc_has_its_frame_times_to_the_microsecond(hevc_proxy: Path, clips: Path, limits: Limits) -> None:
    original, proxy = probe(clips / "face_then_none.mov", limits), probe(hevc_proxy, limits)
    assert np.array_equal(proxy.frame_times_us, original.frame_times_us)  # type: ignore[arg-type]
    assert (proxy.frames, proxy.video_codec, proxy.playable) == (169, "h264", True)


@pytest.mark.parametrize("name", ["01-01-08-02-01-01-19.mp4", "talking_1.mp4"])
def test_a_proxy_has_the_frame_times_of_the_original_to_the_microsecond(name: str, clips: Path, tmp_path: Path, limits: Limits) -> None:
    make_proxy(clips / name, tmp_path / "proxy.mp4")
    original, proxy = probe(clips / name, limits), probe(tmp_path / "proxy.mp4", limits)
    assert np.array_equal(proxy.frame_times_us, original.frame_times_us)  # type: ignore[arg-type]
    assert (proxy.width, proxy.height) == (original.width, original.height)
    assert (proxy.video_codec, proxy.audio_codec, proxy.container, proxy.playable) == ("h264", "aac", "mp4", True)


@pytest.mark.parametrize(
    ("name", "codec", "ticks"), [("v.avi", "libx264", 25), ("v.ts", "libx264", 1000), ("v.mkv", "libx264", 1000), ("v.wmv", "wmv2", 1000)]
)
def test_what_only_some_programs_play_becomes_playable_on_the_same_clock(
    name: str, codec: str, ticks: int, tmp_path: Path, limits: Limits
) -> None:
    times = [0, 40, 80, 160, 200, 240, 400, 440] if ticks == 1000 else STEADY
    path = write_clip(tmp_path / name, times, codec=codec, ticks=ticks)
    make_proxy(path, tmp_path / "proxy.mp4")
    original, proxy = probe(path, limits), probe(tmp_path / "proxy.mp4", limits)
    assert not original.playable and proxy.playable
    assert original.frames == len(times)
    assert np.array_equal(proxy.frame_times_us, original.frame_times_us)  # type: ignore[arg-type]


def test_a_clock_that_begins_late_begins_at_zero_in_the_proxy(tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / "v.webm", [5000 + time for time in STEADY], codec="libvpx")
    make_proxy(path, tmp_path / "proxy.mp4")
    proxy = probe(tmp_path / "proxy.mp4", limits)
    assert proxy.playable and proxy.frame_times_us is not None
    assert proxy.frame_times_us.tolist() == [1000 * time for time in STEADY]


def test_sound_stays_in_step_with_the_picture(hevc_proxy: Path, clips: Path) -> None:
    original, proxy = sound(clips / "face_then_none.mov"), sound(hevc_proxy)
    stretch = slice(48_000, 96_000)
    lags = range(-80, 81)
    likeness = [float(original[stretch] @ proxy[stretch.start + lag : stretch.stop + lag]) for lag in lags]
    assert abs(lags[int(np.argmax(likeness))]) <= 1, "within a sixteenth of a millisecond"
    assert likeness[80] > 0.9 * float(original[stretch] @ original[stretch])


def test_pictures_look_the_same_turned_ones_too(tmp_path: Path, limits: Limits) -> None:
    path = write_clip(
        tmp_path / "v.mov", STEADY, codec="libx265", size=(96, 64), rotation=90, codec_options={"x265-params": "log-level=none"}
    )
    make_proxy(path, tmp_path / "proxy.mp4")
    for (_, _, original), (_, _, proxy) in zip(frames(path), frames(tmp_path / "proxy.mp4"), strict=True):
        assert original.shape == proxy.shape == (96, 64, 3)
        assert np.abs(original.astype(int) - proxy.astype(int)).mean() < 6


def test_colours_stay_where_the_original_uses_another_range(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "v.avi", STEADY, codec="mjpeg", ticks=25)
    make_proxy(path, tmp_path / "proxy.mp4")
    for (_, _, original), (_, _, proxy) in zip(frames(path), frames(tmp_path / "proxy.mp4"), strict=True):
        for corner in ((2, 2), (-2, -2)):
            assert proxy[corner].astype(int) == pytest.approx(original[corner].astype(int), abs=6)


def test_sound_alone_gets_a_proxy_of_sound_alone(tmp_path: Path, limits: Limits) -> None:
    path = write_clip(tmp_path / "s.aiff", sound=tone(1.5), sound_codec="pcm_s16be")
    make_proxy(path, tmp_path / "proxy.mp4")
    proxy = probe(tmp_path / "proxy.mp4", limits)
    assert (proxy.video_codec, proxy.audio_codec, proxy.playable) == (None, "aac", True)
    assert proxy.duration_us == pytest.approx(1_500_000, abs=30_000)


def test_progress_is_told_and_can_end_the_work(clips: Path, tmp_path: Path) -> None:
    told: list[float] = []

    def listen(share: float) -> None:
        told.append(share)
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        make_proxy(clips / "three_faces_5_frames.mp4", tmp_path / "proxy.mp4", listen)
    assert told == sorted(told) and told[-1] > 0.5
