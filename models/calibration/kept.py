"""Calibrations as files: those that come with the program beside this code, and those made here in the store of weights.

One made here goes before one that came with the program. A calibration holds for one version of a model, with one set of weights; for any
other it is not used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.calibration.fitting import Fitted
from models.calibration.maps import CalibrationMap, read_map
from models.calibration.reliability import Reliability
from models.types import ModelInfo
from models.weights.store import store, write_json

SHIPPED = Path(__file__).parent / "shipped"
FILE = "calibration.json"

Settles = dict[str, tuple[str, str] | None]
"""For a class whose meaning is disputed the label set and the label in it that labelled faces found it to mean; None: they did not tell."""


class CalibrationDamaged(RuntimeError):
    """The file of a calibration cannot be read; the message names it and says what to do."""


@dataclass(frozen=True)
class Calibration:
    """A map for one version of one model, what it was found on, and how far the model could be believed before and after.

    `after` is measured on cases that the map had not seen; `made_at` is ISO 8601 in UTC; `weights` the sha256 of the model's files then.
    For a calibration from clips, `clips_before` and `clips_after` tell the same of whole clips, whose moments are pooled, and `sharpness`
    is the power with which windows of a voice are pooled after the map (`models.voice.windows.pool`), in place of the model's own.
    """

    model: str
    version: str
    map: CalibrationMap
    data: str
    made_at: str
    before: Reliability
    after: Reliability
    sharpness: float | None = None
    clips_before: Reliability | None = None
    clips_after: Reliability | None = None
    weights: dict[str, str] = field(default_factory=dict)
    settles: Settles = field(default_factory=dict)

    @classmethod
    def of(cls, info: ModelInfo, fitted: Fitted, data: str) -> Self:
        """What `fitted` found for a model on labelled cases that `data` describes in a few words."""
        return cls(
            info.name,
            info.version,
            fitted.map,
            data,
            datetime.now(UTC).isoformat(timespec="seconds"),
            fitted.before,
            fitted.after,
            fitted.sharpness,
            fitted.cases_before,
            fitted.cases_after,
            store().fingerprint(info),
        )

    def document(self) -> dict[str, Any]:
        told = {name: None if one is None else one.document() for name, one in self._measured().items()}
        plain = {name: getattr(self, name) for name in ("model", "version", "data", "made_at", "sharpness", "weights", "settles")}
        return plain | told | {"map": self.map.document()}

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self:
        """What `document` wrote, in this version of the program or an earlier one. Raises `ValueError`, `TypeError`, `KeyError`."""
        told = {name: None if (one := document.get(name)) is None else Reliability.read(one) for name in MEASURED}
        settles = {label: None if said is None else (said[0], said[1]) for label, said in document.get("settles", {}).items()}
        return cls(**{**document, **told, "map": read_map(document["map"]), "settles": settles})

    def about(self) -> dict[str, Any]:
        """What an analysis notes of it, so that its probabilities can be understood years later."""
        settles = {label: list(said) for label, said in self.settles.items() if said is not None}
        about = {"map": self.map.document(), "sharpness": self.sharpness, "data": self.data, "made_at": self.made_at}
        return about | ({"settles": settles} if settles else {})

    def _measured(self) -> dict[str, Reliability | None]:
        return {name: getattr(self, name) for name in MEASURED}


MEASURED = ("before", "after", "clips_before", "clips_after")


def calibration_of(info: ModelInfo) -> Calibration | None:
    """The calibration that is in force for this version of a model with these weights; None where there is none.

    Raises `CalibrationDamaged`.
    """
    for path in (_own(info.name), SHIPPED / f"{info.name}.json"):
        found = _read(path, info.name)
        if found is not None and found.version == info.version and found.weights == store().fingerprint(info):
            return found
    return None


def calibrated(probabilities: NDArray[np.float32], calibration: Calibration | None) -> NDArray[np.float32]:
    """(N, K) as they are worth, where a calibration says so; rows of NaN stay so."""
    return probabilities if calibration is None or not len(probabilities) else calibration.map.apply(probabilities)


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


def _own(name: str) -> Path:
    return store().place(name, FILE)


def _read(path: Path, name: str) -> Calibration | None:
    try:
        return Calibration.read(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        remedy = f"calibrate {name} again, or take it out of force: `python -m app calibrate {name} --forget`"
        raise CalibrationDamaged(f"{path} cannot be read as a calibration ({error}); {remedy}") from error
