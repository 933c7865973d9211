"""What boards are made of, one with these facts changed, and a source that gives a board. For the tests of the page."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from core.exposure import Outlook
from core.forecast import Forecast
from core.limit import Customer, CustomerKey, Kind, OnExhaustion, WritePolicy
from core.meter import Day
from core.money import Money
from core.standing import Restriction, Spend
from scheduler.reports.board import (
    AccountBoard,
    Board,
    Counts,
    CustomerFile,
    CustomerLine,
    Health,
    LastRun,
    Tick,
    Waiting,
)
from scheduler.reports.history_table import HistoryLine, Sort
from scheduler.reports.month import Share

NOW = datetime(2026, 11, 22, 4, 5, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHANGHAI = "Asia/Shanghai"
HOSTILE = "Acme <script>alert(1)</script> =cmd|' /C calc'!A0\x1b[2J\u202eevil \"|\" {{ 7 * 7 }}"
THRESHOLDS = (Decimal(75), Decimal(90), Decimal(100))


class Shown:
    """A source that gives one board, and of each customer on it a file."""

    def __init__(self, board: Board, health: Health | None = None) -> None:
        self.shown = board
        self.healthy = health if health is not None else Health(ages={each.name: MINUTE for each in board.accounts})
        self.fails = False

    def board(self) -> Board:
        """Give the board, or fail."""
        if self.fails:
            message = "the store is on fire at /var/lib/secret-place"
            raise OSError(message)
        return self.shown

    def customer(self, vendor: str, customer_id: str) -> CustomerFile | None:
        """Give the file of a customer that is on the board."""
        for account in self.board().accounts:
            for found in account.customers:
                if found.key == CustomerKey(vendor, customer_id):
                    return file_of(found, account)
        return None

    def counts(self) -> Counts:
        """Give some counts."""
        return Counts(runs={("huawei-main", "done"): 7})

    def health(self) -> Health:
        """Give the health."""
        return self.healthy


def line(customer_id: str, used: int = 40_000, limit: int = 100_000, **changes: object) -> CustomerLine:
    """Give a customer of huawei-main, amounts in cents; its share follows from them."""
    made: dict[str, object] = {
        "account": "huawei-main",
        "vendor": "huawei",
        "customer": Customer(CustomerKey("huawei", customer_id)),
        "name": "Acme Trading Ltd",
        "kind": Kind.MONTHLY,
        "on_exhaustion": OnExhaustion.RESTRICT,
        "amount": Money(limit),
        "granted": Money(limit),
        "spent": Spend.exactly(Money(used)),
        "share": Share(low=_percent(used, limit), high=_percent(used, limit)),
        "available": Money(max(limit - used, 0)),
        "restriction": Restriction.NONE,
        "stopped": None,
        "forecast": Forecast(earliest=NOW + 6 * DAY, latest=NOW + 8 * DAY),
        "as_of": NOW - 3 * MINUTE,
        "period": "2026-11",
        "thresholds": THRESHOLDS,
    }
    return CustomerLine(**{**made, **changes})  # type: ignore[arg-type]  # facts by name


def of_tencent(customer_id: str, used: int = 40_000, limit: int = 100_000, **changes: object) -> CustomerLine:
    """Give a customer of tencent-main with a permanent credit."""
    facts: dict[str, object] = {
        "account": "tencent-main",
        "vendor": "tencent",
        "customer": Customer(CustomerKey("tencent", customer_id)),
        "kind": Kind.CREDIT_LINE,
        "on_exhaustion": OnExhaustion.FREEZE,
        "period": "",
    }
    return line(customer_id, used, limit, **{**facts, **changes})


def account(name: str, customers: Sequence[CustomerLine], **changes: object) -> AccountBoard:
    """Give an account that is in order."""
    made: dict[str, object] = {
        "name": name,
        "vendor": name.partition("-")[0],
        "write_policy": WritePolicy.SYNC,
        "zone": SHANGHAI,
        "every": 10 * MINUTE,
        "late_after": 40 * MINUTE,
        "windows": (),
        "window_open": True,
        "customers": tuple(customers),
        "last_run": LastRun(
            id="01RUN",
            command="daemon",
            who="daemon",
            begun_at=NOW - 3 * MINUTE,
            ended_at=NOW - 2 * MINUTE,
            exit_code=0,
        ),
        "read_at": NOW - 3 * MINUTE,
        "in_sync": len(customers),
        "pending": 0,
        "held": 0,
        "outlook": Outlook(granted=Money(48_000_000), open=Money(12_345_678)),
        "tick": Tick(next_at=NOW + 7 * MINUTE),
    }
    return AccountBoard(**{**made, **changes})  # type: ignore[arg-type]  # facts by name


def board(*accounts: AccountBoard, **changes: object) -> Board:
    """Give a board of these accounts."""
    made: dict[str, object] = {
        "made_at": NOW,
        "version": "0.1.0",
        "installation": "k3vq",
        "head": "9f2b" * 16,
        "accounts": tuple(accounts),
        "started_at": NOW - 12 * DAY,
    }
    return Board(**{**made, **changes})  # type: ignore[arg-type]  # facts by name


def file_of(found: CustomerLine, whose: AccountBoard) -> CustomerFile:
    """Give a customer's file: this month's days, a changed limit among them, and its history."""
    limits = [Money(found.amount.cents * 4 // 5 if number < 9 else found.amount.cents) for number in range(22)]
    high = found.spent.high.cents if found.spent is not None else 0
    days = tuple(
        Day(
            key=found.key,
            account=found.account,
            day=date(2026, 11, 1 + number),
            month="2026-11",
            low=Money(high * number // 22),
            high=Money(high * number // 22 + (high // 30 if number > 15 else 0)),
            granted=found.granted,
            amount=limits[number],
        )
        for number in range(22)
        if number not in {5, 6}
    )
    said = (
        ("The limit", ("1000.00 monthly, restrict (limits.csv:2)", "in force since 2026-11-10")),
        ("How it stands at the vendor", ("granted 1000.00, used 400.00, active",)),
        ("What is spent", ("400.00 this month, by the vendor's own figure",)),
        ("What would be done now", ("nothing: it stands where it should; `tidegate plan` says the same",)),
    )
    return CustomerFile(line=found, account=whose, days=days, changes=changes(str(found.key)), sentences=said)


def waiting(word: str, sentence: str, detail: str, *, needs_attention: bool = False) -> Waiting:
    """Give a correction to 1,500.00 that was not made."""
    return Waiting(
        word=word,
        sentence=sentence,
        detail=detail,
        needs_attention=needs_attention,
        wanted=Money(150_000),
        action="set_amount",
        change=Money(50_000),
    )


def changes(whom: str = "huawei/c-near") -> tuple[HistoryLine, ...]:
    """Give what happened to a customer: one line of each sort, the newest first."""
    lines = (
        (Sort.OURS, "+500.00 (1,000.00 to 1,500.00): applied and read back", "daemon", "tgk3vq01JX"),
        (Sort.LIMIT, "limit 1,500.00 monthly restrict, before 1,000.00 monthly restrict", "bob", "new contract"),
        (Sort.OTHERS, "changed outside Tidegate by alice: 900.00 to 9000.00", "", ""),
        (Sort.PERSON, "paused", "ann", "contract under negotiation"),
    )
    return tuple(
        HistoryLine(at=NOW - place * 5 * HOUR - MINUTE, sort=sort, whom=whom, what=what, who=who, why=why)
        for place, (sort, what, who, why) in enumerate(lines)
    )


def _percent(spent: int, limit: int) -> Decimal:
    return (Decimal(spent) * 100 / limit).quantize(Decimal("0.1"))
