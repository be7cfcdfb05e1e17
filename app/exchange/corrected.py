"""The rows of turns and cast as people corrected them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.rows import Row
from db.tables import Clip, Correction, Rater


@dataclass(frozen=True)
class CorrectedClip:
    """A clip with a corrected lane, by whom and when last."""

    id: int
    file_name: str
    sha256: str
    raters: str
    last: datetime


def corrected_clips(session: Session, project_id: int, kind: str) -> list[CorrectedClip]:
    """The project's clips whose lane `kind` (`turn` or `cast`) somebody corrected, by number."""
    said = session.execute(
        select(Correction.clip_id, Rater.name, Correction.created_at)
        .join(Rater)
        .join(Clip)
        .where(Clip.project_id == project_id, Correction.kind == kind)
        .order_by(Correction.clip_id, Correction.revision)
    )
    by_clip: dict[int, dict[str, datetime]] = {}
    for clip_id, rater, at in said:
        by_clip.setdefault(clip_id, {})[rater] = at
    clips = ((session.get_one(Clip, clip_id), raters) for clip_id, raters in by_clip.items())
    return [CorrectedClip(clip.id, clip.file_name, clip.sha256, "|".join(raters), max(raters.values())) for clip, raters in clips]


def turn_rows(session: Session, clips: list[CorrectedClip]) -> Iterator[Row]:
    """Rows of `TURNS`: by clip, then by start."""
    from app.review.corrections import LaneKind, lane_document

    for clip in clips:
        lane = lane_document(session, clip.id, LaneKind.TURN)
        names = {speaker["id"]: speaker["name"] for speaker in lane["speakers"]}
        for turn in lane["turns"]:
            yield (
                clip.id,
                clip.file_name,
                clip.sha256,
                lane["analysis"],
                lane["revision"],
                turn["id"],
                turn["start_us"],
                turn["end_us"],
                turn["speaker"],
                names.get(turn["speaker"]),
                turn["confidence"],
                turn["corrected"],
                clip.raters,
                clip.last,
            )


def cast_rows(session: Session, clips: list[CorrectedClip]) -> Iterator[Row]:
    """Rows of `CAST`: by clip, person, face."""
    from app.review.corrections import LaneKind, lane_document

    for clip in clips:
        lane = lane_document(session, clip.id, LaneKind.CAST)
        about = (clip.id, clip.file_name, clip.sha256, lane["analysis"], lane["revision"])
        for person in lane["people"]:
            for track in person["tracks"] or [None]:
                yield (*about, track, person["id"], person["name"], clip.raters, clip.last)
