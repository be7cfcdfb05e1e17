"""Calibrating a model, and putting the calibration in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.evaluation.clips import moment_answers
from app.evaluation.faces import SET, answers, labelled_faces
from app.evaluation.labels import Truth
from app.evaluation.settling import settle
from db import tables
from models.calibration.fitting import calibrate
from models.calibration.kept import Calibration, Settles, calibration_of, keep
from models.calibration.pooling import Pooling
from models.catalogue import KINDS, UnknownName
from models.face.disputed import DisputedClass
from models.types import Modality, ModelInfo

PARTS = {Modality.FACE: "face", Modality.VOICE: "voice"}
"""What can be calibrated, and what it is called in an analysis: whatever answers with classes."""


class NotCalibrated(ValueError):
    """The model cannot be calibrated on what was given; the message says why and what can be done."""


def calibrate_on_faces(
    name: str, path: Path, method: str | None = None, label_set: str = SET, seen: Callable[[int], None] | None = None
) -> Calibration:
    """Calibrates the face model `name` on labelled faces (a folder or tar file with one folder a class) and puts the result in force.

    A class whose meaning is disputed is settled by the faces too, if they tell. `seen` is told how many faces are done. Raises
    `UnknownName`, `NotCalibrated`, `NoFaces`, `TooFewLabels`, `WeightsMissing`.
    """
    modality, model = _classifier(name)
    if modality is not Modality.FACE:
        raise NotCalibrated(f"{name} listens, so faces say nothing of it; give labelled clips of a project instead")

    def counted():
        for number, face in enumerate(labelled_faces(path), 1):
            if seen is not None:
                seen(number)
            yield face

    disputed: DisputedClass | None = getattr(model, "disputed", None)
    probabilities, truth = answers(model(), counted(), label_set, None if disputed is None else disputed.names)
    settles: Settles = {}
    if disputed is not None:
        found = settle(disputed, model.info.labels, probabilities, truth)
        probabilities, truth, settles = found.probabilities, found.truth, found.settles
    return _in_force(model.info, probabilities, truth, f"{len(truth)} faces of {path.name}", settles, method=method)


def calibrate_on_clips(session: Session, project: tables.Project, name: str, truth: Truth, method: str | None = None) -> Calibration:
    """Calibrates a face or voice model on the labelled clips of a project that it has analysed, and puts the result in force.

    Clips of one actor are kept in one fold. What faces have settled of a disputed class stays. Raises `UnknownName`, `NotCalibrated`,
    `NoLabelledClips`, `TooFewLabels`.
    """
    modality, model = _classifier(name)
    found = moment_answers(session, project.id, PARTS[modality], model.info, truth)
    sharpness = None if modality is Modality.FACE else float(getattr(model, "sharpness", 1.0))
    pooling = Pooling(found.shares, sharpness)
    clips = len(set(found.clips.tolist()))
    data = f"{clips} clips of the project {project.name}, {truth.value} labels"
    there = calibration_of(model.info)
    settles = {} if there is None else there.settles
    return _in_force(
        model.info, found.probabilities, found.truth, data, settles, cases=found.clips, apart=found.actors, method=method, pooling=pooling
    )


def _classifier(name: str) -> tuple[Modality, Any]:
    for modality in PARTS:
        if name in KINDS[modality]:
            return modality, KINDS[modality].get(name)
    there = ", ".join(name for modality in PARTS for name in KINDS[modality].names())
    raise UnknownName(f"no model that answers with classes is called {name!r}; there are: {there}")


def _in_force(info: ModelInfo, probabilities, truth, data: str, settles: Settles, **how: Any) -> Calibration:
    calibration = replace(Calibration.of(info, calibrate(probabilities, truth, **how), data), settles=settles)
    keep(calibration)
    return calibration
