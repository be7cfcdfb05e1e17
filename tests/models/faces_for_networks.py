"""A real face as the product crops it, and a weights folder of one test's own, for networks whose weights cannot be had here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.face.crop import SHIFTS, crops
from models.weights import store
from tests.models.pictures import detector, picture


def real_face(data: Path, side: int) -> NDArray[np.uint8]:
    """Five crops (5, side, side, 3) of one photographed face, each a little shifted."""
    image = picture(data / "images" / "one_face.jpg")
    (found,) = detector().detect([image])
    return crops(image, found.landmarks[0], side, SHIFTS)


@contextmanager
def weights_in(folder: Path) -> Iterator[Path]:
    """The process's store of weights is `folder` meanwhile."""
    before = store._chosen
    store.use(folder)
    try:
        yield folder
    finally:
        store.use(before)
