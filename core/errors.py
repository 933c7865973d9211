"""Everything that core and its ports may raise.

TidegateError
├── ReadFailedError            a question to a vendor was not answered
│   ├── TemporaryReadError     asking again later may work
│   ├── PermanentReadError     asking again will not work
│   │   └── AccountRefusedError   the account's key itself was refused: stop asking for this account
├── StoreFailedError           our own records could not be read or written: nothing may be sent
├── IntentMovedError           another process changed the intent first: stop at once
├── OpenIntentError            the customer already has an open intent
├── LeaseHeldError             another Tidegate writes to this account now
├── NotifyFailedError          a message could not be handed to its channel
│   ├── NotifyUnclearError     it was handed over, and no answer came
│   └── NotifyStoppedError     the process is to stop, and nothing was handed over
└── IllegalTransitionError     a change of state that the state machine does not have
"""

from datetime import timedelta


class TidegateError(Exception):
    """Base of all errors that Tidegate raises on purpose."""


class ReadFailedError(TidegateError):
    """A question to a vendor was not answered; `code` is the vendor's own or the kind of failure."""

    def __init__(self, operation: str, code: str, sentence: str) -> None:
        self.operation = operation
        self.code = code
        self.sentence = sentence
        super().__init__(f"{operation}: {sentence} ({code})")


class TemporaryReadError(ReadFailedError):
    """Asking again later may work; `throttled` says that the vendor asked for fewer calls."""

    def __init__(
        self,
        operation: str,
        code: str,
        sentence: str,
        *,
        throttled: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(operation, code, sentence)
        self.throttled = throttled
        self.retry_after = retry_after


class PermanentReadError(ReadFailedError):
    """Asking again will not work before something is changed."""


class AccountRefusedError(PermanentReadError):
    """The account's key was refused (wrong, expired, without permission, of a second-tier reseller)."""


class StoreFailedError(TidegateError):
    """Our own records could not be read or written; nothing may be sent without them."""

    def __init__(self, doing: str, why: str) -> None:
        self.doing = doing
        self.why = why
        super().__init__(f"the store could not {doing}: {why}")


class IntentMovedError(TidegateError):
    """Another process changed the intent or took over the account; this one must stop at once."""

    def __init__(self, intent_id: str, expected: str) -> None:
        super().__init__(f"intent {intent_id} is no longer {expected}: another process took over")


class OpenIntentError(TidegateError):
    """The customer already has an open intent, whoever asked for it."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"{customer} already has a change under way")


class LeaseHeldError(TidegateError):
    """Another Tidegate process writes to this account right now."""

    def __init__(self, account: str) -> None:
        super().__init__(f"another Tidegate process is writing to account {account}")


class NotifyFailedError(TidegateError):
    """A message could not be handed to its channel; the sentence holds neither the address nor a key."""

    def __init__(self, channel: str, why: str) -> None:
        self.channel = channel
        self.why = why
        super().__init__(f"channel {channel}: {why}")


class NotifyUnclearError(NotifyFailedError):
    """The text was handed over whole and no answer came: it may well have been delivered."""


class NotifyStoppedError(NotifyFailedError):
    """The process is to stop; nothing was handed over, and it says nothing about the channel."""


class IllegalTransitionError(TidegateError):
    """A change of state that an intent cannot make."""

    def __init__(self, intent_id: str, before: str, after: str) -> None:
        super().__init__(f"intent {intent_id} cannot go from {before} to {after}")
