"""What is put into facetorch's analyzer in the place of its own parts. Its configuration names these classes as `_target_`.

This module imports facetorch, which takes seconds: import it only to run the analyzer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from facetorch.analyzer.predictor import FacePredictor
from facetorch.base import BaseDownloader
from facetorch.datastruct import Detection, Dimensions, Face, ImageData, Location
from numpy.typing import NDArray

from models.catalogue import detectors
from models.devices import on_device
from models.facetorch.networks import MEAN
from models.types import WeightsMissing
from models.weights.loading import torchscript


class NoDownload(BaseDownloader):
    """Weights come from the store alone. facetorch downloads where its local path does not exist; here that is an error."""

    def __init__(self, path_local: str) -> None:
        super().__init__("", path_local)

    def run(self) -> None:
        raise WeightsMissing(f"{self.path_local} is not there; `python -m app models fetch` brings facetorch's files")


class CheckedPredictor(FacePredictor):
    """facetorch's predictor, its program loaded only where somebody vouches for it."""

    def load_model(self) -> Any:
        return torchscript(Path(self.path_local)).to(self.device)


class AnyDetector:
    """Our detector called `detector` where facetorch has its own, and faces at the border kept.

    facetorch cuts a face out with slices; where its square begins above or left of the image they come out empty or as another part of
    the image. Here the image is continued outward as far as the outermost face needs.
    """

    def __init__(self, detector: str, device: torch.device) -> None:
        self._detector = on_device(str(device), detectors.get(detector))
        self._device = device

    def run(self, data: ImageData) -> ImageData:
        """Fills `data.det.dets` (N, 5): corners and confidence, `data.det.landmarks` (N, 10), and `data.faces` with their tensors."""
        frame = data.img.permute(1, 2, 0).numpy()  # the pixels as they were given; `data.tensor` holds them as floats
        found = self._detector.detect([frame])[0]
        corners = np.hstack([found.boxes[:, :2], found.boxes[:, :2] + found.boxes[:, 2:], found.confidence[:, None]])
        data.det = Detection(dets=torch.from_numpy(corners), landmarks=torch.from_numpy(found.landmarks.reshape(-1, 10)))
        data.faces = _faces(data.tensor.to(self._device), [_square(row) for row in corners])
        for face in data.faces:  # facetorch's unifier gives the mean back
            face.tensor = face.tensor - torch.tensor(MEAN, device=self._device).view(3, 1, 1)
        return data


def _square(corners: NDArray[np.float32]) -> Location:
    """As facetorch rounds a box and makes it square."""
    x1, y1, x2, y2 = (round(float(value)) for value in corners[:4])
    location = Location(x1=x1, y1=y1, x2=max(x2, x1 + 1), y2=max(y2, y1 + 1))
    location.form_square()
    return location


def _faces(image: torch.Tensor, locations: list[Location]) -> list[Face]:
    height, width = image.shape[-2:]
    left = max([0, *(-place.x1 for place in locations)])
    top = max([0, *(-place.y1 for place in locations)])
    right = max([0, *(place.x2 - width for place in locations)])
    bottom = max([0, *(place.y2 - height for place in locations)])
    if left or top or right or bottom:
        image = torch.nn.functional.pad(image, (left, right, top, bottom), mode="replicate")
    faces: list[Face] = []
    for number, place in enumerate(locations):
        pixels = image[0, :, place.y1 + top : place.y2 + top, place.x1 + left : place.x2 + left]
        size = Dimensions(pixels.shape[-2], pixels.shape[-1])
        faces.append(Face(indx=number, loc=place, dims=size, tensor=pixels, ratio=size.height * size.width / (height * width)))
    return faces
