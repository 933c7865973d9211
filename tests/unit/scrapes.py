"""What the daemon counted, and a scrape read back as Prometheus does, for the tests of metrics and alerting rules."""

from collections.abc import Mapping
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from scheduler.reports.board import Board, Counts, Health
from scheduler.web.metrics import exposition
from tests.unit.boards import wrong

COUNTS = Counts(
    runs={("huawei-main", "done"): 140, ("huawei-main", "failed"): 2, ("gone", "done"): 3},
    run_seconds={"huawei-main": (142, 310.5)},
    corrections={("huawei-main", "set_amount", "settled_applied"): 12, ("huawei-main", "set_amount", "refused"): 1},
    calls={("huawei-main", "ListSubCustomers"): 900, ("huawei-main", "throttled"): 4},
    missed={"tencent-main": 5},
    deliveries={("operations", "sent"): 8, ("finance", "failed"): 3},
)
HEALTH = Health(
    stuck=("the pass over tencent-main has shown no progress for 12 minutes",),
    late={"tencent-main": timedelta(hours=5), "tencent-eu": None},
    ages={"huawei-main": timedelta(minutes=3), "tencent-main": timedelta(hours=5), "tencent-eu": None},
)

Labels = frozenset[tuple[str, str]]


def scraped(board: Board, counts: Counts = COUNTS, health: Health = HEALTH) -> Mapping[str, Mapping[Labels, float]]:
    """Give the figures of one scrape: by name of the series, then by its labels."""
    body, _ = exposition(board, counts, health)
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            series = found.setdefault(sample.name, {})
            labels = frozenset(sample.labels.items())
            assert labels not in series, f"{sample.name} is there twice"
            series[labels] = sample.value
    return found


def troubled() -> Mapping[str, Mapping[Labels, float]]:
    """Give the scrape of a board on which everything goes wrong."""
    return scraped(wrong())
