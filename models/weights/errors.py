"""What can be wrong with weights, beside their being missing or altered (`models.types`). Every message says what to do."""

from __future__ import annotations


class UnsafeName(ValueError):
    """The name of a model or of its file could lead out of the weights folder."""


class PinsDamaged(RuntimeError):
    """`pins.json` is not what this program wrote."""


class UnsafeWeights(RuntimeError):
    """The file could run code when it is read, or points outside itself, and nobody vouches for it."""


class UnreadableWeights(RuntimeError):
    """The file is not what its name says, or is broken off."""
