"""Knowledge with its versions, and conversations without their words."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "knowledge_load",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "knowledge_item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("item_id", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("load_id", sa.Integer, sa.ForeignKey("knowledge_load.id"), nullable=False),
        sa.Column("retired_by_load_id", sa.Integer, sa.ForeignKey("knowledge_load.id"), nullable=True),
    )
    op.create_index("one_version_of_an_item", "knowledge_item", ["kind", "item_id", "version"], unique=True)
    op.create_index(
        "one_current_version_of_an_item",
        "knowledge_item",
        ["kind", "item_id"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "conversation",
        sa.Column("sender_id", sa.String(120), primary_key=True),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("slots", sa.JSON, nullable=False),
        sa.Column("last_active", sa.Float, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("conversation")
    op.drop_table("knowledge_item")
    op.drop_table("knowledge_load")
