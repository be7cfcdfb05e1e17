"""Many clips in a row in one worker that is never replaced: how fast, and whether its memory grows.

    python -m bench.runner --data ../shared/data --clips 1200 --videos 100

The product's own worker works off the product's own queue, all default models on; only its rule to make room for a fresh one after so
many jobs is off. "sound" are RAVDESS clips, each once; "video" the real clips with pictures, again and again. Memory is the
worker's resident set, read from outside after every tenth of the jobs; growth is the slope of a line through the second half, when all
models are loaded and buffers have found their size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from app.analysis.jobs import Progress, enqueue, jobs_among
from app.analysis.plan import AnalysisPlan
from app.analysis.runner import ONE_THREAD
from app.media.importing import import_file
from app.media.limits import Limits
from app.media.outcomes import Imported
from app.services import Services
from app.settings import Settings

LOOK_S = 0.2


def main(data: Path, clips: int, videos: int) -> None:
    sounds = sorted((data / "ravdess_speech").glob("*.flac"))[:clips]
    pictures = [path for path in sorted((data / "clips").iterdir()) if path.suffix in (".mp4", ".mov")]
    with tempfile.TemporaryDirectory() as folder:
        services = Services.open(Settings(home=Path(folder)))
        if clips:
            ids = _imported(services, sounds)
            print(f"sound: {_measured(services, [(ids, AnalysisPlan())])}")
        if videos:
            ids = _imported(services, pictures)
            rounds = -(-videos // len(ids))
            # The queue takes a clip once a plan; a detector that looks at every 15th, 16th … frame does the same amount of work.
            print(f"video: {_measured(services, [(ids, AnalysisPlan(every=15 + turn)) for turn in range(rounds)])}")
        services.close()


def _imported(services: Services, paths: list[Path]) -> list[int]:
    limits = Limits.of(services.settings)
    outcomes = [import_file(services.database, services.store, limits, "bench", path, link=True) for path in paths]
    return [outcome.clip_id for outcome in outcomes if isinstance(outcome, Imported)]


def _measured(services: Services, batches: list[tuple[list[int], AnalysisPlan]]) -> str:
    with services.database.writing() as session:
        ids = [job for clip_ids, plan in batches for job in enqueue(session, clip_ids, plan)]
    started = time.perf_counter()
    work = subprocess.Popen([sys.executable, "-m", "bench.runner", "--work", str(services.settings.home)], env=_environment())
    process, readings, told = psutil.Process(work.pid), list[tuple[int, float]](), 0
    while True:
        with services.database.reading() as session:
            progress = Progress.of(jobs_among(session, ids))
        ended = progress.done + progress.failed
        if ended >= told:
            readings.append((ended, process.memory_info().rss / 2**20))
            told += max(1, len(ids) // 10)
        if progress.ended:
            break
        time.sleep(LOOK_S)
    seconds = time.perf_counter() - started
    work.wait()
    curve = ", ".join(f"{count}: {size:.0f}" for count, size in readings)
    later = np.array(readings[len(readings) // 2 :])
    slope = float(np.polyfit(later[:, 0], later[:, 1], 1)[0]) * 100 if len(later) > 1 else float("nan")
    return (
        f"{progress.done} analyses, {progress.failed} failed, in {seconds:.0f} s ({len(ids) / seconds:.1f} a second); "
        f"growth {slope:+.2f} MiB per 100; MiB after so many: {curve}"
    )


def _environment() -> dict[str, str]:
    import os

    return os.environ | ONE_THREAD


def _work(home: Path) -> None:
    """What the child process does: the worker's whole life, never replaced, until nothing is left."""
    from app.analysis.worker import Worker

    services = Services.open(Settings(home=home))
    Worker(services.database, services.store, idle_s=1.0, jobs_a_life=sys.maxsize).run()
    services.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Memory and speed of one worker over many clips")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--clips", type=int, default=1200)
    parser.add_argument("--videos", type=int, default=100)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    _work(asked.work) if asked.work else main(asked.data, asked.clips, asked.videos)
