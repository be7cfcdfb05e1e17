"""corrections"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rater_id", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=True),
        sa.Column("adopted", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_correction_clip_id_clip")),
        sa.ForeignKeyConstraint(["rater_id"], ["rater.id"], name=op.f("fk_correction_rater_id_rater")),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_correction")),
        sa.UniqueConstraint("clip_id", "kind", "revision", name=op.f("uq_correction_clip_id")),
    )
    op.create_table(
        "stray_correction",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rater_id", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("found_revision", sa.Integer(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_stray_correction_clip_id_clip")),
        sa.ForeignKeyConstraint(["rater_id"], ["rater.id"], name=op.f("fk_stray_correction_rater_id_rater")),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_stray_correction")),
    )
    with op.batch_alter_table("stray_correction") as batch:
        batch.create_index("ix_stray_correction_clip_id_kind", ["clip_id", "kind"], unique=False)

    with op.batch_alter_table("utterance") as batch:
        batch.add_column(sa.Column("speaker_confidence", sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("utterance") as batch:
        batch.drop_column("speaker_confidence")

    with op.batch_alter_table("stray_correction") as batch:
        batch.drop_index("ix_stray_correction_clip_id_kind")

    op.drop_table("stray_correction")
    op.drop_table("correction")
