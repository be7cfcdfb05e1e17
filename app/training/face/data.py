"""The faces a face network learns from and is judged by: FER-2013's training and public test images."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.training.face.network import SIDE
from models.types import LabelSet

FER2013 = LabelSet("fer2013", ("Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"))

TRAINING = "fer2013_training.tar"
PUBLIC_TEST = "fer2013_public_test.tar"


class UnreadableFaces(ValueError):
    """The archive is not one of FER-2013 as this script reads it; the message says what is wrong with it."""


@dataclass(frozen=True)
class Faces:
    """N labelled faces: `pixels` (N, SIDE, SIDE) uint8 grey, `emotions` (N,) int64 positions in FER2013."""

    pixels: NDArray[np.uint8]
    emotions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.emotions)

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Faces:
        return Faces(self.pixels[which], self.emotions[which])

    def without(self, others: Faces) -> Faces:
        """These faces but for those whose pixels are, one for one, those of a face in `others`."""
        known = set(others.digests())
        return self.chosen(np.array([digest not in known for digest in self.digests()], bool))

    def digests(self) -> list[str]:
        """One checksum a face, of its pixels."""
        return [hashlib.sha256(face.tobytes()).hexdigest() for face in self.pixels]


def read_faces(archive: Path) -> Faces:
    """The faces of a tar whose images lie in folders named by class (`angry` … `neutral`), in the order of their names.

    Raises `UnreadableFaces` where it is missing, holds no face, a folder that is no class, or an image of another size.
    """
    from PIL import Image

    if not archive.is_file():
        raise UnreadableFaces(f"{archive} is missing: point --data at the folder with {TRAINING} and {PUBLIC_TEST}")
    classes = [name.lower() for name in FER2013.classes]
    pixels, emotions = [], []
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.isfile() and member.name.endswith((".jpg", ".png"))]
        for member in sorted(members, key=lambda member: member.name):
            emotion, file = Path(member.name).parent.name, tar.extractfile(member)
            if emotion not in classes or file is None:
                raise UnreadableFaces(f"{archive}: {member.name} lies in none of the folders {', '.join(classes)}")
            image = Image.open(io.BytesIO(file.read())).convert("L")
            if image.size != (SIDE, SIDE):
                raise UnreadableFaces(f"{archive}: {member.name} has {image.width}×{image.height} pixels; {SIDE}×{SIDE} are wanted")
            pixels.append(np.asarray(image, np.uint8))
            emotions.append(classes.index(emotion))
    if not pixels:
        raise UnreadableFaces(f"{archive} holds no image; folders {', '.join(classes)} with {SIDE}×{SIDE} images are wanted")
    return Faces(np.stack(pixels), np.array(emotions, np.int64))


def folds(faces: Faces, count: int) -> NDArray[np.int64]:
    """Which of `count` folds each face belongs to (N,): by its pixels, so that the same picture is never on both sides."""
    return np.array([int(digest[:12], 16) % count for digest in faces.digests()], np.int64)


def log_frequency(faces: Faces) -> NDArray[np.float32]:
    """Logarithm of each class's share of the faces (K,); a class without any counts as half a face, so that it is a number."""
    counts = np.maximum(np.bincount(faces.emotions, minlength=len(FER2013)), 0.5)
    return np.log(counts / counts.sum()).astype(np.float32)
