"""Every table. What people say is in `operation`, append-only; `judgement` is its projection and can be rebuilt from it.

Times on a clip's clock end in `_us` and are whole microseconds. Times of day are aware UTC `datetime`s.
Three things are kept apart: `intended_emotion` (what the actor was asked for), `trace` and `utterance` (what models guessed),
`judgement` (what a person said).
"""

from db.tables.analysis import Analysis, Job, Trace, Utterance
from db.tables.base import Moment, Table, now
from db.tables.corpus import Clip, Emotion, IntendedEmotion, Medium, Project, Rater, Scheme
from db.tables.review import Correction, Judgement, JudgementEmotion, Operation, StrayCorrection, StrayOperation

__all__ = [
    "Analysis",
    "Clip",
    "Correction",
    "Emotion",
    "IntendedEmotion",
    "Job",
    "Judgement",
    "JudgementEmotion",
    "Medium",
    "Moment",
    "Operation",
    "Project",
    "Rater",
    "Scheme",
    "StrayCorrection",
    "StrayOperation",
    "Table",
    "Trace",
    "Utterance",
    "now",
]
