"""Single-shot detection as MediaPipe's detectors do it: one guess an anchor, guesses of one thing merged by their weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ONE_THING = 0.3
"""Overlap (IoU) from which two guesses mean the same face or person, as published."""

MOST = 100.0
"""A score's logit is cut here before the sigmoid, as published."""


@dataclass(frozen=True)
class Guesses:
    """N found things in shares of the network's square: `boxes` (N, 4) x, y, width, height; `scores` (N,) in [0, 1]; `points` (N, P, 2)."""

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    points: NDArray[np.float32]


def grid(side: int, layers: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """(A, 2) middles of the anchors of a network that looks at `side` pixels, in shares of the square.

    `layers` are (stride in pixels, anchors at each place); row by row, those of one place next to each other.
    """
    made: list[NDArray[np.float32]] = []
    for stride, at_each in layers:
        count = -(-side // stride)
        places = (np.arange(count, dtype=np.float32) + np.float32(0.5)) / np.float32(count)
        y, x = np.meshgrid(places, places, indexing="ij")
        made.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), at_each, axis=0).astype(np.float32))
    return np.concatenate(made)


def decode(values: NDArray[np.float32], logits: NDArray[np.float32], anchors: NDArray[np.float32], side: int, least: float) -> Guesses:
    """The guesses of score `least` or more, from `values` (A, 4 + 2 P) (middle, size, points, in pixels of the square, middle and points
    from the anchor) and `logits` (A,) or (A, 1)."""
    scores = 1 / (1 + np.exp(-np.clip(logits.reshape(-1).astype(np.float64), -MOST, MOST)))
    kept = scores >= least
    numbers = values[kept].astype(np.float32) / side
    middle, size = numbers[:, :2] + anchors[kept], numbers[:, 2:4]
    points = numbers[:, 4:].reshape(len(numbers), (values.shape[1] - 4) // 2, 2) + anchors[kept][:, None]
    return Guesses(np.hstack([middle - size / 2, size]).astype(np.float32), scores[kept].astype(np.float32), points.astype(np.float32))


def merged(guesses: Guesses) -> Guesses:
    """One thing for each heap of overlapping guesses: boxes and points are means weighted by the scores, the score is the best one's.

    Best first. (Weighted non-maximum suppression, Bazarevsky et al. 2019: steadier over time than taking the best guess alone.)
    """
    left = np.argsort(-guesses.scores, kind="stable")
    boxes: list[NDArray[np.float32]] = []
    scores: list[float] = []
    points: list[NDArray[np.float32]] = []
    while len(left):
        same = overlaps(guesses.boxes[left[0]], guesses.boxes[left]) > ONE_THING
        same[0] = True  # a box without area overlaps nothing, not even itself
        heap = left[same]
        weights = np.asarray(guesses.scores[heap] / guesses.scores[heap].sum(), np.float32)
        boxes.append(weights @ guesses.boxes[heap])
        points.append(np.tensordot(weights, guesses.points[heap], 1))
        scores.append(float(guesses.scores[left[0]]))
        left = left[~same]
    shape = guesses.points.shape[1:]
    return Guesses(
        np.asarray(boxes, np.float32).reshape(-1, 4), np.asarray(scores, np.float32), np.asarray(points, np.float32).reshape(-1, *shape)
    )


def overlaps(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) intersection over union of `box` (4,) with each of `boxes` (N, 4), x, y, width, height."""
    corner = np.maximum(box[:2], boxes[:, :2])
    shared = np.clip(np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:]) - corner, 0, None).prod(1)
    both = box[2:].prod() + boxes[:, 2:].prod(1) - shared
    return np.asarray(shared / np.maximum(both, 1e-12), np.float32)
