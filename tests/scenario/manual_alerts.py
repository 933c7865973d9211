"""A partner who is told: a channel on loopback, and what arrives there at the end of each `tidegate apply`."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.scenario.manual_partner import Partner
from tests.unit.notify_rig import Hook, hook

CHANNEL = '[alerts]\n[[alerts.channels]]\nname = "operations"\nurl = "env:TIDEGATE_ALERT_URL"'


@contextlib.contextmanager
def told(desk: Partner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """Give the partner a channel."""
    with hook() as service:
        monkeypatch.setenv("TIDEGATE_ALERT_URL", service.address)
        desk.append(CHANNEL)
        yield service


def shares_told(
    desk: Partner, service: Hook, spend: Callable[[str], None], steps: Sequence[str]
) -> list[tuple[str, str]]:
    """Let a customer spend step by step, and apply twice after each; give (severity, share) of what arrived."""
    desk.apply()
    assert service.posted == []
    for step in steps:
        spend(step)
        for _ in range(2):
            desk.later()
            desk.apply()
    return [found for text in subjects(service) for found in re.findall(r"([A-Z]{4,}): .* has spent ([0-9.]+) %", text)]


def subjects(service: Hook) -> list[str]:
    """Give the subject of each text that arrived."""
    return [json.loads(text)["title"] for text in service.texts()]
