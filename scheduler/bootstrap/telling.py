"""The channels of `[alerts]`: a notifier for them, and what is wrong or careless about each.

Called by the daemon and the commands that send or check. Addresses are secrets: the logs learn them before anything is
sent, and no sentence repeats one.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from adapters.notify import AppriseNotifier, channel_fault, channel_note, key_parts, load_apprise
from adapters.secrets import SecretFault
from core.ports import Clock, Notifier
from scheduler.bootstrap.places import located, open_document
from scheduler.bootstrap.secrets import Secrets
from scheduler.config import AlertSettings, ChannelSettings, Fault, Settings


def notifier(
    alerts: AlertSettings,
    *,
    base: Path,
    clock: Clock | None = None,
    learn_secrets: Callable[[Collection[str]], None] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Notifier:
    """Make a notifier for these channels; `base`: the folder of the configuration. Cheap, and opens nothing.

    A channel whose address cannot be had fails when something is sent to it, and holds up no other.
    `clock`: tells whether the process is to stop; a send is cut short then.
    """
    secrets = Secrets(base, environ, observe_only=True)
    addresses: dict[str, str] = {}
    missing: dict[str, str] = {}
    for channel in alerts.channels:
        try:
            addresses[channel.name] = secrets.outlet(channel.url)
        except SecretFault as fault:
            missing[channel.name] = fault.sentence
    if learn_secrets is not None:
        learn_secrets([part for address in addresses.values() for part in key_parts(address)])
    return AppriseNotifier(addresses, missing=missing, stopping=(lambda: False) if clock is None else clock.stopping)


def load_channels() -> None:
    """Import what messages are sent with; the extra `alerts` has to be there."""
    load_apprise()


def channel_faults(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[Fault, ...]:
    """Give what is wrong with the channels' addresses, with file and line; nothing is sent."""
    path = Path(settings.file)
    faults = [
        (("alerts", "channels", at, "url"), fault)
        for at, _, address in _addresses(settings, environ)
        if (fault := channel_fault(address)) is not None
    ]
    if not faults:
        return ()
    document = open_document(path, named=True)
    return tuple(located(path, document, place, sentence) for place, sentence in faults)


def channel_notes(settings: Settings, environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Give, by channel, what is careless about an address that works."""
    found = {channel.name: channel_note(address) for _, channel, address in _addresses(settings, environ)}
    return {name: note for name, note in found.items() if note is not None}


def _addresses(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[int, ChannelSettings, str]]:
    """Give every channel's address that can be had; those that cannot are told by the loading."""
    secrets = Secrets(settings.base, environ, observe_only=True)
    for at, channel in enumerate(() if settings.alerts is None else settings.alerts.channels):
        try:
            yield at, channel, secrets.outlet(channel.url)
        except SecretFault:
            continue
