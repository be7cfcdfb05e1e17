"""RetinaFace (Deng et al. 2020) from the answers of its network: boxes and five landmarks around prior boxes.

The priors depend on the image's size alone. facetorch builds them in Python for every image; here they are made once a size, in one go.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.facetorch.networks import MEAN
from models.types import Detections

if TYPE_CHECKING:
    import torch

STEPS = (8, 16, 32)
"""Pixels between the prior boxes of each of the network's three maps."""
SIDES = ((16, 32), (64, 128), (256, 512))
"""Pixels: sides of the two square priors at each place of each map."""
VARIANCE = (0.1, 0.2)
"""What the network's answers are multiplied by, of places and of sizes."""

SCORE = 0.6
"""Confidence that a face needs, as published."""
OVERLAP = 0.4
"""Of two boxes that overlap more (IoU) the surer one is kept."""
MOST = 750
"""Faces of one image."""

SIZES_KEPT = 4
"""Image sizes whose priors are kept: 0.6 MB for 1280×720."""


class UnfittingNetwork(ValueError):
    """The network does not answer as RetinaFace does; the message says with what."""


class RetinaFace:
    """Finds faces with `network`: (1, 3, H, W) float32 BGR less its mean → places (1, P, 4), confidence (1, P, 2), landmarks (1, P, 10).

    Frames longer than `long_side` pixels are shrunk to it for the search, `None` searches at full resolution.
    """

    def __init__(self, network: Any, long_side: int | None, device: str = "cpu") -> None:
        import torch

        self._device = torch.device(device)
        self._network: Any = network.to(self._device)
        self._long_side = long_side

    def detect(self, frame: NDArray[np.uint8]) -> Detections:
        """Faces in `frame`, (H, W, 3) RGB uint8, surest first; in its pixels. Raises `UnfittingNetwork`."""
        import torch

        small = self._shrunk(frame)
        with torch.inference_mode():
            answers = self._network(as_input(small).to(self._device))
            return decode(answers, small.shape[:2], frame.shape[:2])

    def _shrunk(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        import cv2

        height, width = frame.shape[:2]
        scale = 1.0 if self._long_side is None else self._long_side / max(height, width)
        if scale >= 1:
            return frame
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def as_input(frame: NDArray[np.uint8]) -> torch.Tensor:
    """(H, W, 3) RGB uint8 → (1, 3, H, W) float32, blue first, less the mean."""
    import torch

    planes = torch.from_numpy(frame).permute(2, 0, 1)[[2, 1, 0]].contiguous().float()
    return planes.sub_(torch.tensor(MEAN[::-1]).view(3, 1, 1))[None]


@lru_cache(maxsize=SIZES_KEPT)
def priors(height: int, width: int) -> torch.Tensor:
    """The prior boxes of an image of that size: (P, 4) float32, x and y of the middle, width and height, as shares of the image.

    Map by map, row by row, place by place, the smaller first. Shared by all who ask: not to be written to.
    """
    import torch

    size = torch.tensor([width, height], dtype=torch.float64)
    maps: list[torch.Tensor] = []
    for step, sides in zip(STEPS, SIDES, strict=True):
        rows = (torch.arange(ceil(height / step), dtype=torch.float64) + 0.5) * step
        columns = (torch.arange(ceil(width / step), dtype=torch.float64) + 0.5) * step
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        middles = (torch.stack([x, y], -1).reshape(-1, 1, 2) / size).expand(-1, len(sides), -1)
        extents = torch.tensor(sides, dtype=torch.float64).view(1, -1, 1) / size
        maps.append(torch.cat([middles, extents.expand(len(middles), -1, -1)], -1).reshape(-1, 4))
    return torch.cat(maps).float()


def decode(answers: Any, searched: tuple[int, ...], size: tuple[int, ...]) -> Detections:
    """Faces from the network's answers to an image of `searched` (height, width), in pixels of the image of `size` it was shrunk from.

    Boxes and landmarks as in Deng et al. 2020, with the variances of Liu et al. 2016 (SSD). Raises `UnfittingNetwork`.
    """
    import torch
    from torchvision.ops import nms

    boxes_of, confidence, landmarks_of = _fitting(answers)
    places = priors(searched[0], searched[1])
    if len(places) != len(confidence):
        raise UnfittingNetwork(
            f"the network answers with {len(confidence)} boxes for an image of {searched[1]}×{searched[0]}; RetinaFace has {len(places)}"
        )
    # Surer boxes are never dropped for less sure ones, so those that could not be kept need not be compared.
    sure = (confidence > SCORE).nonzero().flatten()
    sure = sure[confidence[sure].argsort(descending=True, stable=True)]
    prior = places.to(confidence.device)[sure]
    scale = torch.tensor([size[1], size[0]], dtype=torch.float32, device=prior.device)
    middle = (prior[:, :2] + boxes_of[sure, :2] * VARIANCE[0] * prior[:, 2:]) * scale
    extent = prior[:, 2:] * torch.exp(boxes_of[sure, 2:] * VARIANCE[1]) * scale
    corner = middle - extent / 2
    # facetorch counts the pixel at the far edge in when it compares areas.
    kept = nms(torch.cat([corner, corner + extent + 1], 1), confidence[sure], OVERLAP)[:MOST]
    offsets = landmarks_of[sure][kept].view(-1, 5, 2)
    points = (prior[kept, None, :2] + offsets * VARIANCE[0] * prior[kept, None, 2:]) * scale
    return Detections(
        torch.cat([corner, extent], 1)[kept].cpu().numpy(), confidence[sure][kept].clamp(0, 1).cpu().numpy(), points.cpu().numpy()
    )


def _fitting(answers: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    shapes = [tuple(answer.shape) for answer in answers] if isinstance(answers, (tuple, list)) else []
    count = shapes[0][1] if shapes and len(shapes[0]) == 3 else 0
    if shapes[:3] != [(1, count, 4), (1, count, 2), (1, count, 10)]:
        raise UnfittingNetwork(
            f"the network answers with {shapes or type(answers).__name__}; RetinaFace with (1, P, 4), (1, P, 2), (1, P, 10)"
        )
    return answers[0][0], answers[1][0, :, 1], answers[2][0]
