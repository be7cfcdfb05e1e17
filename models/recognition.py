"""Emotions in one image: the faces in it, and what a face model says of each. For scripts; videos go through `models.face.stream`.

from models import EmotionRecognition
for face in EmotionRecognition().run(frame):
    print(face["emotion"], face["box"])
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from models.calibration.kept import calibrated, calibration_of
from models.calibration.reliability import entropy
from models.catalogue import detectors, face_models
from models.devices import check_device, on_device
from models.face.stream import score_faces_of, score_pictures
from models.protocols import FaceDetector, FaceModel
from models.types import FaceScores


class UnsuitableImage(ValueError):
    """What was given is not an image that can be looked at; the message says what was given and what is accepted."""


class Impression(TypedDict):
    """What a face model says of one crop. `None` is what was not measured."""

    detection_confidence: float | None
    """In [0, 1], the detector's."""
    emotions: dict[str, float]
    """Probability of each of the model's classes; they sum to 1."""
    emotion: str
    """The class with the highest."""
    uncertainty: float
    """In [0, 1]: Shannon's entropy of the probabilities over that of K equal ones. 0: one class has all; 1: all have the same."""
    valence: float | None
    """In [-1, 1], unpleasant to pleasant."""
    arousal: float | None
    """In [-1, 1], calm to excited."""


class FaceImpression(Impression):
    """The same of a face found in an image."""

    box: tuple[int, int, int, int]
    """x, y, width, height in pixels of the image; may reach beyond its border."""


class EmotionRecognition:
    """A detector and a face model, by their names in the registry, loaded once; calibrated where a calibration is in force.

    `device` is "cpu" or "cuda" ("cuda:1" for the second); a model that only runs on the CPU stays there.
    Raises `UnknownName`, which lists the names there are, `NoSuchDevice`, and `WeightsMissing`, which says where weights come from.
    """

    def __init__(self, device: str = "cpu", detector: str = "mtcnn", face: str = "portrayal_face") -> None:
        detector_class, face_class = detectors.get(detector), face_models.get(face)
        check_device(device)
        self._detector: FaceDetector = on_device(device, detector_class)
        model: FaceModel = on_device(device, face_class)
        self._face_model: FaceModel = model
        self._calibration = calibration_of(model.info)

    def run(self, frame: NDArray[np.uint8]) -> list[FaceImpression]:
        """The faces in `frame`, (H, W, 3) BGR uint8, the detector's surest first; an empty list where there is none.

        Each crop is turned upright by the eyes and scored as in the analysis of a video. `frame` is not changed.
        Raises `UnsuitableImage`.
        """
        image = _as_rgb(frame, "frame")
        found = self._detector.detect([image])[0]
        scores = score_faces_of([(image, landmarks) for landmarks in found.landmarks], self._face_model)
        faces = [
            FaceImpression(box=_whole_pixels(found.boxes[place]), **self._impression(scores, place, float(found.confidence[place])))
            for place in range(len(found))
        ]
        return sorted(faces, key=lambda face: -(face["detection_confidence"] or 0.0))

    def run_on_face(self, face: NDArray[np.uint8]) -> Impression:
        """What the model says of one crop `face`, (H, W, 3) BGR uint8 of any size, that is a face from brow to chin and nothing else.

        It is taken as it is: nothing is searched in it, so `detection_confidence` is None, and nothing is turned upright.
        Raises `UnsuitableImage`.
        """
        return self._impression(score_pictures([_as_rgb(face, "face")], self._face_model), 0, None)

    def show(self, frame: NDArray[np.uint8], return_type: Literal["BGR", "RGB"] = "BGR") -> NDArray[np.uint8]:
        """A copy of `frame`, (H, W, 3) BGR uint8, in BGR or RGB, with a box around each face and its leading class above it.

        Raises `UnsuitableImage`, and `ValueError` for another `return_type`.
        """
        if return_type not in ("BGR", "RGB"):
            raise ValueError(f'return_type={return_type!r}; it can be "BGR", as OpenCV orders colours, or "RGB"')
        from models.drawing import draw_label

        faces = self.run(frame)
        drawn = frame.copy()
        for face in faces:
            draw_label(drawn, face["box"], f"{face['emotion']} {face['emotions'][face['emotion']]:.0%}")
        return drawn if return_type == "BGR" else np.ascontiguousarray(drawn[..., ::-1])

    def _impression(self, scores: FaceScores, place: int, confidence: float | None) -> Impression:
        labels = self._face_model.info.labels
        assert labels is not None, f"{self._face_model.info.name} is a face model without classes"
        row = calibrated(scores.probabilities[place : place + 1], self._calibration)[0]
        return Impression(
            detection_confidence=confidence,
            emotions={name: float(share) for name, share in zip(labels.classes, row, strict=True)},
            emotion=labels.classes[int(row.argmax())],
            uncertainty=float(entropy(row[None]).clip(0, 1)[0]),
            valence=None if scores.valence is None else float(scores.valence[place]),
            arousal=None if scores.arousal is None else float(scores.arousal[place]),
        )


def _as_rgb(image: Any, name: str) -> NDArray[np.uint8]:
    wanted = "an array (height, width, 3) of uint8, colours in the order blue, green, red, as cv2.imread and cv2.VideoCapture give it"
    if not isinstance(image, np.ndarray):
        what = "None, as cv2.imread gives for a file it cannot read" if image is None else f"a {type(image).__name__}"
        raise UnsuitableImage(f"{name} is {what}; wanted is {wanted}")
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1):
        raise UnsuitableImage(
            f"{name} is grey, of shape {image.shape}; wanted is {wanted}: cv2.cvtColor({name}, cv2.COLOR_GRAY2BGR) makes one"
        )
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise UnsuitableImage(f"{name} has shape {image.shape}; wanted is {wanted}")
    if image.dtype != np.uint8:
        raise UnsuitableImage(f"{name} holds {image.dtype}; wanted is {wanted}, values 0 to 255")
    return np.ascontiguousarray(image[..., ::-1])


def _whole_pixels(box: NDArray[np.float32]) -> tuple[int, int, int, int]:
    x, y, width, height = (round(float(value)) for value in box)
    return x, y, width, height
