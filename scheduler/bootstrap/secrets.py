"""Whether the secrets of accounts can be had, and their values at the moment they are needed.

Called by the loading, which asks whether they are there, and by the composing, which hands them to an adapter.
"""

import os
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from adapters.clouds.registry import VENDORS, Vendor
from adapters.secrets import SecretFault, reference_fault, resolve
from adapters.tomlfile import KeyPath
from scheduler.bootstrap.places import located, open_document
from scheduler.config import AccountSettings, AlertSettings, ConfigFaults, Fault, Settings, WebSettings

# Whoever reaches the page may try tokens as fast as it answers.
SHORTEST_TOKEN = 16
_TOKEN: KeyPath = ("web", "token")


class Secrets:
    """Resolves the secrets of accounts. A value lives only in what `values` gives."""

    def __init__(self, base: Path, environ: Mapping[str, str], *, observe_only: bool) -> None:
        self._resolve = partial(resolve, base=base, environ=environ)
        self._observe_only = observe_only

    def missing(self, account: str, vendor: Vendor, written: Mapping[str, object]) -> list[tuple[KeyPath, str]]:
        """Give place and sentence for every secret of one account's keys that cannot be had."""
        return [
            (("accounts", account, key), fault)
            for key, reference in vendor.references(written, observe_only=self._observe_only).values()
            if (fault := self._fault(reference)) is not None
        ]

    def values(self, file: str, accounts: Collection[AccountSettings]) -> Mapping[str, Mapping[str, str]]:
        """Give the values by account and plain name; raises ConfigFaults."""
        missing = [
            fault
            for account in accounts
            for fault in self.missing(account.name, VENDORS[account.vendor], dict(account.own))
        ]
        if missing:
            document = open_document(Path(file), named=True)
            raise ConfigFaults(located(Path(file), document, place, sentence) for place, sentence in missing)
        return {account.name: self._values(account) for account in accounts}

    def outlet_forms(self, web: WebSettings | None, alerts: AlertSettings | None) -> list[tuple[KeyPath, str]]:
        """Give place and sentence for every secret of the page and the alerts that is not written as a reference."""
        faults = [(place, reference_fault(text)) for place, text in _outlets(web, alerts)]
        return [(place, fault) for place, fault in faults if fault is not None]

    def missing_outlets(self, web: WebSettings | None, alerts: AlertSettings | None) -> list[tuple[KeyPath, str]]:
        """Give place and sentence for every well-written reference of theirs behind which nothing useful can be had."""
        written = [(place, text) for place, text in _outlets(web, alerts) if reference_fault(text) is None]
        faults = [(place, self._token_fault(text) if place == _TOKEN else self._fault(text)) for place, text in written]
        return [(place, fault) for place, fault in faults if fault is not None]

    def outlet(self, reference: str) -> str:
        """Give the value of a channel's address; raises SecretFault."""
        return self._resolve(reference)

    def token(self, reference: str) -> str:
        """Give the page's token; raises SecretFault, also where it is too short."""
        value = self._resolve(reference)
        if len(value) < SHORTEST_TOKEN:
            why = f"is too short: {SHORTEST_TOKEN} characters or more that nobody guesses (`openssl rand -hex 16`)"
            raise SecretFault("the page's token", why)
        return value

    def _values(self, account: AccountSettings) -> Mapping[str, str]:
        references = VENDORS[account.vendor].references(dict(account.own), observe_only=self._observe_only)
        return {name: self._resolve(reference) for name, (_, reference) in references.items()}

    def _fault(self, reference: str) -> str | None:
        return _fault_of(self._resolve, reference)

    def _token_fault(self, reference: str) -> str | None:
        return _fault_of(self.token, reference)


def outlet_secret(settings: Settings, reference: str, *, environ: Mapping[str, str] = os.environ) -> str:
    """Give the value of the page's token, for the daemon; raises ConfigFaults, also where it is too short."""
    try:
        return Secrets(settings.base, environ, observe_only=True).token(reference)
    except SecretFault as fault:
        raise ConfigFaults([Fault(file=settings.file, sentence=fault.sentence)]) from fault


def _fault_of(resolved: Callable[[str], str], reference: str) -> str | None:
    try:
        resolved(reference)
    except SecretFault as fault:
        return fault.sentence
    return None


def _outlets(web: WebSettings | None, alerts: AlertSettings | None) -> list[tuple[KeyPath, str]]:
    """Give each secret of the page and the alerts as it is written, with its place."""
    token: list[tuple[KeyPath, str]] = [(_TOKEN, web.token)] if web is not None and web.token else []
    channels = alerts.channels if alerts is not None else ()
    return token + [(("alerts", "channels", at, "url"), channel.url) for at, channel in enumerate(channels)]
