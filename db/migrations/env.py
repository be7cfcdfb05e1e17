"""Alembic runs this for every command, always on the connection and inside the transaction that `db.migrate` opened."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from db.tables import Moment, Table


def render_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """A migration keeps the column type of its day: it must not change when `db.tables` does."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    render_item=render_type,
    compare_type=True,
)
context.run_migrations()
