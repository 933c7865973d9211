"""From one row of texts to a limit, or to everything that is wrong with it.

Called by adapters.limits.reading with the cells of the CSV or the TOML reader.
Judges a limit by what its account's vendor can do; asks nobody and opens nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date

from adapters.clouds.registry import Vendor
from adapters.limits.cells import Cells, one_of
from adapters.limits.columns import REQUIRED
from adapters.limits.faults import LimitFault
from adapters.limits.figures import mangled
from adapters.limits.moving import later_of, temporary_of, top_up_of
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, Overrun, Release, Source, WritePolicy
from core.money import ZERO, Money
from core.objections import objections

# Accounts of the configuration; None where the account's vendor is not known, so that its limits are judged less.
Accounts = Mapping[str, Vendor | None]

LONGEST_SHOWN = 80
UNBOUNDED = "none"
# An empty on_exhaustion has a meaning of its own.
_NEVER_EMPTY = frozenset(REQUIRED) - {"on_exhaustion"}


class Row:
    """One row being read: `cells` by column name, already without spaces around; faults are collected in `faults`."""

    def __init__(self, cells: Mapping[str, str], source: Source, accounts: Accounts) -> None:
        self._cells = Cells(cells, source)
        self._accounts = accounts
        self.source = source
        # Known as soon as account and id are, whatever else is wrong: duplicates are told in the same go.
        self.customer: Customer | None = None

    @property
    def account(self) -> str:
        """The account's name as written."""
        return self._cells.text("account")

    @property
    def faults(self) -> list[LimitFault]:
        """Everything found wrong so far."""
        return self._cells.faults

    def limit(self) -> Limit | None:
        """Give the limit, or None with at least one fault collected."""
        self._cells.judge_texts(_NEVER_EMPTY)
        account, vendor = self._account()
        customer = self.customer = self._customer(vendor)
        kind = self._cells.choice("kind", Kind)
        amount = self._cells.amount("amount")
        limit_of = self._rest(kind, amount)
        if self.faults or account is None or customer is None or kind is None or amount is None:
            return None
        limit = limit_of(account, customer, kind, amount)
        if vendor is not None:
            for objection in objections(limit, vendor.capabilities):
                self._cells.fault(objection.column, objection.sentence)
        return None if self.faults else limit

    def _account(self) -> tuple[str | None, Vendor | None]:
        name = self.account
        if not name:
            return None, None
        if name not in self._accounts:
            self._cells.fault("account", f"there is no account {name!r} in the configuration: {one_of(self._accounts)}")
            return None, None
        return name, self._accounts[name]

    def _customer(self, vendor: Vendor | None) -> Customer | None:
        text = self._cells.text("customer_id")
        if not text or "customer_id" in self._cells.void:
            return None
        sentence = _mangled_or_foreign(text, vendor)
        if sentence is not None:
            self._cells.fault("customer_id", sentence)
            return None
        partner = self._cells.text("indirect_partner_id") or None
        if partner is not None and (fault := mangled(partner)):
            self._cells.fault("indirect_partner_id", fault)
        # Without a vendor the account's name keeps duplicates of one file apart from those of another account.
        return Customer(CustomerKey(vendor.name if vendor else self.account, text), partner)

    def _rest(self, kind: Kind | None, amount: Money | None) -> Callable[[str, Customer, Kind, Money], Limit]:
        """Read the cells that may be empty, so that their faults are found whatever the others hold."""
        cells = self._cells
        on_exhaustion = cells.choice("on_exhaustion", OnExhaustion)
        write_policy = cells.choice("write_policy", WritePolicy)
        release = cells.choice("release", Release) or Release.AUTO
        allow_zero, non_stop, onboard = (cells.boolean(name) for name in ("allow_zero", "non_stop", "onboard"))
        overrun = self._overrun()
        spent_before = cells.amount("spent_before")
        since = self._since(kind, spent_before)
        top_up, temporary, later = top_up_of(cells, amount), temporary_of(cells), later_of(cells)

        def finished(account: str, customer: Customer, kind: Kind, amount: Money) -> Limit:
            return Limit(
                account=account,
                customer=customer,
                kind=kind,
                amount=amount,
                on_exhaustion=on_exhaustion,
                allow_zero=allow_zero,
                non_stop=non_stop,
                write_policy=write_policy,
                overrun=overrun,
                spent_before=spent_before,
                since=since,
                release=release,
                onboard=onboard,
                top_up=top_up,
                temporary=temporary,
                later=later,
                name=cells.text("name") or None,
                changed_by=cells.text("changed_by") or None,
                reason=cells.text("reason") or None,
                source=self.source,
            )

        return finished

    def _overrun(self) -> Overrun | None:
        if self._cells.text("overrun_max") == UNBOUNDED:
            return Overrun(None)
        most = self._cells.amount("overrun_max")
        if most == ZERO:
            sentence = "an overrun of zero cuts the customer off at the amount: write more, or another on_exhaustion"
            self._cells.fault("overrun_max", sentence)
        return Overrun(most) if most is not None else None

    def _since(self, kind: Kind | None, spent_before: Money | None) -> date | None:
        """Read from when a limit counts; of a month it says which one spent_before speaks of, for that one alone."""
        since = self._cells.day("since")
        if kind is Kind.MONTHLY and spent_before is not None:
            if since is None or since.day != 1:
                sentence = "write the first day of the month that spent_before speaks of, such as 2026-11-01"
                self._cells.fault("since", sentence)
        elif since is not None and kind not in {None, Kind.ONE_TIME}:
            sentence = f"since says from when a one_time limit counts, and this one is {kind}: remove since"
            self._cells.fault("since", sentence)
        return since


def _mangled_or_foreign(text: str, vendor: Vendor | None) -> str | None:
    """Say why a text is no customer's id, and which text; the vendor knows only the form of its own."""
    sentence = mangled(text) or (vendor.customer_id_fault(text) if vendor is not None else None)
    if sentence is None or repr(text) in sentence:
        return sentence
    return f"{text[:LONGEST_SHOWN]!r}{'...' if len(text) > LONGEST_SHOWN else ''}: {sentence}"
