"""Text messages: what is remembered about a number, and which messages were met; no number, no words of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "text_sender",
        sa.Column("sender", sa.String(64), primary_key=True),
        sa.Column("first_contact_at", sa.Float),
        sa.Column("opted_out_at", sa.Float),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("pages", sa.JSON, nullable=False),
        sa.Column("last_active", sa.Float, nullable=False, index=True),
    )
    op.create_table(
        "text_message_met",
        sa.Column("message", sa.String(64), primary_key=True),
        sa.Column("begun_at", sa.Float, nullable=False, index=True),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("reply", sa.Text),
    )


def downgrade() -> None:
    op.drop_table("text_message_met")
    op.drop_table("text_sender")
