"""Face, voice and detection models behind one neutral interface.

This package knows arrays; it knows nothing of the database, of Streamlit or of the 44 emotions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.recognition import EmotionRecognition as EmotionRecognition

__all__ = ["EmotionRecognition"]


def __getattr__(name: str) -> Any:
    """`from models import EmotionRecognition` loads what it needs; `import models` alone loads nothing."""
    if name == "EmotionRecognition":
        from models.recognition import EmotionRecognition

        return EmotionRecognition
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
