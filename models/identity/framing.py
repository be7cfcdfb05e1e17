"""The crop that an identity model wants: its own size, and the five landmarks where its training had them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.face.crop import TEMPLATE, warp
from models.protocols import FaceEmbedder

SIDE = 112
"""Pixels a side for a model that does not name its own as `crop_side`; `TEMPLATE` stands in where it names no `frame`."""


def portrait(image: NDArray[np.uint8], landmarks: NDArray[np.float32], model: FaceEmbedder) -> NDArray[np.uint8]:
    """The face with these landmarks (5, 2) in `image` (H, W, 3) RGB as `model` wants it: (side, side, 3)."""
    frame = np.asarray(getattr(model, "frame", TEMPLATE), np.float32)
    return warp(image, similarity(landmarks, frame), int(getattr(model, "crop_side", SIDE)))


def similarity(landmarks: NDArray[np.float32], frame: NDArray[np.float32]) -> NDArray[np.float32]:
    """The turn, scale and shift (2, 3) that takes `landmarks` (5, 2) nearest to `frame` (5, 2) by least squares (Umeyama 1991).

    `models.face.crop.alignment` looks at the eyes and the mouth's middle only; identity models were taught on all five points.
    """
    have, want = landmarks - landmarks.mean(0), frame - frame.mean(0)
    # Points as complex numbers: the best turn and scale is one complex factor.
    z, w = have[:, 0] + 1j * have[:, 1], want[:, 0] + 1j * want[:, 1]
    factor = (w @ z.conj()) / max(float((z @ z.conj()).real), 1e-6)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]], np.float32)
    return np.hstack([turn, (frame.mean(0) - turn @ landmarks.mean(0))[:, None]]).astype(np.float32)
