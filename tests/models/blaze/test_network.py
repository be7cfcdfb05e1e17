from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from models.blaze.network import Network
from models.catalogue import detectors
from models.types import WeightsAltered
from models.weights import store as stores
from models.weights.adding import add
from models.weights.errors import UnreadableWeights
from models.weights.files import OwnFile, WeightsFile
from tests.models.weights_server import model


def test_a_file_that_is_no_network_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(b"nonsense" * 100)
    with pytest.raises(UnreadableWeights, match=r"net\.tflite"):
        Network(tmp_path / "net.tflite")


def test_a_network_that_was_changed_since_it_was_pinned_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (real,) = stores.store().paths(detectors.get("mediapipe").info).values()
    monkeypatch.setattr(stores, "_chosen", tmp_path / "weights")
    info = model(WeightsFile(real.name, OwnFile("yours"), "MIT"))
    add(info, real)
    place = stores.store().place("net", real.name)
    network = Network(place)
    assert network.run(np.zeros((network.side, network.side, 3), np.float32))
    place.write_bytes(real.read_bytes() + b"more")
    assert hashlib.sha256(place.read_bytes()).hexdigest() != stores.store().known_sha256(place)
    with pytest.raises(WeightsAltered):
        Network(place)
