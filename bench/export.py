"""The CSV export's speed, and whether its memory grows with the number of judgements.

    python -m bench.export [--judgements 1000000] [--clips 2000]

Makes a SQLite database with a tenth of the judgements and one with all of them, exports each in a process of its own, and prints rows a
second, the peak of resident memory, and the ratio of the two peaks (1 is constant). Ratios travel between machines; seconds do not.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app.exchange import export
from app.projects import project_named
from db import tables
from db.engine import Database
from db.migrate import upgrade

START = datetime(2026, 1, 1, tzinfo=UTC)
CLIP_US = 5_000_000
EMOTIONS = ("anger", "fear", "sadness", "happiness_joy", "awe", "disgust", "relief")
BATCH = 10_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--judgements", type=int, default=1_000_000)
    options.add_argument("--clips", type=int, default=2_000)
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure)))
        return
    found = [measured_apart(count, asked.clips) for count in (asked.judgements // 10, asked.judgements)]
    for one in found:
        print(
            f"{one['judgements']:>9,} judgements  {one['rows']:>9,} rows  {one['seconds']:6.1f} s  "
            f"{one['rows'] / one['seconds']:>8,.0f} rows/s  peak {one['peak_mib']:.0f} MiB"
        )
    print(f"peak at {found[1]['judgements']:,} : peak at {found[0]['judgements']:,} = {found[1]['peak_mib'] / found[0]['peak_mib']:.2f}")


def measured_apart(judgements: int, clips: int) -> dict[str, Any]:
    """Fills a database here, exports it in a new process, whose peak of memory is the export's own."""
    with tempfile.TemporaryDirectory(prefix="portrayal-bench-") as home:
        fill(Path(home), judgements, clips)
        command = [sys.executable, "-m", "bench.export", "--measure", home]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(home: Path) -> dict[str, Any]:
    database = Database(f"sqlite:///{home / 'portrayal.sqlite'}")
    began = time.perf_counter()
    with database.reading() as session:
        exported = export(session, project_named(session, "bench"), home / "out")
    seconds = time.perf_counter() - began
    rows = json.loads((home / "out" / "manifest.json").read_text())["counts"]["label_rows"]
    unit = 1024 if sys.platform != "darwin" else 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    return {"judgements": exported.judgements, "rows": rows, "seconds": seconds, "peak_mib": peak}


def fill(home: Path, judgements: int, clips: int) -> None:
    """A project with `clips` clips and `judgements` judgements spread over them, every fifth a blend of two emotions."""
    database = Database(f"sqlite:///{home / 'portrayal.sqlite'}")
    upgrade(database.engine)
    with database.writing() as session:
        project = project_named(session, "bench", create=True)
        rater = tables.Rater(name="bench", local=True)
        session.add(rater)
        for number in range(clips):
            medium = tables.Medium(sha256=f"{number:064x}", size=1, container="mp4", duration_us=CLIP_US, frames=0, playable=True)
            session.add(
                tables.Clip(project=project, medium=medium, file_name=f"A{number % 100}_ang_p_2_ver{number}.mp4", actor=f"A{number % 100}")
            )
        session.flush()
        ids, scheme_id, rater_id = list(range(1, clips + 1)), project.scheme_id, rater.id
    for first in range(0, judgements, BATCH):
        numbers = range(first, min(first + BATCH, judgements))
        with database.writing() as session:
            session.execute(insert(tables.Judgement), [judgement(n, ids[n % clips], rater_id, scheme_id) for n in numbers])
            session.execute(insert(tables.JudgementEmotion), [emotion for n in numbers for emotion in emotions(n)])
    database.close()


def judgement(number: int, clip_id: int, rater_id: int, scheme_id: int) -> dict[str, Any]:
    said_at = START + timedelta(seconds=number)
    start = number * 7919 % (CLIP_US - 500_000)
    return {
        "id": str(UUID(int=number * 0x9E3779B97F4A7C15 % 2**128)),
        "clip_id": clip_id,
        "rater_id": rater_id,
        "revision": 1 + number % 3,
        "removed": False,
        "tier": "face:1",
        "start_us": start,
        "end_us": start + 500_000,
        "outcome": "label",
        "source": "human",
        "intensity": 1 + number % 4,
        "confidence": 1 + number % 5,
        "valence": number % 200 / 100 - 1,
        "note": f"note {number}, with a comma",
        "context": {"task": "free", "options_shown": list(EMOTIONS), "suggestion_visible": True, "latency_ms": 1500.5, "replays": 1},
        "scheme_id": scheme_id,
        "created_at": said_at,
        "changed_at": said_at,
    }


def emotions(number: int) -> Iterator[dict[str, Any]]:
    one = str(UUID(int=number * 0x9E3779B97F4A7C15 % 2**128))
    for position in range(2 if number % 5 == 0 else 1):
        yield {"judgement_id": one, "position": position, "emotion": EMOTIONS[(number + position) % len(EMOTIONS)], "weight": 0.5}


if __name__ == "__main__":
    main()
