"""What an analysis is asked to do, and what it answers in short. Light enough for any page to import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from app.clock import MICROSECONDS

if TYPE_CHECKING:
    from models.types import Modality


@dataclass(frozen=True)
class AnalysisPlan:
    """Which models look at a clip. `face=None` looks for no faces, `voice=None` hears only where somebody speaks.

    `every` is the number of frames between two looks of the face detector; None leaves it to the tracker. `landmarks` (points on each face,
    its pose and gaze), `body` (points on the people), `speakers` (whose stretch of speech is whose) and `identity` (which faces are one
    person over cuts) name models too; None leaves that out.
    """

    detector: str = "mtcnn"
    face: str | None = "portrayal_face"
    speech: str = "silero"
    voice: str | None = "portrayal_voice"
    every: int | None = None
    landmarks: str | None = None
    body: str | None = None
    speakers: str | None = None
    identity: str | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, for the queue and the analysis' own record."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """The plan that `document` wrote, in this version of the program or another: what only that one knew is left out."""
        return cls(**{field.name: document[field.name] for field in fields(cls) if field.name in document})

    def check(self) -> None:
        """Raises `UnknownName`, `WeightsMissing` or `ValueError` where this cannot run here; the message says what to do."""
        from models.catalogue import KINDS
        from models.types import WeightsMissing

        if self.every is not None and self.every < 1:
            raise ValueError(f"the detector can look at every frame (1) or less often (2, 3 …), not every {self.every}")
        for modality, name in self.models().items():
            if not (availability := KINDS[modality].get(name).available()).ready:
                raise WeightsMissing(f"{name}: {availability.advice}")

    def models(self) -> dict[Modality, str]:
        """The models that are asked for, by what they look or listen for. What hangs on the faces is not, where none is looked for."""
        from models.types import Modality

        faces = {
            Modality.DETECTOR: self.detector,
            Modality.LANDMARKS: self.landmarks,
            Modality.FACE: self.face,
            Modality.IDENTITY: self.identity,
        }
        rest = {Modality.BODY: self.body, Modality.SPEECH: self.speech, Modality.SPEAKER: self.speakers, Modality.VOICE: self.voice}
        return {modality: name for modality, name in ((faces if self.face else {}) | rest).items() if name is not None}


@dataclass(frozen=True)
class AnalysisSummary:
    """One clip's run as `analyze` reports it; fields that were not measured are None, `error` says why where nothing was saved."""

    clip: int
    analysis: int | None = None
    frames: int | None = None
    frames_with_face: int | None = None
    faces: int | None = None
    speech_us: int | None = None
    seconds: float | None = None
    realtime_factor: float | None = None
    """Seconds of clip in a second of work."""
    error: str | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, with the keys of the command line."""
        return dict(self._items())

    def _items(self) -> Iterator[tuple[str, Any]]:
        for name, value in asdict(self).items():
            if name == "speech_us":
                yield "speech_s", None if value is None else value / MICROSECONDS
            else:
                yield name, value
