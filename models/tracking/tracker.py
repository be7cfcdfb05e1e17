"""Faces followed through a video as a stream: a detector looks at key frames, optical flow carries each face between them.

A *stretch* is the frames from one key frame to the next. The faces at its two ends must agree: each carried over by the flow lands on one
found there, and none is left over. Where they do not (a face came, went, turned fast, or was lost by the flow) the detector also looks in
the middle, and both halves are solved alike, down to neighbouring frames. So a face begins and ends on its own frame, found with a few
looks more. A face that comes and goes between two key frames is not seen; `every=1` looks at every frame.

At most `every` + 1 frames, and some for the shortest track, are held at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.pose import head_pose
from models.protocols import FaceDetector
from models.tracking.brief import without_brief
from models.tracking.cuts import CutWatch
from models.tracking.faces import FollowedFrame, Sighting, TrackedFace, overlap, pairs, sightings
from models.tracking.flow import Motion, SmallGrey, follow, motion, texture
from models.tracking.identity import Identities
from models.tracking.smoothing import between, moved, settle

EVERY = 15
"""Frames from key frame to key frame: 0.6 s at 25 a second, well within what the flow holds of a talking face."""

SURE = 0.9
"""The detector's confidence that a new face needs, unless the detector names its own as `sure`: not all are as sure of themselves as
MTCNN. Known faces are kept with whatever the detector reports."""

AGREE = 0.85
"""Overlap of the box carried over and the box found that makes them one story. Two looks at a face at rest overlap by 0.93 to 0.97."""

NEIGHBOURS_AGREE = 0.3
"""The same for two frames in a row, where nothing is left to look at between them."""

STILL = 0.8
"""Overlap needed where the flow lost the face: it has hardly moved, so a straight line will do."""


@dataclass
class _Frame:
    index: int
    image: NDArray[np.uint8]
    grey: SmallGrey
    found: list[Sighting] | None = None


@dataclass(frozen=True)
class _Known:
    """A face at the first frame of a stretch; `new` where it was never seen before that."""

    face: Sighting
    new: bool = False


Row = dict[int, Sighting]
"""The faces of one frame by number."""


class FaceTracker:
    """Follows the faces of one video at a time; each call of `follow` starts afresh.

    `every`: frames between two looks of the detector. `smooth=False` takes the detector's boxes at key frames as they are.
    Raises `ValueError` for `every` < 1.
    """

    def __init__(self, detector: FaceDetector, every: int = EVERY, smooth: bool = True) -> None:
        if every < 1:
            raise ValueError(f"every={every}: the detector can look at every frame (1) or less often (2, 3 …)")
        self._detector = detector
        self._every = every
        self._smooth = smooth
        self._sure = float(getattr(detector, "sure", SURE))

    def follow(self, frames: Iterable[tuple[int, NDArray[np.uint8]]]) -> Iterator[FollowedFrame]:
        """Every one of `frames` (index, (H, W, 3) RGB uint8) in turn, with its faces; a stretch behind the input.

        Faces that show for fewer than `brief.BRIEF` frames, and were never near certain, count as mistakes and are left out.
        """
        return without_brief(self._follow(frames))

    def _follow(self, frames: Iterable[tuple[int, NDArray[np.uint8]]]) -> Iterator[FollowedFrame]:
        watch, identities = CutWatch(), Identities()
        stretch: list[_Frame] = []
        known: dict[int, _Known] = {}
        shot = 0
        for index, image in frames:
            frame = _Frame(index, image, SmallGrey.of(image))
            if watch.begins_shot(frame.grey) or (stretch and stretch[-1].image.shape != image.shape):
                yield from self._end_shot(stretch, known, identities, shot)
                stretch, known = [], {}
                shot += 1
            stretch.append(frame)
            if len(stretch) == 1:
                known = self._newcomers(frame, [], identities, shot)
            elif len(stretch) > self._every:
                rows, known = self._solve(stretch, known, identities, shot)
                yield from (_followed(frame, row) for frame, row in zip(stretch, rows, strict=False))
                stretch = stretch[-1:]
        yield from self._end_shot(stretch, known, identities, shot)

    def _end_shot(self, stretch: list[_Frame], known: dict[int, _Known], identities: Identities, shot: int) -> Iterator[FollowedFrame]:
        if not stretch:
            return
        rows: list[Row] = []
        if len(stretch) > 1:
            rows, known = self._solve(stretch, known, identities, shot)
        last = stretch[-1]
        for face_id, one in known.items():
            identities.left(face_id, one.face, last.grey, last.index, shot)
        rows.append({face_id: one.face for face_id, one in known.items()})
        yield from (_followed(frame, row) for frame, row in zip(stretch, rows, strict=True))

    def _solve(
        self, frames: list[_Frame], known: dict[int, _Known], identities: Identities, shot: int
    ) -> tuple[list[Row], dict[int, _Known]]:
        """Faces in each frame but the last, and those known at the last."""
        last = frames[-1]
        found = self._look(last)
        paths = _flow(frames, known)
        expected = {face_id: paths[face_id][-1].box(one.face.box) for face_id, one in known.items()}
        neighbours = len(frames) == 2
        matched = pairs(expected, found, NEIGHBOURS_AGREE if neighbours else AGREE)
        if not neighbours and not _agree(known, paths, matched, found, self._sure):
            middle = len(frames) // 2
            rows, known = self._solve(frames[: middle + 1], known, identities, shot)
            more_rows, known = self._solve(frames[middle:], known, identities, shot)
            return rows + more_rows, known

        rows = [{} for _ in frames[:-1]]
        known_last: dict[int, _Known] = {}
        for face_id, one in known.items():
            seen = matched.get(face_id)
            if seen is None:
                rows[0][face_id] = one.face
                identities.left(face_id, one.face, frames[0].grey, frames[0].index, shot)
                continue
            first, end = self._ends(one, seen, paths[face_id])
            known_last[face_id] = _Known(end)
            for row, face in zip(rows, between(first, end, paths[face_id]), strict=True):
                row[face_id] = face
        known_last |= self._newcomers(last, list(matched.values()), identities, shot)
        return rows, known_last

    def _ends(self, one: _Known, seen: Sighting, path: list[Motion]) -> tuple[Sighting, Sighting]:
        if not self._smooth:
            return one.face, seen
        end = settle(moved(one.face, path[-1]), seen)
        if not one.new:
            return one.face, end
        # The first look at a face is as rough as any: the second mends it.
        mended = moved(end, path[-1].back())
        return replace(one.face, box=mended.box, landmarks=mended.landmarks), end

    def _look(self, frame: _Frame) -> list[Sighting]:
        if frame.found is None:
            frame.found = sightings(self._detector.detect([frame.image])[0])
        return frame.found

    def _newcomers(self, frame: _Frame, taken: list[Sighting], identities: Identities, shot: int) -> dict[int, _Known]:
        new = [face for face in self._look(frame) if face.confidence >= self._sure and not any(face is other for other in taken)]
        return {identities.number(face, frame.grey, frame.index, shot): _Known(face, new=True) for face in new}


def _agree(known: dict[int, _Known], paths: dict[int, list[Motion]], matched: Row, found: list[Sighting], sure: float) -> bool:
    """Whether the two ends of a stretch tell one story."""
    if len(matched) < len(known):
        return False
    if sum(face.confidence >= sure for face in found if not any(face is other for other in matched.values())):
        return False
    return all(paths[face_id][-1].agreement > 0 or overlap(one.face.box, matched[face_id].box) >= STILL for face_id, one in known.items())


def _flow(frames: list[_Frame], known: dict[int, _Known]) -> dict[int, list[Motion]]:
    """For each known face its motion from the first frame to each; where the flow loses it, no motion at all and an agreement of 0."""
    scale = frames[0].grey.scale
    start = {face_id: texture(frames[0].grey, one.face.box, one.face.landmarks) for face_id, one in known.items()}
    if not start:
        return {}
    owner = np.concatenate([np.full(len(points), face_id) for face_id, points in start.items()])
    origin = np.concatenate(list(start.values()))
    here, alive = origin, np.ones(len(origin), bool)
    paths: dict[int, list[Motion]] = {face_id: [Motion.none()] for face_id in known}
    lost: set[int] = set()
    for before, after in pairwise(frames):
        here, came_home = follow(before.grey, after.grey, here)
        alive &= came_home
        for face_id in known:
            mine = owner == face_id
            step = motion(origin[mine], here[mine], alive[mine], scale)
            if step is None:
                lost.add(face_id)
            else:
                paths[face_id].append(step)
    for face_id in lost:
        paths[face_id] = [Motion(Motion.none().matrix, 0.0)] * len(frames)
    return paths


def _followed(frame: _Frame, row: Row) -> FollowedFrame:
    height, width = frame.image.shape[:2]
    faces = tuple(
        TrackedFace(
            frame.index,
            face_id,
            (float(face.box[0]), float(face.box[1]), float(face.box[2]), float(face.box[3])),
            face.confidence,
            face.detected,
            face.landmarks,
            head_pose(face.landmarks, (width, height)),
        )
        for face_id, face in sorted(row.items())
    )
    return FollowedFrame(frame.index, frame.image, faces)
