"""The configuration file: what it becomes, and every fault with its line, its key and what to write instead."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.limit import WritePolicy
from core.money import Money
from core.policy import Cap
from scheduler.bootstrap import load
from scheduler.config import ConfigFaults, Fault, Settings, format_duration, parse_duration

CANARY = "AKIDcanary0123456789"
ENVIRONMENT = {"KEY": "key", "SECRET": "secret"}
HEAD = '[tidegate]\nstore = "sqlite:///tidegate.db"\nlimits = ["limits.csv"]\n'
HUAWEI = (
    '[accounts.h]\nvendor = "huawei"\nwrite_policy = "sync"\naccess_key = "env:KEY"\nsecret_key = "env:SECRET"\n'
    'domain_id = "d"\nregion = "ap-southeast-1"\n'
)
TENCENT = '[accounts.t]\nvendor = "tencent"\nwrite_policy = "sync"\nsecret_id = "env:KEY"\nsecret_key = "env:SECRET"\n'
LIMITS = "account,customer_id,kind,amount,on_exhaustion\nh,c1,monthly,100.00,restrict\n"


def settings_of(folder: Path, config: str, limits: str = LIMITS) -> Settings:
    """Load a configuration from a folder of its own."""
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (folder / "limits.csv").write_text(limits, encoding="utf-8")
    return load(folder / "config.toml", environ=ENVIRONMENT)


def faults_of(folder: Path, config: str, limits: str = LIMITS) -> tuple[Fault, ...]:
    """Give the faults that loading ends with."""
    with pytest.raises(ConfigFaults) as caught:
        settings_of(folder, config, limits)
    return caught.value.faults


def only_fault(folder: Path, config: str) -> Fault:
    """Give the one fault that loading ends with."""
    (fault,) = faults_of(folder, config)
    return fault


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    """What is not written is the vendor's documented figure or the product's default."""
    settings = settings_of(tmp_path, HEAD + HUAWEI)
    account = settings.accounts["h"]
    assert settings.limits_of("h") == settings.limits
    assert settings.limits_of("other") == ()
    assert settings.store == f"sqlite:///{tmp_path}/tidegate.db"
    assert account.policy.write_policy is WritePolicy.SYNC
    assert account.policy.lag == timedelta(minutes=10)
    assert account.policy.quarantine == timedelta(minutes=15 + 10, seconds=30)
    assert account.policy.write_timeout == account.read_timeout == timedelta(seconds=30)
    assert account.policy.every == timedelta(minutes=10)
    assert account.rate_share == Decimal("0.9")
    assert account.alert_at == (Decimal(75), Decimal(90), Decimal(100))
    assert account.policy.billing_timezone == "Asia/Shanghai"
    assert (account.policy.max_age, account.policy.drift, account.policy.drift_grace) == (None, None, timedelta(0))
    assert (account.policy.windows, account.policy.approvals, account.policy.quotas) == ((), (), ())
    assert account.policy.agreement is None


def test_the_account_wins_over_the_general_section(tmp_path: Path) -> None:
    """A key of [tidegate] holds for accounts that do not write it themselves."""
    config = HEAD + 'lag = "1m"\nrate_share = 0.5\n' + HUAWEI + 'lag = "3m"\n' + TENCENT
    settings = settings_of(tmp_path, config)
    assert settings.accounts["h"].policy.lag == timedelta(minutes=3)
    assert settings.accounts["t"].policy.lag == timedelta(minutes=1)
    assert settings.accounts["h"].rate_share == settings.accounts["t"].rate_share == Decimal("0.5")
    assert settings.accounts["t"].policy.quarantine == timedelta(minutes=6, seconds=30)


def test_where_a_billing_month_begins_is_the_accounts_own_business(tmp_path: Path) -> None:
    """The zone and the oldest figure that counts may be written for all, or for one."""
    head = HEAD + 'billing_timezone = "UTC"\nmax_age = "1h"\n'
    settings = settings_of(tmp_path, head + HUAWEI + 'billing_timezone = "Europe/Paris"\nmax_age = "30m"\n' + TENCENT)
    policies = [settings.accounts[name].policy for name in ("h", "t")]
    assert [policy.billing_timezone for policy in policies] == ["Europe/Paris", "UTC"]
    assert [policy.max_age for policy in policies] == [timedelta(minutes=30), timedelta(hours=1)]


def test_loopback_may_be_fast(tmp_path: Path) -> None:
    """On this machine the fence may be as short as one likes, for rehearsals."""
    head = HEAD + 'quarantine = "1s"\nwrite_timeout = "2s"\nlag = "0s"\n'
    settings = settings_of(
        tmp_path,
        head + TENCENT + 'endpoint = "http://127.0.0.1:9002"\n',
        LIMITS.replace("h,c1,monthly", "t,200000000011,credit_line").replace("restrict", ""),
    )
    account = settings.accounts["t"]
    assert account.loopback
    assert account.policy.quarantine == timedelta(seconds=1)
    assert account.policy.lag == timedelta(0)


def test_a_short_fence_is_refused_where_real_money_is(tmp_path: Path) -> None:
    """A quarantine below signature life, clocks and lag is refused at the line it is written on."""
    fault = only_fault(tmp_path, HEAD + 'quarantine = "5m"\n' + HUAWEI)
    assert (fault.line, fault.where) == (4, "tidegate.quarantine")
    assert "account h needs a quarantine of at least 25m30s" in fault.sentence
    assert only_fault(tmp_path, HEAD + HUAWEI + 'quarantine = "25m29s"\n').where == "accounts.h.quarantine"
    settings_of(tmp_path, HEAD + HUAWEI + 'quarantine = "25m30s"\n')


def test_guards_of_both_places_are_kept_apart(tmp_path: Path) -> None:
    """The general guards and the account's own both hold; each figure arrives exactly."""
    config = HEAD + HUAWEI + '[guards]\nmax_cut = { amount = "10.50", percent = 12.5 }\nmax_exhausted = { count = 0 }\n'
    settings = settings_of(tmp_path, config + "[accounts.h.guards]\nmax_cut = { amount = 5 }\n")
    general, own = settings.accounts["h"].policy.guards
    assert general.max_cut == Cap(amount=Money(1050), percent=Decimal("12.5"))
    assert general.max_exhausted == Cap(count=0)
    assert own.max_cut == Cap(amount=Money(500))
    assert own.max_raised is None


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ('evry = "10m"', "evry", "write every"),
        ('acces_key = "env:KEY"', "acces_key", "write access_key"),
        ('secret_id = "env:KEY"', "secret_id", "there is no key 'secret_id' here: write secret_key"),
        ('alerts = ["mail"]', "alerts", "not available in this version"),
        ('freeze_agreement = "x"', "freeze_agreement", "write agreement"),
        ('every = "0s"', "every", "longer than zero"),
        ('every = "ten"', "every", "10m"),
        ("every = 600", "every", 'write a unit and quotes, such as "600s"'),
        ('write_timeout = "11m"', "write_timeout", "at most"),
        ("rate_share = 0", "rate_share", "write rate_share = 0.9"),
        ("rate_share = 1.5", "rate_share", "write rate_share = 0.9"),
        ('rate_share = "0.9"', "rate_share", "a number without quotes"),
        ("rate_share = true", "rate_share", "a number without quotes"),
        ("rate_share = nan", "rate_share", "rate_share"),
        ('books_max = "5"', "books_max", "a whole number"),
        ("books_max = -1", "books_max", "greater than or equal to 0"),
        ("protected = [12]", "protected", "a text in quotes"),
        ('protected = ["a b"]', "protected", "no spaces"),
        ('protected = "c1"', "protected", "a list in brackets"),
        ("allow_custom_endpoint = 1", "allow_custom_endpoint", "true or false"),
        ("alert_at = [90, 75]", "alert_at", "must rise"),
        ("alert_at = []", "alert_at", "the list is empty"),
        ("alert_at = [0, 90]", "alert_at", "above 0"),
        ('billing_timezone = "Mars/Olympus"', "billing_timezone", "Asia/Shanghai"),
        ("guards = 3", "guards", "a table"),
        ("guards = { max_cut = {} }", "guards.max_cut", "it gives no figure"),
        ("guards = { max_cut = { count = 1 } }", "guards.max_cut.count", "write amount"),
        ("guards = { max_cut = { amount = 1.005 } }", "guards.max_cut.amount", "at most two decimals"),
        ('guards = { max_cut = { amount = "-5" } }', "guards.max_cut.amount", "cannot be negative"),
        ("guards = { max_cut = { amount = true } }", "guards.max_cut.amount", "a number or a text"),
        ("guards = { max_cuts = { amount = 1 } }", "guards.max_cuts", "write max_cut"),
        ("guards = { max_age = 3 }", "guards.max_age", "there is no key 'max_age' here"),
    ],
)
def test_one_wrong_key_of_an_account_is_told_with_its_line(tmp_path: Path, line: str, where: str, words: str) -> None:
    """Unknown keys, wrong types and impossible values are told with file, line, key and what to write."""
    fault = only_fault(tmp_path, HEAD + HUAWEI + line)
    assert fault.file == str(tmp_path / "config.toml")
    assert (fault.line, fault.where) == (11, f"accounts.h.{where}")
    assert words in fault.sentence


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('vendor = "huawei"', 'vendor = "hauwei"', 'write "huawei" or "tencent"'),
        ('vendor = "huawei"\n', "", 'write vendor = "huawei"'),
        ('write_policy = "sync"', 'write_policy = "write"', '"observe"'),
        ('write_policy = "sync"\n', "", "the key write_policy is missing"),
        ('access_key = "env:KEY"', f'access_key = "{CANARY}"', "a secret is never written into the file"),
        ('access_key = "env:KEY"', f'access_key = "env:{CANARY}!"', "no usable name"),
        ('access_key = "env:KEY"', "access_key = 12", "a text in quotes"),
        ('access_key = "env:KEY"', 'access_key = "env:UNSET"', "environment variable UNSET is not set"),
        ('access_key = "env:KEY"\n', "", "the key access_key is missing"),
        ('region = "ap-southeast-1"', 'region = "mars"', "ap-southeast-1"),
        ('region = "ap-southeast-1"', 'endpoint = "http://example.com"', "plain http"),
        ('region = "ap-southeast-1"', 'endpoint = "example.com"', "allow_custom_endpoint"),
        ("[accounts.h]", '[accounts."a b"]', "letters, digits"),
    ],
)
def test_one_wrong_line_of_an_account_is_told(tmp_path: Path, before: str, after: str, words: str) -> None:
    """Missing keys, literal secrets and dangerous endpoints are told, and a pasted key is never repeated."""
    limits = LIMITS.replace("h,", "a b,") if "a b" in after else LIMITS
    faults = faults_of(tmp_path, (HEAD + HUAWEI).replace(before, after), limits)
    assert words in faults[0].sentence
    assert CANARY not in "".join(map(str, faults))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "the section [tidegate] is missing"),
        (HEAD, "there is no account"),
        (HEAD + "accounts = 3\n", "accounts"),
        (HEAD + '[accounts]\nh = "x"\n', "write [accounts.h]"),
        (HEAD + HUAWEI + "[account.x]\n", "write accounts"),
        (HEAD + HUAWEI + "[[approvals]]\n", "the key kind is missing"),
        (HEAD + HUAWEI + "[approvals]\n", "write [[approvals]]"),
        (HEAD + HUAWEI + "[[notify]]\n", "notify is not available in this version"),
        (HEAD + HUAWEI + '[web]\nlisten = "8642"\n', '"127.0.0.1:8642"'),
        (HEAD + HUAWEI + "[web]\n", "the key listen is missing"),
        (HEAD.replace("limits.csv", "none-*.csv") + HUAWEI, "no file matches 'none-*.csv'"),
        (HEAD.replace("limits.csv", "none.csv") + HUAWEI, "there is no file 'none.csv'"),
        (HEAD.replace("limits.csv", ".") + HUAWEI, "is a folder"),
        (HEAD.replace('["limits.csv"]', "[]") + HUAWEI, "the list is empty"),
        (HEAD.replace('["limits.csv"]', '"limits.csv"') + HUAWEI, 'write limits = ["limits.csv"]'),
        (
            HEAD.replace("sqlite:///tidegate.db", f"postgresql+psycopg://u:{CANARY}@h/d") + HUAWEI,
            "not available in this version",
        ),
        (HEAD.replace("sqlite:///tidegate.db", f"mysql://u:{CANARY}@h/d") + HUAWEI, "not a database file"),
        (HEAD.replace("sqlite:///tidegate.db", "sqlite:///:memory:") + HUAWEI, "not a database file"),
        (HEAD.replace("sqlite:///tidegate.db", "sqlite:///gone/tidegate.db") + HUAWEI, "there is no folder"),
        (HEAD.replace("sqlite:///", f"sqlite:///{'x' * 300}/") + HUAWEI, "the folder cannot be looked for"),
        (HEAD.replace("limits.csv", "x" * 300) + HUAWEI, "cannot be looked for"),
        (HEAD.replace("limits.csv", "~nobody/limits.csv") + HUAWEI, "there is no file"),
        (HEAD + HUAWEI + "[guards]\nmax_exhausted = {}\n", "write { count = 10 }"),
        (HEAD + HEAD + HUAWEI, "the section [tidegate] is written twice"),
    ],
)
def test_a_document_that_lacks_or_has_too_much_is_told(tmp_path: Path, config: str, words: str) -> None:
    """Missing, misplaced and unusable sections are told; a password in a database address is not repeated."""
    faults = faults_of(tmp_path, config)
    assert any(words in str(fault) for fault in faults), faults
    assert CANARY not in "".join(map(str, faults))


def test_everything_is_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    """Faults of the general section, the accounts, the secrets and the limits come together."""
    config = HEAD.replace("store =", "stor =") + HUAWEI.replace("env:KEY", "env:UNSET") + "evry = 1\n"
    faults = faults_of(tmp_path, config, LIMITS + "h,c1,monthly,-1,\n")
    assert [(Path(fault.file).name, fault.line, fault.where or fault.column) for fault in faults] == [
        ("config.toml", 1, "tidegate.store"),
        ("config.toml", 2, "tidegate.stor"),
        ("config.toml", 7, "accounts.h.access_key"),
        ("config.toml", 11, "accounts.h.evry"),
        ("limits.csv", 3, "amount"),
        ("limits.csv", 3, "customer_id"),
    ]


def test_the_same_fault_in_very_many_rows_is_told_once(tmp_path: Path) -> None:
    """A wrong account name in every row does not bury the other faults under thousands of lines."""
    rows = "".join(f"k,c{number},monthly,5,\n" for number in range(1000))
    faults = faults_of(tmp_path, HEAD + HUAWEI, LIMITS + rows + "h,c1,monthly,-1,\n")
    assert len(faults) == 3
    assert faults[0].line == 3
    assert faults[0].sentence.endswith("write h (and 999 more rows, to line 1002)")


def test_missing_secrets_are_all_told_and_only_for_the_accounts_asked(tmp_path: Path) -> None:
    """Every missing secret is named at once; accounts out of scope are not asked for theirs."""
    (tmp_path / "config.toml").write_text(HEAD + HUAWEI + TENCENT, encoding="utf-8")
    (tmp_path / "limits.csv").write_text(LIMITS, encoding="utf-8")
    with pytest.raises(ConfigFaults) as caught:
        load(tmp_path / "config.toml", environ={})
    assert len(caught.value.faults) == 4
    assert load(tmp_path / "config.toml", accounts=frozenset(), environ={}).limits


def test_a_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing configuration is one fault; without -c it says where it was looked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigFaults, match="there is no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigFaults, match="name one with -c FILE"):
        load(environ={"XDG_CONFIG_HOME": str(tmp_path)})


def test_the_users_config_folder_is_the_second_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """./config.toml comes first, the user's config folder second."""
    folder = tmp_path / "home" / "tidegate"
    folder.mkdir(parents=True)
    settings_of(folder, HEAD + HUAWEI)
    monkeypatch.chdir(tmp_path)
    environ = ENVIRONMENT | {"XDG_CONFIG_HOME": str(tmp_path / "home")}
    assert load(environ=environ).base == folder
    settings_of(tmp_path, HEAD + HUAWEI)
    assert load(environ=environ).base == tmp_path


def test_equal_files_make_equal_settings(tmp_path: Path) -> None:
    """Settings are compared by value, so that a re-read file that changed nothing changes nothing."""
    assert settings_of(tmp_path, HEAD + HUAWEI) == settings_of(tmp_path, HEAD + HUAWEI)
    assert settings_of(tmp_path, HEAD + HUAWEI) != settings_of(tmp_path, HEAD + HUAWEI + 'lag = "11m"\n')


@given(st.integers(0, 10**7))
def test_durations_are_read_as_written(seconds: int) -> None:
    """A duration written by the product is read back as the same."""
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    "text", ["", "s", "1", "1s1m", "1.5h", "-1s", "1 m", "10M", "1m1m", "99999999d", "\u0661s", None, True, 1]
)
def test_what_is_no_duration_is_refused(text: object) -> None:
    """Anything but whole numbers with d, h, m, s in that order is refused."""
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)
