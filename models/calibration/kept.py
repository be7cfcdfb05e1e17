"""Calibrations as files: those that come with the program beside this code, and those made here in the store of weights.

One made here goes before one that came with the program. A calibration holds for one version of a model; for any other it is not used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.calibration.fitting import Fitted
from models.calibration.maps import CalibrationMap, read_map
from models.calibration.reliability import Reliability
from models.protocols import FaceModel, VoiceModel
from models.types import Availability, FaceScores, ModelInfo, VoiceScores
from models.weights.store import store, write_json

SHIPPED = Path(__file__).parent / "shipped"
FILE = "calibration.json"


@dataclass(frozen=True)
class Calibration:
    """A map for one version of one model, what it was found on, and how far the model could be believed before and after.

    `after` is measured on cases that the map had not seen; `made_at` is ISO 8601 in UTC.
    """

    model: str
    version: str
    map: CalibrationMap
    data: str
    made_at: str
    before: Reliability
    after: Reliability

    @classmethod
    def of(cls, info: ModelInfo, fitted: Fitted, data: str) -> Self:
        """What `fitted` found for a model on labelled cases that `data` describes in a few words."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(info.name, info.version, fitted.map, data, now, fitted.before, fitted.after)

    def document(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "version": self.version,
            "map": self.map.document(),
            "data": self.data,
            "made_at": self.made_at,
            "before": self.before.document(),
            "after": self.after.document(),
        }

    def about(self) -> dict[str, Any]:
        """What an analysis notes of it, so that its probabilities can be understood years later."""
        return {"map": self.map.document(), "data": self.data, "made_at": self.made_at}


def calibration_of(info: ModelInfo) -> Calibration | None:
    """The calibration that is in force for this version of a model; None where there is none."""
    for path in (_own(info.name), SHIPPED / f"{info.name}.json"):
        found = _read(path)
        if found is not None and found.version == info.version:
            return found
    return None


def keep(calibration: Calibration) -> Path:
    """Puts a calibration in force, in the place of one made here before. Returns where it lies."""
    path = _own(calibration.model)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, calibration.document())
    return path


def forget(name: str) -> bool:
    """Takes the calibration that was made here for a model out of force; whether there was one."""
    path = _own(name)
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


class CalibratedFaceModel:
    """A face model whose probabilities are calibrated before anybody sees them."""

    def __init__(self, model: FaceModel, calibration: Calibration) -> None:
        self.model = model
        self.calibration = calibration
        self.info = model.info

    def available(self) -> Availability:
        return self.model.available()

    def score(self, faces: NDArray[np.uint8]) -> FaceScores:
        scores = self.model.score(faces)
        return replace(scores, probabilities=self.calibration.map.apply(scores.probabilities))

    def __getattr__(self, name: str) -> Any:
        """Whatever else the model has to say of itself: its action units, its windows."""
        return getattr(self.model, name)


class CalibratedVoiceModel:
    """A voice model whose probabilities are calibrated before anybody sees them."""

    def __init__(self, model: VoiceModel, calibration: Calibration) -> None:
        self.model = model
        self.calibration = calibration
        self.info = model.info

    def available(self) -> Availability:
        return self.model.available()

    def score(self, samples: NDArray[np.float32], windows: NDArray[np.int64]) -> VoiceScores:
        scores = self.model.score(samples, windows)
        return replace(scores, probabilities=self.calibration.map.apply(scores.probabilities))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)


def _own(name: str) -> Path:
    return store().place(name, FILE)


def _read(path: Path) -> Calibration | None:
    """None where there is none, or none that this version of the program understands."""
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        read = {"map": read_map(written["map"]), "before": Reliability.read(written["before"]), "after": Reliability.read(written["after"])}
        return Calibration(**{**written, **read})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
