"""The parts of MediaPipe's canonical face that keep their shape whatever the face does, and the eyes behind them.

From `mediapipe/modules/face_geometry/data/face_model_with_iris.obj` (Apache 2.0), in millimetres and with the axes of `models.pose`: x to
the image's right, y down, z from the camera. Brow ridge, temples, forehead, bridge of the nose and corners of the eyes: no point of mouth,
cheek, chin or eyebrow, so that a smile or an open mouth is not taken for a nod.
"""

from __future__ import annotations

import numpy as np

_RIGID = {
    10: (0.0, -82.6, -44.8),
    109: (-18.9, -82.4, -42.7),
    338: (18.9, -82.4, -42.7),
    67: (-35.2, -80.1, -37.3),
    297: (35.2, -80.1, -37.3),
    103: (-51.3, -74.9, -26.6),
    332: (51.3, -74.9, -26.6),
    54: (-62.8, -66.2, -14.3),
    284: (62.8, -66.2, -14.3),
    21: (-70.9, -54.3, -1.0),
    251: (70.9, -54.3, -1.0),
    162: (-75.6, -41.1, 9.9),
    389: (75.6, -41.1, 9.9),
    127: (-77.4, -23.6, 20.1),
    356: (77.4, -23.6, 20.1),
    151: (0.0, -65.5, -50.3),
    9: (0.0, -48.9, -53.9),
    8: (0.0, -40.2, -52.8),
    168: (0.0, -32.7, -52.4),
    6: (0.0, -24.7, -57.9),
    197: (0.0, -17.3, -63.2),
    195: (0.0, -10.6, -67.7),
    5: (0.0, -3.7, -72.4),
    4: (0.0, 4.6, -75.9),
    33: (-44.5, -26.6, -31.7),
    263: (44.5, -26.6, -31.7),
    133: (-18.6, -25.9, -37.6),
    362: (18.6, -25.9, -37.6),
}

RIGID = np.array(list(_RIGID), np.intp)
"""Their places among the 468 points of the mesh."""

HEAD = np.array(list(_RIGID.values()), np.float64)
"""(N, 3) millimetres, in the order of `RIGID`."""

EYE_RADIUS = 10.0
"""Millimetres from an eyeball's centre of turning to the plane of its iris: about 13.5 to the cornea's front, less about 3.5."""

CORNERS = np.array([(-31.55, -26.25, -34.65), (31.55, -26.25, -34.65)], np.float64)
"""(2, 3) millimetres: half-way between the corners of the eyes that are left and right in the image."""

ABOVE_CORNERS = 1.4
"""Millimetres that an iris looking straight ahead lies above the middle of its eye's corners: about the median of six people in the test
clips who look into the camera or close by it, 0.7 to 2.9. In the canonical face both are level, which would read as looking up by 8°."""

EYEBALLS = CORNERS + np.array([0.0, -ABOVE_CORNERS, EYE_RADIUS - 3.65])
"""(2, 3) millimetres: where the eyes turn. The canonical face's irises lie 3.65 before the corners."""
