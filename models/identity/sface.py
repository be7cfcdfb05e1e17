"""SFace: whose face it is (Zhong et al. 2021, "SFace: Sigmoid-constrained hypersphere loss for robust face recognition"), run as ONNX."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.catalogue import face_embedders
from models.types import Availability, Modality, ModelInfo
from models.weights.files import Address, WeightsFile
from models.weights.loading import onnx_session
from models.weights.store import store

NETWORK = "face_recognition_sface_2021dec.onnx"
COMMIT = "966be4cb6eefc2a4f586ed0581bf4bbaa2533070"
"""Of github.com/opencv/opencv_zoo."""

SIDE = 112

FRAME = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32) / SIDE
"""Where ArcFace, and SFace after it, has eyes, nose and corners of the mouth in a crop of side 1."""

WIDTH = 128


@face_embedders.register("sface")
class SFace:
    """One thread; hold one instance a process."""

    info = ModelInfo(
        name="sface",
        modality=Modality.IDENTITY,
        version="opencv_zoo 2021dec",
        summary="Tells people apart by their faces, 128 numbers each. A small network; its authors report 99.4 % on pairs of LFW.",
        licence="Apache-2.0",
        source="https://github.com/opencv/opencv_zoo",
        weights=(
            WeightsFile(
                NETWORK,
                Address(f"https://media.githubusercontent.com/media/opencv/opencv_zoo/{COMMIT}/models/face_recognition_sface/{NETWORK}"),
                "Apache-2.0",
                "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
                38_696_353,
            ),
        ),
    )
    crop_side = SIDE
    frame = FRAME
    """Where the crops that `embed` is given have the five landmarks."""
    same = 0.363
    """Cosine from which two faces are one person's, by its authors, for pairs of LFW."""

    def __init__(self) -> None:
        """Raises `WeightsMissing`, `WeightsAltered`, `UnreadableWeights`."""
        self._session = onnx_session(store().paths(self.info)[NETWORK])

    @classmethod
    def available(cls) -> Availability:
        return store().availability(cls.info)

    def embed(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Whose face each crop (N, 112, 112, 3) RGB in `frame` is: (N, 128) float32 rows of length 1; N may be 0."""
        if faces.shape[1:] != (SIDE, SIDE, 3):
            raise ValueError(f"faces must have shape (N, {SIDE}, {SIDE}, 3), not {faces.shape}")
        rows = np.empty((len(faces), WIDTH), np.float32)
        (wanted,) = self._session.get_inputs()
        for place, face in enumerate(faces):  # the network takes one at a time
            planes = np.ascontiguousarray(face.transpose(2, 0, 1)[None], np.float32)
            rows[place] = np.asarray(self._session.run(None, {wanted.name: planes})[0]).reshape(-1)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
