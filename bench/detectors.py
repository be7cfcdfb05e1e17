"""What the face detectors find in real clips and pictures, against MTCNN in every frame at full size (faces from 40 pixels).

    python -m bench.detectors ../shared/data [--every N] [NAME…]

For each clip: how many of the reference's faces are found (IoU above 0.3), how many others, the mean IoU, and how far the five points lie
from the reference's, in widths of its box. Frames whose reference is wrong count against a detector that is right; look at the clip.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.catalogue import detectors
from models.detectors.mtcnn import Mtcnn
from models.protocols import FaceDetector
from models.tracking.faces import overlap
from models.types import Detections

SMALLEST = 40
"""Pixels, for the reference."""

SAME = 0.3


@dataclass
class Found:
    """Faces of the reference that were found, with IoU and distance of the points; `others` are none of them."""

    reference: int = 0
    others: int = 0
    overlaps: list[float] = field(default_factory=list)
    away: list[float] = field(default_factory=list)

    def add(self, found: Detections, reference: Detections) -> None:
        self.reference += len(reference)
        free = list(range(len(reference)))
        for box, points in zip(found.boxes, found.landmarks, strict=True):
            best = max(free, key=lambda i: overlap(box, reference.boxes[i]), default=None)
            if best is None or (share := overlap(box, reference.boxes[best])) <= SAME:
                self.others += 1
                continue
            free.remove(best)
            self.overlaps.append(share)
            away = np.linalg.norm(points - reference.landmarks[best], axis=1).mean()
            self.away.append(float(away / reference.boxes[best][2]))


def main(data: Path, names: list[str], every: int) -> None:
    chosen = {name: detectors.get(name)() for name in names or detectors.names() if detectors.get(name).available().ready}
    reference = Mtcnn(long_side=None, smallest_face=SMALLEST)
    print(f"{'':28}{'':12}{'faces':>7}{'found':>7}{'others':>8}{'IoU':>8}{'points':>8}")
    for path in sorted([*(data / "clips").iterdir(), *(data / "images").iterdir()]):
        for name, found in _measure(path, chosen, reference, every).items():
            overlaps, away = (f"{np.mean(values):8.3f}" if values else f"{'–':>8}" for values in (found.overlaps, found.away))
            print(f"{path.name:28}{name:12}{found.reference:7}{len(found.overlaps):7}{found.others:8}{overlaps}{away}", flush=True)


def _measure(path: Path, chosen: dict[str, FaceDetector], reference: FaceDetector, every: int) -> dict[str, Found]:
    measured = {name: Found() for name in chosen}
    for frame in _frames(path, every):
        truth = reference.detect([frame])[0]
        for name, one in chosen.items():
            measured[name].add(one.detect([frame])[0], truth)
    return measured


def _frames(path: Path, every: int) -> Iterator[NDArray[np.uint8]]:
    import av

    with av.open(str(path)) as media:
        for index, frame in enumerate(media.decode(video=0)):
            if index % every == 0:
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--every", type=int, default=1, help="look at each N-th frame only")
    arguments = parser.parse_args()
    main(arguments.data, arguments.names, arguments.every)
