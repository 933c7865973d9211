"""Imports what a long-lived process of many threads will need, while it has one.

Called by the daemon before its first tick, and when accounts of another vendor are added. Two threads that import large
libraries for the first time side by side may meet a module that is only half there (seen: an AttributeError of `xml`,
whose submodules both a vendor's SDK and Apprise import), and that pass would fail.
"""

from importlib.util import find_spec

from adapters.clouds.registry import VENDORS
from scheduler.bootstrap.telling import load_channels
from scheduler.config import Settings


def load_libraries(settings: Settings) -> None:
    """Import the SDKs of the accounts' vendors, and what alerts are sent with; at once where that was done before."""
    for vendor in sorted({account.vendor for account in settings.accounts.values()}):
        VENDORS[vendor].load()
    if settings.alerts is not None and find_spec("apprise") is not None:
        load_channels()
