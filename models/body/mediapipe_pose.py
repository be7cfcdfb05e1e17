"""MediaPipe's BlazePose (Bazarevsky et al. 2020): 33 points on each person in a picture.

The weights are those of MediaPipe's last wheel that had them, 0.10.21; only the two files are taken out of it, it is never installed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.blaze.anchors import Guesses, decode, grid, merged
from models.blaze.network import Network, runtime
from models.blaze.region import Region
from models.catalogue import body_landmarkers
from models.types import Availability, Bodies, Modality, ModelInfo
from models.weights.files import IndexedWheel, WeightsFile
from models.weights.store import store

DETECTOR = "pose_detection.tflite"
POINTS = "pose_landmark_full.tflite"

LAYERS = ((8, 2), (16, 2), (32, 6))
"""Anchors of the detector's 224 pixels, as published."""

LEAST = 0.5
"""Score from which a guess is a person, and from which what was looked at is one, as published."""

AROUND = 1.25
"""Of the circle around a person: what the second network looks at, as published."""

KERNEL = 3
"""Cells of the heat map on each side of a point that refine it, as published."""

FULLEST = 0.5
"""Heat in those cells from which it is believed, as published."""

VALUES = 39
"""Points that the network gives: 33, and six for finding the person again, which are not used."""

NAMES = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear", "right_ear",
    "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip


@body_landmarkers.register("mediapipe_pose")
class MediaPipePose:
    """33 points of everybody seen, each with how likely it is to be seen and not hidden or beyond the border."""

    info = ModelInfo(
        name="mediapipe_pose",
        modality=Modality.BODY,
        version="mediapipe 0.10.21, pose_detection and pose_landmark_full",
        summary="33 points on each person, 'left' being the person's left, each with its visibility; 20 to 30 ms a person on one core.",
        licence="Apache 2.0",
        source="https://github.com/google-ai-edge/mediapipe",
        weights=(
            WeightsFile(
                DETECTOR,
                IndexedWheel("mediapipe", "0.10.21", f"mediapipe/modules/pose_detection/{DETECTOR}"),
                "Apache 2.0",
                "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
                2959046,
            ),
            WeightsFile(
                POINTS,
                IndexedWheel("mediapipe", "0.10.21", f"mediapipe/modules/pose_landmark/{POINTS}"),
                "Apache 2.0",
                "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
                6440512,
            ),
        ),
    )
    points = NAMES

    def __init__(self, threads: int = 1) -> None:
        """Raises `WeightsMissing`."""
        paths = store().paths(self.info)
        self._detector = Network(paths[DETECTOR], threads)
        self._network = Network(paths[POINTS], threads)
        self._anchors = grid(self._detector.side, LAYERS)

    @classmethod
    def available(cls) -> Availability:
        return runtime() if (weights := store().availability(cls.info)).ready else weights

    def bodies(self, frame: NDArray[np.uint8]) -> Bodies:
        """The people in `frame` (H, W, 3) RGB, those found most surely first; points beyond its border are guesses, of low visibility."""
        found = [self._body(frame, region) for region in self._people(frame)]
        seen = [one for one in found if one is not None]
        points = np.stack([one[0] for one in seen]) if seen else np.empty((0, len(NAMES), 3), np.float32)
        visibility = np.stack([one[1] for one in seen]) if seen else np.empty((0, len(NAMES)), np.float32)
        return Bodies(points, visibility)

    def _people(self, frame: NDArray[np.uint8]) -> list[Region]:
        """The square around each person, upright along hips and head."""
        whole = Region.whole(frame)
        pixels = whole.crop(frame, self._detector.side).astype(np.float32) / np.float32(127.5) - np.float32(1)
        values, logits = self._detector.run(pixels)
        guesses = merged(decode(values, logits, self._anchors, self._detector.side, LEAST))
        return [region for region in (person(guesses, i, whole) for i in range(len(guesses.scores))) if region.side > 1]

    def _body(self, frame: NDArray[np.uint8], region: Region) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        """Points (33, 3) and visibility (33,); `None` where the second network sees nobody."""
        pixels = region.crop(frame, self._network.side).astype(np.float32) / np.float32(255)
        outputs = self._network.run(pixels)
        values = next(one for one in outputs if one.size == VALUES * 5).reshape(VALUES, 5)[: len(NAMES)]
        present = next(one for one in outputs if one.size == 1).item()
        heat = next(one for one in outputs if one.ndim == 3 and one.shape[2] == VALUES)
        if present < LEAST:
            return None
        points = values[:, :3] / np.float32(self._network.side)
        points[:, :2] = refined(points[:, :2], heat)
        return region.points(points), _sigmoid(values[:, 3])


def person(guesses: Guesses, one: int, whole: Region) -> Region:
    """The square around the person of guess `one`, whose points are shares of `whole`: hips in the middle, head up."""
    hips, edge = whole.points(guesses.points[one, :2])  # between the hips; a point straight above on the circle around the body
    up = edge - hips
    angle = float(np.arctan2(up[0], -up[1]))
    return Region(float(hips[0]), float(hips[1]), max(2 * AROUND * float(np.hypot(*up)), 1e-3), angle)


def refined(points: NDArray[np.float32], heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 2) points, shares of the square, each moved to the centre of the heat around it; `heat` is (rows, columns, ≥ N) logits."""
    rows, columns = heat.shape[:2]
    moved = points.copy()
    for i, (x, y) in enumerate(points):
        column, row = int(x * columns), int(y * rows)
        if min(x, y) < 0 or column >= columns or row >= rows:
            continue
        top, left = max(0, row - KERNEL), max(0, column - KERNEL)
        here = _sigmoid(heat[top : row + KERNEL + 1, left : column + KERNEL + 1, i])
        if here.max() < FULLEST:
            continue
        down, across = np.mgrid[: here.shape[0], : here.shape[1]]
        moved[i] = (left + (across * here).sum() / here.sum()) / columns, (top + (down * here).sum() / here.sum()) / rows
    return moved


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
