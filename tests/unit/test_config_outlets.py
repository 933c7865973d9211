"""`[web]` and `[alerts]`: what they become, and every fault with its line, its key and what to write instead."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from core.alerts import Severity
from scheduler import bootstrap
from scheduler.bootstrap import load
from scheduler.config import AlertSettings, ConfigFaults, Fault, Settings, WebSettings

CANARY = "canaryKey4711"
ENVIRONMENT = {
    "KEY": "key",
    "SECRET": "secret",
    "TOKEN": CANARY * 2,
    "URL": f"json://hook:{CANARY}@hooks.example.com/x",
    "ODD": f"slack://{CANARY}",
    "HOOK": "json://127.0.0.1:1/x",
}
HEAD = (
    '[tidegate]\nstore = "sqlite:///tidegate.db"\nlimits = ["limits.csv"]\n'
    '[accounts.t]\nvendor = "tencent"\nwrite_policy = "sync"\nsecret_id = "env:KEY"\nsecret_key = "env:SECRET"\n'
)
LIMITS = "account,customer_id,kind,amount,on_exhaustion\nt,200000000011,credit_line,1.00,\n"
ALERTS = "[alerts]\n"
CHANNEL = '[[alerts.channels]]\nname = "ops"\nurl = "env:URL"\n'
LINE = HEAD.count("\n") + 1  # of what is written after the head


def loaded(folder: Path, config: str, *, outlets: bool = False) -> Settings:
    """Load a configuration from a folder of its own."""
    (folder / "config.toml").write_text(HEAD + config, encoding="utf-8")
    (folder / "limits.csv").write_text(LIMITS, encoding="utf-8")
    return load(folder / "config.toml", environ=ENVIRONMENT, outlets=outlets)


def only_fault(folder: Path, config: str, *, outlets: bool = False) -> Fault:
    """Give the one fault that loading ends with; no secret is in it."""
    with pytest.raises(ConfigFaults) as caught:
        loaded(folder, config, outlets=outlets)
    (fault,) = caught.value.faults
    assert CANARY not in str(fault)
    return fault


def alerts_of(folder: Path, config: str) -> AlertSettings:
    """Give the alerts that a configuration becomes."""
    alerts = loaded(folder, config).alerts
    assert alerts is not None
    return alerts


def test_neither_is_there_unless_written(tmp_path: Path) -> None:
    """Without the sections there is no page, and nobody is told."""
    settings = loaded(tmp_path, "")
    assert (settings.web, settings.alerts) == (None, None)


def test_a_page_on_this_machine_needs_only_its_address(tmp_path: Path) -> None:
    """A loopback address is enough; names stay masked and no token is asked for."""
    assert loaded(tmp_path, '[web]\nlisten = "127.0.0.1:8642"\n').web == WebSettings(host="127.0.0.1", port=8642)
    assert loaded(tmp_path, '[web]\nlisten = "[::1]:80"\n').web == WebSettings(host="::1", port=80)
    assert loaded(tmp_path, '[web]\nlisten = "localhost:80"\n').web == WebSettings(host="localhost", port=80)


def test_all_of_a_page_arrives(tmp_path: Path) -> None:
    """Token, names and hosts are what was written; a host name is small letters, and the token a reference."""
    config = (
        '[web]\nlisten = "0.0.0.0:8642"\ntoken = "env:TOKEN"\nshow_names = true\nhosts = ["Tidegate.Example.com"]\n'
    )
    web = loaded(tmp_path, config, outlets=True).web
    assert web == WebSettings(
        host="0.0.0.0",  # noqa: S104 - a value that is read, nothing is bound
        port=8642,
        token="env:TOKEN",
        show_names=True,
        hosts=("tidegate.example.com",),
    )


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ('listen = "0.0.0.0:80"', "web", "others can reach this address"),
        ('listen = "tidegate.example.com:80"', "web", "others can reach this address"),
        ('listen = "256.0.0.1:80"', "web.listen", "not an address and a port"),
        ('listen = "[::1::]:80"', "web.listen", "not an address and a port"),
        ('listen = "127.0.0.1"', "web.listen", "not an address and a port"),
        ('listen = "127.0.0.1:99999"', "web.listen", "not an address and a port"),
        ("listen = 8642", "web.listen", "must be a text"),
        ("", "web.listen", "missing"),
        ('listen = "127.0.0.1:80"\nport = 80', "web.port", "no key 'port'"),
        ('listen = "127.0.0.1:80"\ntoken = ""', "web.token", "where the secret is kept: write env:NAME"),
        (f'listen = "127.0.0.1:80"\nhosts = ["https://u:{CANARY}@x.example"]', "web.hosts", "no host name"),
        (f'listen = "127.0.0.1:80"\ntoken = "{CANARY}"', "web.token", "never written into the file"),
        ('listen = "127.0.0.1:80"\nhosts = ["https://x.example"]', "web.hosts", "no host name"),
        ('listen = "127.0.0.1:80"\nhosts = ["x.example:80"]', "web.hosts", "no host name"),
        ('listen = "127.0.0.1:80"\nshow_names = "yes"', "web.show_names", "true or false"),
    ],
)
def test_every_slip_in_web_has_its_place(tmp_path: Path, written: str, where: str, said: str) -> None:
    """The fault names the key and its line, and says what is wrong; a token written there stays out."""
    fault = only_fault(tmp_path, f"[web]\n{written}\n")
    assert fault.where == where
    assert said in fault.sentence
    assert fault.line is not None
    assert LINE <= fault.line <= LINE + 2


def test_alerts_have_their_documented_defaults(tmp_path: Path) -> None:
    """One channel is enough; the rest is as the example says, in the billing time zone."""
    alerts = alerts_of(tmp_path, ALERTS + CHANNEL)
    (channel,) = alerts.channels
    assert (channel.name, channel.url, channel.severity, channel.accounts) == (
        "ops",
        "env:URL",
        Severity.WARNING,
        frozenset(),
    )
    assert (alerts.quiet_hours, alerts.link, alerts.zone.key) == ((), None, "Asia/Shanghai")
    assert (alerts.gather, alerts.pause_after) == (timedelta(minutes=1), timedelta(days=3))


def test_all_of_alerts_arrives(tmp_path: Path) -> None:
    """Every key is what was written; a link loses its last slash."""
    config = (
        ALERTS + 'quiet_hours = ["daily 22:00-07:00"]\ntimezone = "Europe/Paris"\ngather = "0s"\npause_after = "12h"\n'
        'link = "https://tidegate.example.com/"\n' + CHANNEL + 'severity = "critical"\naccounts = ["t"]\n'
    )
    alerts = alerts_of(tmp_path, config)
    assert alerts.zone.key == "Europe/Paris"
    assert (alerts.quiet_hours[0].begins, alerts.quiet_hours[0].ends) == (time(22), time(7))
    assert (alerts.gather, alerts.pause_after) == (timedelta(0), timedelta(hours=12))
    assert alerts.link == "https://tidegate.example.com"
    assert (alerts.channels[0].severity, alerts.channels[0].accounts) == (Severity.CRITICAL, frozenset({"t"}))


def test_an_hour_and_a_quiet_weekend_may_be_written(tmp_path: Path) -> None:
    """The longest gathering is an hour; quiet hours may leave a minute of the week."""
    config = ALERTS + 'gather = "1h"\nquiet_hours = ["daily 00:00-23:59", "sat,sun,mon-thu 23:00-24:00"]\n' + CHANNEL
    assert alerts_of(tmp_path, config).gather == timedelta(hours=1)


def test_the_time_of_alerts_is_the_billing_time(tmp_path: Path) -> None:
    """Without a zone of its own [alerts] has that of [tidegate]."""
    general = '[tidegate]\nbilling_timezone = "Europe/Berlin"\n'
    loaded(tmp_path, "")  # for the limits file
    config = HEAD.replace("[tidegate]\n", general) + ALERTS + CHANNEL
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    alerts = load(tmp_path / "config.toml", environ=ENVIRONMENT).alerts
    assert alerts is not None
    assert alerts.zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ("channels = []", "alerts.channels", "empty"),
        ("", "alerts.channels", "missing"),
        ('quiet_hours = ["22:00-07:00"]\n' + CHANNEL, "alerts.quiet_hours", "not a window"),
        ('quiet_hours = "daily 22:00-07:00"\n' + CHANNEL, "alerts.quiet_hours", "list"),
        ('timezone = "Mars/Base"\n' + CHANNEL, "alerts.timezone", "no time zone"),
        ('gather = "soon"\n' + CHANNEL, "alerts.gather", "duration"),
        ('gather = "61m"\n' + CHANNEL, "alerts.gather", 'at most "1h"'),
        ('quiet_hours = ["daily 00:00-24:00"]\n' + CHANNEL, "alerts.quiet_hours", "never be over"),
        ('quiet_hours = ["daily 20:00-08:00", "daily 07:00-20:00"]\n' + CHANNEL, "alerts.quiet_hours", "never be over"),
        (f'link = "https://u:{CANARY}@x.example"\n' + CHANNEL, "alerts.link", "without a user and a password"),
        (f'link = "ftp://x.example/{CANARY}"\n' + CHANNEL, "alerts.link", "no address of a page"),
        ('pause_after = "0s"\n' + CHANNEL, "alerts.pause_after", "longer than zero"),
        ('link = "tidegate.example.com"\n' + CHANNEL, "alerts.link", "no address of a page"),
        ('link = "https://x.example/?a=b"\n' + CHANNEL, "alerts.link", "no address of a page"),
        ('quiet = "x"\n' + CHANNEL, "alerts.quiet", "write quiet_hours"),
        (CHANNEL.replace("ops", "two words"), "alerts.channels.name", "letters, digits"),
        (CHANNEL.replace("ops", ""), "alerts.channels.name", "letters, digits"),
        (CHANNEL.replace("env:URL", ""), "alerts.channels.url", "where the secret is kept"),
        (CHANNEL.replace("env:URL", f"json://u:{CANARY}@h/x"), "alerts.channels.url", "never written into the file"),
        (CHANNEL + 'severity = "loud"\n', "alerts.channels.severity", "critical"),
        (CHANNEL + "accounts = []\n", "alerts.channels.accounts", "empty"),
        (CHANNEL + 'accounts = ["other"]\n', "alerts.channels.accounts", "no such account"),
        (CHANNEL + CHANNEL, "alerts", "two channels called 'ops'"),
    ],
)
def test_every_slip_in_alerts_has_its_place(tmp_path: Path, written: str, where: str, said: str) -> None:
    """The fault names the key and its line, and says what is wrong; an address written there stays out."""
    fault = only_fault(tmp_path, f"{ALERTS}{written}\n")
    assert fault.where == where
    assert said in fault.sentence
    assert fault.line is not None
    assert fault.line >= LINE


def test_secrets_are_looked_for_only_where_they_are_used(tmp_path: Path) -> None:
    """A plan needs neither token nor addresses; the daemon, the check and the test do, at their lines."""
    web = '[web]\nlisten = "127.0.0.1:80"\ntoken = "env:NOWHERE"\n'
    loaded(tmp_path, web)
    fault = only_fault(tmp_path, web, outlets=True)
    assert (fault.where, fault.line) == ("web.token", LINE + 2)
    assert "environment variable NOWHERE is not set" in fault.sentence
    channels = ALERTS + CHANNEL.replace("URL", "NOWHERE")
    loaded(tmp_path, channels)
    fault = only_fault(tmp_path, channels, outlets=True)
    assert (fault.where, fault.line) == ("alerts.channels.url", LINE + 3)


def test_a_short_token_is_refused_by_the_check_and_by_the_daemon(tmp_path: Path) -> None:
    """A token that could be guessed has a fault at its line, which does not show it; one of 16 characters is taken."""
    web = '[web]\nlisten = "127.0.0.1:80"\ntoken = "env:SHORT"\n'
    settings = loaded(tmp_path, web)  # a plan needs none
    for short in ("~", "~" * 15):
        environ = {**ENVIRONMENT, "SHORT": short}
        with pytest.raises(ConfigFaults) as caught:
            load(tmp_path / "config.toml", environ=environ, outlets=True)
        (fault,) = caught.value.faults
        assert (fault.where, fault.line) == ("web.token", LINE + 2)
        assert "the page's token is too short" in fault.sentence
        with pytest.raises(ConfigFaults, match="too short") as caught:
            bootstrap.outlet_secret(settings, "env:SHORT", environ=environ)
        assert "~" not in f"{caught.value}{fault}"
    environ = {**ENVIRONMENT, "SHORT": "~" * 16}
    load(tmp_path / "config.toml", environ=environ, outlets=True)
    assert bootstrap.outlet_secret(settings, "env:SHORT", environ=environ) == "~" * 16


def test_an_address_that_apprise_does_not_understand_has_its_line(tmp_path: Path) -> None:
    """The check names the channel's line and the service, never the address; a good one has no fault."""
    second = CHANNEL.replace("ops", "finance").replace("URL", "ODD")
    settings = loaded(tmp_path, ALERTS + CHANNEL + second)
    (fault,) = bootstrap.channel_faults(settings, ENVIRONMENT)
    assert (fault.where, fault.line) == ("alerts.channels.url", LINE + 6)
    assert "does not understand the slack:// address" in fault.sentence
    assert CANARY not in str(fault)
    assert bootstrap.channel_faults(loaded(tmp_path, ""), ENVIRONMENT) == ()


def test_a_careless_channel_is_noted_by_its_name(tmp_path: Path) -> None:
    """What is sent in the clear beyond this machine is pointed out; one whose secret is missing is left out."""
    rest = CHANNEL.replace("ops", "a").replace("URL", "HOOK") + CHANNEL.replace("ops", "b").replace("URL", "NOWHERE")
    notes = bootstrap.channel_notes(loaded(tmp_path, ALERTS + CHANNEL + rest), ENVIRONMENT)
    assert list(notes) == ["ops"]
    assert "without encryption" in notes["ops"]
    assert CANARY not in str(notes)


def test_a_channel_without_its_secret_holds_up_no_other(tmp_path: Path) -> None:
    """A notifier is made all the same, and the logs learn the addresses that there are."""
    alerts = alerts_of(tmp_path, ALERTS + CHANNEL + CHANNEL.replace("ops", "b").replace("URL", "NOWHERE"))
    learned: list[str] = []
    bootstrap.notifier(alerts, base=tmp_path, learn_secrets=learned.extend, environ=ENVIRONMENT)
    assert {CANARY, ENVIRONMENT["URL"]} <= set(learned)
