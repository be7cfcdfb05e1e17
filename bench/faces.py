"""Faces followed by the flow against faces detected in every frame: speed, boxes, scores; one run, same clips, in turn.

    python -m bench.faces --clips ../shared/data/clips

Models are loaded beforehand. "file" is the product's own path, `app.analysis.faces.look`, from the file to its traces: opening, frame
times, decoding, following, scores. The others start from decoded RGB frames and give seven class probabilities a frame:

followed      what the product does: MTCNN in key frames, flow between, smoothed boxes, scores averaged over small shifts and steadied
full          the reference: the same search in every frame at full resolution (faces from 8 % of the long side: 51 to 77 px here), no
              smoothing of boxes or scores, one aligned crop a face
shrunk        as full, but frames shrunk to 400 px for the search, as the product does
default       as full, but with facenet-pytorch's own settings: faces from 20 px
fer           fer's own `FER(mtcnn=True).detect_emotions` of the installed package on BGR frames, as its video path calls it for each frame;
              its `tf.lite.Interpreter` is ai-edge-litert's here, TensorFlow being absent. (fer hands BGR to MTCNN and rounds to 0.01.)

"shift" is what moving the reference's crop by 2 % of the box's width, each of four ways, does to its scores. "flicker" is the share of
neighbouring frames whose leading class differs. Frames without a common face are counted under "seen".

One thread each for the networks by default: with more, the detector in every frame is a third faster on idle cores and many times slower
on busy ones, which would flatter what it is compared with. The product's own detector always runs on one. But in all paths except fer's
scores are made while the next frames are followed, so the wall may pass faster than the processor works; both are printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from types import ModuleType, SimpleNamespace
from typing import Any

import av
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from app.analysis.faces import look
from app.analysis.plan import AnalysisPlan
from models.detectors.mtcnn import Mtcnn
from models.face.crop import crops
from models.face.fer import Fer
from models.face.stream import SIDE, score_faces
from models.tracking.faces import overlap
from models.tracking.tracker import EVERY, FaceTracker

CLIPS = ("01-01-08-02-01-01-19.mp4", "talking_1.mp4", "talking_2.mp4", "talking_3.mp4", "single_face_quiet.mp4", "face_then_none.mov")
REFERENCE, FILE = "full", "file"
FASTER, BOXES, REAL_TIME, SHIFT = 8.0, 0.93, 6.0, 0.02

Frames = list[tuple[int, NDArray[np.uint8]]]

Seconds = dict[str, dict[str, list[float]]]
"""A frame, of each round; by clip and path."""


@dataclass(frozen=True)
class Face:
    """The largest face of a frame: `box` (4,) and `scores` (7,); landmarks where the path has them."""

    box: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None = None


Answers = list[Face | None]


def main(folder: Path, names: list[str], rounds: int, every: int, threads: int) -> None:
    torch.set_num_threads(threads)
    scorer = Fer(threads)
    paths = _paths(scorer, every, threads)
    clips = {name: _decode(folder / name) for name in names}
    walls: Seconds = {name: {path: [] for path in (FILE, *paths)} for name in names}
    works: Seconds = {name: {path: [] for path in (FILE, *paths)} for name in names}
    answers: dict[str, dict[str, Answers]] = {name: {} for name in names}
    for run in paths.values():  # whatever is made at the first call is made now
        run(clips[names[0]][:2])
    _look(folder / names[0], clips[names[0]])
    for name, frames in clips.items():
        for _ in range(rounds):  # in turn, so that a busy machine slows all alike
            with _timed(walls[name][FILE], works[name][FILE], len(frames)):
                _look(folder / name, frames)
            for path, run in paths.items():
                with _timed(walls[name][path], works[name][path], len(frames)):
                    answers[name][path] = run(frames)
    _print_speed(clips, walls, works)
    _print_agreement(clips, answers, scorer)


@contextmanager
def _timed(walls: list[float], works: list[float], frames: int) -> Iterator[None]:
    """Adds the seconds a frame that passed on the wall, and that this process worked."""
    wall, work = perf_counter(), process_time()
    yield
    walls.append((perf_counter() - wall) / frames)
    works.append((process_time() - work) / frames)


def _look(path: Path, frames: Frames) -> None:
    seen = look(path, frames[0][1].shape[1], AnalysisPlan(), lambda done: None)
    assert seen.frames == len(frames), f"{path}: {seen.frames} frames looked at of {len(frames)}"


def _paths(scorer: Fer, every: int, threads: int) -> dict[str, Callable[[Frames], Answers]]:
    def ours(detector: Mtcnn, every: int, steady: bool) -> Callable[[Frames], Answers]:
        return lambda frames: [
            max(
                (Face(np.array(face.box, np.float32), face.probabilities, face.landmarks) for face in frame.faces),
                key=lambda face: float(face.box[2:].prod()),
                default=None,
            )
            for frame in score_faces(frames, FaceTracker(detector, every=every, smooth=steady), scorer, steady)
        ]

    return {
        "followed": ours(Mtcnn(), every, steady=True),
        "full": ours(Mtcnn(None, threads=threads), 1, steady=False),
        "shrunk": ours(Mtcnn(threads=threads), 1, steady=False),
        "default": ours(Mtcnn(None, smallest_face=20, threads=threads), 1, steady=False),
        "fer": _fer(),
    }


def _fer() -> Callable[[Frames], Answers]:
    """fer's own class. It imports TensorFlow for the interpreter alone: that is given to it from ai-edge-litert."""
    from ai_edge_litert.interpreter import Interpreter

    stand_in: Any = ModuleType("tensorflow")
    stand_in.lite = SimpleNamespace(Interpreter=Interpreter)
    keras_models: Any = ModuleType("tensorflow.keras.models")
    keras_models.load_model = None
    sys.modules |= {"tensorflow": stand_in, "tensorflow.keras": ModuleType("tensorflow.keras"), "tensorflow.keras.models": keras_models}
    from fer.fer import FER

    detector = FER(mtcnn=True)

    def run(frames: Frames) -> Answers:
        answers: Answers = []
        for _, image in frames:
            faces = detector.detect_emotions(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
            largest = max(faces, key=lambda face: face["box"][2] * face["box"][3], default=None)
            answers.append(
                None
                if largest is None
                else Face(np.array(largest["box"], np.float32), np.array(list(largest["emotions"].values()), np.float32))
            )
        return answers

    return run


def _decode(path: Path) -> Frames:
    with av.open(str(path)) as clip:
        return [(index, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) for index, frame in enumerate(clip.decode(video=0))]


def _print_speed(clips: dict[str, Frames], walls: Seconds, works: Seconds) -> None:
    paths = list(next(iter(walls.values())))
    print("ms a frame on the wall (median of rounds); in brackets the processor's")
    print(f"{'':26}{'size':>10}" + "".join(f"{path:>16}" for path in paths))
    for name, frames in clips.items():
        height, width = frames[0][1].shape[:2]
        cells = "".join(f"{1e3 * median(walls[name][path]):9.2f} ({1e3 * median(works[name][path]):4.1f})" for path in paths)
        print(f"{name:26}{f'{width}×{height}':>10}{cells}")
    for measure, of in (("wall", walls), ("processor", works)):
        ratios = {path: median(median(of[name][path]) / median(of[name]["followed"]) for name in clips) for path in paths[2:]}
        print(f"times faster than, {measure}, median of clips: " + "  ".join(f"{path} {ratio:.1f}" for path, ratio in ratios.items()))
    reached = median(median(walls[name][REFERENCE]) / median(walls[name]["followed"]) for name in clips)
    print(f"aim: {FASTER:g} times faster than {REFERENCE}: {_verdict(reached >= FASTER)} ({reached:.1f})")
    for name in clips:
        if clips[name][0][1].shape[:2] == (700, 700):
            times = 1 / 25 / median(walls[name][FILE])
            print(f"aim: {REAL_TIME:g} × real time at 700×700, 25 a second, from the file: {_verdict(times >= REAL_TIME)} ({times:.1f})")


def _print_agreement(clips: dict[str, Frames], answers: dict[str, dict[str, Answers]], scorer: Fer) -> None:
    print(f"\n{'against ' + REFERENCE:26}{'path':>10}{'seen':>10}{'IoU':>7}{'|Δp|':>8}{'shift':>8}{'flicker':>9}{'its':>7}  leading class")
    ours: list[tuple[float, float, float, float, float, bool]] = []
    for name, frames in clips.items():
        truth = answers[name][REFERENCE]
        shifted = _shift_effect(frames, truth, scorer)
        for path, mine in answers[name].items():
            both = [(a, b) for a, b in zip(mine, truth, strict=True) if a is not None and b is not None]
            if path == REFERENCE or not both:
                continue
            boxes = float(np.mean([overlap(a.box, b.box) for a, b in both]))
            scores = float(np.mean([np.abs(a.scores - b.scores).mean() for a, b in both]))
            flicker, its = _flicker(mine), _flicker(truth)
            leading, theirs = _leading(mine, scorer), _leading(truth, scorer)
            seen = f"{sum(face is not None for face in mine)}/{sum(face is not None for face in truth)}"
            print(
                f"{name:26}{path:>10}{seen:>10}{boxes:7.3f}{scores:8.4f}{shifted:8.4f}{flicker:9.3f}{its:7.3f}"
                f"  {leading}{'' if leading == theirs else ' (not ' + theirs + ')'}"
            )
            if path == "followed":
                ours.append((boxes, scores, shifted, flicker, its, leading == theirs))
    boxes, scores, shifted, flicker, its, same = np.array(ours).T
    print(
        f"aim: mean IoU {BOXES:g}: {_verdict(boxes.mean() >= BOXES)} (mean {boxes.mean():.3f}, {sum(boxes >= BOXES)} of {len(ours)} clips)"
    )
    print(f"aim: |Δp| at most that of a shift: {_verdict(bool((scores <= shifted).all()))} ({sum(scores <= shifted)} of {len(ours)} clips)")
    print(f"aim: same leading class: {_verdict(bool(same.all()))} ({sum(same > 0)} of {len(ours)} clips)")
    print(
        f"aim: flicker at most half: {_verdict(flicker.mean() <= its.mean() / 2)} ({flicker.mean() / its.mean():.2f} of it, mean of clips)"
    )


def _shift_effect(frames: Frames, truth: Answers, scorer: Fer) -> float:
    """Mean absolute difference of class probabilities when the crop of the same landmarks moves by 2 % of the box's width."""
    differences: list[float] = []
    for (_, image), face in zip(frames, truth, strict=True):
        if face is None or face.landmarks is None:
            continue
        step = SHIFT * float(face.box[2])
        moves = np.array([[0, 0], [step, 0], [-step, 0], [0, step], [0, -step]], np.float32)
        scores = scorer.score(np.concatenate([crops(image, face.landmarks + move, SIDE) for move in moves])).probabilities
        differences.append(float(np.abs(scores[1:] - scores[0]).mean()))
    return float(np.mean(differences)) if differences else float("nan")


def _flicker(faces: Answers) -> float:
    leading = [None if face is None else int(face.scores.argmax()) for face in faces]
    steps = [(a, b) for a, b in pairwise(leading) if a is not None and b is not None]
    return float(np.mean([a != b for a, b in steps])) if steps else 0.0


def _leading(faces: Answers, scorer: Fer) -> str:
    assert scorer.info.labels is not None
    return scorer.info.labels.classes[int(np.mean([face.scores for face in faces if face is not None], axis=0).argmax())]


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=Path("../shared/data/clips"), help="folder of the clips")
    parser.add_argument("--names", nargs="+", default=list(CLIPS), help="files in it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=int, default=EVERY, help="frames from key frame to key frame")
    parser.add_argument("--threads", type=int, default=1, help="of the detector in every frame, of fer, and of the scores")
    given = parser.parse_args()
    main(given.clips, given.names, given.rounds, given.every, given.threads)
