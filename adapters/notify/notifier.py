"""The Notifier on Apprise: one text to one channel, once, within a deadline of the wall clock.

Opened by scheduler.bootstrap with addresses that are secrets: no sentence, log line or error repeats any of them.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Mapping
from contextvars import copy_context
from importlib import import_module
from importlib.util import find_spec
from time import monotonic
from typing import Final

from adapters.notify.progress import PROGRESS, STOPPED, Progress, StoppingError
from core.errors import NotifyFailedError, NotifyStoppedError, NotifyUnclearError

# Twice what a slow mail server needs, and long enough for a text in three pieces that must keep their distance.
DEADLINE: Final = 30.0
# What a text that is under way gets when the process is asked to stop: the daemon ends after eight.
GRACE: Final = 6.0
GLANCE: Final = 0.1
LONGEST_TITLE: Final = 200
LONGEST_BODY: Final = 8000
MISSING: Final = 'alerts need the extra "alerts": pip install "WHEEL[alerts]"'
# What services read as a mention or a link where they find it in a text.
_MENTIONS: Final = str.maketrans({"<": "(", ">": ")", "@": "(at)"})
_LINES: Final = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


class AppriseNotifier:
    """Hands texts to channels. `addresses`: by channel, in the form of Apprise; `missing`: why a channel has none.

    Thread-safe. Apprise is imported when the first text is sent.
    """

    def __init__(
        self,
        addresses: Mapping[str, str],
        *,
        missing: Mapping[str, str] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        deadline: float = DEADLINE,
    ) -> None:
        self._addresses = dict(addresses)
        self._missing = dict(missing or {})
        self._stopping = stopping
        self._deadline = deadline

    def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
        """Hand one text over; raises NotifyFailedError, and of its kind those that core.ports.Notifier names."""
        address = self._addresses.get(channel)
        if address is None:
            raise NotifyFailedError(channel, self._missing.get(channel, "its address is not known"))
        if find_spec("apprise") is None:
            raise NotifyFailedError(channel, MISSING)
        sending = _Sending(
            address,
            title=_plain(title, LONGEST_TITLE, lines=False),
            body=_plain(body, LONGEST_BODY),
            critical=critical,
            stopping=self._stopping,
        )
        failed = sending.within(self._deadline)
        if failed is not None:
            kind, why = failed
            raise kind(channel, why)


def channel_fault(address: str) -> str | None:
    """Say what is wrong with an address, None for nothing; the address stays out. Nothing is sent."""
    if find_spec("apprise") is None:
        return MISSING
    from adapters.notify.service import fault_of  # noqa: PLC0415 - Apprise is an extra, and slow to import

    return fault_of(address)


def load_apprise() -> None:
    """Import Apprise now; a process of many threads does so before it has them."""
    import_module("adapters.notify.service").load_plugins()


def channel_note(address: str) -> str | None:
    """Say what is careless about an address that works, None for nothing; the address stays out."""
    from adapters.notify.service import note_of  # noqa: PLC0415 - Apprise is an extra, and slow to import

    return note_of(address)


class _Sending:
    """One text on its way, in a daemon thread: a hung one is left behind and cannot hold up the end of the process."""

    def __init__(self, address: str, *, title: str, body: str, critical: bool, stopping: Callable[[], bool]) -> None:
        self._address = address
        self._title = title
        self._body = body
        self._critical = critical
        self._stopping = stopping
        self._progress = Progress(stopping=stopping)
        self._ended = threading.Event()
        self._why: str | None = "it ended without an answer"
        self._kind: type[NotifyFailedError] = NotifyFailedError

    def within(self, seconds: float) -> tuple[type[NotifyFailedError], str] | None:
        """Send; give how and why it failed, None for a success."""
        threading.Thread(target=copy_context().run, args=(self._run,), name="alert", daemon=True).start()
        until, stop_at = monotonic() + seconds, None
        while not self._ended.wait(GLANCE):
            if stop_at is None and self._stopping():
                stop_at = monotonic() + GRACE
            if stop_at is not None and not self._progress.begun:
                # What has not begun by now never does: it marks that it begins before it asks, and finds the same.
                return NotifyStoppedError, STOPPED
            if stop_at is not None and monotonic() >= stop_at:
                return self._left_behind, "the process was stopped before it answered"
            if monotonic() >= until:
                return self._left_behind, f"it did not answer within {seconds:.0f} seconds"
        return None if self._why is None else (self._kind, self._why)

    @property
    def _left_behind(self) -> type[NotifyFailedError]:
        return NotifyUnclearError if self._progress.waiting else NotifyFailedError

    def _run(self) -> None:
        try:
            self._why = self._sent()
        except StoppingError:
            self._kind, self._why = NotifyStoppedError, STOPPED
        except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, with the address in it
            self._why = f"Apprise failed ({type(error).__name__})"
        finally:
            self._ended.set()

    def _sent(self) -> str | None:
        from adapters.notify.answers import CURRENT, Findings  # noqa: PLC0415 - only what is sent needs it
        from adapters.notify.service import hand_over, is_asked, service_of  # noqa: PLC0415 - an extra, slow to import

        service = service_of(self._address)
        if service is None:
            return "Apprise does not understand its address: `tidegate check` says more"
        findings = Findings()
        CURRENT.set(findings)
        PROGRESS.set(self._progress)
        if not is_asked(service):
            self._progress.begin()
        taken = hand_over(service, title=self._title, body=self._body, critical=self._critical)
        if taken and not findings.refusals:
            return None
        if findings.unclear:
            self._kind = NotifyUnclearError
        elif not self._progress.begun and self._stopping():
            self._kind = NotifyStoppedError
        return findings.why


def _plain(text: str, longest: int, *, lines: bool = True) -> str:
    """Make a text safe for any service: no control or format characters, no mention, no markup, bounded."""
    parts = [_visible(part).rstrip() for part in _LINES.split(text)]
    whole = ("\n" if lines else " ").join(parts).strip()
    return whole if len(whole) <= longest else f"{whole[: longest - 3]}..."


def _visible(text: str) -> str:
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join(each for each in spaced if not unicodedata.category(each).startswith("C")).translate(_MENTIONS)
