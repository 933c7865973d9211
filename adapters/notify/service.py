"""One channel's service, made by Apprise from an address, hardened; and what is wrong with an address.

Called by adapters.notify.notifier. Apprise is imported on the first call (a third of a second), keeps nothing on disk,
loads no plugin from outside, asks nobody for pictures, and its log goes nowhere: see adapters.notify.answers.
"""

import logging
import re
import sys
import warnings
from functools import cache
from types import ModuleType
from typing import Final

from apprise import (
    Apprise,
    AppriseAsset,
    NotificationManager,
    NotifyBase,
    NotifyFormat,
    NotifyType,
    OverflowMode,
    PersistentStoreMode,
)

from adapters.notify.answers import REFUSALS, Silence, Watched

_SCHEME: Final = re.compile(r"([A-Za-z0-9+.-]{1,32})://")
# A service that is slow to answer has taken the text all the same, and would get it again. Connecting stays short.
READ_SECONDS: Final = 20.0
_FORMS: Final = "write it in the form of Apprise, such as mailto://… or slack://…"


_SILENCE: Final = Silence()


def _silence() -> None:
    """Let nothing of Apprise reach a log. Each time anew, since whoever configures logging may change the level."""
    logger = logging.getLogger("apprise")
    logger.addFilter(_SILENCE)
    logger.setLevel(logging.DEBUG)  # so that the filter sees what a mail server said


@cache
def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="Tidegate",
        app_desc="Tidegate",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        interpret_escapes=False,
        interpret_emojis=False,
        secure_logging=True,
        storage_mode=PersistentStoreMode.MEMORY,
        allow_templates=False,
    )


@cache
def load_plugins() -> NotificationManager:
    """Load all that Apprise knows, once."""
    plugins = NotificationManager()  # type: ignore[no-untyped-call]  # Apprise's own list of what it knows
    with warnings.catch_warnings():
        # Some plugins look for modules that Python is giving up, and do without them.
        warnings.simplefilter("ignore", DeprecationWarning)
        plugins.load_modules()  # type: ignore[no-untyped-call]  # and this is how it is filled
    return plugins


def service_of(address: str) -> NotifyBase | None:
    """Make the service; None where Apprise does not understand the address."""
    _silence()
    load_plugins()
    service = Apprise.instantiate(address, asset=_asset())
    if not isinstance(service, NotifyBase):
        return None
    service.socket_read_timeout = READ_SECONDS
    # The address could ask for these; a redirect carries the text elsewhere.
    service.redirects = False
    if service.overflow_mode == OverflowMode.UPSTREAM:
        service.overflow_mode = OverflowMode.SPLIT  # else a service refuses what is too long for it
    _watch(sys.modules[type(service).__module__])
    return service


def hand_over(service: NotifyBase, *, title: str, body: str, critical: bool) -> bool:
    """Send one text, once, as plain text; give whether Apprise takes it for sent. May raise anything.

    Straight to the service: Apprise's own dispatch would retry where the address says so, and take a failure for a
    success where it says optional=yes.
    """
    kind = NotifyType.FAILURE if critical else NotifyType.WARNING
    return service.notify(title=title, body=body, notify_type=kind, body_format=NotifyFormat.TEXT)


def is_asked(service: NotifyBase) -> bool:
    """Whether it is asked by `requests`, whose progress can be seen; mail and some others are not."""
    return isinstance(getattr(sys.modules[type(service).__module__], "requests", None), Watched)


def fault_of(address: str) -> str | None:
    """Say what is wrong with an address, None for nothing. The address itself stays out; nothing is sent."""
    found = _SCHEME.match(address)
    if found is None:
        return f"the address has no service in front: {_FORMS}"
    if service_of(address) is not None:
        return None
    scheme = found[1].lower()
    plugins = load_plugins()
    known = scheme in plugins
    if not known and scheme not in {"http", "https"}:
        return f"Apprise knows no service of this name: {_FORMS}"
    if not known:
        return f"Apprise does not know the service behind this web address: {_FORMS}; json://… for your own"
    if not plugins[scheme].enabled:
        return f"{scheme}:// needs something that is not installed here: see Apprise's page on it"
    return f"Apprise does not understand the {scheme}:// address: a part is missing or wrong, see Apprise's page on it"


def note_of(address: str) -> str | None:
    """Say what is careless about an address that works, None for nothing: encryption that is off or not checked."""
    service = service_of(address)
    if service is None or service.host in {"localhost", "127.0.0.1", "::1"}:
        return None
    if not service.verify_certificate:
        return "the service's certificate is not checked (verify=no): anybody on the way can read and change it"
    if getattr(service, "secure_mode", None) == "insecure" or _is_plain(service):
        return "it is sent without encryption: anybody on the way can read and change it"
    return None


def _is_plain(service: NotifyBase) -> bool:
    """Whether a service that has an encrypted form was given in its other one; mail says it by its mode."""
    plain: object = service.protocol
    names = plain if isinstance(plain, tuple) else (plain,)
    encrypted: object = service.secure_protocol
    return bool(encrypted) and service.schema in names and not service.secure and not hasattr(service, "secure_mode")


def _watch(module: ModuleType) -> None:
    if getattr(module, "requests", None) is not None and not isinstance(module.requests, Watched):
        module.requests = Watched(REFUSALS.get(module.__name__.rpartition(".")[2], ()))  # type: ignore[attr-defined]
