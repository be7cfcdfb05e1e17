"""Boxes that move with the face instead of jittering with the detector.

Two looks at the same face differ by some percent of its size though nothing moved. Flow knows the movement between two key frames far
better than that. So each key frame corrects what the flow foretold only in part, and between two key frames the box carried forward
fades into the one carried back.
"""

from __future__ import annotations

import numpy as np

from models.tracking.faces import Sighting, overlap
from models.tracking.flow import Motion

GAIN = 0.6
"""How much of a new look counts against what was known: √(g / (2 − g)), two thirds, of the jitter stays. Less lags behind a jaw."""

DRIFTED = 0.7
"""Overlap of foretold and found box below which the flow has gone astray and the new look counts in full."""


def settle(foretold: Sighting, found: Sighting, looks: int) -> Sighting:
    """What to believe at a key frame: the running mean of the first `looks` looks, then a filter of gain `GAIN`."""
    gain = max(GAIN, 1 / (looks + 1)) if overlap(foretold.box, found.box) >= DRIFTED else 1.0
    return Sighting(_mix(foretold.box, found.box, gain), _mix(foretold.landmarks, found.landmarks, gain), found.confidence)


def carry(face: Sighting, motion: Motion) -> Sighting:
    """The face, moved."""
    return Sighting(motion.box(face.box), motion.points(face.landmarks), face.confidence * motion.agreement, detected=False)


def between(first: Sighting, last: Sighting, path: list[Motion]) -> list[Sighting]:
    """The face in each frame from `first` to before `last`; `path` holds the motion from the first frame to each one, the last included."""
    back = path[-1].back()
    start = carry(last, back)
    steps = len(path) - 1
    faces = [first]
    for step in range(1, steps):
        near = step / steps
        box = _mix(path[step].box(first.box), path[step].box(start.box), near)
        landmarks = _mix(path[step].points(first.landmarks), path[step].points(start.landmarks), near)
        confidence = ((1 - near) * first.confidence + near * last.confidence) * path[step].agreement
        faces.append(Sighting(box, landmarks, confidence, detected=False))
    return faces


def _mix(a: np.ndarray, b: np.ndarray, share_of_b: float) -> np.ndarray:
    return ((1 - share_of_b) * a + share_of_b * b).astype(np.float32)
