"""The doctor says what is wrong and what to do, and changes nothing."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from app.demo import import_demo
from app.doctor import Check, examine
from app.services import Services
from app.settings import Settings


def checks(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in examine(settings)}


def test_a_sound_installation_has_nothing_to_mend(services: Services) -> None:
    found = checks(services.settings)
    assert {name for name, check in found.items() if not check.ok} == set()
    assert {"python", "packages", "opencv", "codecs", "home folder", "disk space", "database", "database file", "media"} <= set(found)
    assert {"model mtcnn", "model fer", "model silero", "model portrayal_voice"} <= set(found)


def test_a_home_that_is_not_there_yet_is_named_and_not_made(tmp_path: Path) -> None:
    home = tmp_path / "nowhere" / "home"
    found = checks(Settings(home=home))
    assert not found["database"].ok and "init" in found["database"].advice
    assert not home.exists() and not home.parent.exists()


def test_a_clip_whose_file_has_gone_is_named(services: Services) -> None:
    import_demo(services, "study")
    assert checks(services.settings)["media"].advice == "1 files are there"
    shutil.rmtree(services.settings.media)
    found = checks(services.settings)["media"]
    assert not found.ok and "synthetic_demo.mp4" in found.advice


def test_a_file_that_a_broken_off_import_left_is_named_and_kept(services: Services) -> None:
    import_demo(services, "study")
    left, young = (services.store.receive([content]).path for content in (b"left", b"young"))
    day_ago = time.time() - 25 * 3600
    for path in [path for path in services.store.root.rglob("*") if path.is_file() and path != young]:
        os.utime(path, (day_ago, day_ago))
    check = checks(services.settings)["media without clips"]
    assert check.ok and str(left) in check.advice and check.advice.startswith("1 files")
    assert left.exists()


def test_a_damaged_database_is_reported_and_does_not_stop_the_other_checks(tmp_path: Path) -> None:
    (tmp_path / "portrayal.sqlite").write_bytes(b"no database" * 500)
    found = checks(Settings(home=tmp_path))
    assert not found["database"].ok and found["database"].advice
    assert found["model fer"].ok
