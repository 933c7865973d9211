"""One account's SDK client, and the threads that use it side by side. The only module that loads the SDK.

Used by `cloud` and `standings`. Nothing here judges an answer: the SDK calls a page of HTML a success, so what came
of a call is read from the exchange below it (adapters/wire), never from what `invoke` returns or raises.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from adapters.wire.transport import harden

USER_AGENT = "tidegate"
# The SDK's per-socket timeouts only bound what the deadlines of adapters/wire have already given up.
_CONNECT_TIMEOUT = timedelta(seconds=10)
_SDK_LOGGER = "HuaweiCloud-SDK-BssintlClient"
_loading = threading.Lock()


@cache
def load_sdk() -> Any:  # noqa: ANN401 - the SDK is untyped
    """Import the SDK's partner operations (half a second the first time) without its traces on the machine."""
    with _loading, _without_application_id():
        from huaweicloudsdkbssintl import v2  # noqa: PLC0415 - slow, and only an opened account needs it
    # Its logger does not propagate and has no handler, so Python would print URLs with customer ids to stderr.
    logger = logging.getLogger(_SDK_LOGGER)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return v2


@contextmanager
def _without_application_id() -> Iterator[None]:
    """Keep the SDK from writing `~/.huaweicloud/application_id`, which it does as it is imported.

    It writes only below the home folder that this one function of its own names (core/http/user_agent.py); without a
    home it goes without the id. The environment stays as it is.
    """
    from huaweicloudsdkcore.utils import filepath_utils  # noqa: PLC0415 - see load_sdk

    named = filepath_utils.get_home_path
    filepath_utils.get_home_path = lambda: ""
    try:
        yield
    finally:
        filepath_utils.get_home_path = named


class _InlineExecutor(Executor):
    """Runs what is submitted at once, in the caller's thread.

    The SDK signs every request in a pool of eight threads per client: these are not stopped by its `close`, would
    hold up the process's exit, and in a forked child the first signature is waited for without end.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401 - as in Executor
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result, as an executor does
            future.set_exception(error)
        return future


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to make: the operation's documented name, the SDK's name for it, and its arguments.

    `fields` go into the query, or into a body of the SDK's model `body_model` where one is named.
    """

    operation: str
    method: str
    request_model: str
    fields: dict[str, object] = field(default_factory=dict)
    body_model: str | None = None


class HuaweiClient:
    """The SDK client of one account, built once, at its first call. Thread-safe.

    `endpoint` is a URL without a path. `timeout`: the longest wait for one piece of an answer.
    """

    def __init__(self, *, endpoint: str, access_key: str, secret_key: str, domain_id: str, timeout: timedelta) -> None:
        if not (access_key and secret_key and domain_id):
            # With an empty one the SDK goes looking: environment, files, the metadata service of a cloud machine.
            message = "access key, secret key and domain id must not be empty"
            raise ValueError(message)
        self._endpoint = endpoint
        self._keys = (access_key, secret_key, domain_id)
        self._timeout = timeout
        self._built: Any = None
        self._building = threading.Lock()

    def __repr__(self) -> str:
        return f"HuaweiClient({self._endpoint})"  # never the keys

    def prepare(self) -> None:
        """Load the SDK and build the client now rather than within a call, whose time and turn are measured."""
        self._client()

    def invoke(self, call: Call) -> object:
        """Make the call once. Raises whatever the SDK raises; the caller judges the exchange instead."""
        sdk = load_sdk()
        arguments = call.fields
        if call.body_model is not None:
            arguments = {"body": getattr(sdk, call.body_model)(**call.fields)}
        request = getattr(sdk, call.request_model)(**arguments)
        # The method named without `_invoker` sends a second time when a TypeError comes after the first.
        return getattr(self._client(), f"{call.method}_invoker")(request).invoke()

    def close(self) -> None:
        """Close the connections."""
        with self._building:
            if self._built is not None:
                self._built.close()

    def _client(self) -> Any:  # noqa: ANN401 - the SDK is untyped
        with self._building:
            if self._built is None:
                self._built = self._build()
            return self._built

    def _build(self) -> Any:  # noqa: ANN401 - the SDK is untyped
        sdk = load_sdk()
        from huaweicloudsdkcore.auth.credentials import GlobalCredentials  # noqa: PLC0415 - see load_sdk
        from huaweicloudsdkcore.http.http_config import HttpConfig  # noqa: PLC0415 - see load_sdk

        config = HttpConfig(
            timeout=(min(_CONNECT_TIMEOUT, self._timeout).total_seconds(), self._timeout.total_seconds()),
            retry_times=0,
            allow_redirects=False,
            user_agent=USER_AGENT,
        )
        # An endpoint and never a region: a region looks the account up at another service, can be moved by the
        # environment, and beside an endpoint makes a list to fall back on.
        client = (
            sdk.BssintlClient.new_builder()
            .with_http_config(config)
            .with_credentials(GlobalCredentials(*self._keys))
            .with_endpoint(self._endpoint)
            .build()
        )
        http = client.get_http_client()
        harden(http._session)  # noqa: SLF001 - the SDK offers no other way to its transport
        http._executor = _InlineExecutor()  # noqa: SLF001 - see there
        client.deserialize = _unread
        return client


def _unread(*_: object) -> None:
    """Stand in for the SDK's reading of answers, which nobody looks at: the exchange is judged instead.

    It makes an int of any number, and of 1e99999999 one of a hundred million digits: that holds the interpreter's lock
    for hours, past every deadline, and with it the whole process.
    """


class Crew:
    """Runs jobs side by side on a few threads; a job may add others. Used for one observation, then dropped.

    Every lane has threads of its own, so that the jobs of one operation, which wait for its rate, do not keep those of
    another waiting. The threads are daemons: a vendor that does not answer must not hold up the end of the process.
    """

    def __init__(self, hands: int) -> None:
        self._hands = hands
        self._lanes: dict[str, deque[Callable[[], object]]] = {}
        self._running = 0
        self._dismissed = False
        self._fault: BaseException | None = None
        self._changed = threading.Condition()

    def add(self, lane: str, job: Callable[[], object]) -> None:
        """Take on a job; a dismissed crew takes none."""
        with self._changed:
            if self._dismissed:
                return
            if lane not in self._lanes:
                self._lanes[lane] = deque()
                for _ in range(self._hands):
                    threading.Thread(target=self._work, args=(lane,), name=f"huawei {lane}", daemon=True).start()
            self._lanes[lane].append(job)
            self._changed.notify_all()

    def dismiss(self) -> None:
        """Drop the jobs that have not begun."""
        with self._changed:
            self._dismissed = True
            for lane in self._lanes.values():
                lane.clear()
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait until all jobs are done, those too that jobs add, and dismiss the crew; raises what a job raised."""
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._running == 0 and not any(self._lanes.values()))
        finally:
            self.dismiss()
        if self._fault is not None:
            raise self._fault

    def _work(self, lane: str) -> None:
        while (job := self._next(lane)) is not None:
            fault: BaseException | None = None
            try:
                job()
            except Exception as error:  # noqa: BLE001 - raised again by `finish`, in the thread that asked
                fault = error
            with self._changed:
                self._running -= 1
                self._fault = self._fault or fault
                self._changed.notify_all()
            if fault is not None:
                self.dismiss()

    def _next(self, lane: str) -> Callable[[], object] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._lanes[lane] or self._dismissed)
            if not self._lanes[lane]:
                return None
            self._running += 1
            return self._lanes[lane].popleft()
