"""Which way a head faces, from five landmarks and a mean head, by perspective-n-point (OpenCV `solvePnP`, SQPnP, refined).

Signs, as seen in the image: yaw > 0 the face turns to the image's right; pitch > 0 it looks up; roll > 0 it tilts clockwise. A mirrored
image has yaw and roll of the other sign and the same pitch. Five points and a guessed camera are good for a few degrees of yaw and roll;
pitch also carries the shape of the person's face and is best read as a change over time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEAD = np.array([[-31.0, -34.0, 28.0], [31.0, -34.0, 28.0], [0.0, 0.0, 0.0], [-26.0, 33.0, 20.0], [26.0, 33.0, 20.0]], np.float64)
"""Millimetres: eyes, tip of the nose (origin), corners of the mouth of a mean adult; x to the image's right, y down, z from the camera."""

STEEPEST = 80.0
"""Degrees of yaw or pitch. Beyond, five points no longer tell: the solution is one of several, so none is given."""


@dataclass(frozen=True)
class Pose:
    """Degrees; see the module for the signs."""

    pitch: float
    yaw: float
    roll: float


@dataclass(frozen=True)
class Placed:
    """Where a head is before the camera: x = `turn` (3, 3) · head + `middle` (3,), millimetres, seen with `focal` pixels."""

    turn: NDArray[np.float64]
    middle: NDArray[np.float64]
    focal: float
    centre: tuple[float, float]

    def pixels(self, head: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2): where (N, 3) points of the head are seen."""
        seen = head @ self.turn.T + self.middle
        return seen[:, :2] / seen[:, 2:] * self.focal + self.centre


def head_pose(landmarks: NDArray[np.float32], image_size: tuple[int, int]) -> Pose | None:
    """Pose from (5, 2) landmarks in the pixels of an image of (width, height); `None` where the points give none."""
    head = placed(HEAD, landmarks, image_size)
    return None if head is None else angles(head.turn)


def placed(model: NDArray[np.float64], points: NDArray[np.float32], image_size: tuple[int, int]) -> Placed | None:
    """Where the head is whose points `model` (N, 3) are seen at `points` (N, 2) of an image of (width, height); `None` if nowhere.

    The camera is guessed: focal length the image's long side (about 53° of view), centre in the middle.
    """
    import cv2

    seen = np.ascontiguousarray(points, np.float64)
    if not np.isfinite(seen).all() or np.ptp(seen, axis=0).min() < 2:
        return None
    width, height = image_size
    focal = float(max(width, height))
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    found, rotation, translation = cv2.solvePnP(model, seen, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not found or float(translation[2, 0]) <= 0:
        return None
    rotation, translation = cv2.solvePnPRefineLM(model, seen, camera, None, rotation, translation)
    turn = np.asarray(cv2.Rodrigues(rotation)[0], np.float64)
    return Placed(turn, np.asarray(translation, np.float64).ravel(), focal, (width / 2, height / 2))


def angles(turn: NDArray[np.float64]) -> Pose | None:
    """The pose of a head turned by (3, 3) `turn`; `None` beyond `STEEPEST`.

    Roll about the line of sight last: turn = Rz(roll) · Ry · Rx. The nose points along −z of the head.
    """
    nose = -turn[:, 2]
    yaw = float(np.degrees(np.arctan2(nose[0], -nose[2])))
    pitch = float(np.degrees(np.arcsin(np.clip(-nose[1], -1, 1))))
    if not (abs(yaw) < STEEPEST and abs(pitch) < STEEPEST):
        return None
    # What is left after yaw and pitch are undone, measured on the head's x axis.
    level = np.cross([0.0, 1.0, 0.0], -nose)
    level /= np.linalg.norm(level)
    upright = np.cross(-nose, level)
    across = turn[:, 0]
    roll = float(np.degrees(np.arctan2(across @ upright, across @ level)))
    return Pose(pitch, yaw, roll)
