"""Times as the store writes them: UTC text of fixed width, which sorts as the times do, in any database.

Called by the columns, the audit chain and the documents.
"""

from datetime import UTC, datetime
from functools import lru_cache

INSTANT_LENGTH = 27  # 2026-11-22T01:16:00.123456Z


def instant_text(moment: datetime) -> str:
    """Write an aware time; raises ValueError for one without a zone, which nobody could place later."""
    if moment.tzinfo is None:
        message = f"a stored time needs its zone, {moment!r} has none"
        raise ValueError(message)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


# A run stamps thousands of rows with one time, and every one of them is read at once.
@lru_cache(maxsize=4096)
def instant_of(text: str) -> datetime:
    """Read what `instant_text` wrote, aware UTC."""
    return datetime.fromisoformat(text)
