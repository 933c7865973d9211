"""What a plan says of an account beside its rows: whose data will be deleted, and who stays as others changed it.

Called by core.planning; pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from core.books import Cause
from core.capabilities import Capabilities
from core.judgement import Restrained
from core.limit import CustomerKey, Kind
from core.restricting import deleted_after
from core.standing import Restriction, Standing

# So many customers are named; of more only the number is told.
_MOST_NAMED = 5
_SOME = Restriction.RESTRICTED


def deletions(
    standings: Mapping[CustomerKey, Standing], restrained: Mapping[CustomerKey, Restrained], life: timedelta | None
) -> list[str]:
    """Say which customers are frozen or suspended, and when their data is deleted, the soonest first."""
    found: list[tuple[datetime, CustomerKey, Standing]] = []
    for key, known in restrained.items():
        standing = standings.get(key)
        ends = deleted_after(standing, known.since, known.cause, life) if standing is not None else None
        # Of a restriction that stood before we looked nobody knows whether it stops resources, nor since when.
        unsure = known.cause in {Cause.ADOPTED, Cause.NEW} and standing is not None and standing.restriction is _SOME
        if standing is not None and ends is not None and not unsure:
            found.append((ends, key, standing))
    found.sort(key=lambda item: (item[0], item[1]))
    told = [
        f"customer {key.customer_id} is {standing.restriction}: its data may be deleted after {ends:%Y-%m-%d}"
        for ends, key, standing in found[:_MOST_NAMED]
    ]
    if len(found) > _MOST_NAMED:
        told.append(f"{len(found) - _MOST_NAMED} more customers are frozen or suspended")
    return told


def left_restricted(
    standings: Mapping[CustomerKey, Standing], restrained: Mapping[CustomerKey, Restrained]
) -> list[str]:
    """Say who was restricted when we first looked, and so is left to a person."""
    names = [
        key.customer_id
        for key, known in restrained.items()
        if known.cause is Cause.ADOPTED and key in standings and standings[key].restriction is _SOME
    ]
    if not names:
        return []
    return [f"restricted since before Tidegate first looked, and left so (`tidegate release`): {_named(names)}"]


def changed_kinds(changes: Iterable[tuple[CustomerKey, Kind, Kind]], capabilities: Capabilities) -> list[str]:
    """Say what a changed kind does where no call of its own shows it: the spend counts from this month on."""
    return [
        f"customer {key.customer_id}: kind {old} becomes {new} at once; {_counts(new)}"
        for key, old, new in sorted(changes)
        if old is not new and new not in capabilities.kinds
    ] + [
        f"customer {key.customer_id}: kind {old} becomes {new} at once; only what is used of the credit counts"
        for key, old, new in sorted(changes)
        if old is not new and new in capabilities.kinds and old not in capabilities.kinds
    ]


def _counts(kind: Kind) -> str:
    if kind is Kind.MONTHLY:
        return "what was spent this month so far counts, and every month begins anew"
    return "what was spent this month so far counts, and it never begins anew"


def _named(ids: Iterable[str]) -> str:
    names = sorted(ids)
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def adoptions(adopted: Iterable[CustomerKey]) -> list[str]:
    """Say who stays as others changed it."""
    names = [key.customer_id for key in adopted]
    return [f"changed outside and left so (drift = adopt): {_named(names)}"] if names else []
