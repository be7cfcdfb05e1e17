"""The figures of a run: what the held-out answers of every fold are worth, each calibrated without itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.training.measures import BINS, calibration_error, confusion, mean_recall, recalls
from app.training.voice.data import RAVDESS
from app.training.voice.evaluate import Heard, calibrate, clip_probabilities, window_probabilities


def figures(heard: Sequence[Sequence[Heard]]) -> dict[str, Any]:
    """What the held-out answers of each fold are worth; each fold calibrated by the others."""
    found = [calibrate([clip for other in heard if other is not fold for clip in other] or fold) for fold in heard]
    pooled = [clip_probabilities(fold, own) for fold, own in zip(heard, found, strict=True)]
    truths = [np.array([clip.emotion for clip in fold]) for fold in heard]
    windows = np.concatenate([window_probabilities(fold, own.temperature) for fold, own in zip(heard, found, strict=True)])
    window_truth = np.concatenate([np.full(len(clip.logits), clip.emotion) for fold in heard for clip in fold])
    clips, truth = np.concatenate(pooled), np.concatenate(truths)
    actors = np.array([clip.actor for fold in heard for clip in fold])
    by_actor = [mean_recall(clips[actors == actor], truth[actors == actor]) for actor in np.unique(actors)]
    by_fold = [mean_recall(p, t) for p, t in zip(pooled, truths, strict=True)]
    names = {RAVDESS.classes[k]: value for k, value in recalls(clips, truth).items()}
    return {
        "bins": BINS,
        "mean_recall_of_folds": float(np.mean(by_fold)),
        "deviation_of_folds": float(np.std(by_fold, ddof=1)) if len(by_fold) > 1 else 0.0,
        "worst_actor": min(by_actor),
        "best_actor": max(by_actor),
        "clip": {**_worth(clips, truth), "recall": names, "confusion": confusion(clips, truth)},
        "window": _worth(windows, window_truth),
        "folds": [
            {"actors": sorted({clip.actor for clip in fold}), "clips": len(t), **asdict(own), **_worth(p, t)}
            for fold, p, t, own in zip(heard, pooled, truths, found, strict=True)
        ],
    }


def _worth(probabilities: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    return {
        "count": len(truth),
        "mean_recall": mean_recall(probabilities, truth),
        "accuracy": float((probabilities.argmax(1) == truth).mean()),
        "calibration_error": calibration_error(probabilities, truth),
    }
