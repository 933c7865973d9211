"""One customer in full, from our own records: its figures by day, all that was changed, and why it stands as it does.

Called by the page, through Boards, for one customer at a time. Asks no vendor.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.limit import CustomerKey, Limit
from core.meter import billing_day
from core.ports import Journal, LimitChange
from core.run.explain import Question, explain
from core.run.remembered import remembering
from core.run.world import World
from scheduler import bootstrap
from scheduler.config import Settings
from scheduler.records.history import customer_lines
from scheduler.reports.board import Board, CustomerFile
from scheduler.reports.explanation import sections

# Three months, so that a chart of it has at least two whole ones.
DAYS_TOLD = 92
_WHO = "page"  # stands in no record: nothing is written

Sentences = tuple[tuple[str, tuple[str, ...]], ...]


def customer_file(world: World, settings: Settings, board: Board, vendor: str, customer_id: str) -> CustomerFile | None:
    """Give what is on record of a customer that has a line on this board; None where it has none.

    Raises StoreFailedError.
    """
    key = CustomerKey(vendor, customer_id)
    limit = next((limit for limit in settings.limits if limit.key == key), None)
    account = None if limit is None else board.account(limit.account)
    if limit is None or account is None:
        return None
    line = next((line for line in account.customers if line.key == key), None)
    if line is None:
        return None
    today = billing_day(board.made_at, account.zone)
    return CustomerFile(
        line=line,
        account=account,
        days=tuple(world.observations.days(key=key, since=today - timedelta(days=DAYS_TOLD - 1), until=today)),
        changes=tuple(customer_lines(world.journal, key)),
        sentences=sentences(world, settings, limit),
    )


def sentences(world: World, settings: Settings, limit: Limit) -> Sentences:
    """Give what `tidegate explain --stored` says of the customer with this limit, as (heading, sentences)."""
    account = settings.accounts[limit.account]
    past = remembering(world, account.policy, bootstrap.VENDORS[account.vendor].capabilities)
    question = Question(
        customer=limit.customer, account=account.name, limits=settings.limits_of(account.name), who=_WHO, ask=False
    )
    told = sections(explain(past, question))
    return tuple((section.title, tuple(section.lines)) for section in told)


def comparing_once(world: World) -> World:
    """Give the same world for one reading: the limits of an account are compared with those accepted last just once.

    They are ten thousand perhaps, and each question about one customer asks for all of them, twice.
    """
    return replace(world, journal=cast("Journal", _ComparedOnce(world.journal)))


class _ComparedOnce:
    """A journal that remembers what it compared; everything else is the journal's own."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._found: dict[tuple[str, ...], Sequence[LimitChange]] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    def limits_changed(self, limits: Sequence[Limit], accounts: Iterable[str]) -> Sequence[LimitChange]:
        """Compare, or give what was found before."""
        names = tuple(sorted(accounts))
        if names not in self._found:
            self._found[names] = self._journal.limits_changed(limits, names)
        return self._found[names]
