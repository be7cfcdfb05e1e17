"""Labelled faces: pictures in a folder, or a tar file, with one folder a class, as FER-2013 and its kin are handed on."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from app.evaluation.matching import same_answers
from models.protocols import FaceModel
from models.types import LabelSet

SET = "fer2013"
"""The label set of the folders' names, where nothing else is said."""

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}

LARGEST_BYTES = 32 * 2**20
"""Of one picture; what is larger is no crop of a face."""

BATCH = 64


class NoFaces(ValueError):
    """There is no labelled face; the message says what was given and what is looked for."""


@dataclass(frozen=True)
class LabelledFace:
    """`pixels` (H, W, 3) RGB uint8; `label` is the folder's name; `name` tells one picture from another."""

    name: str
    label: str
    pixels: NDArray[np.uint8]


def labelled_faces(path: Path) -> Iterator[LabelledFace]:
    """The faces in a folder or tar file with one folder a class, in the order of their names. Raises `NoFaces`, `OSError`."""
    found = False
    for name, content in sorted_pictures(path):
        pixels = _decoded(content)
        if pixels is not None:
            found = True
            yield LabelledFace(name, PurePosixPath(name).parent.name, pixels)
    if not found:
        raise NoFaces(f"{path} holds no pictures in folders named after classes (angry/1.jpg, happy/2.jpg …), as a folder or a tar file")


def sorted_pictures(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every picture that lies in a class's folder."""
    if path.is_dir():
        for file in sorted(path.glob("*/*")):
            if file.suffix.lower() in PICTURES and file.is_file() and file.stat().st_size <= LARGEST_BYTES:
                yield f"{file.parent.name}/{file.name}", file.read_bytes()
        return
    try:
        with tarfile.open(path) as archive:
            members = [member for member in archive if member.isfile() and member.size <= LARGEST_BYTES]
            for member in sorted(members, key=lambda member: member.name):
                place = PurePosixPath(member.name)
                if place.suffix.lower() in PICTURES and place.parent.name:
                    file = archive.extractfile(member)
                    assert file is not None, "a plain member of a tar file can be read"
                    yield f"{place.parent.name}/{place.name}", file.read()
    except tarfile.TarError as error:
        raise NoFaces(f"{path} is neither a folder nor a tar file that can be read: {error}") from error


def answers(
    model: FaceModel, faces: Iterator[LabelledFace], label_set: str = SET, also: LabelSet | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """What `model` says of labelled faces whose label is one of its answers: probabilities (N, K) and the right class (N,).

    Each is looked at as the faces of a video are, so that what is found holds for those. Raises `NoFaces` where no label is an answer of
    the model, `UnknownLabelSet`. Faces labelled one of `also` are looked at too; these are numbered on from the model's classes.
    """
    from models.face.stream import score_pictures

    assert model.info.labels is not None, f"{model.info.name} has no classes"
    right: dict[str, int] = {}
    seen: set[str] = set()
    rows: list[NDArray[np.float32]] = []
    truth: list[int] = []
    batch: list[NDArray[np.uint8]] = []

    def ask() -> None:
        if batch:
            rows.append(score_pictures(batch, model).probabilities)
            batch.clear()

    for face in faces:
        if face.label not in seen:
            seen.add(face.label)
            if also is not None:
                right |= {label: len(model.info.labels) + place for label, place in same_answers([face.label], label_set, also).items()}
            right |= same_answers([face.label], label_set, model.info.labels)
        if face.label not in right:
            continue
        if len(batch) == BATCH:
            ask()
        batch.append(face.pixels)
        truth.append(right[face.label])
    ask()
    if not rows:
        classes = ", ".join(model.info.labels.classes)
        raise NoFaces(f"no folder ({', '.join(sorted(seen))}) is named after an answer of {model.info.name} ({classes})")
    return np.concatenate(rows), np.array(truth, np.int64)


def _decoded(content: bytes) -> NDArray[np.uint8] | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            return np.asarray(picture.convert("RGB"), np.uint8)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
