"""Schemes into the database and out of it. A scheme there is never edited: what changed is a new version beside the old one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.scheme.emotions import Emotion, Scheme, ValenceTag, shipped_scheme
from app.scheme.reading import read_scheme, read_scheme_file
from db import tables


class SchemeVersionTaken(ValueError):
    """The database has another content under this name and version."""


class UnknownScheme(LookupError):
    """The database has no such scheme; the message lists the schemes there are."""


def seed(session: Session) -> int:
    """Puts the shipped scheme in where it is missing. Returns its id. Call inside `Database.writing()`."""
    return store_scheme(session, shipped_scheme())


def import_scheme(session: Session, csv: Path | str, name: str, version: str | None = None) -> int:
    """Puts a lab's own scheme in, from a CSV file (a `Path`) or CSV text (a `str`). Returns its id.

    The same content again under the same name and version gives the id it has already; without a version, the content's hash is one.
    Raises `app.scheme.reading.UnreadableScheme` (with line numbers), `SchemeVersionTaken`, `OSError`.
    """
    read = read_scheme_file if isinstance(csv, Path) else read_scheme
    return store_scheme(session, read(csv, name, version))  # type: ignore[arg-type] — the function fits the type


def store_scheme(session: Session, scheme: Scheme) -> int:
    """Puts a scheme in where it is missing and returns its id. Raises `SchemeVersionTaken`."""
    there = session.scalar(select(tables.Scheme).where(tables.Scheme.name == scheme.name, tables.Scheme.version == scheme.version))
    if there is not None:
        if there.sha256 != scheme.sha256:
            raise SchemeVersionTaken(
                f"scheme {scheme.name!r} version {scheme.version!r} is there already with other content, and labels may point to it; "
                "give the new content a new version"
            )
        return there.id
    row = tables.Scheme(name=scheme.name, version=scheme.version, sha256=scheme.sha256)
    row.emotions = [
        tables.Emotion(
            key=emotion.id,
            position=position,
            name=emotion.name,
            name_sv=emotion.name_sv,
            family=emotion.family,
            definition=emotion.definition,
            synonyms=emotion.synonyms,
            code=emotion.code,
            native_id=emotion.native_id,
            valence_tag=emotion.valence_tag,
            valence=emotion.valence,
            arousal=emotion.arousal,
            va_source=emotion.va_source,
        )
        for position, emotion in enumerate(scheme)
    ]
    session.add(row)
    session.flush()
    return row.id


def load_scheme(session: Session, scheme_id: int) -> Scheme:
    """The scheme with that id. Raises `UnknownScheme`."""
    row = session.get(tables.Scheme, scheme_id)
    if row is None:
        known = ", ".join(f"{there.id} ({there.name} {there.version})" for there in session.scalars(select(tables.Scheme)))
        raise UnknownScheme(f"the database has no scheme with the id {scheme_id}; it has: {known or 'none'}")
    return Scheme(
        row.name,
        row.version,
        tuple(
            Emotion(
                id=emotion.key,
                name=emotion.name,
                name_sv=emotion.name_sv,
                family=emotion.family,
                definition=emotion.definition,
                synonyms=emotion.synonyms,
                code=emotion.code,
                native_id=emotion.native_id,
                valence_tag=None if emotion.valence_tag is None else ValenceTag(emotion.valence_tag),
                valence=emotion.valence,
                arousal=emotion.arousal,
                va_source=emotion.va_source,
            )
            for emotion in row.emotions
        ),
    )
