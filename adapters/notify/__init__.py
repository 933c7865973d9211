"""Where alerts leave: channels addressed in the form of Apprise, and an in-memory twin for tests.

Opened by scheduler.bootstrap. Apprise, the extra `alerts`, is imported here alone, and only when a channel is used.
"""

from adapters.notify.addresses import key_parts
from adapters.notify.memory import Handed, InMemoryNotifier
from adapters.notify.notifier import AppriseNotifier, channel_fault, channel_note, load_apprise

__all__ = [
    "AppriseNotifier",
    "Handed",
    "InMemoryNotifier",
    "channel_fault",
    "channel_note",
    "key_parts",
    "load_apprise",
]
