"""Feedback: whether an answer helped; no words, no session, no time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "answer_feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("answer_id", sa.String(120), nullable=False, index=True),
        sa.Column("helpful", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("answer_feedback")
