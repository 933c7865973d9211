"""A daemon whose journal disappears under it stops writing, rather than beginning a new one."""

from pathlib import Path

from core.money import Money
from scheduler.jobs import Passes, SettingsSource
from tests.surface.cli_rig import GRANTED, RAISED, opened


def test_a_journal_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    """With it would go what people paused and what is not settled: nothing is written, and the reason is told."""
    with opened(tmp_path) as rig:
        passes = Passes(SettingsSource(rig.config), who="test")
        passes.run("huawei-main")
        assert passes.failure("huawei-main") is None
        writes = rig.writes()
        rig.vendors["huawei"].console_set(RAISED, Money.parse("9000.00"), "alice")
        store = next(path for path in tmp_path.rglob("tidegate.db"))
        for path in store.parent.glob("tidegate.db*"):
            if path.is_file():
                path.unlink()
        passes.run("huawei-main")
        failure = passes.failure("huawei-main")
        assert failure is not None
        assert "its file is gone or was replaced while the daemon ran" in str(failure)
        assert (rig.writes(), store.exists()) == (writes, False)


def test_a_pass_over_some_customers_writes_nothing(tmp_path: Path) -> None:
    """Guards count what one run would change, so a look at one customer's open change must not bring in others'."""
    with opened(tmp_path) as rig:
        passes = Passes(SettingsSource(rig.config), who="test")
        assert passes.run("tencent-main", frozenset({GRANTED})) is not None
        assert rig.writes() == 0
        passes.run("tencent-main")
        assert rig.writes() > 0
