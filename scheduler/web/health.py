"""Whether the daemon lives and works, for probes: status, body and content type of `/healthz` and `/readyz`.

Called by the page's server. Pure: what is stuck or late was found by the daemon.
"""

import json
from http import HTTPStatus

from scheduler.reports.board import Health
from scheduler.reports.wording import sentence

Answer = tuple[int, bytes, str]

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"


def healthz(health: Health, *, details: bool = True) -> Answer:
    """Say whether the process makes progress: 200, or 503 with a sentence a line for what is stuck.

    A supervisor that gets 503 should start the process anew. `details` False: the sentences, which name accounts, are
    left out.
    """
    if not health.stuck:
        return HTTPStatus.OK, b"alive\n", _TEXT
    lines = ["stuck", *map(sentence, health.stuck)] if details else ["stuck"]
    return HTTPStatus.SERVICE_UNAVAILABLE, "".join(f"{line}\n" for line in lines).encode(), _TEXT


def readyz(health: Health, *, details: bool = True) -> Answer:
    """Say whether every account was read in time: 200, or 503; with each one's age of the last success in seconds.

    The age is null where there was none. Starting the process anew does not help: an account may be late because its
    vendor does not answer. `details` False: the accounts are left out.
    """
    ready = not health.late
    body: dict[str, object] = {"ready": ready}
    if details:
        body["accounts"] = {
            name: {"late": name in health.late, "seconds_since_success": None if age is None else age.total_seconds()}
            for name, age in sorted({**health.ages, **health.late}.items())
        }
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return status, json.dumps(body).encode() + b"\n", _JSON
