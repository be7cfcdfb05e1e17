"""Weights that must be fetched first: a test that needs them is skipped, saying how to come by them, where they are not here."""

from __future__ import annotations

import os

import pytest

from models.types import ModelInfo
from models.weights.store import store


def need(info: ModelInfo) -> None:
    """Skips the test unless the weights of `info` are in the store; with `PORTRAYAL_NEED_WEIGHTS` set it fails instead."""
    availability = store().availability(info)
    if not availability.ready:
        (pytest.fail if os.environ.get("PORTRAYAL_NEED_WEIGHTS") else pytest.skip)(availability.advice)
