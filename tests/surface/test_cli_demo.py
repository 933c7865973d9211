import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from scheduler import sandbox
from scheduler.cli import demo, screen
from tests.surface.cli_rig import ROOT, ended, eventually, run


def test_the_demo_ends_well_and_leaves_nothing_behind() -> None:
    """Without a terminal the whole story is told, ends with 0, and no file stays."""
    before = set(Path(tempfile.gettempdir()).glob("tidegate-demo-*"))
    result = run("demo")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    for words in (
        "+1,200.00 reply lost Was it applied or not?",
        "in the records: applied.",
        "4 of 4 changes applied and read back.",
        "changed outside Tidegate by alice@partner.example",
        "All in sync: 6 customers stand where you want them",
    ):
        assert words in text
    assert set(Path(tempfile.gettempdir()).glob("tidegate-demo-*")) == before


def test_the_sandbox_ends_with_0_in_this_process_too(tmp_path: Path) -> None:
    """Its configuration and limits are on standard output, and SIGTERM is as good an end as Ctrl-C."""
    folder = tmp_path / "sandbox"

    before = signal.getsignal(signal.SIGTERM)

    def story() -> None:
        # From then on the signal ends the sandbox, and not this process.
        eventually(lambda: signal.getsignal(signal.SIGTERM) is not before)
        os.kill(os.getpid(), signal.SIGTERM)

    teller = threading.Thread(target=story)
    teller.start()
    result = run("sandbox", "--dir", str(folder), "--customers", "2")
    teller.join()
    assert result.exit_code == 0
    assert "[accounts.huawei-main]" in result.stdout
    assert "account,customer_id,kind,amount,on_exhaustion" in result.stdout
    assert "Ctrl-C ends it" in result.stderr


def test_the_demo_takes_less_than_a_minute_for_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paced for a person at a terminal it still ends within a minute; here its pauses are added up, not waited for."""
    pauses: list[float] = []
    monkeypatch.setattr(screen, "can_ask", lambda: True)
    monkeypatch.setattr(demo, "time", SimpleNamespace(sleep=pauses.append))
    began = time.monotonic()
    assert run("demo").exit_code == 0
    assert 10 < sum(pauses) + time.monotonic() - began < 60


def test_the_sandbox_gives_a_configuration_that_works_and_ends_with_0(tmp_path: Path) -> None:
    """What it writes can be planned on, its keys are private, its customers spend, and Ctrl-C is its ordinary end."""
    folder = tmp_path / "sandbox"
    command = [sys.executable, "-m", "scheduler", "sandbox", "--dir", str(folder), "--customers", "4"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own
    assert process.stderr is not None
    try:
        eventually((folder / "config.toml").exists)
        assert stat.S_IMODE((folder / "tencent-secret_key").stat().st_mode) == 0o600
        first = run("plan", "-c", str(folder / "config.toml"), "--format", "json")
        assert first.exit_code in {0, 3}, first.output
        assert json.loads(first.stdout)["complete"] is True
        assert run("sandbox", "--dir", str(folder)).exit_code == 2
        process.send_signal(signal.SIGINT)
        assert ended(process) == 0
        assert "its files stay" in process.stderr.read()
    finally:
        process.stderr.close()


def test_a_sandbox_starts_again_on_its_own_folder(tmp_path: Path) -> None:
    """Same ports, same customers, limits as edited; the vendors' earlier changes are gone, and so are their records."""
    scenes = {name: sandbox.generated(name, 3, 7) for name in ("huawei", "tencent")}
    with sandbox.served(tmp_path, scenes, ports={}) as made:
        sandbox.remember(tmp_path, made, customers=3, seed=7)
        assert run("apply", "-c", str(made.config)).exit_code == 0
    limits = (tmp_path / "limits.csv").read_text()
    config = (tmp_path / "config.toml").read_text()
    before = sandbox.earlier(tmp_path)
    assert before is not None
    assert (before.customers, before.seed) == (3, 7)
    with sandbox.served_again(tmp_path, scenes, ports=before.ports) as again:
        assert run("plan", "-c", str(again.config)).exit_code == 3
        assert run("apply", "-c", str(again.config)).exit_code == 0
        taken = run("sandbox", "--dir", str(tmp_path))
    assert taken.exit_code == 2
    assert f"on port {before.ports['huawei']}" in taken.stderr
    assert "Errno" not in taken.stderr
    assert run("sandbox", "--dir", str(tmp_path), "--port", "huawei=1").exit_code == 2
    assert (tmp_path / "limits.csv").read_text() == limits
    assert (tmp_path / "config.toml").read_text() == config
    assert (tmp_path / "earlier.db").exists()


@pytest.mark.parametrize("marker", ["", "[]", "{}", '{"ports": [], "customers": 1, "seed": 1}'])
def test_a_folder_that_is_not_a_sandboxs_own_is_left_alone(tmp_path: Path, marker: str) -> None:
    """Without its marker, whole, nothing in a folder is taken for an earlier sandbox."""
    (tmp_path / "config.toml").write_text("mine")
    (tmp_path / "limits.csv").write_text("mine")
    (tmp_path / sandbox.MARKER).write_text(marker)
    assert sandbox.earlier(tmp_path) is None
    result = run("sandbox", "--dir", str(tmp_path))
    assert result.exit_code == 2
    assert "name a new folder" in result.stderr
    assert (tmp_path / "config.toml").read_text() == "mine"


def test_the_sandbox_takes_the_ports_it_is_given() -> None:
    """Given ports are used, and one that is taken is a usage error with the reason."""
    command = [sys.executable, "-m", "scheduler", "sandbox", "--port", "huawei=0", "--customers", "1"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout is not None
        shown = ""
        while "endpoint" not in shown:
            shown += process.stdout.readline()
        taken = re.search(r"127\.0\.0\.1:(\d+)", shown)
        assert taken is not None
        result = run("sandbox", "--port", f"tencent={taken[1]}", "--customers", "1")
        process.send_signal(signal.SIGTERM)
        assert ended(process) == 0
    assert result.exit_code == 2
    assert "could not be started" in result.stderr
