"""A desk for the tests of the board: settings, a store in memory, a clock, and passes written down as real ones are.

What a pass sees is given; the plan, the meters and the form in which all of it is stored are the real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from adapters.clock import UlidIds
from adapters.store.memory import InMemoryStore
from core.books import Book
from core.intent import Action, Intent, Position, State, mark_of
from core.judgement import Block
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, WritePolicy
from core.meter import Meter
from core.money import ZERO, Money
from core.plan import Plan
from core.planning import AccountInputs, make_plan
from core.policy import AccountPolicy
from core.ports import RunRecord
from core.run.metering import Meterer
from core.run.world import World
from core.standing import Absence, Restriction, Spend, Standing
from scheduler import bootstrap
from scheduler.config import AccountSettings, Settings
from scheduler.records.board import Boards
from scheduler.reports.board import AccountBoard, Board, CustomerLine
from scheduler.reports.plan_json import plan_json
from tests.contract.store_rig import StandingClock

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # in the billing zone
MINUTE = timedelta(minutes=1)
MAIN = "tencent-main"
VENDOR = "tencent"
LAG = timedelta(minutes=5)
Fact = TypeVar("Fact")


def key_of(number: int, account: str = MAIN) -> CustomerKey:
    """Name a customer; each account has its own."""
    return CustomerKey(VENDOR, f"2{sum(map(ord, account)):04d}{number:07d}")


def limit_of(number: int, amount: str = "1000", account: str = MAIN, **changes: object) -> Limit:
    """Want a credit line."""
    facts: dict[str, object] = {"kind": Kind.CREDIT_LINE, "amount": Money.parse(amount)}
    customer = Customer(key_of(number, account))
    return Limit(account=account, customer=customer, **{**facts, **changes})  # type: ignore[arg-type]  # facts by name


def settings_of(limits: Sequence[Limit], *names: str, **policy: object) -> Settings:
    """Write accounts (by default the one) with these limits; `policy`: of all of them."""
    accounts = {name: _account(name, policy) for name in names or (MAIN,)}
    return Settings(
        file="config.toml",
        base=Path(),
        store="",
        accounts=accounts,
        limits=tuple(limits),
        limits_digest="digest",
    )


def _account(name: str, policy: Mapping[str, object]) -> AccountSettings:
    facts: dict[str, object] = {"write_policy": WritePolicy.SYNC, "lag": LAG}
    return AccountSettings(
        name=name,
        vendor=VENDOR,
        policy=AccountPolicy(name=name, vendor=VENDOR, **{**facts, **policy}),  # type: ignore[arg-type]  # by name
        own=Own(),
        loopback=True,
        read_timeout=MINUTE,
        rate_share=Decimal("0.9"),
        alert_at=(Decimal(75), Decimal(90), Decimal(100)),
    )


class Own(BaseModel):
    """A vendor's own keys: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a pass sees, by customer: granted (by default what is wanted, "": nothing), spent (100), what blocks it."""

    spent: Mapping[int, str] = field(default_factory=dict)
    granted: Mapping[int, str] = field(default_factory=dict)
    blocks: Mapping[int, Block] = field(default_factory=dict)
    problem: str | None = None
    restriction: Restriction = Restriction.NONE
    skew: timedelta | None = None
    currency: str = "USD"


@dataclass
class Desk:
    """One store and everything around it."""

    settings: Settings
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOON))
    passes: int = 0

    def __post_init__(self) -> None:
        self.store = InMemoryStore(clock=self.clock)
        self.world = World(
            clouds={},
            policies={},
            journal=self.store,
            observations=self.store,
            clock=self.clock,
            ids=UlidIds(),
            plan_text=lambda plan: plan_json(plan, show_names=False),
        )
        self.boards = Boards(self.world, self.clock)

    def board(self) -> Board:
        """Give the board as of now, three seconds later than the last one."""
        self.clock.sleep(timedelta(seconds=3))
        return self.boards.current(self.settings)

    def account(self, name: str = MAIN) -> AccountBoard:
        """Give an account of it."""
        found = self.board().account(name)
        assert found is not None
        return found

    def line(self, number: int = 1, name: str = MAIN) -> CustomerLine:
        """Give a customer of it."""
        return next(line for line in self.account(name).customers if line.key == key_of(number, name))

    def runs(
        self,
        seen: "Seen | None" = None,
        *,
        account: str = MAIN,
        narrowed: bool = False,
        dry: bool = False,
        over: bool = True,
    ) -> Plan:
        """Let a pass see this (by default that all is as wanted) and write it down; a minute passes.

        `narrowed`: over the customers alone of whom it is said what was spent.
        """
        self.clock.sleep(MINUTE)
        self.passes += 1
        seen = seen or Seen()
        limits, policy = self.settings.limits_of(account), self.settings.accounts[account].policy
        chosen = [limit for limit in limits if not narrowed or limit.key in _named(seen.spent, account)]
        now = self.clock.now()
        standings = {} if seen.problem else {one.key: one for one in self._standings(chosen, seen)}
        self.store.keep(f"{self.passes:03d}", standings.values())
        meters = self._metered(account, list(standings.values()), dry=dry)
        if standings and not dry:
            self.store.keep_books(map(_book, standings.values()))
        inputs = AccountInputs(
            policy=policy,
            capabilities=bootstrap.VENDORS[VENDOR].capabilities,
            limits=chosen,
            standings=standings,
            meters=meters,
            problem=seen.problem,
            blocks=_named(seen.blocks, account),
            quota=Money.parse("50000"),
            skew=seen.skew,
            now=now,
            limits_total=len(limits),
        )
        plan = replace(make_plan([inputs], run=f"{self.passes:03d}", made_at=now), narrowed=narrowed)
        self.keep(plan, command="plan" if dry else "daemon", over=over)
        return plan

    def keep(self, plan: Plan, *, command: str = "daemon", over: bool = True) -> None:
        """Write a run down, as begun or as ended."""
        now = self.clock.now()
        self.store.keep_run(
            RunRecord(
                id=plan.run,
                command=command,
                who="ann",
                begun_at=plan.made_at,
                ended_at=now if over else None,
                exit_code=0 if over else None,
                plan=self.world.plan_text(plan),
            )
        )

    def changes(self, number: int, *states: State, run: str = "run", account: str = MAIN) -> Intent:
        """Record a change of a customer and move it through these states."""
        self.passes += 1
        ulid = f"{self.passes:026d}"
        with self.store.lease(account, "ann") as lease:
            intent = Intent(
                id=ulid,
                mark=mark_of(self.store.installation, ulid),
                run=run,
                who="ann",
                account=account,
                customer=Customer(key_of(number, account)),
                action=Action.SET_AMOUNT,
                before=Position(granted=Money.parse("800")),
                wanted=Position(granted=Money.parse("1000")),
                change=Money.parse("200"),
                rows_before=0,
                inputs_hash="",
                epoch=lease.epoch,
                recorded_at=self.clock.now(),
            )
            self.store.record(intent)
            for state in states:
                before, intent = intent.state, intent.moved(state, outcome=f"it is {state}")
                self.store.move(before, intent)
        return intent

    def _standings(self, chosen: Sequence[Limit], seen: "Seen") -> list[Standing]:
        found = []
        for limit in chosen:
            text = _named(seen.granted, limit.account).get(limit.key, str(limit.amount))
            used = Money.parse(_named(seen.spent, limit.account).get(limit.key, "100"), seen.currency)
            granted = Money.parse(text, seen.currency) if text else None
            found.append(
                Standing(
                    customer=limit.customer,
                    account=limit.account,
                    as_of=self.clock.now(),
                    granted=Absence.NOT_SET if granted is None else granted,
                    kind=Kind.CREDIT_LINE,
                    spent=Spend.exactly(used),
                    available=None if granted is None else granted - used,
                    restriction=seen.restriction,
                    on_exhaustion=OnExhaustion.FREEZE,
                    currency=seen.currency,
                    lag=LAG,
                    name="Käufer GmbH",
                )
            )
        return found

    def _metered(self, account: str, standings: Sequence[Standing], *, dry: bool) -> Mapping[CustomerKey, Meter]:
        meterer = Meterer(
            policy=self.settings.accounts[account].policy,
            capabilities=bootstrap.VENDORS[VENDOR].capabilities,
            limits={limit.key: limit for limit in self.settings.limits_of(account)},
        )
        metering = meterer.meter(standings, self.store.meters(account), ())
        if not dry:
            self.store.keep_meters(metering.changes)
        return metering.meters


def _named(given: Mapping[int, Fact], account: str) -> dict[CustomerKey, Fact]:
    return {key_of(number, account): fact for number, fact in given.items()}


def _book(standing: Standing) -> Book:
    stopped = standing.restriction is not Restriction.NONE
    return Book(
        key=standing.key,
        account=standing.account,
        opened=standing.granted_money,
        granted=standing.granted_money,
        kind=standing.kind,
        as_of=standing.as_of,
        ours=ZERO,
        others=ZERO,
        restriction=standing.restriction,
        restricted_since=standing.as_of if stopped else None,
    )
