import json
from datetime import timedelta

from scheduler.reports.board import Health
from scheduler.web.health import healthz, readyz
from tests.unit.scrapes import HEALTH

WELL = Health(ages={"huawei-main": timedelta(seconds=90), "tencent-main": timedelta(seconds=12.5)})


def test_a_daemon_that_makes_progress_is_alive_even_if_an_account_is_late() -> None:
    """Liveness asks nothing of a vendor: to start anew would not make it answer."""
    late = Health(late={"tencent-main": None})
    assert healthz(late) == (200, b"alive\n", "text/plain; charset=utf-8")
    assert healthz(WELL)[0] == 200


def test_a_stuck_daemon_says_what_is_stuck() -> None:
    """503 with a sentence a line, cleaned of what could forge another line."""
    stuck = Health(stuck=("the pass over a has hung\nsince noon", "the alerts' job has hung"))
    status, body, _ = healthz(stuck)
    assert status == 503
    assert body.decode().splitlines() == ["stuck", "the pass over a has hung since noon", "the alerts' job has hung"]


def test_ready_is_every_account_read_in_time() -> None:
    """200 with the age of each account's last success in seconds."""
    status, body, content_type = readyz(WELL)
    assert (status, content_type) == (200, "application/json")
    assert json.loads(body) == {
        "ready": True,
        "accounts": {
            "huawei-main": {"late": False, "seconds_since_success": 90.0},
            "tencent-main": {"late": False, "seconds_since_success": 12.5},
        },
    }


def test_one_late_account_is_not_ready_and_is_named() -> None:
    """503; an account that was never read has no age."""
    status, body, _ = readyz(HEALTH)
    assert status == 503
    told = json.loads(body)
    assert told["ready"] is False
    assert told["accounts"]["huawei-main"]["late"] is False
    assert told["accounts"]["tencent-main"] == {"late": True, "seconds_since_success": 18000.0}
    assert told["accounts"]["tencent-eu"] == {"late": True, "seconds_since_success": None}


def test_a_probe_without_a_token_is_told_no_particulars() -> None:
    """The status is the same, and no account is named."""
    for probe in (healthz, readyz):
        status, body, _ = probe(HEALTH, details=False)
        assert status == 503
        assert b"main" not in body
    assert json.loads(readyz(HEALTH, details=False)[1]) == {"ready": False}
    assert healthz(HEALTH, details=False)[1] == b"stuck\n"
