"""Reads a plan file back for `apply --plan`: whole, or not at all.

A plan file is a promise that somebody looked at. So everything is checked: the version, every field's form, that each
change is the difference of its own before and after, and that the fingerprint in the file is the fingerprint of what
was read. Anything else is a PlanFileError.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from core.errors import TidegateError
from core.exposure import Headroom, Outlook
from core.forecast import Forecast
from core.intent import Action, Position
from core.limit import Customer, CustomerKey, Kind, OnExhaustion, WritePolicy
from core.money import Money, MoneyFormatError
from core.plan import (
    FORMAT_VERSION,
    AccountSummary,
    Correction,
    Direction,
    GuardVerdict,
    Hold,
    HoldReason,
    Plan,
    PoolUse,
    Totals,
)
from core.policy import BudgetQuota
from core.standing import Restriction, Spend

Parsed = TypeVar("Parsed")
NOT_A_PLAN = "it is not a plan: write one with `tidegate plan --format json --out FILE`"
_REASONS = {reason.word: reason for reason in HoldReason}


class PlanFileError(TidegateError):
    """A text that is not a plan as `plan --format json` wrote it; `where` is a path such as `corrections[2].change`."""

    def __init__(self, where: str, why: str) -> None:
        self.where = where
        self.why = why
        super().__init__(f"{where}: {why}" if where else why)


@dataclass(frozen=True, slots=True)
class _Node:
    """One value of the file with the place it stands at."""

    value: object
    place: str

    def __getitem__(self, key: str) -> "_Node":
        if not isinstance(self.value, dict) or key not in self.value:
            raise PlanFileError(f"{self.place}.{key}".lstrip("."), "it is missing")
        return _Node(self.value[key], f"{self.place}.{key}".lstrip("."))

    def get(self, key: str) -> "_Node":
        """Give a field that plans of older versions do not have; null there."""
        known = self.value if isinstance(self.value, dict) else {}
        return _Node(known.get(key), f"{self.place}.{key}".lstrip("."))

    def each(self) -> "list[_Node]":
        if not isinstance(self.value, list):
            raise PlanFileError(self.place, "it must be a list")
        return [_Node(item, f"{self.place}[{number}]") for number, item in enumerate(self.value)]

    def as_a(self, wanted: type[Parsed]) -> Parsed:
        # bool is an int in Python; a plan that says `true` where a count belongs was not written by us.
        if type(self.value) is not wanted:
            raise PlanFileError(self.place, f"it must be {wanted.__name__}, not {type(self.value).__name__}")
        return self.value

    def text(self) -> str:
        return self.as_a(str)

    def texts(self) -> tuple[str, ...]:
        return tuple(node.text() for node in self.each())

    def parsed(self, parse: Callable[[str], Parsed]) -> Parsed:
        try:
            return parse(self.text())
        except MoneyFormatError as error:
            raise PlanFileError(self.place, str(error)) from error
        except (ValueError, KeyError) as error:
            raise PlanFileError(self.place, f"{self.text()!r} is not known here") from error

    def maybe_a(self, read: "Callable[[_Node], Parsed]") -> Parsed | None:
        return None if self.value is None else read(self)

    def maybe(self, parse: Callable[[str], Parsed]) -> Parsed | None:
        return None if self.value is None else self.parsed(parse)


def read_plan(text: str) -> Plan:
    """Read a plan's JSON document; raises PlanFileError when it is not exactly what was written."""
    try:
        root = _Node(json.loads(text), "")
    except ValueError as error:
        raise PlanFileError("", NOT_A_PLAN) from error
    if not isinstance(root.value, dict):
        raise PlanFileError("", NOT_A_PLAN)
    version = root["format_version"].value
    if version != FORMAT_VERSION:
        raise PlanFileError("format_version", f"{version!r} is not {FORMAT_VERSION}: make the plan anew")
    plan = Plan(
        run=root["run"].text(),
        made_at=root["made_at"].parsed(_aware),
        accounts=tuple(_account(node) for node in root["accounts"].each()),
        corrections=tuple(_correction(node) for node in root["corrections"].each()),
        holds=tuple(_hold(node) for node in root["holds"].each()),
        guards=tuple(_guard(node) for node in root["guards"].each()),
        totals=_totals(root["totals"]),
        complete=root["complete"].as_a(bool),
        narrowed=root["narrowed"].as_a(bool),
    )
    if not hmac.compare_digest(plan.fingerprint, root["fingerprint"].text()):
        raise PlanFileError("fingerprint", "it does not fit the corrections: the file was changed after it was written")
    return plan


def read_outlook(document: object) -> Outlook | None:
    """Read what an account was in for out of a stored plan; None where it is not there, as in plans of older versions.

    Raises PlanFileError for what is no outlook.
    """
    return _Node(document, "outlook").maybe_a(_outlook)


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        message = "no time zone"
        raise ValueError(message)
    return at


def _row(node: _Node) -> dict[str, object]:
    return {
        "order": node["order"].as_a(int),
        "account": node["account"].text(),
        "customer": Customer(
            key=CustomerKey(vendor=node["vendor"].text(), customer_id=node["customer_id"].text()),
            indirect_partner_id=node["indirect_partner_id"].maybe(str),
        ),
        "name": node["name"].maybe(str),
        "action": node["action"].maybe(Action),
        "before": _position(node["before"]),
        "after": _position(node["after"]),
        "change": node["change"].maybe(Money.parse),
        "wanted": node["wanted"].parsed(Money.parse),
        "spent": node["spent"].maybe_a(_spend),
        "available": node["available"].maybe(Money.parse),
        "currency": node["currency"].text(),
        "as_of": node["as_of"].maybe(_aware),
        "effects": node["effects"].texts(),
        "blocked_by": node["blocked_by"].texts(),
        "detail": node["detail"].text(),
        "direction": node["direction"].parsed(Direction),
        "exhausts": node["exhausts"].as_a(bool),
        "exhausted": node["exhausted"].maybe_a(_forecast),
        "data_deleted_after": node["data_deleted_after"].maybe(_aware),
    }


def _correction(node: _Node) -> Correction:
    shared = _row(node)
    row = Correction(
        **shared,  # type: ignore[arg-type]  # checked field by field in _row
        follows=tuple(step.parsed(Action) for step in node["follows"].each()),
        restores=node["restores"].as_a(bool),
        urgent=node["urgent"].as_a(bool),
        waits=node["waits"].as_a(bool),
        quota_after=node["quota_after"].maybe(Money.parse),
    )
    before, after = row.before.granted, row.after.granted
    if row.change is not None and (before is None or after is None or row.change != after - before):
        raise PlanFileError(f"{node.place}.change", "it is not the difference of before and after")
    return row


def _hold(node: _Node) -> Hold:
    shared = _row(node)
    reason = node["reason"].parsed(_REASONS.__getitem__)
    return Hold(**shared, reason=reason)  # type: ignore[arg-type]  # checked field by field in _row


def _position(node: _Node) -> Position:
    return Position(
        granted=node["granted"].maybe(Money.parse),
        kind=node["kind"].maybe(Kind),
        on_exhaustion=node["on_exhaustion"].maybe(OnExhaustion),
        restriction=node["restriction"].maybe(Restriction),
    )


def _spend(node: _Node) -> Spend:
    return Spend(
        low=node["low"].parsed(Money.parse), high=node["high"].parsed(Money.parse), since=node["since"].maybe(_aware)
    )


def _forecast(node: _Node) -> Forecast:
    return Forecast(earliest=node["earliest"].maybe(_aware), latest=node["latest"].maybe(_aware))


def _outlook(node: _Node) -> Outlook:
    return Outlook(
        granted=node["granted"].parsed(Money.parse),
        open=node["open"].parsed(Money.parse),
        rollover=node["rollover"].maybe(Money.parse),
        rollover_at=node["rollover_at"].maybe(_aware),
        headroom=node["headroom"].maybe_a(_headroom),
    )


def _headroom(node: _Node) -> Headroom:
    return Headroom(
        title=node["title"].text(),
        limit=node["limit"].maybe(Money.parse),
        used=node["used"].maybe(Money.parse),
        left=node["left"].maybe(Money.parse),
    )


def _account(node: _Node) -> AccountSummary:
    return AccountSummary(
        name=node["name"].text(),
        vendor=node["vendor"].text(),
        write_policy=node["write_policy"].parsed(WritePolicy),
        customers=node["customers"].as_a(int),
        in_sync=node["in_sync"].as_a(int),
        corrections=node["corrections"].as_a(int),
        holds=node["holds"].as_a(int),
        quota=node["quota"].maybe(Money.parse),
        unlimited=node["unlimited"].texts(),
        problem=node["problem"].maybe(str),
        notes=node["notes"].texts(),
        attention=node["attention"].texts(),
        outlook=node["outlook"].maybe_a(_outlook),
        pools=tuple(_pool(pool) for pool in node.get("pools").maybe_a(_Node.each) or ()),
        skew=node.get("skew_seconds").maybe_a(_seconds),
    )


def _pool(node: _Node) -> PoolUse:
    quota = BudgetQuota(
        kind=node["kind"].parsed(Kind),
        amount=node["amount"].parsed(Money.parse),
        indirect_partner_id=node["indirect_partner_id"].maybe(str),
    )
    return PoolUse(quota=quota, granted=node["granted"].parsed(Money.parse))


def _seconds(node: _Node) -> timedelta:
    return timedelta(seconds=node.as_a(float))


def _guard(node: _Node) -> GuardVerdict:
    return GuardVerdict(
        guard=node["guard"].text(),
        account=node["account"].text(),
        customer=node["customer"].maybe(_key),
        tripped=node["tripped"].as_a(bool),
        figures=node["figures"].text(),
        limit=node["limit"].text(),
        sentence=node["sentence"].text(),
    )


def _key(text: str) -> CustomerKey:
    vendor, _, customer_id = text.partition("/")
    if not customer_id:
        message = "no customer id"
        raise ValueError(message)
    return CustomerKey(vendor=vendor, customer_id=customer_id)


def _totals(node: _Node) -> Totals:
    return Totals(
        corrections=node["corrections"].as_a(int),
        blocked=node["blocked"].as_a(int),
        holds=node["holds"].as_a(int),
        in_sync=node["in_sync"].as_a(int),
        raised=node["raised"].parsed(Money.parse),
        cut=node["cut"].parsed(Money.parse),
    )
