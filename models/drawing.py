"""Boxes and labels on an image, legible on any background and at any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BOX = (80, 200, 40)
"""Green in BGR, and nearly so in RGB."""
TEXT = (255, 255, 255)
BEHIND = (30, 30, 30)
"""Under the text: contrast with `TEXT` 16 to 1."""


def draw_label(image: NDArray[np.uint8], box: tuple[int, int, int, int], text: str) -> None:
    """Draws `box` (x, y, width, height in pixels) and `text` above it into `image` (H, W, 3) BGR uint8.

    Where there is no room above, or beside, the label moves into the image. Letters outside ASCII are drawn as "?".
    """
    import cv2

    height, width = image.shape[:2]
    x, y, box_width, box_height = box
    size = max(0.4, min(height, width) / 900)
    thick = max(1, round(2 * size))
    cv2.rectangle(image, (x, y), (x + box_width, y + box_height), BOX, max(2, thick))
    (text_width, text_height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    pad = max(2, round(text_height / 3))
    label_width, label_height = text_width + 2 * pad, text_height + below + 2 * pad
    left = int(np.clip(x, 0, max(0, width - label_width)))
    top = int(np.clip(y - label_height, 0, max(0, height - label_height)))
    cv2.rectangle(image, (left, top), (left + label_width, top + label_height), BEHIND, cv2.FILLED)
    place = (left + pad, top + pad + text_height)
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, TEXT, thick, cv2.LINE_AA)
