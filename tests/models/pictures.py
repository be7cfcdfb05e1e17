"""Frames of real clips, and answers of the real detector and network, made once for all tests of faces."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from models.detectors.mtcnn import Mtcnn
from models.face.fer import Fer

Frames = list[tuple[int, NDArray[np.uint8]]]


def decode(path: Path, most: int = 10_000) -> Frames:
    with av.open(str(path)) as clip:
        return [(index, frame.to_ndarray(format="rgb24")) for index, frame in zip(range(most), clip.decode(video=0), strict=False)]


def picture(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def numbered(images: list[NDArray[np.uint8]]) -> Frames:
    return list(enumerate(images))


@cache
def detector() -> Mtcnn:
    return Mtcnn()


@cache
def network() -> Fer:
    return Fer(threads=1)
