"""Where a model computes."""

from __future__ import annotations

from inspect import signature
from typing import Any

DEVICES = ("cpu", "cuda")


class NoSuchDevice(RuntimeError):
    """There is no such device on this machine; the message says which there are."""


def check_device(device: str) -> None:
    """Raises `NoSuchDevice` unless `device` is "cpu", "cuda", or "cuda:N" for the GPU of that number, and is here."""
    kind, _, number = device.partition(":")
    if kind not in DEVICES or (number and not (kind == "cuda" and number.isdigit())):
        raise NoSuchDevice(f'device={device!r}; it can be "cpu" or "cuda"')
    if kind == "cuda":
        import torch

        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if int(number or 0) >= count:
            there = "no GPU that torch can use" if count == 0 else f"{count} GPU{'s' * (count > 1)}, counted from 0"
            raise NoSuchDevice(f'device={device!r}, but this machine has {there}; use device="cpu"')


def on_device(device: str, model: type[Any]) -> Any:
    """One of `model`, on `device` if it can be told to by an argument of that name, else on the CPU."""
    return model(device=device) if "device" in signature(model).parameters else model()
