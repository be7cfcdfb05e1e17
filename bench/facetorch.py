"""facetorch as it is shipped against ours, a frame of 1280×720 on one core: prior boxes alone, and the whole of its analyzer.

    python -m bench.facetorch

Both get the same TorchScript networks with RANDOM WEIGHTS, of which one has RetinaFace's true size (ResNet-50, 27.3 million weights) and
one hardly computes at all, so that what is around it shows. They are made to find no face: how many are found would be chance, and
facetorch's comparing of boxes in Python, which ours does not have, would flatter ours. So the expression network is not run either.

shipped    facetorch's `FaceAnalyzer` in its published configuration
ours       `models.facetorch.analyzer.Analyzer` with our `facetorch_retinaface`, at the frame's full size
ours, 512  the same as the product runs it: the frame shrunk to 512 pixels for the search

"prior boxes" are made anew in both; in ours that is once for each size of frame, and nothing afterwards. The three take turns, so that a
busy machine slows all alike; the first turn is not counted. Medians of the rounds, milliseconds on the wall and in brackets the
processor's; ratios are those of the processor's time, which a busy machine stretches less.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.models import HEIGHT, ONE_THREAD, WIDTH, Figures, on_one_core, timed

AIM = 5.0
"""Times faster a frame."""


def main(rounds: int) -> None:
    """In a process whose libraries were told at their start to use one thread."""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.facetorch", "--rounds", str(rounds), "--here"],
        env=os.environ | ONE_THREAD,
        check=True,
    )


def compare(rounds: int) -> None:
    import torch

    from tests.models.facetorch_networks import FullRetinaFace, TinyRetinaFace

    on_one_core()
    torch.manual_seed(1)
    frame = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    print(f"{'ms a frame of 1280×720':26}{'shipped':>20}{'ours':>20}{'times':>8}{'ours, 512':>20}{'times':>8}")
    _row("prior boxes", *_priors(rounds))
    _row("whole, tiny network", *_whole(TinyRetinaFace(), frame, rounds))
    reached = _row("whole, true size", *_whole(FullRetinaFace(), frame, rounds))
    print(f"aim: {AIM:g} times faster, true size, as the product runs it: {'met' if reached >= AIM else 'MISSED'} ({reached:.1f})")


def _row(name: str, shipped: Figures, *ours: Figures) -> float:
    """Prints it. How many times faster the last of `ours` is, in the processor's time."""
    cells = "".join(f"{_cell(figures)}{shipped[1] / figures[1]:8.1f}" for figures in ours)
    print(f"{name:26}{_cell(shipped)}{cells}", flush=True)
    return shipped[1] / ours[-1][1]


def _cell(figures: Figures) -> str:
    return f"{f'{figures[0]:.1f} ({figures[1]:.1f})':>20}"


def _priors(rounds: int) -> list[Figures]:
    from facetorch.analyzer.detector.post import PriorBox
    from facetorch.datastruct import Dimensions

    from models.facetorch.retinaface import SIDES, STEPS, priors

    shipped = PriorBox([list(sides) for sides in SIDES], list(STEPS), clip=False)
    return timed([lambda: shipped.forward(Dimensions(HEIGHT, WIDTH)), lambda: priors.__wrapped__(HEIGHT, WIDTH)], 1, rounds)


def _whole(network: Any, frame: NDArray[np.uint8], rounds: int) -> list[Figures]:
    import torch
    from facetorch import FaceAnalyzer
    from omegaconf import OmegaConf

    from models.catalogue import detectors
    from models.detectors.facetorch_retinaface import FacetorchRetinaFace
    from models.face.facetorch_fer import FacetorchFer
    from models.facetorch.analyzer import Analyzer
    from models.facetorch.networks import DETECTOR, FER
    from models.weights import store as weights
    from tests.models.facetorch_networks import TinyFace, put_in_store, shipped, silent

    @detectors.register("facetorch_retinaface_full")
    class FullSize(FacetorchRetinaFace):
        def __init__(self) -> None:
            super().__init__(long_side=None)

    with tempfile.TemporaryDirectory() as folder:
        weights.use(Path(folder))
        example = torch.zeros(1, 3, 96, 128)
        detector = put_in_store(FacetorchRetinaFace.info, DETECTOR, silent(network), example=example)
        fer = put_in_store(FacetorchFer.info, FER.file, TinyFace(8))
        theirs: Any = FaceAnalyzer(OmegaConf.create(shipped(detector, fer)))  # pyright: ignore[reportArgumentType]
        full, shrunk = Analyzer("facetorch_retinaface_full"), Analyzer("facetorch_retinaface")
        image = torch.from_numpy(frame).permute(2, 0, 1)
        paths: list[Callable[[], object]] = [
            lambda: theirs.run(tensor=image, include_tensors=True, return_img_data=True),
            lambda: full.analyze(frame),
            lambda: shrunk.analyze(frame),
        ]
        figures = timed(paths, 1, rounds)
        weights.use(None)
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    (compare if given.here else main)(given.rounds)
