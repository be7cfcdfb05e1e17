"""Boxes that move with the face instead of jittering with the detector.

Two looks at the same face differ by some percent of its size though nothing moved. Flow knows the movement between two key frames far
better than that. So each key frame corrects what the flow foretold only in part, and between two key frames the box carried forward
fades into the one carried back.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.tracking.faces import Sighting, overlap
from models.tracking.flow import Motion

GAIN = 0.6
"""How much of a new look counts against what was known: √(g / (2 − g)), two thirds, of the jitter stays. Less lags behind a jaw."""

DRIFTED = 0.7
"""Overlap of foretold and found box below which the flow has gone astray and the new look counts in full."""


def settle(foretold: Sighting, found: Sighting) -> Sighting:
    """What to believe at a key frame, from what the flow foretold and what the detector found."""
    gain = GAIN if overlap(foretold.box, found.box) >= DRIFTED else 1.0
    return Sighting(_mix(foretold.box, found.box, gain), _mix(foretold.landmarks, found.landmarks, gain), found.confidence)


def moved(face: Sighting, motion: Motion) -> Sighting:
    """The face where `motion` takes it; its confidence is left alone."""
    return replace(face, box=motion.box(face.box), landmarks=motion.points(face.landmarks))


def between(first: Sighting, last: Sighting, path: list[Motion]) -> list[Sighting]:
    """The face in each frame from `first` to before `last`; `path` holds the motion from the first frame to each one, the last included."""
    start = moved(last, path[-1].back())
    steps = len(path) - 1
    faces = [first]
    for step in range(1, steps):
        near = step / steps
        forth, back = moved(first, path[step]), moved(start, path[step])
        confidence = ((1 - near) * first.confidence + near * last.confidence) * _trust(path[step])
        faces.append(Sighting(_mix(forth.box, back.box, near), _mix(forth.landmarks, back.landmarks, near), confidence, detected=False))
    return faces


def _trust(motion: Motion) -> float:
    """1 where the flow held every point, a half where it held none."""
    return (1 + motion.agreement) / 2


def _mix(a: np.ndarray, b: np.ndarray, share_of_b: float) -> np.ndarray:
    return ((1 - share_of_b) * a + share_of_b * b).astype(np.float32)
