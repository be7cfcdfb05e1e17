"""The demo clip is made without a network, and is a clip as any other."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from app.demo import FILE_NAME, FPS, SECONDS, SIZE, import_demo, make_demo
from app.services import Services
from db.tables import Clip


def test_it_is_ten_seconds_of_picture_and_voice_that_a_browser_plays(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the demo clip reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    clip_id = import_demo(services, "study")
    with services.database.reading() as session:
        medium = session.get_one(Clip, clip_id).medium
        assert (medium.width, medium.height, medium.frames) == (SIZE, SIZE, FPS * SECONDS)
        assert medium.playable and medium.sample_rate is not None
        assert abs(medium.duration_us - SECONDS * 1_000_000) < 100_000


def test_asking_twice_gives_one_clip(services: Services) -> None:
    assert import_demo(services, "study") == import_demo(services, "study")
    with services.database.reading() as session:
        assert session.scalars(select(Clip.file_name)).all() == [FILE_NAME]


def test_every_frame_says_that_it_is_synthetic(tmp_path: Path) -> None:
    import av

    with av.open(str(make_demo(tmp_path))) as container:
        for frame in container.decode(video=0):
            caption = frame.to_ndarray(format="gray")[SIZE - 30 : SIZE - 8, 14:420]
            assert np.ptp(caption.astype(int)) > 120, "white letters with a dark edge stand out from whatever is behind them"
