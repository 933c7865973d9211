"""What is metered: meters, the months that are over, figures by day; who restricted a customer; when it associated.

It imports nothing from tables.py: a step must mean the same for ever.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, which are empty for what is stored already, and the tables."""
    # Columns are added in place, with no batch around them: that would copy every observation there is.
    for column in (
        _time("drift_at", nullable=True),
        _time("opened_at", nullable=True),
        _text("restriction", nullable=True),
        _text("cause", nullable=True),
        _time("restricted_since", nullable=True),
        _time("freed_at", nullable=True),
    ):
        op.add_column("books", column)
    op.add_column("observations", _time("associated_at", nullable=True))
    _make_meters()
    _make_months()
    _make_days()


def downgrade() -> None:
    """What was metered cannot be metered again."""
    message = "the second schema cannot be taken back: what was spent before would be lost"
    raise NotImplementedError(message)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(27), nullable=nullable)


def _money(name: str, *, nullable: bool = True) -> list[SchemaItem]:
    cents: sa.Column[int] = sa.Column(f"{name}_cents", sa.BigInteger(), nullable=nullable)
    return [cents, _text(f"{name}_currency", nullable=nullable)]


def _make_meters() -> None:
    op.create_table(
        "meters",
        *[_text(name) for name in ("vendor", "customer_id", "account")],
        _time("metered_at"),
        _text("document"),
        sa.PrimaryKeyConstraint("vendor", "customer_id", name=op.f("meters_pk")),
    )


def _make_months() -> None:
    op.create_table(
        "months",
        *[_text(name) for name in ("vendor", "customer_id", "month", "account")],
        _time("since"),
        _time("until"),
        *_money("low", nullable=False),
        *_money("high"),
        _text("kind", nullable=True),
        *_money("amount"),
        *_money("granted"),
        sa.PrimaryKeyConstraint("vendor", "customer_id", "month", name=op.f("months_pk")),
    )
    op.create_index("months_by_month", "months", ["month", "account"])


def _make_days() -> None:
    op.create_table(
        "days",
        *[_text(name) for name in ("vendor", "customer_id")],
        sa.Column("day", sa.String(10), nullable=False),
        *[_text(name) for name in ("account", "month")],
        *_money("low"),
        *_money("high"),
        *_money("granted"),
        *_money("amount"),
        sa.PrimaryKeyConstraint("vendor", "customer_id", "day", name=op.f("days_pk")),
    )
    op.create_index("days_by_day", "days", ["day", "account"])
