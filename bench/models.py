"""Every model that can run here, each in a process of its own on one core: how long it takes, how much memory it needs.

    python -m bench.models [NAME…] --images ../shared/data/images

Detectors and body landmarks look at one frame of 1280×720 (a picture with five faces brought to that size; noise where the picture is not
there, which some detectors search in another time). Face models and embedders get sixteen crops a call, which is about what an analysis
gives them, landmarks one face. Sound is ten seconds of made-up tones in noise, in the windows of the voice lane; "+ words" is transcribing
the same. The first call is not counted. Medians of the rounds, milliseconds on the wall and in brackets the processor's; a busy machine
stretches the first more. "memory" is by how much the process's peak grew from before the model was loaded, libraries such as torch
included; "load" the seconds to load them and it, and to answer once. Which models cannot run, and why, is said below the table.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import KINDS
from models.types import SAMPLE_RATE, Modality

WIDTH, HEIGHT = 1280, 720
CROPS = 16
SECONDS = 10

UNITS = {
    Modality.DETECTOR: "frame",
    Modality.BODY: "frame",
    Modality.LANDMARKS: "face",
    Modality.FACE: "face",
    Modality.IDENTITY: "face",
    Modality.SPEECH: "second",
    Modality.SPEAKER: "second",
    Modality.VOICE: "second",
}

Figures = tuple[float, float]
"""Milliseconds: on the wall, and of the processor."""

ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")}


def main(names: list[str], images: Path, rounds: int) -> int:
    """1 where a model that says it can run could not."""
    print(f"{'one core':24}{'ms a':>10}{'wall':>10}{'processor':>12}{'load s':>9}{'memory MB':>11}")
    absent: list[str] = []
    failed: list[str] = []
    for modality, registry in KINDS.items():
        for name, model in registry:
            if names and name not in names:
                continue
            availability = model.available()
            if not availability.ready:
                absent.append(f"{name}: {availability.advice}")
                continue
            answer = _in_its_own_process(modality, name, images, rounds)
            if isinstance(answer, str):
                failed.append(f"{name}: {answer}")
                continue
            for step, (wall, processor) in answer["steps"].items():
                cost = f"{answer['load']:9.1f}{answer['memory']:11.0f}"
                print(f"{name + step:24}{UNITS[modality]:>10}{wall:10.2f}{f'({processor:.2f})':>12}{cost}", flush=True)
    for title, lines in (("cannot run here", absent), ("FAILED", failed)):
        if lines:
            print(f"\n{title}")
            print("\n".join(f"  {line}" for line in lines))
    return 1 if failed else 0


def _in_its_own_process(modality: Modality, name: str, images: Path, rounds: int) -> dict[str, Any] | str:
    """What `measure` found, or the last line of what went wrong."""
    command = [sys.executable, "-m", "bench.models", name, "--only", modality.value, "--images", str(images), "--rounds", str(rounds)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    return json.loads(done.stdout.splitlines()[-1])


def measure(modality: Modality, name: str, images: Path, rounds: int) -> dict[str, Any]:
    """Seconds to load, megabytes, and milliseconds a unit, wall and processor, of each thing that the model does."""
    on_one_core()
    frame = _frame(images)
    before, start = peak_megabytes(), perf_counter()
    model = _with_one_thread(KINDS[modality].get(name))
    steps = _steps(modality, model, frame)
    first = next(iter(steps.values()))[0]
    first()
    load = perf_counter() - start
    figures = {step: timed([run], units, rounds)[0] for step, (run, units) in steps.items()}
    return {"load": load, "memory": peak_megabytes() - before, "steps": figures}


def _with_one_thread(model: type[Any]) -> Any:
    """A model that lets its threads be chosen gets one: two on one core wait for each other and look twice as slow."""
    return model(threads=1) if "threads" in inspect.signature(model).parameters else model()


def _steps(modality: Modality, model: Any, frame: NDArray[np.uint8]) -> dict[str, tuple[Callable[[], object], float]]:
    """What there is to measure: a call, and how many units it does."""
    if modality is Modality.DETECTOR:
        return {"": (lambda: model.detect([frame]), 1)}
    if modality is Modality.BODY:
        return {"": (lambda: model.bodies(frame), 1)}
    if modality is Modality.LANDMARKS:
        boxes = KINDS[Modality.DETECTOR].get("haar")().detect([frame])[0].boxes
        box = boxes[:1] if len(boxes) else np.array([[0.4 * WIDTH, 0.3 * HEIGHT, 0.2 * WIDTH, 0.4 * HEIGHT]], np.float32)
        return {"": (lambda: model.landmarks(frame, box), 1)}
    if modality in (Modality.FACE, Modality.IDENTITY):
        side = int(getattr(model, "crop_side", 128))
        crops = np.stack([frame[place : place + side, place : place + side] for place in range(CROPS)])
        ask = model.score if modality is Modality.FACE else model.embed
        return {"": (lambda: ask(crops), CROPS)}

    from models.voice.windows import Listening, windows

    asked: Listening = getattr(model, "listening", Listening())
    sound, spans = _sound(), windows(SECONDS * 1_000_000, asked.window_us, asked.hop_us)
    if modality is Modality.SPEECH:
        return {"": (lambda: model.speech(sound), SECONDS)}
    if modality is Modality.SPEAKER:
        return {"": (lambda: model.embed(sound, spans), SECONDS)}
    steps: dict[str, tuple[Callable[[], object], float]] = {"": (lambda: model.score(sound, spans), SECONDS)}
    if hasattr(model, "transcribe"):
        steps[" + words"] = (lambda: model.transcribe(sound, np.array([[0, SECONDS * 1_000_000]], np.int64)), SECONDS)
    return steps


def timed(runs: Sequence[Callable[[], object]], units: float, rounds: int) -> list[Figures]:
    """Milliseconds a unit of each of `runs` in turn, medians; one turn beforehand is not counted."""
    for run in runs:
        run()
    walls: list[list[float]] = [[] for _ in runs]
    works: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for place, run in enumerate(runs):
            wall, work = perf_counter(), process_time()
            run()
            walls[place].append(1e3 * (perf_counter() - wall) / units)
            works[place].append(1e3 * (process_time() - work) / units)
    return [(median(wall), median(work)) for wall, work in zip(walls, works, strict=True)]


def on_one_core() -> None:
    """This process works on one core from now on, where the system lets it choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def peak_megabytes() -> float:
    """The most memory this process has had."""
    per_megabyte = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_megabyte


def _frame(images: Path) -> NDArray[np.uint8]:
    import cv2

    picture = cv2.imread(str(images / "five_faces.jpg")) if (images / "five_faces.jpg").is_file() else None
    if picture is None:
        return np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    resized = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(resized[..., ::-1], dtype=np.uint8)


def _sound() -> NDArray[np.float32]:
    times = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    tones = sum(np.sin(2 * np.pi * pitch * times) for pitch in (140, 280, 420, 1200))
    rhythm = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * times)
    noise = np.random.default_rng(1).normal(0, 0.01, len(times))
    return np.asarray(0.1 * tones * rhythm + noise, np.float32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="models; all of them where none is named")
    parser.add_argument("--images", type=Path, default=Path("../shared/data/images"), help="folder with five_faces.jpg")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=[modality.value for modality in KINDS], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        print(json.dumps(measure(Modality(given.only), given.names[0], given.images, given.rounds)))
    else:
        sys.exit(main(given.names, given.images, given.rounds))
