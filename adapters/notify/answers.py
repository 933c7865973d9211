"""What a service really answered, while Apprise only says yes or no; and the sentence for people that follows from it.

Apprise's plugins ask `requests` in their own module; `watched` is what they find there instead. It follows no redirect,
which would carry the text and its keys elsewhere, and it reads the answers of services that refuse with status 200:
Apprise takes those for a success. Nothing of an answer or an address is kept but numbers.
"""

import logging
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

import requests
from urllib3.exceptions import ReadTimeoutError

from adapters.notify.handing import ask
from adapters.notify.progress import PROGRESS, Progress

# Under which keys these services say what they made of a text, the one in use first; anything but 0 is a refusal.
REFUSALS: Final[dict[str, tuple[str, ...]]] = {
    "dingtalk": ("errcode",),
    "wecombot": ("errcode",),
    "feishu": ("code", "StatusCode"),
    "lark": ("code", "StatusCode"),
}
_SENDING = frozenset({"request", "get", "post", "put", "patch", "delete"})
_SUCCESS = range(200, 300)
_REDIRECTS = range(300, 400)
# smtplib prints the server's answer as a tuple; an OSError begins with its number.
_MAIL_CODE = re.compile(r"\((\d{3}), b['\"]")
_ERROR_NUMBER = re.compile(r"\[Errno (\d+)\]")
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
UNANSWERED: Final = "it took the text, and did not answer in time"


@dataclass(slots=True)
class Findings:
    """What was found out about one delivery. Mutable: filled while it runs, by its own thread alone."""

    statuses: list[int] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def answered(self, response: requests.Response, keys: Sequence[str]) -> None:
        """Take an answer."""
        self.statuses.append(response.status_code)
        if keys and response.status_code in _SUCCESS and (code := _code(response, keys)) != 0:
            self.refusals.append("unknown" if code is None else str(code))

    def failed(self, error: Exception, *, handed: bool = False) -> None:
        """Take the failure of a request; `handed`: the text had been handed over whole."""
        if _UNTRUSTED in str(error):
            self.failures.append("its certificate is not trusted")
        elif _is_late(error):
            self.failures.append(UNANSWERED if handed else "it did not answer in time")
        else:
            self.failures.append("it could not be reached" + _errno(str(error)))

    def heard(self, line: str) -> None:
        """Take what Apprise logs of a mail server; it has no other way to say it."""
        code = _MAIL_CODE.search(line)
        if code is not None:
            self.failures.append(f"the mail server refused it with {code[1]}")
        elif line.startswith("Socket Exception") and not self.failures:
            why = "its certificate is not trusted" if _UNTRUSTED in line else "it could not be reached" + _errno(line)
            self.failures.append(why)

    @property
    def unclear(self) -> bool:
        """Whether nothing else went wrong than that answers stayed away."""
        wrong = any(status not in _SUCCESS for status in self.statuses)
        return set(self.failures) == {UNANSWERED} and not self.refusals and not wrong

    @property
    def why(self) -> str:
        """The reason for people, without anything that was sent or received."""
        if self.refusals:
            return f"it answered, but did not take the text: code {self.refusals[0]}"
        wrong = [status for status in self.statuses if status not in _SUCCESS]
        if wrong:
            hint = ", and redirects are not followed" if wrong[-1] in _REDIRECTS else ""
            return f"it answered with HTTP {wrong[-1]}{hint}"
        return self.failures[-1] if self.failures else "it did not take the text, and Apprise gives no reason"


CURRENT: ContextVar[Findings | None] = ContextVar("findings", default=None)


class Watched:
    """Stands for the module `requests` in a plugin's module; `keys`: where the service says that it refused."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def __getattr__(self, name: str) -> object:
        """Give what the real module has; the functions that send are watched."""
        return self._sending(name) if name in _SENDING else getattr(requests, name)

    def _sending(self, name: str) -> Callable[..., requests.Response]:
        def send(*given: object, **options: object) -> requests.Response:
            findings, progress = CURRENT.get(), PROGRESS.get() or Progress()
            try:
                response = ask(name, *given, **options | {"allow_redirects": False})
            except requests.RequestException as error:
                if findings is not None:
                    findings.failed(error, handed=progress.waiting)
                raise
            finally:
                progress.waiting = False
            if findings is not None:
                findings.answered(response, self._keys)
            return response

        return send


class Silence(logging.Filter):
    """Lets nothing through that Apprise logs, since addresses are in it; numbers in it are noted first."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Note what a mail server said; never let the record pass."""
        findings = CURRENT.get()
        if findings is not None:
            with suppress(Exception):  # a line that cannot be formatted is no reason to fail
                findings.heard(record.getMessage())
        return False


def _code(response: requests.Response, keys: Sequence[str]) -> int | None:
    """Give the number under the first of these keys that the answer has; None where it has none."""
    try:
        document = response.json()
    except ValueError:
        return None
    found = [document[key] for key in keys if key in document] if isinstance(document, dict) else []
    return found[0] if found and isinstance(found[0], int) else None


def _is_late(error: Exception) -> bool:
    """Whether nothing came in time, be it the head of an answer or its body."""
    return isinstance(error, requests.Timeout) or any(isinstance(part, ReadTimeoutError) for part in error.args)


def _errno(text: str) -> str:
    found = _ERROR_NUMBER.search(text)
    return f" ({os.strerror(int(found[1])).lower()})" if found is not None else ""
