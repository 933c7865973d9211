"""The metrics of what waits: customers by state and reason, tripped guards, changes in doubt, disputes.

Read by scheduler.web.metrics. Customers are counted and never named: a series for each would be thousands.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

from core.books import DisputeSort
from core.intent import OPEN_STATES, State
from core.policy import GuardSettings
from scheduler.reports.board import AccountBoard, Attention, CustomerLine
from scheduler.web.measures import Facts, Form, Measure, Sample, of_accounts, of_accounts_by, seconds

_GUARDS = tuple(field.name for field in fields(GuardSettings))
_INTENT = "intent"
# Settled ones are history, and are counted where corrections are.
_OPEN = tuple(state for state in State if state in OPEN_STATES)


def _by_state(account: AccountBoard) -> dict[str, int]:
    found = {"in_sync": account.in_sync, "pending": account.pending, "held": account.held}
    return {word: count for word, count in found.items() if count is not None}


def _by_attention(account: AccountBoard) -> dict[str, int]:
    counted = Counter(word for line in account.customers for word in line.attention)
    return {str(word): counted[word] for word in Attention}


def _waiting(account: AccountBoard) -> Counter[str]:
    return Counter(line.waiting.word for line in account.customers if line.waiting is not None)


def _unknown(line: CustomerLine) -> bool:
    return line.spent is None or line.granted is None


def _guards(account: AccountBoard) -> dict[str, int]:
    return {**dict.fromkeys(_GUARDS, 0), **dict.fromkeys(account.guards, 1)}


def _intents(facts: Facts) -> Iterator[Sample]:
    counted = Counter((intent.account, intent.state) for intent in facts.board.open_intents)
    for account in facts.board.accounts:
        for state in _OPEN:
            yield Sample((account.name, state), counted[account.name, state])


def _oldest_uncertain(facts: Facts) -> Iterator[Sample]:
    for account in facts.board.accounts:
        since = [
            intent.sent_at or intent.recorded_at
            for intent in facts.board.open_intents
            if intent.account == account.name and intent.state is State.UNCERTAIN
        ]
        if since:
            yield Sample((account.name,), min(since).timestamp())


def _data_deleted_after(account: AccountBoard) -> float | None:
    ends = [line.stopped.data_deleted_after for line in account.customers if line.stopped is not None]
    return seconds(min((end for end in ends if end is not None), default=None))


def _disputes(facts: Facts) -> Iterator[Sample]:
    counted = Counter((dispute.account, str(dispute.sort)) for dispute in facts.board.disputes)
    counted.update((intent.account, _INTENT) for intent in facts.board.open_intents if intent.state is State.DISPUTED)
    for account in facts.board.accounts:
        for kind in (*map(str, DisputeSort), _INTENT):
            yield Sample((account.name, kind), counted[account.name, kind])


CUSTOMER_MEASURES = (
    Measure(
        name="tidegate_customers",
        form=Form.GAUGE,
        meaning="Number of customers with a limit.",
        samples=of_accounts(lambda account: len(account.customers)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_customers_by_state",
        form=Form.GAUGE,
        meaning="Number of customers by what the newest run found: in_sync, pending or held.",
        samples=of_accounts_by(_by_state),
        labels=("account", "state"),
    ),
    Measure(
        name="tidegate_customers_needing_attention",
        form=Form.GAUGE,
        meaning=f"Number of customers by why they need eyes: {', '.join(Attention)}; one may count for several.",
        samples=of_accounts_by(_by_attention),
        labels=("account", "reason"),
    ),
    Measure(
        name="tidegate_data_deleted_after_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the vendor may first delete a stopped customer's data, in seconds since 1970; absent: never.",
        samples=of_accounts(_data_deleted_after),
        labels=("account",),
    ),
    Measure(
        name="tidegate_customers_waiting",
        form=Form.GAUGE,
        meaning="Number of customers whose correction was not made, by the hold's reason or by what blocks it.",
        samples=of_accounts_by(_waiting),
        labels=("account", "reason"),
    ),
    Measure(
        name="tidegate_customers_unknown",
        form=Form.GAUGE,
        meaning="Number of customers whose grant or spend is not known; the sums below leave them out.",
        samples=of_accounts(lambda account: sum(map(_unknown, account.customers))),
        labels=("account",),
    ),
    Measure(
        name="tidegate_customers_unlimited",
        form=Form.GAUGE,
        meaning="Number of customers that the vendor lists and no limit names.",
        samples=of_accounts(lambda account: len(account.unlimited)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_guard_tripped",
        form=Form.GAUGE,
        meaning="1 when the guard was tripped in the newest run, else 0.",
        samples=of_accounts_by(_guards),
        labels=("account", "guard"),
    ),
    Measure(
        name="tidegate_intents_open",
        form=Form.GAUGE,
        meaning="Number of changes that are not settled, by state.",
        samples=_intents,
        labels=("account", "state"),
    ),
    Measure(
        name="tidegate_uncertain_since_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the oldest change was sent whose outcome is not known, in seconds since 1970; absent: none.",
        samples=_oldest_uncertain,
        labels=("account",),
    ),
    Measure(
        name="tidegate_disputes",
        form=Form.GAUGE,
        meaning="Number of disputes that wait for a person's word, by kind; intent: a change of ours.",
        samples=_disputes,
        labels=("account", "kind"),
    ),
)
