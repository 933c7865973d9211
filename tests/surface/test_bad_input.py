"""Bad input, through the command line: exit 2, file and line, what to write instead, and not one call to a vendor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.sandbox.world import SimulatedVendor
from scheduler.bootstrap import VENDORS, simulate
from scheduler.cli.entry import command_line

CANARY = "AKIDcanary0123456789"
LIMITS = """\
account,customer_id,kind,amount,on_exhaustion
h,c1,monthly,100.00,restrict
t,200000000011,credit_line,50.00,
"""


class Desk:
    """A folder with a configuration for vendors that are served on loopback, and the command line beside it."""

    def __init__(self, folder: Path, endpoints: dict[str, str]) -> None:
        self.folder = folder
        self.config = (
            f'[tidegate]\nstore = "sqlite:///tidegate.db"\nlimits = ["limits.csv"]\n\n'
            f'[accounts.h]\nvendor = "huawei"\nwrite_policy = "sync"\naccess_key = "env:KEY"\n'
            f'secret_key = "env:SECRET"\n'
            f'domain_id = "d"\nendpoint = "{endpoints["huawei"]}"\n\n'
            f'[accounts.t]\nvendor = "tencent"\nwrite_policy = "sync"\nsecret_id = "env:KEY"\nsecret_key = "file:key"\n'
            f'endpoint = "{endpoints["tencent"]}"\n'
        )
        (folder / "key").write_text("secret\n", encoding="utf-8")
        (folder / "key").chmod(0o600)

    def run(self, command: str, *, config: str | None = None, limits: str | bytes = LIMITS) -> Result:
        """Write both files and run a command on them."""
        (self.folder / "config.toml").write_text(self.config if config is None else config, encoding="utf-8")
        content = limits if isinstance(limits, bytes) else limits.encode()
        (self.folder / "limits.csv").write_bytes(content)
        arguments = ["-c", str(self.folder / "config.toml"), command]
        return CliRunner(env={"KEY": "key", "SECRET": "secret"}).invoke(command_line, arguments)


@pytest.fixture
def vendors() -> dict[str, SimulatedVendor]:
    """Every vendor, simulated."""
    return {name: simulate(name) for name in VENDORS}


@pytest.fixture
def desk(tmp_path: Path, vendors: dict[str, SimulatedVendor]) -> Iterator[Desk]:
    """A desk whose vendors are really listening."""
    with vendors["huawei"].serve() as huawei, vendors["tencent"].serve() as tencent:
        yield Desk(tmp_path, {"huawei": huawei.endpoint, "tencent": tencent.endpoint})


def refused(result: Result, vendors: dict[str, SimulatedVendor], *words: str) -> None:
    """Claim that a command ended as bad input does."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert CANARY not in result.output
    assert not [vendor.requests() for vendor in vendors.values() if sum(vendor.requests().values())]
    for word in words:
        assert word in result.stderr


CONFIGS = [
    ('store = "', 'stor = "', "config.toml:2, tidegate.stor: there is no key 'stor' here: write store"),
    ('write_policy = "sync"\naccess', 'write_polic = "sync"\naccess', "config.toml:7, accounts.h.write_polic"),
    ('write_policy = "sync"\naccess', "write_policy = true\naccess", "config.toml:7, accounts.h.write_policy"),
    ('domain_id = "d"', "domain_id = 7", "config.toml:10, accounts.h.domain_id: this must be a text in quotes"),
    ('access_key = "env:KEY"', f'access_key = "{CANARY}"', "config.toml:8, accounts.h.access_key: a secret is never"),
    ('access_key = "env:KEY"', 'access_key = "env:GONE"', "config.toml:8, accounts.h.access_key: environment variable"),
    ('secret_key = "file:key"', 'secret_key = "file:gone"', "config.toml:17, accounts.t.secret_key: secret file"),
    ("http://127.0.0.1", "http://192.0.2.1", "is plain http, which is for this machine only"),
    ('["limits.csv"]', '["*.toml.csv"]', "config.toml:3, tidegate.limits: no file matches"),
    ("[accounts.t]", "[accounts.h]", "config.toml:13: the section [accounts.h] is written twice"),
    ("[tidegate]", "[tidegate", "config.toml:1: not TOML"),
]


@pytest.mark.parametrize("command", ["plan", "apply", "check"])
@pytest.mark.parametrize(("before", "after", "words"), CONFIGS)
def test_a_bad_configuration_is_refused(
    desk: Desk, vendors: dict[str, SimulatedVendor], command: str, before: str, after: str, words: str
) -> None:
    """Every command says file, line, key and what to write, and calls nobody."""
    refused(desk.run(command, config=desk.config.replace(before, after)), vendors, words)


@pytest.mark.parametrize("command", ["plan", "apply"])
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (LIMITS + "h,c1,monthly,1,\n", "limits.csv:4, column customer_id: customer c1 is listed twice"),
        (LIMITS + "h,c2,monthly,-1,\n", "limits.csv:4, column amount: -1 is negative"),
        (LIMITS + "h,c2,monthly,1.005,\n", "limits.csv:4, column amount: '1.005' is not an amount"),
        (LIMITS + "t,200000000012,credit_line,0,\n", "limits.csv:4, column amount: an amount of zero"),
        (
            LIMITS + 'h,c2,monthly,"12,500.00",\n',
            "limits.csv:4, column amount: '12,500.00' is not an amount: write 12500.00",
        ),
        (LIMITS + "x,c2,monthly,1,\n", "limits.csv:4, column account: there is no account 'x' in the configuration"),
        (LIMITS + "h,c2,credit_line,1,\n", "limits.csv:4, column kind: kind = credit_line"),
        (
            LIMITS + "t,200000000012,monthly,1,\n",
            "limits.csv:4, column on_exhaustion: kind monthly on Tencent Cloud is kept by Tidegate",
        ),
        (LIMITS + "t,2.00000000011E+11,credit_line,1,\n", "limits.csv:4, column customer_id: '2.00000000011E+11'"),
        ("", "limits.csv: the file is empty"),
        (LIMITS.split("\n", maxsplit=1)[0], "limits.csv: no limits"),
        (LIMITS.encode() + b"h,\xe9,monthly,1,\n", "limits.csv:4: this line is not UTF-8"),
    ],
)
def test_a_bad_limits_file_is_refused(
    desk: Desk, vendors: dict[str, SimulatedVendor], command: str, limits: str | bytes, words: str
) -> None:
    """Every command says row, column and what to write, and calls nobody."""
    refused(desk.run(command, limits=limits), vendors, words)


def test_all_faults_come_at_once(desk: Desk, vendors: dict[str, SimulatedVendor]) -> None:
    """Configuration, secrets and limits are told together, so that mending takes one round."""
    config = desk.config.replace('store = "', 'stor = "').replace("file:key", "file:gone")
    result = desk.run("plan", config=config, limits=LIMITS + "h,c2,monthly,-1,\nh,c3,weekly,1,\n")
    refused(result, vendors, "config.toml:2", "config.toml:17", "limits.csv:4", "limits.csv:5")


def test_a_secret_file_that_others_can_read_is_refused(desk: Desk, vendors: dict[str, SimulatedVendor]) -> None:
    """The fault says how to mend it."""
    (desk.folder / "key").chmod(0o644)
    refused(desk.run("apply"), vendors, "config.toml:17, accounts.t.secret_key", "(mode 0644): chmod 600")


def test_a_byte_order_mark_is_accepted(desk: Desk, vendors: dict[str, SimulatedVendor]) -> None:
    """What a spreadsheet puts in front of a CSV is no fault: the vendors are asked."""
    result = desk.run("plan", limits=b"\xef\xbb\xbf" + LIMITS.encode())
    assert result.exit_code != 2, result.output
    assert all(sum(vendor.requests().values()) for vendor in vendors.values())
