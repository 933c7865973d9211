"""Where the page gets what it shows: the one thing that scheduler.web asks of the process that serves it.

Implemented by scheduler.daemon over the collectors of scheduler.records. The page asks from threads of its own, several
at once, for every request anew: keeping what is costly to collect is the source's business. Nothing here is changed by
being asked for, and no vendor is.
"""

from typing import Protocol

from scheduler.reports.board import Board, Counts, CustomerFile, Health


class Source(Protocol):
    """What is known now. Each may raise: the page then says that it failed, without particulars, and logs it."""

    def board(self) -> Board:
        """Give everything; `made_at` is when it was collected, so that a page that is old can say so."""
        ...

    def customer(self, vendor: str, customer_id: str) -> CustomerFile | None:
        """Give one customer in full; None where no limit names it. Both texts come from an address: believe neither."""
        ...

    def counts(self) -> Counts:
        """Give what was counted since the process started."""
        ...

    def health(self) -> Health:
        """Say whether the process lives and works; quick, without a look at the store."""
        ...
