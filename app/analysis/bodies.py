"""What the pictures of a clip say of bodies: a trace of every person's points, looked at now and then."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.analysis import loaded
from app.analysis.traces import Trace
from app.clock import MICROSECONDS

EVERY = 5
"""Frames from look to look, 0.2 s at 25 a second: enough for how much people move, and a fifth of the work."""

LONGEST_SIDE = 640
"""Pixels. The networks look at 224 of the picture and 256 of a person; coordinates are in the clip's own."""

SEEN = 0.5
"""Visibility from which a point counts in telling who is who."""

FEWEST = 5
"""Points that must be seen; less of a person is a chance find."""

APART = 0.5
"""Of a body's size: how far its points may lie, on average, from where they were and still be the same person's."""

FORGOTTEN_US = MICROSECONDS
"""A person not seen for this long comes back as another one."""


@dataclass
class Person:
    """`number` from 1; where and when last seen; the rows so far, flat."""

    number: int
    seen_us: int = 0
    points: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 2), np.float32))
    visible: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("f"))


@dataclass(frozen=True)
class Watched:
    """`traces` of kind `body`, one for each person by number from 1 in order of appearance; nobody is nothing."""

    traces: tuple[Trace, ...]
    models: dict[str, dict[str, Any]]
    parameters: dict[str, Any]


def watch(path: Path, width: int, name: str, seen: Callable[[int], None]) -> Watched:
    """Where the people in the video at `path`, which is `width` pixels wide, have their points, by the body landmarker called `name`.

    Columns are `<point>_x`, `<point>_y` in pixels of the clip and `<point>_visibility` in [0, 1]; what lies beyond the border or is hidden
    has a low visibility, and its place is a guess. `seen` is told how many frames are done; what it raises ends the work.
    Raises `UnknownName`, `WeightsMissing`, `UnreadableMedia`.
    """
    from app.media.decode import frames

    model = loaded.body_landmarker(name)
    people = People()
    for count, (index, time_us, picture) in enumerate(frames(path, LONGEST_SIDE), 1):
        if index % EVERY == 0:
            found = model.bodies(picture)
            people.add(time_us, found.points[..., :2] * np.float32(width / picture.shape[1]), found.visibility)
        seen(count)
    columns = tuple(f"{point}_{what}" for point in model.points for what in ("x", "y", "visibility"))
    return Watched(
        tuple(_trace(person, model.info.name, columns) for person in people.known),
        models={"body": loaded.about(model.info)},
        parameters={"body_every": EVERY, "body_longest_side": LONGEST_SIDE},
    )


class People:
    """Who is who among the bodies of each look: each is the known person it lies nearest to, nobody twice, or somebody new."""

    def __init__(self) -> None:
        self.known: list[Person] = []

    def add(self, time_us: int, points: NDArray[np.float32], visibility: NDArray[np.float32]) -> None:
        """The bodies of one frame: (N, P, 2) points in pixels of the clip, (N, P) in [0, 1]. Times strictly increase."""
        bodies = [(p, v) for p, v in zip(points, visibility, strict=True) if (v >= SEEN).sum() >= FEWEST]
        free = [person for person in self.known if time_us - person.seen_us <= FORGOTTEN_US]
        ranked = sorted(
            (distance, place, person.number)
            for place, (p, v) in enumerate(bodies)
            for person in free
            if (distance := apart(person.points, person.visible, p, v >= SEEN)) < APART
        )
        who: dict[int, int] = {}
        for _, place, number in ranked:
            if place not in who and number not in who.values():
                who[place] = number
        for place, (p, v) in enumerate(bodies):
            person = self.known[who[place] - 1] if place in who else self._newcomer()
            person.seen_us, person.points, person.visible = time_us, p, v >= SEEN
            person.times.append(time_us)
            person.values.extend(np.hstack([p, v[:, None]]).ravel().tolist())

    def _newcomer(self) -> Person:
        self.known.append(Person(len(self.known) + 1))
        return self.known[-1]


def apart(before: NDArray[np.float32], seen_before: NDArray[np.bool_], now: NDArray[np.float32], seen_now: NDArray[np.bool_]) -> float:
    """Mean distance of the points (P, 2) seen both times, in sizes of the body (the diagonal of what is seen); infinite without any."""
    both = seen_before & seen_now
    if not both.any():
        return float("inf")
    size = max(float(np.hypot(*np.ptp(points[seen], axis=0))) for points, seen in ((before, seen_before), (now, seen_now)))
    return float(np.linalg.norm(before[both] - now[both], axis=1).mean()) / max(size, 1.0)


def _trace(person: Person, model: str, columns: tuple[str, ...]) -> Trace:
    values = np.frombuffer(person.values, np.float32).reshape(-1, len(columns)).copy()
    return Trace("body", str(person.number), model, None, np.frombuffer(person.times, np.int64).copy(), columns, values)
