"""utterance tokens"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("utterance") as batch:
        batch.add_column(sa.Column("tokens", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("utterance") as batch:
        batch.alter_column("tokens", server_default=None)  # it was for the rows that were there


def downgrade() -> None:
    with op.batch_alter_table("utterance") as batch:
        batch.drop_column("tokens")
