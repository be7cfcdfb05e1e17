"""Faces that flash up: a detector now and then takes a pattern for a face, for a frame or two."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from models.tracking.faces import FollowedFrame

BRIEF = 3
"""Frames. Whatever shows for fewer is too short for an expression, and mostly not a face."""

CERTAIN = 0.99
"""A detector's confidence at which even a brief face is kept; real faces of some size get more, patterns seldom do."""


def without_brief(frames: Iterable[FollowedFrame]) -> Iterator[FollowedFrame]:
    """The same frames without faces that show in fewer than `BRIEF` and never reach `CERTAIN`; the rest numbered from 1 without holes.

    Runs `BRIEF` − 1 frames behind. In a video shorter than that nobody can show for longer, and all faces stay.
    """
    waiting: deque[FollowedFrame] = deque()
    shown: Counter[int] = Counter()
    best: dict[int, float] = {}
    numbers: dict[int, int] = {}

    def kept(face_id: int) -> bool:
        return shown[face_id] >= BRIEF or best[face_id] >= CERTAIN

    def let_go(everyone: bool = False) -> FollowedFrame:
        frame = waiting.popleft()
        faces = [face for face in frame.faces if everyone or kept(face.face_id)]
        return replace(frame, faces=tuple(replace(face, face_id=numbers.setdefault(face.face_id, len(numbers) + 1)) for face in faces))

    longer = False
    for frame in frames:
        waiting.append(frame)
        for face in frame.faces:
            shown[face.face_id] += 1
            best[face.face_id] = max(best.get(face.face_id, 0.0), face.confidence)
        if len(waiting) == BRIEF:
            longer = True
            yield let_go()
    while waiting:
        yield let_go(everyone=not longer)
