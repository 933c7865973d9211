"""Whether the secrets of accounts can be had, and their values at the moment they are needed.

Called by the loading, which asks whether they are there, and by the composing, which hands them to an adapter.
"""

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

from adapters.clouds.registry import VENDORS, Vendor
from adapters.secrets import SecretFault, resolve
from adapters.tomlfile import KeyPath
from scheduler.bootstrap.places import located, open_document
from scheduler.config import AccountSettings, ConfigFaults


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

    def _values(self, account: AccountSettings) -> Mapping[str, str]:
        references = VENDORS[account.vendor].references(dict(account.own), observe_only=self._observe_only)
        return {name: self._resolve(reference) for name, (_, reference) in references.items()}

    def _fault(self, reference: str) -> str | None:
        try:
            self._resolve(reference)
        except SecretFault as fault:
            return fault.sentence
        return None
