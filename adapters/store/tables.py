"""The schema: what is stored where. Fits SQLite and PostgreSQL; migrations/ holds the steps that lead to it.

Called by the parts of the store. Times are UTC text (see instants), money is integer cents beside its currency,
enums are their words, so that a person with any database client can read a row.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from adapters.store.instants import INSTANT_LENGTH
from core.intent import OPEN_STATES, State

HEAD = "0003"  # the migration that leads to the tables below
VERSION_TABLE = "schema_version"  # Alembic's, under a name that no other program uses

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "ck": "%(table_name)s_%(constraint_name)s",
    }
)

# SQLite numbers rows by itself only where the type is INTEGER; PostgreSQL's INTEGER ends at 2 thousand million.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def words(states: frozenset[State]) -> str:
    """Give the states as an SQL list, in a fixed order."""
    return ", ".join(f"'{state}'" for state in sorted(states))


def _instant(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, String(INSTANT_LENGTH), nullable=nullable)


def _money(name: str, *, nullable: bool = True) -> tuple[Column[int], Column[str]]:
    return (
        Column(f"{name}_cents", BigInteger, nullable=nullable),
        Column(f"{name}_currency", Text, nullable=nullable),
    )


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _position(name: str) -> list[Column[int] | Column[str]]:
    return [
        *_money(f"{name}_granted"),
        _text(f"{name}_kind", nullable=True),
        _text(f"{name}_on_exhaustion", nullable=True),
        _text(f"{name}_restriction", nullable=True),
    ]


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("name"),
    _instant("made_at"),
    CheckConstraint("id = 1", name="one_row"),
)

leases = Table(
    "leases",
    metadata,
    Column("account", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    _text("holder"),
    _instant("taken_at"),
)

intents = Table(
    "intents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mark", Text, nullable=False, unique=True),
    _text("installation"),
    _text("run"),
    _text("who"),
    _text("account"),
    _text("vendor"),
    _text("customer_id"),
    _text("indirect_partner_id", nullable=True),
    _text("action"),
    *_position("before"),
    *_position("wanted"),
    *_money("change"),
    Column("rows_before", BigInteger),
    _text("inputs_hash"),
    Column("epoch", BigInteger, nullable=False),
    _instant("recorded_at"),
    _text("state"),
    _instant("sent_at", nullable=True),
    _instant("send_before", nullable=True),
    _instant("fence_at", nullable=True),
    _instant("closed_at", nullable=True),
    _instant("absent_since", nullable=True),
    Column("proven", Boolean, nullable=False),
    _text("outcome"),
    _text("code"),
    _text("request_id"),
    CheckConstraint(f"state IN ({words(frozenset(State))})", name="state"),
)
_open = text(f"state IN ({words(OPEN_STATES)})")
# What makes "one open intent per customer" true whoever asks: command line, daemon, another machine.
Index(
    "intents_one_open",
    intents.c.vendor,
    intents.c.customer_id,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("intents_by_customer", intents.c.vendor, intents.c.customer_id, intents.c.recorded_at)
Index("intents_by_account", intents.c.account, intents.c.state)
Index("intents_by_time", intents.c.recorded_at)

tag_proofs = Table("tag_proofs", metadata, Column("account", Text, primary_key=True), _instant("proven_at"))

books = Table(
    "books",
    metadata,
    Column("account", Text, primary_key=True),
    Column("vendor", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    *_money("opened"),
    *_money("granted"),
    _text("kind", nullable=True),
    _instant("as_of"),
    *_money("ours", nullable=False),
    *_money("others", nullable=False),
    Column("rows", BigInteger),
    _text("on_exhaustion", nullable=True),
    _instant("written_at", nullable=True),
    _instant("checked_at", nullable=True),
    Column("row_awaited", Boolean, nullable=False),
    _text("drift", nullable=True),
    _instant("drift_at", nullable=True),
    _instant("opened_at", nullable=True),
    _text("restriction", nullable=True),
    _text("cause", nullable=True),
    _instant("restricted_since", nullable=True),
    _instant("freed_at", nullable=True),
    *_money("mismatch_granted"),
    _instant("mismatch_since", nullable=True),
)

disputes = Table(
    "disputes",
    metadata,
    Column("id", Text, primary_key=True),
    _text("sort"),
    _text("account"),
    # Empty where the dispute is about the whole account: a unique index takes no two NULLs for equal.
    _text("vendor"),
    _text("customer_id"),
    _text("evidence"),
    _text("sentence"),
    _instant("opened_at"),
    _instant("closed_at", nullable=True),
    _text("closed_by", nullable=True),
    _text("closed_why", nullable=True),
)
Index(
    "disputes_one_evidence",
    disputes.c.account,
    disputes.c.vendor,
    disputes.c.customer_id,
    disputes.c.sort,
    disputes.c.evidence,
    unique=True,
)

pauses = Table(
    "pauses",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    _text("account", nullable=True),
    _text("customer_id", nullable=True),
    _text("who"),
    _text("why"),
    _instant("since"),
    _instant("until", nullable=True),
    _instant("ended_at", nullable=True),
    _text("ended_by", nullable=True),
    _text("ended_why", nullable=True),
)

limits_accepted = Table(
    "limits_accepted",
    metadata,
    Column("account", Text, primary_key=True),
    Column("vendor", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    _text("document"),
)

limit_changes = Table(
    "limit_changes",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    _text("vendor"),
    _text("customer_id"),
    _text("old", nullable=True),
    _text("new", nullable=True),
    _text("digest"),
    _instant("first_seen"),
)
Index("limit_changes_by_customer", limit_changes.c.vendor, limit_changes.c.customer_id)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    _text("command"),
    _text("who"),
    _instant("begun_at"),
    _instant("ended_at", nullable=True),
    Column("exit_code", Integer),
    # zlib: ten thousand customers' plan is megabytes of JSON, and one is stored every few minutes.
    Column("plan", LargeBinary),
    _text("summary"),
)
Index("runs_by_time", runs.c.begun_at)

audit = Table(
    "audit",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    _instant("at"),
    _text("event"),
    _text("who"),
    _text("account", nullable=True),
    _text("vendor", nullable=True),
    _text("customer_id", nullable=True),
    _text("body"),
    _text("digest"),
)
Index("audit_by_customer", audit.c.vendor, audit.c.customer_id)

observations = Table(
    "observations",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    _text("run"),
    _text("account"),
    _text("vendor"),
    _text("customer_id"),
    _text("indirect_partner_id", nullable=True),
    _instant("as_of"),
    *_money("granted"),
    _text("granted_absence", nullable=True),
    _text("kind", nullable=True),
    *_money("spent_low"),
    *_money("spent_high"),
    _instant("spent_since", nullable=True),
    *_money("available"),
    _text("restriction", nullable=True),
    _text("on_exhaustion", nullable=True),
    _text("currency"),
    Column("lag_microseconds", BigInteger, nullable=False),
    _text("name", nullable=True),
    _instant("associated_at", nullable=True),
    # True for the second of two rows with equal figures: the one whose time moves.
    Column("again", Boolean, nullable=False),
    Column("newest", Boolean, nullable=False),
)
Index("observations_by_time", observations.c.vendor, observations.c.customer_id, observations.c.as_of)
Index(
    "observations_newest",
    observations.c.vendor,
    observations.c.customer_id,
    unique=True,
    sqlite_where=text("newest"),
    postgresql_where=text("newest"),
)

meters = Table(
    "meters",
    metadata,
    Column("vendor", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    _text("account"),
    _instant("metered_at"),
    # JSON: only ever read as a whole, and in pieces it would be a dozen columns and a table of anchors.
    _text("document"),
)

months = Table(
    "months",
    metadata,
    Column("vendor", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    _text("account"),
    _instant("since"),
    _instant("until"),
    *_money("low", nullable=False),
    *_money("high"),
    _text("kind", nullable=True),
    *_money("amount"),
    *_money("granted"),
)
Index("months_by_month", months.c.month, months.c.account)

days = Table(
    "days",
    metadata,
    Column("vendor", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("day", String(len("2026-11-22")), primary_key=True),
    _text("account"),
    _text("month"),
    *_money("low"),
    *_money("high"),
    *_money("granted"),
    *_money("amount"),
)
Index("days_by_day", days.c.day, days.c.account)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    _text("identity"),
    _text("sort"),
    _text("severity"),
    _text("sentence"),
    _text("over"),
    _text("account", nullable=True),
    _text("vendor", nullable=True),
    _text("customer_id", nullable=True),
    _text("subject"),
    _text("period"),
    Column("rung", BigInteger, nullable=False),
    _instant("since"),
    _instant("told_at", nullable=True),
    # The channels' names with spaces between them.
    _text("told_to"),
    _instant("ended_at", nullable=True),
)
_standing = text("ended_at IS NULL")
# What makes "told once" true whoever evaluates: daemon, command line, another machine.
Index(
    "alerts_one_standing",
    alerts.c.identity,
    unique=True,
    sqlite_where=_standing,
    postgresql_where=_standing,
)
Index("alerts_by_end", alerts.c.ended_at)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    _text("channel"),
    _text("alert"),
    _text("edge"),
    _text("severity"),
    _text("sentence"),
    _text("account", nullable=True),
    _instant("written_at"),
    _instant("next_at"),
    Column("tries", BigInteger, nullable=False),
    Column("unclear", BigInteger, nullable=False),
    _instant("sent_at", nullable=True),
    _instant("given_up_at", nullable=True),
)
Index("messages_once", messages.c.alert, messages.c.channel, messages.c.edge, unique=True)
_waiting = text("sent_at IS NULL AND given_up_at IS NULL")
Index("messages_waiting", messages.c.next_at, sqlite_where=_waiting, postgresql_where=_waiting)
