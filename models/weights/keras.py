"""The arrays of a Keras `.h5` file, without Keras and without believing the file.

HDF5 can point into other files (external links, external storage, virtual datasets). A weights file has no reason to: all of it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.weights.errors import UnreadableWeights, UnsafeWeights

MOST_BYTES = 4 * 2**30
"""Of all arrays together, unpacked. The largest network that is read this way, VGG-Face, has 0.6 GB."""
DEEPEST = 16
"""Groups within groups; Keras nests four."""
MOST_NAMES = 10_000
"""Groups and arrays together. The largest network that is read this way has some hundred."""
WHOLE_MODEL = "model_weights"
"""Where `model.save` puts what `model.save_weights` puts at the top."""


def arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Numeric arrays by their path within the weights, in the order of `layer_names` and `weight_names` where the file has them.

    Raises `UnsafeWeights` for a file that points outside itself, `UnreadableWeights` for anything else that is wrong.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            found = dict(_walk(path, file, "", {_address(file)}))  # before anything in it is opened by a name
            top = file.get(WHOLE_MODEL, file)
            if not isinstance(top, h5py.Group):
                raise UnreadableWeights(f"{path.name}: {WHOLE_MODEL} is not a group of layers")
            if sum(dataset.nbytes for dataset in found.values()) > MOST_BYTES:
                raise UnreadableWeights(f"{path.name} would unpack to more than {MOST_BYTES // 2**30} GiB")
            prefix = f"{WHOLE_MODEL}/" if top is not file else ""
            inside = {name.removeprefix(prefix): dataset for name, dataset in found.items() if name.startswith(prefix)}
            ordered = [name for name in _declared(top) if name in inside]
            return {name: np.asarray(inside[name][()]) for name in dict.fromkeys(ordered + sorted(inside))}
    except (UnsafeWeights, UnreadableWeights):
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:  # all of these are what h5py raises for a broken file
        raise UnreadableWeights(f"{path.name} cannot be read as HDF5: {error}") from error


def _walk(path: Path, group: Any, above: str, seen: set[int], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every numeric dataset. Links are looked at before anything is opened, so that no other file ever is.

    `seen` are the addresses of what has a name already: a second one would make a short file endless.
    """
    import h5py

    if depth > DEEPEST:
        raise UnreadableWeights(f"{path.name} nests groups more than {DEEPEST} deep")
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise UnsafeWeights(f"{path.name}: {above}{name} is a link to somewhere else; weights stand in their own file")
        member = group[name]
        if (address := _address(member)) in seen:
            raise UnreadableWeights(f"{path.name}: {above}{name} is there twice, under two names; weights stand once in their file")
        seen.add(address)
        if len(seen) > MOST_NAMES:
            raise UnreadableWeights(f"{path.name} holds more than {MOST_NAMES} groups and arrays")
        if isinstance(member, h5py.Group):
            yield from _walk(path, member, f"{above}{name}/", seen, depth + 1)
        elif isinstance(member, h5py.Dataset):
            if member.is_virtual or member.external:
                raise UnsafeWeights(f"{path.name}: {above}{name} takes its numbers from another file; weights stand in their own file")
            if member.dtype.kind in "fiu":
                yield f"{above}{name}", member


def _address(member: Any) -> int:
    """Where the thing itself lies in the file, under whatever name it was come by."""
    import h5py

    return h5py.h5o.get_info(member.id).addr  # pyright: ignore[reportAttributeAccessIssue] — compiled


def _declared(top: Any) -> Iterator[str]:
    for layer in _words(top, "layer_names"):
        group = top.get(layer)
        for weight in _words(group, "weight_names") if group is not None else ():
            yield f"{layer}/{weight}"


def _words(group: Any, attribute: str) -> list[str]:
    value = group.attrs.get(attribute, ())
    return [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in np.ravel(np.asarray(value))]
