"""TorchScript programs with the shapes of facetorch's, small and of full size, all with random weights: the real ones are on a hub.

Also facetorch as it is shipped, configured as its repository publishes it, to compare with. `bench.models` measures both.
"""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.face.crop import TEMPLATE
from models.types import ModelInfo
from models.weights.files import WeightsFile
from models.weights.store import store


class _Heads(nn.Module):
    """Places, confidence and landmarks of two priors at each place of each map."""

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        self.heads = nn.ModuleList([nn.Conv2d(count, 2 * 16, 1) for count in channels])

    def forward(self, maps: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        rows: list[torch.Tensor] = []
        for place, head in enumerate(self.heads):
            rows.append(head(maps[place]).permute(0, 2, 3, 1).reshape(1, -1, 16))
        answers = torch.cat(rows, 1)
        return answers[..., :4], torch.softmax(answers[..., 4:6], -1), answers[..., 6:]


class TinyRetinaFace(nn.Module):
    """RetinaFace's inputs and outputs from one convolution a map."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.ModuleList([nn.Conv2d(3, 8, 3, stride=step, padding=1) for step in (8, 16, 32)])
        self.heads = _Heads([8, 8, 8])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        maps: list[torch.Tensor] = []
        for convolution in self.maps:
            maps.append(torch.tanh(convolution(image / 128)))
        return self.heads(maps)


class FullRetinaFace(nn.Module):
    """As large as the network on the hub: ResNet-50, feature pyramid, context modules; 27.3 million weights."""

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models import resnet50
        from torchvision.models._utils import IntermediateLayerGetter
        from torchvision.ops import FeaturePyramidNetwork

        self.trunk = IntermediateLayerGetter(resnet50(weights=None), {"layer2": "0", "layer3": "1", "layer4": "2"})
        self.pyramid = FeaturePyramidNetwork([512, 1024, 2048], 256, norm_layer=nn.BatchNorm2d)
        self.contexts = nn.ModuleList([_Context() for _ in range(3)])
        self.heads = _Heads([256, 256, 256])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        maps = list(self.pyramid(self.trunk(image)).values())
        return self.heads([context(one) for context, one in zip(self.contexts, maps, strict=True)])


class _Context(nn.Module):
    """Windows of 3, 5 and 7 pixels side by side (Najibi et al. 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.three = _convolution(256, 128)
        self.five = _convolution(256, 64)
        self.five_more = _convolution(64, 64)
        self.seven = nn.Sequential(_convolution(64, 64), _convolution(64, 64))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        five = self.five(features)
        return torch.relu(torch.cat([self.three(features), self.five_more(five), self.seven(five)], 1))


def _convolution(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU())


class KnownFace(nn.Module):
    """Answers an image of `size` (height, width) with one box (x, y, width, height in pixels), from the prior of number `place`.

    Its landmarks lie in the box as in an upright face.
    """

    def __init__(
        self, size: tuple[int, int], box: tuple[float, float, float, float], place: int, prior: tuple[float, ...], count: int
    ) -> None:
        super().__init__()
        height, width = size
        x, y, w, h = box
        loc, conf, points = torch.zeros(1, count, 4), torch.zeros(1, count, 2), torch.zeros(1, count, 10)
        conf[..., 0], conf[0, place] = 1, torch.tensor([0.05, 0.95])
        middle = ((x + w / 2) / width, (y + h / 2) / height)
        loc[0, place] = torch.tensor(
            [
                *((middle[axis] - prior[axis]) / (0.1 * prior[2 + axis]) for axis in (0, 1)),
                log(w / width / prior[2]) / 0.2,
                log(h / height / prior[3]) / 0.2,
            ]
        )
        landmarks = (torch.tensor([x, y]) + torch.tensor(TEMPLATE) * torch.tensor([w, h])) / torch.tensor([width, height])
        points[0, place] = ((landmarks - torch.tensor(prior[:2])) / (0.1 * torch.tensor(prior[2:]))).flatten()
        for name, tensor in (("loc", loc), ("conf", conf), ("points", points)):
            self.register_buffer(name, tensor)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.loc, self.conf, self.points


class TinyFace(nn.Module):
    """(N, 3, H, W) → (N, `outputs`), sharing nothing between faces."""

    def __init__(self, outputs: int, scale: float = 3.0) -> None:
        super().__init__()
        self.look = nn.Conv2d(3, 6, 5, stride=4)
        self.answer = nn.Linear(6 * 9, outputs)
        self.scale = scale

    def forward(self, faces: torch.Tensor) -> torch.Tensor:
        seen = torch.nn.functional.adaptive_avg_pool2d(torch.relu(self.look(faces)), 3)
        return self.answer(seen.flatten(1)) * self.scale


def program(network: nn.Module, path: Path, example: torch.Tensor | None = None) -> Path:
    """Saves `network` as TorchScript: scripted, or traced with `example`."""
    network.eval()
    script: Any = torch.jit.script(network) if example is None else torch.jit.trace(network, example)
    script.save(str(path))
    return path


def silent(detector: Any) -> nn.Module:
    """The same detector, sure at every place that there is no face."""
    with torch.no_grad():
        for head in detector.heads.heads:
            for prior in (0, 16):
                head.weight[prior + 4 : prior + 6] = 0
                head.bias[prior + 4 : prior + 6] = torch.tensor([5.0, 0.0])
    return detector


def put_in_store(info: ModelInfo, file: WeightsFile, network: nn.Module, vouched: bool = True, example: torch.Tensor | None = None) -> Path:
    """As `models add` does."""
    store().folder.mkdir(parents=True, exist_ok=True)
    store().take_in(info, file, program(network, store().folder / "incoming.pt", example), "a test", own=vouched)
    return store().path(info, file)


def shipped(detector: Path, fer: Path) -> dict[str, Any]:
    """The configuration that facetorch's repository publishes, with local files and without what it only draws."""
    device = {"_target_": "torch.device", "type": "cpu"}
    rest = {"device": device, "optimize_transform": True}
    prepare = "torchvision.transforms."
    imagenet = {"_target_": prepare + "Normalize", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    resize = {"_target_": prepare + "Resize", "size": [260, 260], "antialias": True}

    def steps(*parts: dict[str, Any]) -> dict[str, Any]:
        return {"transform": {"_target_": prepare + "Compose", "transforms": list(parts)}, **rest}

    def local(path: Path) -> dict[str, Any]:
        return {"_target_": "facetorch.downloader.DownloaderHuggingFace", "file_id": "", "path_local": str(path)}

    return {
        "logger": {"_target_": "facetorch.logger.LoggerJsonFile", "name": "facetorch", "level": 50},
        "reader": {"_target_": "facetorch.analyzer.reader.TensorReader", **steps(resize)},
        "detector": {
            "_target_": "facetorch.analyzer.detector.FaceDetector",
            "downloader": local(detector),
            "device": device,
            "preprocessor": {
                "_target_": "facetorch.analyzer.detector.pre.DetectorPreProcessor",
                **steps({"_target_": prepare + "Normalize", "mean": [123.0, 117.0, 104.0], "std": [1.0, 1.0, 1.0]}),
                "reverse_colors": True,
            },
            "postprocessor": {
                "_target_": "facetorch.analyzer.detector.post.PostRetFace",
                "transform": None,
                **rest,
                "confidence_threshold": 0.02,
                "top_k": 5000,
                "nms_threshold": 0.4,
                "keep_top_k": 750,
                "score_threshold": 0.6,
                "prior_box": {
                    "_target_": "facetorch.analyzer.detector.post.PriorBox",
                    "min_sizes": [[16, 32], [64, 128], [256, 512]],
                    "steps": [8, 16, 32],
                    "clip": False,
                },
                "variance": [0.1, 0.2],
                "reverse_colors": True,
                "expand_box_ratio": 0.0,
            },
        },
        "unifier": {
            "_target_": "facetorch.analyzer.unifier.FaceUnifier",
            **steps({"_target_": prepare + "Normalize", "mean": [-123.0, -117.0, -104.0], "std": [255.0] * 3}, resize),
        },
        "predictor": {
            "fer": {
                "_target_": "facetorch.analyzer.predictor.FacePredictor",
                "downloader": local(fer),
                "device": device,
                "preprocessor": {"_target_": "facetorch.analyzer.predictor.pre.PredictorPreProcessor", **steps(resize, imagenet)},
                "postprocessor": {
                    "_target_": "facetorch.analyzer.predictor.post.PostArgMax",
                    "transform": None,
                    **rest,
                    "dim": 1,
                    "labels": ["Anger", "Contempt", "Disgust", "Fear", "Happiness", "Neutral", "Sadness", "Surprise"],
                },
            }
        },
        "utilizer": {},
    }
