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


class NoNetwork(RuntimeError):
    """The machine that has the file cannot be reached, or the user has forbidden to try."""


class FetchFailed(RuntimeError):
    """The other machine answered, but not with the file, or broke off. What came is kept and the next fetch goes on from there."""


class WrongContent(RuntimeError):
    """What came is not the file: another size, another sha256, another kind. It has been deleted, or was not taken."""


class UnsafeAddress(RuntimeError):
    """The address is not https, or leads to one that is not."""


class NoRoom(RuntimeError):
    """The disk has too little free space for the file."""


class UnknownWeights(LookupError):
    """The model has no weights file of this name; the message lists those it has."""


FETCH_ERRORS = (NoNetwork, FetchFailed, WrongContent, UnsafeAddress, NoRoom)
"""What can end the fetch of a file, and leaves others to be fetched."""
