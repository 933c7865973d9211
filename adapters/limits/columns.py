"""The columns of a limit: their names in CSV and TOML, and what each must look like.

Read by both readers and the writer, so that a limit means the same in either form.
"""

from difflib import get_close_matches

REQUIRED = ("account", "customer_id", "kind", "amount", "on_exhaustion")
OPTIONAL = (
    "name",
    "write_policy",
    "non_stop",
    "allow_zero",
    "overrun_max",
    "spent_before",
    "since",
    "release",
    "onboard",
    "top_up",
    "top_up_below",
    "top_up_max",
    "temporary_amount",
    "temporary_from",
    "temporary_until",
    "next_amount",
    "next_from",
    "indirect_partner_id",
    "changed_by",
    "reason",
)
COLUMNS = REQUIRED + OPTIONAL
BOOLEANS = frozenset({"non_stop", "allow_zero", "onboard"})
AMOUNTS = frozenset(
    {"amount", "overrun_max", "spent_before", "top_up", "top_up_max", "temporary_amount", "next_amount"}
)
SHARES = frozenset({"top_up_below"})
DATES = frozenset({"since", "temporary_from", "temporary_until", "next_from"})
HEADER = ",".join(REQUIRED)

# Columns that are part of the product and not of this version: whoever read about them made no typing error.
LATER = frozenset({"pool", "share"})
_LIKENESS = 0.6


def unknown_column(name: str, *, word: str = "column") -> str:
    """Say that a column (or key) means nothing, with the nearest one that does."""
    if name in LATER:
        return f"{name} is not available in this version: remove the {word}"
    nearest = get_close_matches(name.strip().lower().replace(" ", "_"), COLUMNS, n=1, cutoff=_LIKENESS)
    if nearest:
        return f"there is no {word} {name!r}: write {nearest[0]}"
    return f"there is no {word} {name!r}: the {word}s are {', '.join(COLUMNS)}"
