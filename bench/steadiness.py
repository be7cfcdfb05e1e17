"""Face models side by side on the same crops of real clips: how far each trembles, and what it costs.

    python -m bench.steadiness --clips ../shared/data/clips --models fer portrayal_face

Each clip is followed once; every model sees the same faces. "single" is one crop a frame; "product" the mean over the small shifts that
the model asks for, steadied over time, as an analysis gives it; under both stands the flicker: the share of neighbouring frames of a face
whose leading class differs. "shift": mean absolute difference of class probabilities when the crop moves by 2 % of its side, each of four
ways. "ms": processor's time of one crop, one thread, median of batches.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from time import thread_time
from typing import Any

import av
import numpy as np
import torch
from numpy.typing import NDArray

from models.catalogue import face_models
from models.detectors.mtcnn import Mtcnn
from models.face.crop import alignment, crops
from models.face.scored import FrameFaces, ScoredFace
from models.face.steady import steadied
from models.face.stream import crop_shifts, crop_side
from models.tracking.tracker import FaceTracker

CLIPS = ("01-01-08-02-01-01-19.mp4", "talking_1.mp4", "talking_2.mp4", "talking_3.mp4", "single_face_quiet.mp4", "face_then_none.mov")

BATCH = 16

MOVES = ((0.02, 0.0), (-0.02, 0.0), (0.0, 0.02), (0.0, -0.02))
"""Of the crop's side."""

Scores = list[tuple[int, int, NDArray[np.float32]]]
"""Frame, face and its probabilities (K,)."""


def main(folder: Path, names: list[str], models: list[str]) -> None:
    torch.set_num_threads(1)
    scorers: dict[str, Any] = {name: face_models.get(name)(threads=1) for name in models}  # pyright: ignore[reportCallIssue]
    print(f"{'':26}{'model':>16}{'faces':>7}{'single':>9}{'product':>9}{'shift':>8}{'ms':>7}  leading classes")
    for clip in names:
        followed = list(FaceTracker(Mtcnn()).follow(_frames(folder / clip)))
        for name, scorer in scorers.items():
            side, own = crop_side(scorer), crop_shifts(scorer)
            places = [(frame.frame, face) for frame in followed for face in frame.faces]
            moved = [_moved(frame.image, face.landmarks, side) for frame in followed for face in frame.faces]
            seen = [crops(frame.image, face.landmarks, side, own) for frame in followed for face in frame.faces]
            scores, taken = _scores(scorer, np.concatenate(moved))
            scores = scores.reshape(len(places), 1 + len(MOVES), -1)
            product = _scores(scorer, np.concatenate(seen))[0].reshape(len(places), len(own), -1).mean(1)
            steady = _steadied(len(followed), places, product)
            single = [(frame, face.face_id, row) for (frame, face), row in zip(places, scores[:, 0], strict=True)]
            shift = float(np.abs(scores[:, 1:] - scores[:, :1]).mean())
            leading = np.bincount(scores[:, 0].argmax(1), minlength=scores.shape[2]) / len(places)
            told = ", ".join(f"{scorer.info.labels.classes[k]} {leading[k]:.0%}" for k in np.argsort(-leading)[:3] if leading[k] > 0)
            cells = f"{len(places):7}{_flicker(single):9.3f}{_flicker(steady):9.3f}{shift:8.4f}{taken:7.2f}"
            print(f"{clip:26}{name:>16}{cells}  {told}")


def _moved(image: NDArray[np.uint8], landmarks: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """The crop (side, side, 3) where it belongs, then moved by 2 % of its side to each of four sides: exactly, not by whole pixels."""
    width = 1 / float(np.hypot(*alignment(landmarks)[:, 0]))
    moves = np.array([[0, 0], *MOVES], np.float32) * width
    return np.concatenate([crops(image, landmarks + move, side) for move in moves])


def _frames(path: Path) -> list[tuple[int, NDArray[np.uint8]]]:
    with av.open(str(path)) as clip:
        return [(index, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) for index, frame in enumerate(clip.decode(video=0))]


def _scores(scorer: Any, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    scorer.score(pixels[:BATCH])
    rows, taken = [], []
    for start in range(0, len(pixels), BATCH):
        some = pixels[start : start + BATCH]
        begun = thread_time()
        rows.append(scorer.score(some).probabilities)
        taken.append((thread_time() - begun) / len(some) * 1000)
    return np.concatenate(rows), float(np.median(taken))


def _steadied(frames: int, places: list[tuple[int, Any]], scores: NDArray[np.float32]) -> Scores:
    faces: dict[int, list[ScoredFace]] = {frame: [] for frame in range(frames)}
    for (frame, face), row in zip(places, scores, strict=True):
        faces[frame].append(ScoredFace(face.face_id, face.box, face.confidence, face.detected, face.landmarks, face.pose, row))
    stream = (FrameFaces(frame, tuple(there)) for frame, there in faces.items())
    return [(frame.frame, face.face_id, face.probabilities) for frame in steadied(stream) for face in frame.faces]


def _flicker(rows: Scores) -> float:
    leading: dict[int, dict[int, int]] = {}
    for frame, face, row in rows:
        leading.setdefault(face, {})[frame] = int(row.argmax())
    changes = [one[a] != one[b] for one in leading.values() for a, b in pairwise(sorted(one)) if b == a + 1]
    return float(np.mean(changes)) if changes else 0.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=Path("../shared/data/clips"), help="folder of the clips")
    parser.add_argument("--names", nargs="+", default=list(CLIPS), help="files in it")
    parser.add_argument("--models", nargs="+", default=["fer", "portrayal_face"], help="face models")
    given = parser.parse_args()
    main(given.clips, given.names, given.models)
