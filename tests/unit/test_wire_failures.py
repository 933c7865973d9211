import inspect
from types import ModuleType

import pytest
import requests.exceptions
import urllib3.exceptions
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire import Delivery, Exchange, delivery, failures, not_sent
from adapters.wire.failures import EVIDENCE, Evidence, SendWindowClosedError, WireError, carried, evidence


def classes(module: ModuleType) -> list[type[BaseException]]:
    """Every exception class that a module defines."""
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseException) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    "module", [requests.exceptions, urllib3.exceptions, failures], ids=lambda module: module.__name__
)
def test_every_exception_class_is_mapped(module: ModuleType) -> None:
    """A class that a new release brings must be judged before it is used."""
    assert {kind.__name__ for kind in classes(module)} - {kind.__name__ for kind in EVIDENCE} == set()


def test_the_list_of_unsent_failures_is_short() -> None:
    """Only what is raised before a connection stands, or by our own fence, says that nothing was sent."""
    assert {f"{kind.__module__}.{kind.__name__}" for kind, said in EVIDENCE.items() if said is Evidence.NOT_SENT} == {
        "urllib3.exceptions.NewConnectionError",
        "urllib3.exceptions.NameResolutionError",
        "urllib3.exceptions.ConnectTimeoutError",
        "urllib3.exceptions.SSLError",
        "urllib3.exceptions.ProxyError",
        "requests.exceptions.ConnectTimeout",
        "requests.exceptions.SSLError",
        "requests.exceptions.ProxyError",
        "requests.exceptions.InvalidURL",
        "requests.exceptions.InvalidProxyURL",
        "adapters.wire.failures.SendWindowClosedError",
        "adapters.wire.failures.StoppedError",
        "adapters.wire.failures.NotCalledError",
        "adapters.wire.failures.OutsideLineError",
    }


def test_an_unknown_class_of_a_known_family_is_judged_by_its_nearest_parent() -> None:
    """A subclass that nobody listed counts as its parent, a class of neither library as a carrier."""

    class Newer(urllib3.exceptions.ReadTimeoutError):
        """Not in the table."""

    assert evidence(Newer) is Evidence.MAYBE_SENT
    assert evidence(OSError) is Evidence.CARRIER


def wrapped(error: BaseException, wrapper: BaseException, how: str) -> BaseException:
    """The error inside a wrapper, in one of the ways the libraries and SDKs do it."""
    match how:
        case "cause":
            wrapper.__cause__ = error
        case "context":
            wrapper.__context__ = error
        case "argument":
            wrapper.args = (error,)
        case _:
            wrapper.reason = error  # type: ignore[attr-defined]  # as urllib3's MaxRetryError does
    return wrapper


WAYS = st.sampled_from(["cause", "context", "argument", "reason"])


@given(st.lists(WAYS, max_size=5))
def test_wrapping_hides_nothing(ways: list[str]) -> None:
    """However deep and in whatever way a refused connection is wrapped, it is still not sent."""
    error: BaseException = urllib3.exceptions.ConnectTimeoutError()
    for how in ways:
        error = wrapped(error, Exception("an SDK's wrapper"), how)
    assert not_sent(error)


@given(st.sampled_from([kind for kind, said in EVIDENCE.items() if said is Evidence.MAYBE_SENT]), WAYS)
def test_one_doubt_outweighs_every_sign(doubtful: type[BaseException], how: str) -> None:
    """A chain that also holds a failure from after the start is never called unsent."""
    doubt = doubtful.__new__(doubtful)
    assert not not_sent(doubt)
    assert not not_sent(wrapped(urllib3.exceptions.ConnectTimeoutError(), doubt, how))


def test_a_ring_of_errors_ends() -> None:
    """Errors that name each other as cause are walked once."""
    first, second = OSError(1), OSError(2)
    first.__cause__, second.__cause__ = second, first
    assert list(carried(first)) == [first, second]
    assert not not_sent(first)


UNSENT = SendWindowClosedError("write", None)


@pytest.mark.parametrize(
    ("exchange", "known"),
    [
        (Exchange(operation="w", error=UNSENT), Delivery.NOT_SENT),
        (Exchange(operation="w", guarded=True, error=ValueError()), Delivery.NOT_SENT),
        (Exchange(operation="w", guarded=True, started=True, error=UNSENT), Delivery.UNKNOWN),
        (Exchange(operation="w", guarded=True, started=True, status=200), Delivery.UNKNOWN),
        (Exchange(operation="w", guarded=True, started=True, status=500, body=b""), Delivery.ANSWERED),
        (Exchange(operation="w"), Delivery.UNKNOWN),
        (Exchange(operation="w", error=ValueError()), Delivery.UNKNOWN),
        (Exchange(operation="w", error=WireError("?")), Delivery.UNKNOWN),
    ],
    ids=["fence", "before the start", "started", "no body", "answered", "went round us", "in the SDK", "ours"],
)
def test_the_start_decides_before_the_error(exchange: Exchange, known: Delivery) -> None:
    """Whether the request started is the first fact; an SDK that never reached our transport proves nothing."""
    assert delivery(exchange) is known
