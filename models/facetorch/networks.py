"""facetorch's networks: their files, what they look at, what they answer with. Figures and names are those of its published configuration.

That configuration names no revision of the files and no checksum, so the current ones are fetched, and pinned when they come.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.types import Availability, ModelInfo
from models.weights.files import Hub, WeightsFile
from models.weights.store import store

MEAN = (123.0, 117.0, 104.0)
"""Red, green, blue in [0, 255]: taken from every pixel before the detector, and given back before the other networks."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Network:
    """One of the networks that look at a face: RGB crops (N, 3, `side`, `side`) in [0, 1], less `mean`, over `deviation`."""

    name: str
    file: WeightsFile
    side: int
    classes: tuple[str, ...]
    deviation: tuple[float, float, float] = IMAGENET_DEVIATION
    mean: tuple[float, float, float] = IMAGENET_MEAN


def _on_hub(name: str, repository: str, licence: str, optional: bool = False) -> WeightsFile:
    return WeightsFile(name, Hub(f"tomas-gajarsky/facetorch-{repository}", "model.pt"), licence, optional=optional)


DETECTOR = _on_hub("detector.pt", "detector-retinaface", "MIT")

FER = Network(
    "fer",
    _on_hub("fer.pt", "fer-efficientnet-b2", "Apache-2.0"),
    260,
    ("Anger", "Contempt", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise"),
)
VA = Network("va", _on_hub("va.pt", "va-elim", "MIT", optional=True), 224, ("valence", "arousal"))
AU = Network(
    "au",
    _on_hub("au.pt", "au-opengraph", "MIT", optional=True),
    224,
    (
        *("inner_brow_raiser", "outer_brow_raiser", "brow_lowerer", "upper_lid_raiser", "cheek_raiser", "lid_tightener", "nose_wrinkler"),
        *("upper_lip_raiser", "nasolabial_deepener", "lip_corner_puller", "sharp_lip_puller", "dimpler", "lip_corner_depressor"),
        *("lower_lip_depressor", "chin_raiser", "lip_pucker", "tongue_show", "lip_stretcher", "lip_funneler", "lip_tightener"),
        *("lip_pressor", "lips_part", "jaw_drop", "mouth_stretch", "lip_bite", "nostril_dilator", "nostril_compressor"),
        *(
            f"{side}_{part}"
            for part in (
                *("inner_brow_raiser", "outer_brow_raiser", "brow_lowerer", "cheek_raiser"),
                *("upper_lip_raiser", "nasolabial_deepener", "dimpler"),
            )
            for side in ("left", "right")
        ),
    ),
)
EMBED = Network(
    "embed",
    _on_hub("embed.pt", "embed-resnet-50", "MIT", optional=True),
    244,
    ("abstract",),
    deviation=(0.228, 0.224, 0.225),  # as published, though ImageNet's red is 0.229
)

NETWORKS = (FER, VA, AU, EMBED)


def availability(info: ModelInfo) -> Availability:
    """Whether the packages and files are here, and whether somebody vouches for programs that nobody here has seen. Loads nothing."""
    from importlib.util import find_spec

    for module, package in (("torch", "torch"), ("torchvision", "torchvision"), ("facetorch", "facetorch")):
        if find_spec(module) is None:
            return Availability(False, f"The package {package} is missing; `make setup` installs it.")
    here = store()
    found = here.availability(info)
    if not found.ready:
        return found
    for file in here.here(info):
        path = here.path(info, file)
        if file.sha256 is None and not here.may_run(path):
            pin = here.pin_of(info, file)
            checked = f" --sha256 {pin.sha256}" if pin else ""
            return Availability(
                False,
                f"{file.name} is a TorchScript program, which can run code, and nobody vouches for it. If you trust where it came from: "
                f"`python -m app models add {info.name} {path}{checked}`.",
            )
    return found
