"""The composition root: what is opened, with which keys, and that nothing is called on the way."""

import logging
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from core.errors import StoreFailedError
from scheduler.bootstrap import VENDORS, SystemClock, ask_to_stop, compose, load, simulate
from scheduler.config import ConfigFaults, Settings

ROOT = Path(__file__).parents[2]
CONFIG = """\
[tidegate]
store = "sqlite:///tidegate.db"
limits = ["limits.csv"]

[accounts.h]
vendor = "huawei"
write_policy = "sync"
access_key = "env:APPLY_KEY"
secret_key = "env:APPLY_SECRET"
observe_access_key = "env:OBSERVE_KEY"
observe_secret_key = "env:OBSERVE_SECRET"
domain_id = "d"
endpoint = "http://127.0.0.1:9"

[accounts.t]
vendor = "tencent"
write_policy = "observe"
secret_id = "env:ID"
secret_key = "env:SECRET"
endpoint = "http://127.0.0.1:9"
"""
LIMITS = "account,customer_id,kind,amount,on_exhaustion\nh,c1,monthly,5,\nt,200000000011,credit_line,5,\n"
OBSERVE = {
    "OBSERVE_KEY": "observe-key",
    "OBSERVE_SECRET": "observe-secret",
    "ID": "tencent-id",
    "SECRET": "tencent-key",
}
APPLY = {"APPLY_KEY": "apply-key", "APPLY_SECRET": "apply-secret", "ID": "tencent-id", "SECRET": "tencent-key"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two accounts on loopback, where nobody listens."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "limits.csv").write_text(LIMITS, encoding="utf-8")
    return load(tmp_path / "config.toml", environ=OBSERVE)


def test_a_dry_run_never_loads_the_keys_that_may_write(settings: Settings) -> None:
    """With observe keys given, a dry run works where the others are not even there."""
    learnt: list[str] = []

    def learn(values: Collection[str]) -> None:
        learnt.extend(values)

    with compose(settings, observe_only=True, environ=OBSERVE | APPLY, learn_secrets=learn) as world:
        assert set(world.clouds) == set(world.policies) == {"h", "t"}
        assert world.limits_digest == settings.limits_digest
        assert not any(sum(cloud.calls().values()) for cloud in world.clouds.values())
    assert sorted(learnt) == ["observe-key", "observe-secret", "tencent-id", "tencent-key"]


def test_applying_needs_the_keys_that_may_write(settings: Settings) -> None:
    """A missing key is told with its line before anything is opened."""
    with pytest.raises(ConfigFaults) as caught, compose(settings, observe_only=False, environ=OBSERVE):
        pytest.fail("it was opened")
    assert [(fault.line, fault.where) for fault in caught.value.faults] == [
        (8, "accounts.h.access_key"),
        (9, "accounts.h.secret_key"),
    ]
    assert not (settings.base / "tidegate.db").exists()


def test_only_the_accounts_asked_for_are_opened(settings: Settings) -> None:
    """The others' secrets are not looked for."""
    with compose(settings, observe_only=False, accounts=frozenset({"t"}), environ={"ID": "i", "SECRET": "s"}) as world:
        assert set(world.clouds) == {"t"}


def test_records_need_no_secrets(settings: Settings) -> None:
    """Our own records can be read and a pause be set where no key is at hand."""
    with compose(settings, observe_only=True, accounts=frozenset(), environ={}) as world:
        assert list(world.journal.open_intents()) == []
        assert not world.clouds


def test_a_store_that_cannot_be_opened_ends_it_before_any_vendor(settings: Settings) -> None:
    """Without its own records nothing goes on."""
    (settings.base / "tidegate.db").write_bytes(b"not a database " * 100)
    with pytest.raises(StoreFailedError), compose(settings, observe_only=True, environ=OBSERVE):
        pytest.fail("it was opened")


def test_a_stopped_clock_stops_the_world(settings: Settings) -> None:
    """The clock handed in is the one that everything waits by."""
    clock = SystemClock()
    with compose(settings, observe_only=True, environ=OBSERVE, clock=clock) as world:
        ask_to_stop(world.clock)
        assert clock.stopping()


@pytest.mark.parametrize("name", sorted(VENDORS))
def test_every_vendor_has_a_simulator(name: str) -> None:
    """The registry's second address leads to a simulated vendor of that name."""
    assert simulate(name).vendor == name


def test_loading_imports_no_sdk_and_no_sql(tmp_path: Path) -> None:
    """Judging what was written costs no vendor's SDK and no database library."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "limits.csv").write_text(LIMITS, encoding="utf-8")
    program = (
        "import sys\nfrom scheduler.bootstrap import load\n"
        f"load({str(tmp_path / 'config.toml')!r}, environ={OBSERVE!r})\nprint(*sys.modules)"
    )
    ended = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    loaded = {name.split(".")[0] for name in ended.stdout.split()}
    assert not loaded & {
        "huaweicloudsdkcore",
        "huaweicloudsdkbssintl",
        "tencentcloud",
        "requests",
        "sqlalchemy",
        "alembic",
    }


def test_no_secret_is_logged_or_kept_in_the_settings(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Opening everything leaves no key in a log line or in the settings' own text."""
    caplog.set_level(logging.DEBUG)
    with compose(settings, observe_only=True, environ=OBSERVE) as world:
        shown = f"{settings!r} {world!r} {caplog.text}"
    assert not [value for value in OBSERVE.values() if value in shown]
