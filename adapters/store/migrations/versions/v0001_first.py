"""The first schema: intents and their leases, books, what people decided, history, observations.

It repeats tables.py as it was then and imports nothing from it: a step must mean the same for ever.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OPEN = "state IN ('confirmed', 'disputed', 'recorded', 'sent', 'uncertain')"
_STATES = (
    "'confirmed', 'disputed', 'not_sent', 'recorded', 'refused', 'sent', "
    "'settled_applied', 'settled_not_applied', 'uncertain'"
)


def upgrade() -> None:
    """Make all tables."""
    _make_writing()
    _make_intents()
    _make_books()
    _make_disputes()
    _make_decided()
    _make_history()
    _make_observations()


def downgrade() -> None:
    """There is nothing before the first."""
    message = "the first schema cannot be taken back"
    raise NotImplementedError(message)


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(27), nullable=nullable)


def _big(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _money(name: str, *, nullable: bool = True) -> list[SchemaItem]:
    return [_big(f"{name}_cents", nullable=nullable), _text(f"{name}_currency", nullable=nullable)]


def _position(name: str) -> list[SchemaItem]:
    rest = [_text(f"{name}_{what}", nullable=True) for what in ("kind", "on_exhaustion", "restriction")]
    return [*_money(f"{name}_granted"), *rest]


def _make_writing() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _text("name"),
        _time("made_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("installation_pk")),
        sa.CheckConstraint("id = 1", name=op.f("installation_one_row")),
    )
    op.create_table(
        "leases",
        _text("account"),
        _big("epoch", nullable=False),
        _text("holder"),
        _time("taken_at"),
        sa.PrimaryKeyConstraint("account", name=op.f("leases_pk")),
    )
    op.create_table(
        "tag_proofs",
        _text("account"),
        _time("proven_at"),
        sa.PrimaryKeyConstraint("account", name=op.f("tag_proofs_pk")),
    )


def _make_intents() -> None:
    named = ("id", "mark", "installation", "run", "who", "account", "vendor", "customer_id")
    times = ("sent_at", "send_before", "fence_at", "closed_at", "absent_since")
    op.create_table(
        "intents",
        *[_text(name) for name in named],
        _text("indirect_partner_id", nullable=True),
        _text("action"),
        *_position("before"),
        *_position("wanted"),
        *_money("change"),
        _big("rows_before"),
        _text("inputs_hash"),
        _big("epoch", nullable=False),
        _time("recorded_at"),
        _text("state"),
        *[_time(name, nullable=True) for name in times],
        sa.Column("proven", sa.Boolean(), nullable=False),
        _text("outcome"),
        _text("code"),
        _text("request_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("intents_pk")),
        sa.UniqueConstraint("mark", name=op.f("intents_mark_unique")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("intents_state")),
    )
    op.create_index(
        "intents_one_open",
        "intents",
        ["vendor", "customer_id"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index("intents_by_customer", "intents", ["vendor", "customer_id", "recorded_at"])
    op.create_index("intents_by_account", "intents", ["account", "state"])
    op.create_index("intents_by_time", "intents", ["recorded_at"])


def _make_books() -> None:
    op.create_table(
        "books",
        _text("account"),
        _text("vendor"),
        _text("customer_id"),
        *_money("opened"),
        *_money("granted"),
        _text("kind", nullable=True),
        _time("as_of"),
        *_money("ours", nullable=False),
        *_money("others", nullable=False),
        _big("rows"),
        _text("on_exhaustion", nullable=True),
        _time("written_at", nullable=True),
        _time("checked_at", nullable=True),
        sa.Column("row_awaited", sa.Boolean(), nullable=False),
        _text("drift", nullable=True),
        *_money("mismatch_granted"),
        _time("mismatch_since", nullable=True),
        sa.PrimaryKeyConstraint("account", "vendor", "customer_id", name=op.f("books_pk")),
    )


def _make_disputes() -> None:
    op.create_table(
        "disputes",
        *[_text(name) for name in ("id", "sort", "account", "vendor", "customer_id", "evidence", "sentence")],
        _time("opened_at"),
        _time("closed_at", nullable=True),
        _text("closed_by", nullable=True),
        _text("closed_why", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("disputes_pk")),
    )
    evidence = ["account", "vendor", "customer_id", "sort", "evidence"]
    op.create_index("disputes_one_evidence", "disputes", evidence, unique=True)


def _make_decided() -> None:
    op.create_table(
        "pauses",
        sa.Column("number", _number(), nullable=False),
        _text("account", nullable=True),
        _text("customer_id", nullable=True),
        _text("who"),
        _text("why"),
        _time("since"),
        _time("until", nullable=True),
        _time("ended_at", nullable=True),
        _text("ended_by", nullable=True),
        _text("ended_why", nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pauses_pk")),
    )
    op.create_table(
        "limits_accepted",
        *[_text(name) for name in ("account", "vendor", "customer_id", "document")],
        sa.PrimaryKeyConstraint("account", "vendor", "customer_id", name=op.f("limits_accepted_pk")),
    )
    op.create_table(
        "limit_changes",
        sa.Column("number", _number(), nullable=False),
        _text("vendor"),
        _text("customer_id"),
        _text("old", nullable=True),
        _text("new", nullable=True),
        _text("digest"),
        _time("first_seen"),
        sa.PrimaryKeyConstraint("number", name=op.f("limit_changes_pk")),
    )
    op.create_index("limit_changes_by_customer", "limit_changes", ["vendor", "customer_id"])


def _make_history() -> None:
    op.create_table(
        "runs",
        *[_text(name) for name in ("id", "command", "who")],
        _time("begun_at"),
        _time("ended_at", nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        _text("summary"),
        sa.PrimaryKeyConstraint("id", name=op.f("runs_pk")),
    )
    op.create_index("runs_by_time", "runs", ["begun_at"])
    op.create_table(
        "audit",
        sa.Column("number", _number(), autoincrement=False, nullable=False),
        _time("at"),
        _text("event"),
        _text("who"),
        *[_text(name, nullable=True) for name in ("account", "vendor", "customer_id")],
        _text("body"),
        _text("digest"),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_pk")),
    )
    op.create_index("audit_by_customer", "audit", ["vendor", "customer_id"])


def _make_observations() -> None:
    op.create_table(
        "observations",
        sa.Column("number", _number(), nullable=False),
        *[_text(name) for name in ("run", "account", "vendor", "customer_id")],
        _text("indirect_partner_id", nullable=True),
        _time("as_of"),
        *_money("granted"),
        _text("granted_absence", nullable=True),
        _text("kind", nullable=True),
        *_money("spent_low"),
        *_money("spent_high"),
        _time("spent_since", nullable=True),
        *_money("available"),
        _text("restriction", nullable=True),
        _text("on_exhaustion", nullable=True),
        _text("currency"),
        _big("lag_microseconds", nullable=False),
        _text("name", nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("observations_pk")),
    )
    op.create_index("observations_by_time", "observations", ["vendor", "customer_id", "as_of"])
    op.create_index(
        "observations_newest",
        "observations",
        ["vendor", "customer_id"],
        unique=True,
        sqlite_where=sa.text("newest"),
        postgresql_where=sa.text("newest"),
    )
