"""Scores without the network's own tremble: an average over some frames that stops at every real change.

A move of the crop by 2 % of the face's width, which nobody would see, changes FER's probabilities by 0.01 to 0.035 on average over its
classes. Changes of that size from frame to frame say nothing of the face. So each frame's scores become the mean of the frames around it,
each weighted by nearness in time and by how alike its scores are: a bilateral filter (Tomasi and Manduchi 1998) over time. An expression
that sets in keeps its frame, for what lies beyond the change hardly counts. Frames without the face end the window: nothing is averaged
over a gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from models.face.scored import FrameFaces, ScoredFace

REACH = 4
"""Frames on either side, 0.16 s at 25 a second: shorter than an expression takes to set in.

This and the two below were chosen on the clips of bench/faces.py: wider or more tolerant flickers less there, but takes the scores of one
clip further from those of single frames than a shift of 2 % does.
"""

FADE = REACH / 1.5
"""Frames: deviation of the weight by nearness in time."""

ALIKE = 0.045
"""Mean absolute difference of probabilities: deviation of the weight by likeness, somewhat above what a shift of 2 % does."""


def steadied(frames: Iterable[FrameFaces]) -> Iterator[FrameFaces]:
    """The same frames and faces, `REACH` frames later, with steadier scores; rows still sum to 1."""
    window: deque[FrameFaces] = deque()
    middle = 0  # place of the next frame to give out
    for frame in frames:
        window.append(frame)
        if len(window) - middle > REACH:
            yield _steady(window, middle)
            middle += 1
            if middle > REACH:
                window.popleft()
                middle -= 1
    for place in range(middle, len(window)):
        yield _steady(window, place)


def _steady(window: deque[FrameFaces], middle: int) -> FrameFaces:
    frame = window[middle]
    return replace(frame, faces=tuple(_mean(face, _around(window, middle, face.face_id)) for face in frame.faces))


def _around(window: deque[FrameFaces], middle: int, face_id: int) -> list[tuple[int, ScoredFace]]:
    """The face in the frames around, with their distance in frames, as far as it shows without a break and at most `REACH` away."""
    found: list[tuple[int, ScoredFace]] = []
    for step in (-1, 1):
        for away in range(1 if step > 0 else 0, REACH + 1):
            place = middle + step * away
            face = None
            if 0 <= place < len(window):
                face = next((one for one in window[place].faces if one.face_id == face_id), None)
            if face is None:
                break
            found.append((away, face))
    return found


def _mean(face: ScoredFace, around: list[tuple[int, ScoredFace]]) -> ScoredFace:
    away = np.array([distance for distance, _ in around], np.float32)
    scores = np.stack([one.probabilities for _, one in around])
    unlike = np.abs(scores - face.probabilities).mean(1)
    weights = np.exp(-((away / FADE) ** 2) / 2 - ((unlike / ALIKE) ** 2) / 2)
    weights /= weights.sum()

    def mean(values: list[float | None]) -> float | None:
        return None if None in values else float(weights @ np.array(values, np.float32))

    units = [one.action_units for _, one in around if one.action_units is not None]
    return replace(
        face,
        probabilities=(weights @ scores).astype(np.float32),
        valence=mean([one.valence for _, one in around]),
        arousal=mean([one.arousal for _, one in around]),
        action_units=np.clip(weights @ np.stack(units), 0, 1).astype(np.float32) if len(units) == len(around) else None,
    )
