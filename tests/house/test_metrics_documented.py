from pathlib import Path

from scheduler.web.metrics import MEASURES
from tests.house.metrics_table import HEAD, metrics_table

OPERATING = (Path(__file__).resolve().parents[2] / "scheduler" / "README.md").read_text(encoding="utf-8")


def test_every_metric_is_documented_with_its_labels() -> None:
    """The runbook's table of metrics is the code's own, row for row: names and labels change in both or in neither."""
    assert HEAD[0] in OPERATING
    written = OPERATING[OPERATING.index(HEAD[0]) :].split("\n\n", 1)[0].splitlines()
    assert written == metrics_table().splitlines()


def test_the_table_has_a_row_for_each_metric() -> None:
    """No meaning breaks the table."""
    rows = metrics_table().splitlines()[2:]
    assert len(rows) == len(MEASURES)
    assert all(row.count("|") == HEAD[0].count("|") for row in rows)
