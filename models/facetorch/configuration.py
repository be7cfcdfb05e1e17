"""facetorch's configuration, which its package does not bring: a plain tree, of which OmegaConf makes what `FaceAnalyzer` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.facetorch.answers import SIDE
from models.facetorch.networks import AU, EMBED, FER, MEAN, NETWORKS, VA, Network

PREPARE = "torchvision.transforms."
POST = "facetorch.analyzer.predictor.post."

AFTER: dict[str, dict[str, Any]] = {
    FER.name: {"_target_": POST + "PostArgMax", "dim": 1},
    VA.name: {"_target_": POST + "PostLabelConfidencePairs"},
    AU.name: {"_target_": POST + "PostMultiLabel", "dim": 1, "threshold": 0.5},
    EMBED.name: {"_target_": POST + "PostEmbedder"},
}
"""What facetorch makes of each network's answer."""

CRITICAL = 50
"""Of Python's logging: facetorch writes to stderr at its own default."""


def configuration(detector: str, paths: dict[str, Path], device: str = "cpu") -> dict[str, Any]:
    """The tree for our `detector` of that name, and the networks whose files are among `paths`, file name → path; fer must be.

    Every file is a local one, so nothing is downloaded.
    """
    return {
        "logger": {"_target_": "facetorch.logger.LoggerJsonFile", "name": "facetorch", "level": CRITICAL},
        "reader": {"_target_": "facetorch.analyzer.reader.TensorReader", **_processor(None, device)},
        "detector": {"_target_": "models.facetorch.plugs.AnyDetector", "detector": detector, "device": _device(device)},
        "unifier": {
            "_target_": "facetorch.analyzer.unifier.FaceUnifier",
            # The detector's mean is given back and [0, 255] brought to [0, 1]. Floats: whole numbers fail in torchvision.
            **_processor([_normalize([-value for value in MEAN], [255.0] * 3), _resize(SIDE)], device),
        },
        "predictor": {
            network.name: predictor(network, paths[network.file.name], device) for network in NETWORKS if network.file.name in paths
        },
        "utilizer": {},
    }


def predictor(network: Network, path: Path, device: str) -> dict[str, Any]:
    """The part of the tree that runs one network."""
    steps = [_resize(network.side), _normalize(list(network.mean), list(network.deviation))]
    return {
        "_target_": "models.facetorch.plugs.CheckedPredictor",
        "downloader": {"_target_": "models.facetorch.plugs.NoDownload", "path_local": str(path)},
        "device": _device(device),
        "preprocessor": {"_target_": "facetorch.analyzer.predictor.pre.PredictorPreProcessor", **_processor(steps, device)},
        "postprocessor": {**AFTER[network.name], **_processor(None, device), "labels": list(network.classes)},
    }


def _processor(steps: list[dict[str, Any]] | None, device: str) -> dict[str, Any]:
    transform = None if steps is None else {"_target_": PREPARE + "Compose", "transforms": steps}
    return {"transform": transform, "device": _device(device), "optimize_transform": False}


def _device(device: str) -> dict[str, str]:
    return {"_target_": "torch.device", "device": device}


def _normalize(mean: list[float], deviation: list[float]) -> dict[str, Any]:
    return {"_target_": PREPARE + "Normalize", "mean": mean, "std": deviation}


def _resize(side: int) -> dict[str, Any]:
    return {"_target_": PREPARE + "Resize", "size": [side, side], "antialias": True}
