from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from app.analysis import loaded
from models import EmotionRecognition
from models.calibration.kept import calibrated, calibration_of
from models.devices import NoSuchDevice
from models.face.crop import crops
from models.face.stream import crop_shifts, crop_side
from models.recognition import UnsuitableImage
from models.registry import UnknownName
from tests.models.pictures import detector, network

KEYS = {"box", "detection_confidence", "emotions", "emotion", "uncertainty", "valence", "arousal"}


@cache
def recognition() -> EmotionRecognition:
    return EmotionRecognition()


@cache
def read(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path))
    assert image is not None
    image.flags.writeable = False  # a frame that is changed raises
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize(("name", "faces"), [("one_face.jpg", 1), ("five_faces.jpg", 5), ("no_face.jpg", 0)])
def test_every_face_is_a_dict_of_the_contract(data: Path, name: str, faces: int) -> None:
    frame = read(data / "images" / name)
    found = recognition().run(frame)
    assert len(found) == faces
    for face in found:
        assert set(face) == KEYS
        assert len(face["box"]) == 4 and all(type(value) is int for value in face["box"])
        assert sum(face["emotions"].values()) == pytest.approx(1, abs=1e-3)
        assert face["emotion"] == max(face["emotions"], key=lambda label: face["emotions"][label])
        assert 0 <= face["uncertainty"] <= 1 and 0.9 < (face["detection_confidence"] or 0) <= 1
        assert face["valence"] is None and face["arousal"] is None  # it has neither


def test_a_face_is_cropped_and_scored_as_in_a_video(data: Path) -> None:
    frame = read(data / "images" / "one_face.jpg")
    image = np.ascontiguousarray(frame[..., ::-1])
    landmarks = detector().detect([image])[0].landmarks[0]
    model = loaded.face_model("portrayal_face")
    looks = model.score(crops(image, landmarks, crop_side(model), crop_shifts(model))).probabilities.mean(0, keepdims=True)
    wanted = calibrated(looks, calibration_of(model.info))[0]
    np.testing.assert_allclose(list(recognition().run(frame)[0]["emotions"].values()), wanted, atol=1e-6)


def test_colours_are_taken_as_bgr(data: Path) -> None:
    class Blue:
        info = network().info
        seen: NDArray[np.uint8] | None = None

        def score(self, faces: NDArray[np.uint8]) -> Any:
            self.seen = faces
            return network().score(faces)

    blue = np.zeros((64, 64, 3), np.uint8)
    blue[..., 0] = 255
    mine, model = EmotionRecognition(), Blue()
    mine._face_model = model  # pyright: ignore[reportAttributeAccessIssue]
    mine.run_on_face(blue)
    assert model.seen is not None and (model.seen == (0, 0, 255)).all()


def test_a_crop_has_the_same_dict_without_box(data: Path) -> None:
    frame = read(data / "images" / "one_face.jpg")
    image = np.ascontiguousarray(frame[..., ::-1])
    crop = crops(image, detector().detect([image])[0].landmarks[0], 200)[0]
    alone = recognition().run_on_face(np.ascontiguousarray(crop[..., ::-1]))
    assert set(alone) == KEYS - {"box"} and alone["detection_confidence"] is None
    assert alone["emotion"] == recognition().run(frame)[0]["emotion"]


def test_faces_are_marked_in_a_copy(data: Path) -> None:
    frame = read(data / "images" / "five_faces.jpg")
    drawn = recognition().show(frame)
    changed = (drawn != frame).any(2)
    assert drawn.shape == frame.shape and drawn.dtype == np.uint8
    for face in recognition().run(frame):
        x, y, width, height = face["box"]
        assert changed[y + height // 2, max(0, x - 2) : x + 3].any(), "the left side of the box"
        assert changed[max(0, y - 12) : y + 2, max(0, x) : x + width].mean() > 0.5, "the label"
    np.testing.assert_array_equal(recognition().show(frame, return_type="RGB"), drawn[..., ::-1])


def test_an_image_without_a_face_stays_as_it_is(data: Path) -> None:
    frame = read(data / "images" / "no_face.jpg")
    np.testing.assert_array_equal(recognition().show(frame), frame)


@pytest.mark.parametrize("box", [(-30, -30, 60, 60), (150, 100, 100, 80), (0, 0, 200, 120), (-500, 20, 10, 10)])
def test_labels_stay_inside_the_image(box: tuple[int, int, int, int]) -> None:
    from models.drawing import BEHIND, draw_label

    image = np.full((120, 200, 3), 255, np.uint8)
    draw_label(image, box, "surprise 93%")
    assert (image == BEHIND).all(2).sum() > 500, "a whole label is in sight"


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (None, "cv2.imread"),
        ([[1, 2, 3]], "list"),
        (np.zeros((40, 40), np.uint8), "grey"),
        (np.zeros((40, 40, 1), np.uint8), "COLOR_GRAY2BGR"),
        (np.zeros((40, 40, 4), np.uint8), r"\(40, 40, 4\)"),
        (np.zeros((0, 40, 3), np.uint8), r"\(0, 40, 3\)"),
        (np.zeros((2, 40, 40, 3), np.uint8), r"\(2, 40, 40, 3\)"),
        (np.zeros((40, 40, 3), np.float32), "float32"),
    ],
)
def test_what_is_no_colour_image_is_refused_with_what_is_wanted(frame: Any, said: str) -> None:
    for ask in (recognition().run, recognition().run_on_face, recognition().show):
        with pytest.raises(UnsuitableImage, match=said):
            ask(frame)


def test_unknown_names_are_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="mtcnn"):
        EmotionRecognition(detector="mtcn")
    with pytest.raises(UnknownName, match="fer"):
        EmotionRecognition(face="ferr")


@pytest.mark.parametrize("device", ["gpu", "cpu:0", "cuda:x", ""])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(NoSuchDevice, match='"cpu" or "cuda"'):
        EmotionRecognition(device=device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_cuda_without_a_gpu_says_so() -> None:
    with pytest.raises(NoSuchDevice, match="no GPU"):
        EmotionRecognition(device="cuda")


def test_another_order_of_colours_is_refused(data: Path) -> None:
    with pytest.raises(ValueError, match="RGB"):
        recognition().show(read(data / "images" / "no_face.jpg"), return_type="HSV")  # pyright: ignore[reportArgumentType]


def test_uncertainty_is_entropy_over_that_of_equal_shares(data: Path) -> None:
    for face in recognition().run(read(data / "images" / "five_faces.jpg")):
        shares = [share for share in face["emotions"].values() if share > 0]
        wanted = -sum(share * np.log(share) for share in shares) / np.log(len(face["emotions"]))
        assert face["uncertainty"] == pytest.approx(wanted, abs=1e-6)


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("torch", "cv2", "onnxruntime", "facenet_pytorch", "ai_edge_litert")
    code = f"import sys, models; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_a_name_that_the_package_lacks_is_an_attribute_error() -> None:
    import models

    with pytest.raises(AttributeError, match="Nothing"):
        models.Nothing  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
