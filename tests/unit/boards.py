"""Boards for the tests of the page: all quiet, everything going wrong, and many customers."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from core.books import Cause, Dispute, DisputeSort
from core.exposure import Headroom, Outlook
from core.forecast import Forecast
from core.intent import Action, Intent, Position, State
from core.limit import Customer, CustomerKey, Kind, WritePolicy
from core.money import Money
from core.pause import Pause
from core.standing import Restriction, Spend
from scheduler.reports.board import AccountBoard, Attention, Board, CustomerLine, LastRun, Pool, StandingAlert, Tick
from scheduler.reports.month import Share
from scheduler.reports.stopped import Stopped
from tests.unit.board_parts import (
    DAY,
    HOSTILE,
    HOUR,
    MINUTE,
    NOW,
    Shown,
    account,
    board,
    changes,
    file_of,
    line,
    of_tencent,
    waiting,
)

__all__ = [
    "DAY",
    "HOSTILE",
    "HOUR",
    "MINUTE",
    "NOW",
    "Shown",
    "account",
    "board",
    "changes",
    "dispute",
    "file_of",
    "intent",
    "line",
    "many",
    "of_tencent",
    "pause",
    "quiet",
    "renamed",
    "stopped",
    "troubled_lines",
    "waiting",
    "wrong",
]
_WORDS = ("Acme", "Blue River", "Cedar", "Dragonfly", "Evergreen", "Falcon", "Granite", "Harbour", "Ivory", "Juniper")
_FIELDS = ("Trading Ltd", "Games", "Logistics Pte", "Medical", "Foods Co., Ltd.", "Robotics", "Retail", "Media")


def quiet() -> Board:
    """Give a board on which nothing needs anybody."""
    tencent = account(
        "tencent-main",
        [of_tencent("200012345678"), of_tencent("200087654321", 8_100_00, 9_000_00, attention=(Attention.NEAR,))],
        quota=Money(5_000_000),
    )
    return board(
        account("huawei-main", [line(each) for each in ("c1a0", "c1b7", "c2d4")]), tencent, changes=changes()[:2]
    )


def wrong() -> Board:
    """Give a board on which everything goes wrong at once."""
    return board(
        _troubled(),
        _unreadable(),
        account("tencent-eu", [], read_at=None, last_run=None, in_sync=None, pending=None, held=None, outlook=None),
        open_intents=(intent(), intent(id="01KD", state=State.DISPUTED, customer=_key("c-disputed"))),
        disputes=(dispute(), dispute(id="01DC", customer=_key("c-disputed").key, sort=DisputeSort.BOOKS)),
        pauses=(pause(), pause(account=None, customer_id=None, until=None)),
        changes=changes(),
        alerts=(
            _alert("critical", "tencent-main cannot be read: the key was refused", "tencent-main"),
            _alert("warning", "95.0 % of the limit of 1000.00 is spent", "huawei-main", "c-near"),
            _alert("info", "the daemon was not running for 12 minutes", None),
        ),
        channels=("operations", "on-call"),
        unsent_since={"operations": NOW - 2 * HOUR},
        config_faults=("limits.csv:17: amount '12,5': write it without thousands separators", "config.toml:4: no key"),
    )


def many(count: int = 10_000, accounts: int = 4) -> Board:
    """Give a board of many customers, some of them in every sort of trouble; the same each time."""
    dice = random.Random(7)  # noqa: S311 - a fixed world
    made = []
    for number in range(accounts):
        vendor = ("huawei", "tencent")[number % 2]
        name = f"{vendor}-{number}"
        customers = [_any(dice, vendor, name, number * count + place) for place in range(count // accounts)]
        held = sum(Attention.HELD in each.attention for each in customers)
        made.append(account(name, customers, held=held, in_sync=len(customers) - held))
    return board(*made, changes=changes())


def renamed(shown: Board, name: str) -> Board:
    """Give the board with every customer called so."""
    accounts = tuple(
        replace(each, customers=tuple(replace(found, name=name) for found in each.customers)) for each in shown.accounts
    )
    return replace(shown, accounts=accounts)


def _any(dice: random.Random, vendor: str, name: str, number: int) -> CustomerLine:
    limit = dice.choice((50_000, 100_000, 250_000, 1_000_000, 12_500_000))
    spent = int(limit * min(dice.lognormvariate(-0.9, 0.6), 1.3))
    key = Customer(CustomerKey(vendor, f"{dice.getrandbits(128):032x}" if vendor == "huawei" else f"2000{number:08d}"))
    told = [Attention.SPENT] if spent >= limit else [Attention.NEAR] if spent * 4 >= limit * 3 else []
    facts: dict[str, object] = {
        "account": name,
        "vendor": vendor,
        "customer": key,
        "name": f"{dice.choice(_WORDS)} {dice.choice(_FIELDS)}",
        "kind": Kind.CREDIT_LINE if vendor == "tencent" else dice.choice((Kind.MONTHLY, Kind.MONTHLY, Kind.ONE_TIME)),
        "forecast": None if told else Forecast(earliest=NOW + dice.randint(1, 30) * DAY, latest=None),
    }
    if dice.random() < 0.004:
        facts["waiting"] = waiting("quota", "it does not fit into the credit that can still be given out", "")
        told.insert(0, Attention.HELD)
    return line("", spent, limit, **facts, attention=tuple(told))


def intent(**changes: object) -> Intent:
    """Give a change whose outcome is not known."""
    made: dict[str, object] = {
        "id": "01JXUNCERTAIN",
        "mark": "tg" + "k3vq" + "0" * 26,
        "run": "01RUN",
        "who": "daemon",
        "account": "huawei-main",
        "customer": _key("c-uncertain"),
        "action": Action.SET_AMOUNT,
        "before": Position(granted=Money(100_000)),
        "wanted": Position(granted=Money(150_000)),
        "change": Money(50_000),
        "rows_before": 3,
        "inputs_hash": "",
        "epoch": 1,
        "recorded_at": NOW - 20 * MINUTE,
        "sent_at": NOW - 20 * MINUTE,
        "fence_at": NOW + 5 * MINUTE,
        "state": State.UNCERTAIN,
        "outcome": "no answer came in 30 s",
    }
    return Intent(**{**made, **changes})  # type: ignore[arg-type]  # facts by name


def dispute(**changes: object) -> Dispute:
    """Give a dispute over a whole account."""
    made: dict[str, object] = {
        "id": "01DA",
        "sort": DisputeSort.TWO_WRITERS,
        "account": "huawei-main",
        "customer": None,
        "evidence": "row 7",
        "sentence": "another installation (tg-x9z1) of Tidegate writes to this account",
        "opened_at": NOW - 3 * HOUR,
    }
    return Dispute(**{**made, **changes})  # type: ignore[arg-type]  # facts by name


def pause(**changes: object) -> Pause:
    """Give a pause of one customer."""
    made: dict[str, object] = {
        "account": "huawei-main",
        "customer_id": "c-paused",
        "who": "ann",
        "why": "contract under negotiation <b>until Friday</b>",
        "since": NOW - 4 * DAY,
        "until": NOW + 2 * DAY,
    }
    return Pause(**{**made, **changes})  # type: ignore[arg-type]  # facts by name


def _troubled() -> AccountBoard:
    return account(
        "huawei-main",
        troubled_lines(),
        last_run=LastRun(
            id="01R", command="daemon", who="daemon", begun_at=NOW - 8 * MINUTE, ended_at=NOW - 7 * MINUTE, exit_code=4
        ),
        in_sync=1,
        pending=2,
        held=3,
        pools=(Pool(kind=Kind.MONTHLY, whose=None, amount=Money(50_000_000), granted=Money(48_000_000)),),
        outlook=Outlook(
            granted=Money(48_000_000),
            open=Money(12_345_678),
            rollover=Money(61_000_000),
            rollover_at=datetime(2026, 11, 30, 16, 0, tzinfo=UTC),
            headroom=Headroom(title="credit", limit=Money(99_000_000), used=Money(95_000_000), left=Money(4_000_000)),
        ),
        guards={"max_raised": "12500.00 would be given, 10000.00 is allowed: write an approval of kind max_raised"},
        attention=("the month that begins at 2026-11-30 16:00 UTC needs 610000.00 of credit, and 500000.00 is left",),
        notes=("the listing of second-tier resellers is not allowed for this key",),
        unlimited=tuple(f"free{number}" for number in range(14)),
        windows=("mon-fri 09:00-18:00",),
        window_open=False,
        pause=pause(customer_id=None),
        tick=Tick(next_at=NOW + 2 * MINUTE, running_since=NOW - 2 * MINUTE, progressed_at=NOW - MINUTE),
        clock_problem="this machine's clock is 47 s behind the vendor's: nothing is written",
    )


_UNREAD = ("name", "granted", "spent", "share", "available", "restriction", "forecast", "as_of")


def troubled_lines() -> list[CustomerLine]:
    """Give one customer in each sort of trouble."""
    frozen = stopped("c-frozen", Restriction.FROZEN, NOW + 3 * DAY)
    return [
        line("c-fine", name=HOSTILE),
        line(
            "c-frozen",
            100_500,
            restriction=Restriction.FROZEN,
            stopped=frozen,
            attention=(Attention.DELETION, Attention.STOPPED, Attention.SPENT),
        ),
        line("c-disputed", dispute=dispute(id="01DC", sentence=HOSTILE), attention=(Attention.DISPUTED,)),
        line(
            "c-stopped",
            100_000,
            restriction=Restriction.RESTRICTED,
            stopped=stopped("c-stopped", Restriction.RESTRICTED, None),
            attention=(Attention.STOPPED, Attention.SPENT),
        ),
        line("c-uncertain", intent=intent(), attention=(Attention.UNCERTAIN,)),
        line(
            "c-held",
            waiting=waiting("guard", "a guard is tripped", "max_raised", needs_attention=True),
            attention=(Attention.HELD,),
        ),
        line(
            "c-near",
            spent=Spend(low=Money(90_000), high=Money(95_000)),
            share=Share(low=Decimal("90.0"), high=Decimal("95.0")),
            attention=(Attention.NEAR,),
        ),
        line(
            "c-pending", waiting=waiting("pending", "it is made with the next run", ""), attention=(Attention.PENDING,)
        ),
        line("c-paused", pause=pause(), attention=(Attention.PAUSED,)),
        line("c-never/seen?&%", 0, 100_000, **dict.fromkeys(_UNREAD)),
    ]


def stopped(customer_id: str, restriction: Restriction, ends: datetime | None) -> Stopped:
    """Give a customer's stop by Tidegate, twelve days ago."""
    return Stopped(
        key=CustomerKey("huawei", customer_id),
        account="huawei-main",
        name="Acme Trading Ltd",
        restriction=restriction,
        cause=Cause.OURS,
        since=NOW - 12 * DAY,
        data_deleted_after=ends,
    )


def _unreadable() -> AccountBoard:
    return account(
        "tencent-main",
        [of_tencent("200012345678", as_of=NOW - 5 * HOUR), of_tencent("200087654321", as_of=NOW - 5 * HOUR)],
        write_policy=WritePolicy.OBSERVE,
        read_at=NOW - 5 * HOUR,
        problem="QueryCustomersCredit: the key was refused (AuthFailure.SecretIdNotFound)",
        problem_since=NOW - 5 * HOUR,
        quota=Money(5_000_000),
    )


def _alert(severity: str, sentence: str, whose: str | None, customer_id: str | None = None) -> StandingAlert:
    since = NOW - 2 * HOUR
    return StandingAlert(severity=severity, sentence=sentence, since=since, account=whose, customer_id=customer_id)


def _key(customer_id: str) -> Customer:
    return Customer(CustomerKey("huawei", customer_id))
