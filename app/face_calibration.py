"""Calibrating a model on labelled faces, in a process of its own: a large network looks at thousands of faces for many minutes.

A calibration comes into force as the last thing it does; if it is stopped before, everything is as it was.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from app.child_process import ChildProcess, Said, quietly, tell
from app.settings import Settings

EVERY = 20
"""Faces between two words of how far it is: a quick network looks at some hundreds in a second."""


class NoSuchFaces(ValueError):
    """What was given is no folder or file of this machine."""


@dataclass
class FaceCalibration(ChildProcess):
    """A calibration as it goes on, in faces looked at. Its `outcome` is as `calibrate --json` prints it."""

    what: ClassVar[str] = "the calibration"

    model: str
    path: Path

    @classmethod
    def start(cls, settings: Settings, model: str, path: str) -> Self:
        """Begins at once and returns. Raises `NoSuchFaces`."""
        given = Path(path.strip()).expanduser()
        if not path.strip() or not given.is_absolute() or not given.exists():
            raise NoSuchFaces(
                f"there is no {path.strip() or 'path'!r} on the machine that runs Portrayal; give the full path of a folder or tar file"
            )
        going = cls(model, given)
        going.begin(settings, "app.face_calibration", [model, str(given)])
        return going


_going: dict[tuple[Path, str], FaceCalibration] = {}
_starting = threading.Lock()


def calibration_on_faces(settings: Settings, model: str) -> FaceCalibration | None:
    """The latest of a model since the program was started."""
    return _going.get((settings.weights, model))


def begin(settings: Settings, model: str, path: str) -> FaceCalibration:
    """Starts calibrating a model, or gives the calibration that is going on. Raises `NoSuchFaces`."""
    with _starting:
        there = calibration_on_faces(settings, model)
        if there is not None and not there.over:
            return there
        started = FaceCalibration.start(settings, model, path)
        _going[settings.weights, model] = started
        return started


def forget(settings: Settings, model: str) -> None:
    """Once its outcome has been read."""
    _going.pop((settings.weights, model), None)


def run(settings: Settings, model: str, path: Path, say: Callable[[Said], None]) -> None:
    """The calibration itself. Says how many faces are done, and the outcome at the end. Raises what `calibrate_on_faces` does."""
    from app.evaluation.calibrating import calibrate_on_faces
    from app.evaluation.faces import sorted_pictures
    from models.weights.store import use

    use(settings.weights)
    there = sum(1 for _ in sorted_pictures(path))

    def seen(number: int) -> None:
        if number % EVERY == 1 or number == there:
            say({"done": number, "of": there})

    say({"outcome": calibrate_on_faces(model, path, seen=seen).document()})


def mendable() -> tuple[type[Exception], ...]:
    """What can go wrong for a reason that its message tells."""
    from app.evaluation.calibrating import NotCalibrated
    from app.evaluation.faces import NoFaces
    from app.scheme import UnknownLabelSet
    from models.calibration.fitting import TooFewLabels
    from models.catalogue import UnknownName
    from models.types import WeightsMissing
    from models.weights.errors import PinsDamaged, UnreadableWeights, UnsafeWeights

    asked = (NotCalibrated, NoFaces, TooFewLabels, UnknownLabelSet, UnknownName)
    return (*asked, WeightsMissing, PinsDamaged, UnreadableWeights, UnsafeWeights, OSError)


def main(arguments: list[str]) -> None:
    model, path = arguments
    quietly()
    try:
        run(Settings(), model, Path(path), tell)
    except mendable() as error:
        tell({"error": str(error)})
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
