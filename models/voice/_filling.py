"""Putting a checkpoint into a network, all of it or nothing: a part that is left at its first random values would score at chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from models.weights.errors import UnreadableWeights

if TYPE_CHECKING:
    import torch

Network = TypeVar("Network", bound="torch.nn.Module")

NAMED = 3
"""Parameters that a message names before it only counts."""


class UntrainedPart(UnreadableWeights):
    """The file does not hold what the network needs; running it would mean made-up numbers."""


def filled(make: Callable[[], Network], tensors: Mapping[str, Any], file: str, spare: Iterable[str] = ()) -> Network:
    """The network that `make` builds with the float32 `tensors` of a checkpoint, for evaluation; no memory goes to first values.

    `file` is what messages call it. `spare` are parameters that only training uses: they may be there or not.
    Raises `UntrainedPart` where any other is missing or of another shape, or a part of the network is there with more than it has;
    parts that the network has not are left out.
    """
    import torch

    with torch.device("meta"):
        network = make()
    wanted = network.state_dict()
    there = {key: value for key, value in tensors.items() if key not in spare or key in wanted}
    there |= {key: torch.zeros(wanted[key].shape) for key in spare if key in wanted and key not in there}
    missing = [key for key in wanted if key not in there]
    parts = {key.split(".")[0] for key in wanted}
    over = [key for key in there if key not in wanted and key.split(".")[0] in parts]
    other = [key for key in wanted if key in there and tuple(there[key].shape) != tuple(wanted[key].shape)]
    if missing or over or other:
        wrong = (("lacks", missing), ("has too many:", over), ("has in another shape", other))
        said = "; ".join(f"{what} {_some(keys)}" for what, keys in wrong if keys)
        raise UntrainedPart(f"{file} is not the checkpoint of this network: it {said}. Nothing is run with untrained parts.")
    network.load_state_dict({key: there[key].float() for key in wanted}, assign=True)
    return network.eval().requires_grad_(False)


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:NAMED]) + (f" and {len(keys) - NAMED} more" if len(keys) > NAMED else "")
