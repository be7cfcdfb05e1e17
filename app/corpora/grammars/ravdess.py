"""RAVDESS: seven numbers of two digits."""

from __future__ import annotations

import re

from app.corpora.naming import corpora
from app.corpora.reading import Grammar, NameReading, intended_by
from app.scheme import crosswalk

NAME = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})")
MODALITIES = {"01": "audio-video", "02": "video", "03": "audio"}
CHANNELS = {"01": "speech", "02": "song"}
INTENSITIES = {"01": 1, "02": 2}
STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
REPETITIONS = {"01": 1, "02": 2}
LAST_ACTOR = 24
NEUTRAL, STRONG = "01", "02"


@corpora.register("ravdess")
class Ravdess(Grammar):
    """`take` has the modality of the file, the statement, and the actor's sex (odd numbers are men)."""

    shape = "<modality>-<channel>-<emotion>-<intensity>-<statement>-<repetition>-<actor>, two digits each"
    example = "01-01-08-02-01-01-19"

    def read(self, stem: str) -> NameReading | None:
        found = NAME.fullmatch(stem)
        if found is None:
            return None
        modality, channel, emotion, intensity, statement, repetition, actor = found.groups()
        labels = {label.code: label for label in crosswalk("ravdess")}
        known_actor = 1 <= int(actor) <= LAST_ACTOR
        checks = {
            f"modality {modality}": modality in MODALITIES,
            f"channel {channel}": channel in CHANNELS,
            f"emotion {emotion}": emotion in labels,
            f"intensity {intensity}": intensity in INTENSITIES,
            f"strong {labels['01'].label}": (emotion, intensity) != (NEUTRAL, STRONG),
            f"statement {statement}": statement in STATEMENTS,
            f"repetition {repetition}": repetition in REPETITIONS,
            f"actor {actor}": known_actor,
        }
        take = {
            "modality": MODALITIES.get(modality),
            "statement": STATEMENTS.get(statement),
            "sex": ("female", "male")[int(actor) % 2] if known_actor else None,
        }
        return NameReading(
            actor=actor if known_actor else None,
            intended=intended_by(labels[emotion]) if emotion in labels else (),
            intensity=INTENSITIES.get(intensity),
            mode=CHANNELS.get(channel),
            version=REPETITIONS.get(repetition),
            error="; ".join(f"RAVDESS has no {what}" for what, there in checks.items() if not there) or None,
            take={key: value for key, value in take.items() if value is not None},
        )
