"""Requests that know how far they have come: under way, handed over and waiting for the answer, answered.

Called by adapters.notify.answers, in the place of the functions of `requests`. A text whose connection failed was
never seen by anybody; one that was handed over whole may have been taken, whatever became of the answer.
"""

from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from adapters.notify.progress import PROGRESS


class _Connection(HTTPConnection):
    """Plain HTTP. It connects first, and asks whether it may go on: a slow connection must not hide a stop."""

    def request(self, *given: Any, **options: Any) -> None:  # noqa: ANN401  # urllib3's own, passed on
        if self.sock is None:
            self.connect()
        progress = PROGRESS.get()
        if progress is not None:
            progress.begin()
        super().request(*given, **options)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own is not http.client's
        progress = PROGRESS.get()
        if progress is not None:
            progress.waiting = True
        return super().getresponse()


class _SecureConnection(_Connection, HTTPSConnection):
    """HTTPS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS: Final = {"http": _Pool, "https": _SecurePool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *given: Any, **options: Any) -> None:  # noqa: ANN401  # requests' own, passed on
        super().init_poolmanager(*given, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *given: Any, **options: Any) -> Any:  # noqa: ANN401  # requests' own, passed on
        manager = super().proxy_manager_for(*given, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager


def ask(name: str, *given: Any, **options: Any) -> requests.Response:  # noqa: ANN401  # of requests' functions
    """Do what the function of `requests` by this name does; raises what it raises, and StoppingError."""
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter())
        response: requests.Response = getattr(session, name)(*given, **options)
    return response
