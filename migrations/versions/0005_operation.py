"""What operating needs: door switches, and questions left unanswered (only if the clinic keeps them)."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "door_switch",
        sa.Column("door", sa.String(20), primary_key=True),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "unanswered_question",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("unanswered_question")
    op.drop_table("door_switch")
