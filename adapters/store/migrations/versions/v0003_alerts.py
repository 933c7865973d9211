"""Alerts on record, and the messages that tell of them.

It imports nothing from tables.py: a step must mean the same for ever.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STANDING = "ended_at IS NULL"
_WAITING = "sent_at IS NULL AND given_up_at IS NULL"


def upgrade() -> None:
    """Add the two tables."""
    _make_alerts()
    _make_messages()


def downgrade() -> None:
    """What was told would be told again."""
    message = "the third schema cannot be taken back: messages not yet delivered would be lost"
    raise NotImplementedError(message)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(27), nullable=nullable)


def _make_alerts() -> None:
    op.create_table(
        "alerts",
        *[_text(name) for name in ("id", "identity", "sort", "severity", "sentence", "over")],
        *[_text(name, nullable=True) for name in ("account", "vendor", "customer_id")],
        _text("subject"),
        _text("period"),
        sa.Column("rung", sa.BigInteger(), nullable=False),
        _time("since"),
        _time("told_at", nullable=True),
        _text("told_to"),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("alerts_pk")),
    )
    op.create_index(
        "alerts_one_standing",
        "alerts",
        ["identity"],
        unique=True,
        sqlite_where=sa.text(_STANDING),
        postgresql_where=sa.text(_STANDING),
    )
    op.create_index("alerts_by_end", "alerts", ["ended_at"])


def _make_messages() -> None:
    op.create_table(
        "messages",
        *[_text(name) for name in ("id", "channel", "alert", "edge", "severity", "sentence")],
        _text("account", nullable=True),
        _time("written_at"),
        _time("next_at"),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("unclear", sa.BigInteger(), nullable=False),
        _time("sent_at", nullable=True),
        _time("given_up_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pk")),
    )
    op.create_index("messages_once", "messages", ["alert", "channel", "edge"], unique=True)
    op.create_index(
        "messages_waiting",
        "messages",
        ["next_at"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
