from __future__ import annotations

from pathlib import Path

import pytest

from app.media.limits import Limits
from app.media.store import Store
from app.settings import Settings

CLIPS = {
    # name: frames shown, mean frames a second, seconds, width, height, video and sound codec, whether browsers play it
    "01-01-08-02-01-01-19.mp4": (122, 29.97, 4.104, 720, 720, "mpeg4", "aac", False),
    "face_then_none.mov": (169, 26.40, 6.402, 960, 540, "hevc", "aac", False),
    "no_face.mp4": (95, 23.66, 3.945, 960, 540, "h264", "aac", True),  # three more packets are cut off by its edit list
    "silent_audio_track.mp4": (472, 23.98, 19.690, 640, 360, "h264", "aac", True),
    "single_face_quiet.mp4": (72, 30.00, 2.418, 640, 360, "h264", "mp3", True),
    "talking_1.mp4": (135, 22.13, 6.133, 700, 700, "h264", "aac", True),
    "talking_2.mp4": (125, 25.00, 5.015, 844, 844, "h264", "aac", True),
    "talking_3.mp4": (125, 25.00, 5.015, 590, 590, "h264", "aac", True),
    "three_faces_5_frames.mp4": (5, 23.98, 0.209, 820, 460, "h264", None, True),
}


@pytest.fixture(params=CLIPS)
def clip(request: pytest.FixtureRequest, clips: Path) -> Path:
    """Each of the real clips in turn."""
    return clips / request.param


@pytest.fixture
def limits() -> Limits:
    return Limits.of(Settings())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "media")


def files_in(folder: Path) -> list[Path]:
    """Every file below `folder`, hidden ones too."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
