"""The sheets of a whole export in the order they are written, for formats that are made of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.exchange.corrected import cast_rows, corrected_clips, turn_rows
from app.exchange.exporting import Report
from app.exchange.rows import Row, clip_rows, face_classes, frame_rows, label_rows
from app.exchange.sheets import CAST, CLIPS, CODEBOOK, LABELS, TURNS, Sheet, codebook_rows, with_classes

TOLD_EVERY = 1000
"""Judgements between two reports of progress: several a second."""


@dataclass
class Sheets:
    """`for sheet, rows in Sheets(…)`: labels, clips, turns and cast where people corrected any, frames where they are wanted, codebook.

    Counts judgements on the way.
    """

    session: Session
    project_id: int
    frames: bool
    progress: Report
    ending: str
    judgements: int = 0

    def __iter__(self) -> Iterator[tuple[Sheet, Iterable[Row]]]:
        yield LABELS, self._counting(label_rows(self.session, self.project_id))
        yield CLIPS, clip_rows(self.session, self.project_id)
        described = [LABELS, CLIPS]
        for sheet, kind, rows in ((TURNS, "turn", turn_rows), (CAST, "cast", cast_rows)):
            if clips := corrected_clips(self.session, self.project_id, kind):
                described.append(sheet)
                yield sheet, rows(self.session, clips)
        if self.frames:
            classes = face_classes(self.session, self.project_id)
            sheet = with_classes(classes)
            described.append(sheet)
            yield sheet, frame_rows(self.session, self.project_id, classes)
        yield CODEBOOK, codebook_rows(described, self.ending)

    def counts(self, rows: Mapping[str, int]) -> dict[str, int]:
        """For the manifest, once all is written."""
        counts = {"judgements": self.judgements, "label_rows": rows[f"labels.{self.ending}"], "clips": rows[f"clips.{self.ending}"]}
        return counts | ({"frame_rows": rows[f"frames.{self.ending}"]} if self.frames else {})

    def _counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """A judgement's rows follow each other, so a new id is a new judgement."""
        last = None
        for row in rows:
            if row[0] != last:
                self.judgements += 1
                last = row[0]
                if self.judgements % TOLD_EVERY == 0:
                    self.progress(self.judgements)
            yield row
