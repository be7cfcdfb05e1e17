"""How large a file, a frame and a clip may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from app.clock import from_seconds
from app.settings import Settings


@dataclass(frozen=True)
class Limits:
    """Most bytes of a file, pixels of a frame (width × height) and microseconds of a clip that an import accepts."""

    size: int
    pixels: int
    duration_us: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.max_upload_bytes, settings.max_pixels, from_seconds(settings.max_duration_s))
