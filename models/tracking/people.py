"""Which tracks are one person: faces joined over cuts by what they look like, never two that are seen at once.

Only key frames are looked at, where the detector itself saw the face; what the flow carried between them is the same face anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.identity.framing import portrait
from models.protocols import FaceDetector, FaceEmbedder
from models.tracking.faces import FollowedFrame
from models.tracking.tracker import EVERY, FaceTracker

SAME = 0.4
"""Cosine from which two tracks are one person's, for an embedder that does not name its own as `same`."""


class PortraitTracker(FaceTracker):
    """A tracker that looks at the faces of key frames while they go by, and remembers whose they are."""

    def __init__(self, detector: FaceDetector, embedder: FaceEmbedder, every: int = EVERY, smooth: bool = True) -> None:
        super().__init__(detector, every, smooth)
        self._embedder = embedder
        self.portraits: dict[int, list[NDArray[np.float32]]] = {}
        """By track: a unit vector (D,) for each frame in which it was `detected`, in order."""

    def follow(self, frames: Iterable[tuple[int, NDArray[np.uint8]]]) -> Iterator[FollowedFrame]:
        """As `FaceTracker.follow`. A frame's portraits are there before the frame."""
        self.portraits = {}
        for frame in super().follow(frames):
            looked_at = [face for face in frame.faces if face.detected]
            if looked_at:
                faces = np.stack([portrait(frame.image, face.landmarks, self._embedder) for face in looked_at])
                for face, row in zip(looked_at, self._embedder.embed(faces), strict=True):
                    self.portraits.setdefault(face.face_id, []).append(row)
            yield frame


@dataclass(frozen=True)
class Track:
    """One face track: `times_us` (T,) int64, sorted, at which it is seen; `portrait` (D,) float32 of length 1, or None where no key frame
    showed it."""

    times_us: NDArray[np.int64]
    portrait: NDArray[np.float32] | None


def people(tracks: Mapping[int, Track], same: float = SAME, number: int | None = None) -> dict[int, int]:
    """The person, from 1 in order of appearance, of each track by its number.

    Average linkage on cosine: the two groups most alike become one as long as they are at least `same` alike, or, where `number` is given,
    until so many are left. Groups of which two tracks are ever seen at the same time stay apart whatever is asked, so there can be more
    people than `number`; and there are never more than tracks. A track without a portrait is a person of its own, beside the `number`.
    Raises `ValueError` for a `number` under 1.
    """
    if number is not None and number < 1:
        raise ValueError(f"the number of people is 1 or more, or left to be found; got {number}")
    groups = _joined([name for name, track in tracks.items() if track.portrait is not None], tracks, same, number)
    groups += [[name] for name, track in tracks.items() if track.portrait is None]
    groups.sort(key=lambda group: min((_first(tracks[name]), name) for name in group))
    return {name: person for person, group in enumerate(groups, 1) for name in sorted(group)}


def mean_portrait(rows: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The mean direction (D,) of unit vectors (N, D); None where there are none, or they cancel out."""
    if not len(rows):
        return None
    mean = rows.mean(0)
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length > 1e-6 else None


def _joined(names: list[int], tracks: Mapping[int, Track], same: float, number: int | None) -> list[list[int]]:
    groups = [[name] for name in names]
    if len(groups) < 2:
        return groups
    portraits = np.stack([row for name in names if (row := tracks[name].portrait) is not None])
    alike = (portraits @ portraits.T).astype(np.float64)
    sizes = np.ones(len(names))
    for a in range(len(names)):
        alike[a, a] = -np.inf
        for b in range(a):
            if _at_once(tracks[names[a]], tracks[names[b]]):
                alike[a, b] = alike[b, a] = -np.inf
    left = len(groups)
    while number is None or left > number:
        a, b = np.unravel_index(int(alike.argmax()), alike.shape)
        if alike[a, b] < (same if number is None else -1.0):  # −∞: all that are left were seen side by side
            break
        mean = (sizes[a] * alike[a] + sizes[b] * alike[b]) / (sizes[a] + sizes[b])  # of −∞ and anything, −∞
        mean[a] = -np.inf
        alike[a] = alike[:, a] = mean
        alike[b] = alike[:, b] = -np.inf
        sizes[a] += sizes[b]
        groups[a], groups[b] = groups[a] + groups[b], []
        left -= 1
    return [group for group in groups if group]


def _at_once(a: Track, b: Track) -> bool:
    return len(np.intersect1d(a.times_us, b.times_us, assume_unique=True)) > 0


def _first(track: Track) -> int:
    return int(track.times_us[0]) if len(track.times_us) else np.iinfo(np.int64).max
