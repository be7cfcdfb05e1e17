"""A demo clip, made on the spot, so that the program can be tried before there is any material.

The picture is NASA's portrait of an astronaut, in the public domain, which comes with scikit-image. The camera's movement and the
voice-like sound are computed here. Nobody in it speaks or feels anything: it shows what the lanes look like, and the file's name
and a line in every frame say that it is synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.services import Services

FILE_NAME = "synthetic_demo.mp4"
SIZE = 640
"""Pixels, both ways."""
FPS = 25
SECONDS = 10
SAMPLE_RATE = 48_000
CAPTION = "synthetic demo - still photograph, computed sound"

# Second, centre of the view (x, y) in the photograph of 512 pixels, width of the view. The face first, then away from it and back:
# a stretch without a face belongs into a demo of lanes that show where none was found.
_CAMERA = (
    (0.0, 256, 210, 400),
    (3.0, 222, 130, 210),
    (5.5, 232, 122, 190),
    (6.6, 410, 330, 190),
    (7.6, 410, 340, 190),
    (10.0, 240, 190, 380),
)

# Second from, second to, pitch at the start and at the end in Hz, and two formants in Hz, one entry a syllable.
_SYLLABLES = (
    (0.8, 1.05, 190, 205, 700, 1220),
    (1.12, 1.34, 205, 195, 400, 1900),
    (1.42, 1.8, 200, 170, 500, 1000),
    (2.6, 2.85, 215, 250, 300, 2200),
    (2.9, 3.15, 250, 230, 650, 1700),
    (3.22, 3.7, 235, 180, 700, 1200),
    (5.0, 5.22, 180, 175, 450, 900),
    (5.3, 5.6, 178, 165, 620, 1350),
    (5.66, 6.1, 168, 140, 350, 1900),
    (8.3, 8.55, 220, 260, 550, 1800),
    (8.6, 9.2, 265, 190, 720, 1180),
)


def make_demo(folder: Path) -> Path:
    """Writes the demo clip (10 s, 640 × 640, 25 fps, H.264 and AAC, about 1 MB) into `folder` and returns its path. Needs no network."""
    import av

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "20", "preset": "veryfast"})
        video.width = video.height = SIZE
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        audio.bit_rate = 96_000
        for picture in _pictures():
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode(None))
        samples = _sound()
        for start in range(0, samples.size, audio.frame_size or 1024):
            block = samples[None, start : start + (audio.frame_size or 1024)]
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


def _pictures() -> Iterator[NDArray[np.uint8]]:
    """RGB frames, each (SIZE, SIZE, 3): the photograph under a camera that glides without a jump."""
    import cv2
    import numpy as np
    from skimage.data import astronaut

    photograph: NDArray[np.uint8] = astronaut()
    stops = np.array(_CAMERA, dtype=np.float64)
    for index in range(FPS * SECONDS):
        x, y, width = (_glide(index / FPS, stops[:, 0], stops[:, column]) for column in (1, 2, 3))
        scale = SIZE / width
        matrix = np.array([[scale, 0, SIZE / 2 - scale * x], [0, scale, SIZE / 2 - scale * y]])
        picture = cv2.warpAffine(photograph, matrix, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for colour, thickness in (((20, 20, 20), 3), ((245, 245, 245), 1)):
            cv2.putText(picture, CAPTION, (14, SIZE - 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA)
        yield picture.astype(np.uint8, copy=False)


def _glide(second: float, seconds: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The value at `second` between stops, slow at each of them (cosine)."""
    import numpy as np

    after = int(np.clip(np.searchsorted(seconds, second, side="right"), 1, seconds.size - 1))
    share = (second - seconds[after - 1]) / (seconds[after] - seconds[after - 1])
    eased = (1 - np.cos(np.pi * share)) / 2
    return float(values[after - 1] + eased * (values[after] - values[after - 1]))


def _sound() -> NDArray[np.float32]:
    """(SAMPLE_RATE × SECONDS,) mono in [-1, 1]: harmonics of a gliding pitch, louder near two formants, in syllables; a breath of noise."""
    import numpy as np

    time = np.arange(SAMPLE_RATE * SECONDS) / SAMPLE_RATE
    sound = np.random.default_rng(44).normal(0, 0.0015, time.size)
    for start, end, low, high, first, second in _SYLLABLES:
        inside = (time >= start) & (time < end)
        share = (time[inside] - start) / (end - start)
        pitch = low + (high - low) * share + 4 * np.sin(2 * np.pi * 5.5 * time[inside])
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        voice = np.zeros(share.size)
        for harmonic in range(1, 24):
            frequency = harmonic * (low + high) / 2
            loudness = sum(np.exp(-(((frequency - formant) / width) ** 2)) for formant, width in ((first, 180), (second, 260), (2800, 500)))
            voice += (0.25 + 2 * loudness) / harmonic**0.8 * np.sin(harmonic * phase)
        sound[inside] += 0.1 * np.sin(np.pi * share) ** 0.7 * voice
    return (sound / max(1.0, np.abs(sound).max() / 0.9)).astype(np.float32)


def import_demo(services: Services, project: str) -> int:
    """Makes the demo clip and imports it into `project` as any other file; the project is made where it is missing. Returns its number.

    Raises what making a project and storing a file raise.
    """
    from app.media.importing import Duplicate, Imported, import_file
    from app.media.limits import Limits

    with TemporaryDirectory(prefix="portrayal-demo-") as folder:
        limits = Limits.of(services.settings)
        outcome = import_file(services.database, services.store, limits, project, make_demo(Path(folder)))
    if not isinstance(outcome, Imported | Duplicate):
        raise RuntimeError(f"the demo clip was not taken: {outcome}")
    return outcome.clip_id
