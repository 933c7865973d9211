"""The official SDK, disarmed: it signs and carries, and does nothing else.

Built once per account by cloud.open_cloud; called by requests only, always through adapters.wire.line.Line.
Must not retry, follow a redirect, read the environment, or judge an answer: each of these, left to the SDK, has lost
or doubled money. Every setting below names its trap.
Facts: source of tencentcloud-sdk-python-common 3.1.195 (abstract_client, http/request, retry, profile).
"""

import logging
import warnings
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol, cast

from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from adapters.endpoints import Endpoint
from adapters.wire.transport import harden
from core.errors import AccountRefusedError

SERVICE = "intlpartnersmgt"
VERSION = "2022-09-28"
_CONNECT_SECONDS = 10.0
_SDK_LOGGER = "tencentcloud_sdk_common"


class Client(Protocol):
    """What requests needs of the SDK."""

    def call(self, action: str, params: Mapping[str, object]) -> bytes:
        """Sign and send one call; give the body, whatever it says. Raises what the SDK and the transport raise."""


class _PlainClient(CommonClient):  # type: ignore[misc]  # the SDK is untyped
    """The SDK's client without its judgement of answers.

    `_check_error` believes an Error only under two exact content types, raises KeyError and TypeError on odd bodies,
    and, when the vendor marks an action as deprecated, resets the warning filters of the whole process.
    """

    def _check_error(self, resp: object) -> None:
        """Leave it to errors, which sees the exchange."""


class SdkClient:
    """One account's signed connection; thread-safe, keeps its connections until closed."""

    def __init__(self, *, secret_id: str, secret_key: str, endpoint: Endpoint, read_timeout: timedelta) -> None:
        _silence()
        self._client = _PlainClient(
            SERVICE, VERSION, _credential(secret_id, secret_key), "", _profile(endpoint, read_timeout)
        )
        connection = self._client.request.conn
        # The SDK reads HTTP(S)_PROXY itself, past the session's trust_env.
        connection.proxy = None
        harden(connection._session)  # noqa: SLF001 - the SDK offers no way to its session
        _raise_if_armed(self._client.profile)

    def call(self, action: str, params: Mapping[str, object]) -> bytes:
        """Sign and send one call; see Client."""
        # No headers: a dict passed in is written into and would be shared by threads.
        # A dict always: None would go out as null instead of {}.
        return cast("bytes", self._client.call(action, dict(params)))

    def close(self) -> None:
        """Close the connections."""
        self._client.request.conn._session.close()  # noqa: SLF001 - the SDK offers no way to its session


def _credential(secret_id: str, secret_key: str) -> Credential:
    try:
        return Credential(secret_id, secret_key)
    except TencentCloudSDKException as error:
        sentence = f"the key cannot be used: {error.message}"
        raise AccountRefusedError("open", "InvalidCredential", sentence) from error


def _profile(endpoint: Endpoint, read_timeout: timedelta) -> ClientProfile:
    http = HttpProfile(
        # By itself the SDK goes to the mainland's host; with a scheme in `endpoint` it would sign that scheme as part
        # of the host and let it override https. So: bare host[:port], and the scheme apart.
        endpoint=endpoint.authority,
        protocol=endpoint.scheme,
        reqMethod="POST",
        # Per socket read, not in total: the line's wall-clock deadline is what bounds a call.
        reqTimeout=(_CONNECT_SECONDS, read_timeout.total_seconds()),
        keepAlive=True,
    )
    return ClientProfile(
        signMethod="TC3-HMAC-SHA256",
        httpProfile=http,
        language="en-US",  # by itself zh-CN
        disable_region_breaker=True,  # else it swallows errors, then sends to another region
        retryer=None,  # the SDK's retryer applies an increment again after it has succeeded
    )


def _raise_if_armed(profile: ClientProfile) -> None:
    """Refuse to work with a client that could send a change twice, should a new SDK change its defaults."""
    if profile.retryer is not None or not profile.disable_region_breaker:
        message = "the Tencent SDK would retry by itself; an increment must never be sent twice"
        raise RuntimeError(message)


def _silence() -> None:
    """Keep the SDK from printing keys, and its one deprecated call from failing every request.

    At DEBUG its logger prints the Authorization header. From Python 3.12 on `datetime.utcfromtimestamp` warns on every
    signed call, which fails the call where warnings are errors. The filter names module and text, so nothing else is
    hidden; it is set for the process and once, because catch_warnings around a call is not safe among threads.
    """
    logging.getLogger(_SDK_LOGGER).setLevel(logging.WARNING)
    warnings.filterwarnings(
        "ignore",
        message=r"datetime\.datetime\.utcfromtimestamp",
        category=DeprecationWarning,
        module=r"tencentcloud\.common\.abstract_client",
    )
