"""What `sync` would have sent, as a small page; the words and figures are those of the table.

Called by `tidegate report --would-have --format html`. The frame is in `scheduler.reports.page`.
"""

from collections.abc import Sequence
from datetime import date

from scheduler.reports import would_have_forms
from scheduler.reports.page import page
from scheduler.reports.wording import clean, cloud
from scheduler.reports.would_have import WouldHave


def would_have_html(found: Sequence[WouldHave], since: date | None = None) -> str:
    """Write it as an HTML document; `since` as asked for."""
    return page(
        "would_have_html",
        title="Tidegate report: what sync would have sent",
        nothing=would_have_forms.nothing(since),
        names=would_have_forms.FIGURES,
        accounts=[
            {
                "name": clean(account.account),
                "cloud": cloud(account.vendor),
                "figures": list(zip(would_have_forms.FIGURES, would_have_forms.figures(account), strict=True)),
            }
            for account in found
        ],
        lines=[line for account in found for line in would_have_forms.lines(account)],
        note=would_have_forms.NOTE,
    )
