"""Who is who when a face comes back: small whole numbers, kept over gaps, never shared by two faces at once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.crop import alignment
from models.tracking.faces import Sighting
from models.tracking.flow import SmallGrey

LONGEST_GAP = 75
"""Frames, three seconds at 25 a second. Somebody who was away longer may be somebody else: a new number."""

PORTRAIT = 16
"""Pixels a side: enough to tell the light and shade of two faces apart, too few to mind an expression."""


@dataclass(frozen=True)
class Likeness:
    """What a returning face must meet: distance in box widths, ratio of sizes, correlation of portraits."""

    distance: float
    size: float
    portrait: float


WITHIN_SHOT = Likeness(distance=1.5, size=1.6, portrait=0.4)
ACROSS_CUT = Likeness(distance=0.75, size=1.3, portrait=0.85)
"""Stricter: after a cut somebody else may well sit in the same place. When in doubt it is a new face."""


@dataclass(frozen=True)
class _Gone:
    face: Sighting
    portrait: NDArray[np.float32]
    frame: int
    shot: int


class Identities:
    """Gives out numbers, and remembers the faces that went away for as long as they may come back."""

    def __init__(self) -> None:
        self._next = 1
        self._gone: dict[int, _Gone] = {}

    def left(self, face_id: int, face: Sighting, grey: SmallGrey, frame: int, shot: int) -> None:
        """The face was last seen so in `frame` of `shot`."""
        self._gone[face_id] = _Gone(face, portrait(grey, face.landmarks), frame, shot)

    def number(self, face: Sighting, grey: SmallGrey, frame: int, shot: int) -> int:
        """The number of a face that appears: that of the likest one that went away near by, or a new one."""
        self._gone = {face_id: gone for face_id, gone in self._gone.items() if frame - gone.frame <= LONGEST_GAP}
        now = portrait(grey, face.landmarks)
        known = {
            face_id: float((gone.portrait * now).sum())
            for face_id, gone in self._gone.items()
            if _may_be(gone, face, WITHIN_SHOT if gone.shot == shot else ACROSS_CUT)
        }
        known = {
            face_id: alike
            for face_id, alike in known.items()
            if alike >= (WITHIN_SHOT if self._gone[face_id].shot == shot else ACROSS_CUT).portrait
        }
        if known:
            face_id = max(known, key=lambda one: known[one])
            del self._gone[face_id]
            return face_id
        self._next += 1
        return self._next - 1


def portrait(grey: SmallGrey, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """(16, 16) float32 of the aligned face, mean 0 and length 1: the product of two is their correlation in [-1, 1]."""
    matrix = alignment(landmarks * np.float32(grey.scale)) * PORTRAIT
    pixels = cv2.warpAffine(grey.pixels, matrix, (PORTRAIT, PORTRAIT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE).astype(
        np.float32
    )
    pixels -= pixels.mean()
    return pixels / max(float(np.linalg.norm(pixels)), 1e-6)


def _may_be(gone: _Gone, face: Sighting, rule: Likeness) -> bool:
    then, now = gone.face.box, face.box
    apart = float(np.linalg.norm(then[:2] + then[2:] / 2 - now[:2] - now[2:] / 2))
    ratio = float(np.sqrt(now[2:].prod() / max(float(then[2:].prod()), 1e-6)))
    return apart <= rule.distance * float(then[2]) and 1 / rule.size <= ratio <= rule.size
