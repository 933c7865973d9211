"""`[[approvals]]`: a person's word that a guard may let something pass, written down with its end.

Read by scheduler.config.reading, which knows the accounts; core judges what an approval is worth, and ignores those
that are over.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from core.policy import Approval
from scheduler.config.fields import End, Said, Section, parse_money
from scheduler.config.sections import AmountCap, GuardsSection

FREEZE = "freeze"
_WEIGHED = frozenset(
    name for name, field in GuardsSection.model_fields.items() if AmountCap in getattr(field.annotation, "__args__", ())
)
# These count what is no longer there: no word for one customer changes that.
_WHOLE = frozenset({"max_vanished", "max_limits_removed"})
KINDS = (*GuardsSection.model_fields, FREEZE)


def _known(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"there is nothing of this name to approve: write {', '.join(KINDS[:-1])} or {FREEZE}")
    return value


class ApprovalSection(Section):
    """`[[approvals]]`. Kept when it is over, as a record; then it lets nothing pass."""

    account: str | None = Field(default=None, examples=['"huawei-main"'])
    """The account it is for; every account where only the customer is named."""

    customer: Said | None = Field(default=None, examples=['"CUSTOMER_ID"'])
    """The customer it is for; all of the account's where only the account is named."""

    kind: Annotated[str, AfterValidator(_known)] = Field(examples=['"max_cut"'])
    """What it lets pass: a guard, by its name, or `freeze`."""

    up_to: int | None = Field(default=None, validate_default=True, examples=['"5000.00"'])
    """The largest figure that passes: a number of customers or an amount, as the guard counts; none for `freeze`."""

    until: End = Field(examples=["2026-12-31"])
    """When it is over: the end of a day in the account's billing time, or a time with its offset from UTC."""

    approved_by: Said = Field(examples=['"Ann Lee"'])
    """Whose word it is."""

    reason: Said = Field(examples=['"a new contract"'])
    """Why."""

    @field_validator("up_to", mode="plain")
    @classmethod
    def _as_the_kind_counts(cls, value: object, info: ValidationInfo) -> int | None:
        """Give a number of customers, or cents."""
        kind = info.data.get("kind")
        if kind is None:  # it is the fault to mend first
            return None
        if kind == FREEZE:
            if value is not None:
                raise ValueError("a freeze has no size: remove up_to")
            return None
        if kind in _WEIGHED:
            if value is None:
                raise ValueError('it says no amount: write up_to = "5000.00"')
            return parse_money(value).cents
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"{kind} counts customers: write a whole number such as up_to = 10")
        return value

    @model_validator(mode="after")
    def _is_for_somebody(self) -> Self:
        if self.account is None and self.customer is None:
            raise ValueError("it says not for whom: write account, customer or both")
        if self.kind == FREEZE and self.customer is None:
            raise ValueError("a freeze is approved customer by customer: write customer")
        if self.kind in _WHOLE and self.customer is not None:
            raise ValueError(f"{self.kind} counts what the whole account lost: write account, and remove customer")
        return self

    def concerns(self, account: str) -> bool:
        """Whether it is given to this account."""
        return self.account in {None, account}

    def approval(self, zone: ZoneInfo) -> Approval:
        """The same as core has it; days end in this time zone."""
        return Approval(
            account=self.account,
            customer_id=self.customer,
            kind=self.kind,
            up_to=self.up_to,
            until=_over_at(self.until, zone),
            approved_by=self.approved_by,
            reason=self.reason,
        )


def _over_at(until: date, zone: ZoneInfo) -> datetime:
    if isinstance(until, datetime):
        return until.astimezone(UTC)
    return datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC)
