"""FaceNet on VGGFace2 (Schroff et al. 2015; Cao et al. 2018): whose face it is. Network and weights of facenet-pytorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_embedders
from models.torch_threads import torch_threads
from models.types import Availability, Modality, ModelInfo
from models.weights.errors import UnreadableWeights
from models.weights.files import Address, WeightsFile
from models.weights.loading import state_dict
from models.weights.store import store

FILE = "20180402-114759-vggface2.pt"
SIDE = 160

FRAME = np.array([[0.315, 0.400], [0.685, 0.400], [0.500, 0.565], [0.350, 0.735], [0.650, 0.735]], np.float32)
"""Where eyes, nose and corners of the mouth lie in MTCNN's box with the margin of its training (44 of 182 pixels, then cut to 160):
medians of 30 faces of test clips, made symmetric, and without the stretch to a square that the training had."""

WIDTH = 512
AT_ONCE = 16


@face_embedders.register("facenet_vggface2")
class FaceNet:
    """One thread unless more are given; hold one instance a process."""

    info = ModelInfo(
        name="facenet_vggface2",
        modality=Modality.IDENTITY,
        version="facenet-pytorch 2.2.9, 20180402-114759",
        summary="Tells people apart by their faces, 512 numbers each. An Inception-ResNet; its authors report 99.65 % on pairs of LFW.",
        licence="MIT",
        source="https://github.com/timesler/facenet-pytorch",
        weights=(WeightsFile(FILE, Address(f"https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/{FILE}"), "MIT"),),
    )
    crop_side = SIDE
    frame = FRAME
    """Where the crops that `embed` is given have the five landmarks."""
    same = 0.5
    """Cosine from which two faces are one person's: distance 1.0 of unit vectors, as is usual for this network. Not measured here."""

    def __init__(self, threads: int = 1) -> None:
        """Raises `WeightsMissing`, `WeightsAltered`, `UnsafeWeights`, and `UnreadableWeights` for another network's weights."""
        from facenet_pytorch import InceptionResnetV1

        weights = state_dict(store().paths(self.info)[FILE])
        self._threads = threads
        self._network: Any = InceptionResnetV1(pretrained=None, classify=False).eval()
        try:  # `logits` told the 8,631 people of the training apart, and is of no use for others
            self._network.load_state_dict({key: value for key, value in weights.items() if not key.startswith("logits.")})
        except RuntimeError as error:
            raise UnreadableWeights(f"{FILE} holds another network than InceptionResnetV1: {error}") from error

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def embed(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Whose face each crop (N, 160, 160, 3) RGB in `frame` is: (N, 512) float32 rows of length 1; N may be 0."""
        import torch

        if faces.shape[1:] != (SIDE, SIDE, 3):
            raise ValueError(f"faces must have shape (N, {SIDE}, {SIDE}, 3), not {faces.shape}")
        rows = [np.empty((0, WIDTH), np.float32)]
        with torch.inference_mode(), torch_threads(self._threads):
            for start in range(0, len(faces), AT_ONCE):
                planes = np.ascontiguousarray(faces[start : start + AT_ONCE].transpose(0, 3, 1, 2), np.float32)
                rows.append(self._network(torch.from_numpy((planes - 127.5) / 128)).numpy())
        return np.concatenate(rows)
