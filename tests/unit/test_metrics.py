import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from core.plan import HoldReason
from scheduler.reports.board import Attention, Counts, Health
from scheduler.web.measures import Form
from scheduler.web.metrics import MEASURES, exposition
from tests.unit.boards import HOSTILE, NOW, account, board, line, many, quiet, renamed, waiting, wrong
from tests.unit.scrapes import COUNTS, HEALTH, scraped, troubled

# Closed: whoever adds one thinks of how many values it may have.
LABELS = {
    "account",
    "vendor",
    "policy",
    "version",
    "outcome",
    "action",
    "state",
    "operation",
    "reason",
    "guard",
    "channel",
    "kind",
    "severity",
}


def figure(name: str, **labels: str) -> float | None:
    """Give one figure of the troubled board, None where it is not shown."""
    return troubled().get(name, {}).get(frozenset(labels.items()))


def test_names_and_labels_are_of_prometheus_kind() -> None:
    """Every name is ours and differs from the others, counters alone end in _total, labels are of a closed set."""
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    for measure in MEASURES:
        assert re.fullmatch(r"tidegate(_[a-z]+)+", measure.name)
        assert measure.name.endswith("_total") == (measure.form is Form.COUNTER)
        assert set(measure.labels) <= LABELS


def test_every_meaning_is_a_sentence_with_its_unit() -> None:
    """A figure in seconds or dollars says so, a count says of what, a flag says what 1 is."""
    for measure in MEASURES:
        meaning = measure.meaning
        assert meaning.endswith(".")
        assert meaning[0].isupper() or meaning[0] == "1"
        unit = "seconds" if "_seconds" in measure.name else "US dollars" if measure.name.endswith("_dollars") else ""
        assert unit in meaning


def test_the_troubled_board_shows_every_metric() -> None:
    """Everything that can go wrong has its figure, so that these tests look at all of them."""
    shown = set(troubled())
    series = {
        name
        for measure in MEASURES
        for name in (
            (f"{measure.name}_count", f"{measure.name}_sum") if measure.form is Form.SUMMARY else (measure.name,)
        )
    }
    assert series <= shown
    assert all(name.startswith("process_") for name in shown - series)


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("tidegate_build_info", {"version": "0.1.0"}, 1),
        ("tidegate_ready", {}, 0),
        ("tidegate_passes_stuck", {}, 1),
        ("tidegate_config_rejected", {}, 1),
        ("tidegate_alerts_standing", {"severity": "critical"}, 1),
        ("tidegate_account_info", {"account": "tencent-main", "vendor": "tencent", "policy": "observe"}, 1),
        ("tidegate_account_readable", {"account": "huawei-main"}, 1),
        ("tidegate_account_readable", {"account": "tencent-main"}, 0),
        ("tidegate_account_readable", {"account": "tencent-eu"}, None),  # nobody has looked yet
        ("tidegate_account_late", {"account": "huawei-main"}, 0),
        ("tidegate_account_late", {"account": "tencent-eu"}, 1),
        ("tidegate_last_success_timestamp_seconds", {"account": "huawei-main"}, NOW.timestamp() - 180),
        ("tidegate_late_after_seconds", {"account": "huawei-main"}, 2400),
        ("tidegate_last_run_exit_code", {"account": "huawei-main"}, 4),
        ("tidegate_running", {"account": "huawei-main"}, 1),
        ("tidegate_window_open", {"account": "huawei-main"}, 0),
        ("tidegate_paused", {"account": "tencent-main"}, 0),
        ("tidegate_clock_problem", {"account": "huawei-main"}, 1),
        ("tidegate_customers", {"account": "huawei-main"}, 10),
        ("tidegate_customers_by_state", {"account": "huawei-main", "state": "held"}, 3),
        ("tidegate_customers_needing_attention", {"account": "huawei-main", "reason": "stopped"}, 2),
        ("tidegate_customers_needing_attention", {"account": "tencent-main", "reason": "stopped"}, 0),
        ("tidegate_customers_waiting", {"account": "huawei-main", "reason": "guard"}, 1),
        ("tidegate_customers_unknown", {"account": "huawei-main"}, 1),
        ("tidegate_customers_unlimited", {"account": "huawei-main"}, 14),
        ("tidegate_guard_tripped", {"account": "huawei-main", "guard": "max_raised"}, 1),
        ("tidegate_guard_tripped", {"account": "huawei-main", "guard": "max_cut"}, 0),
        ("tidegate_intents_open", {"account": "huawei-main", "state": "uncertain"}, 1),
        ("tidegate_uncertain_since_timestamp_seconds", {"account": "huawei-main"}, NOW.timestamp() - 1200),
        ("tidegate_uncertain_since_timestamp_seconds", {"account": "tencent-main"}, None),
        ("tidegate_disputes", {"account": "huawei-main", "kind": "two_writers"}, 1),
        ("tidegate_disputes", {"account": "huawei-main", "kind": "intent"}, 1),
        ("tidegate_disputes", {"account": "tencent-main", "kind": "books"}, 0),
        ("tidegate_limits_dollars", {"account": "huawei-main", "kind": "monthly"}, 10_000),
        ("tidegate_quota_left_dollars", {"account": "tencent-main"}, 50_000),
        ("tidegate_quota_left_dollars", {"account": "huawei-main"}, None),  # unknown is not zero
        ("tidegate_headroom_left_dollars", {"account": "huawei-main"}, 40_000),
        ("tidegate_budget_quota_dollars", {"account": "huawei-main", "kind": "monthly"}, 500_000),
        ("tidegate_rollover_need_dollars", {"account": "huawei-main"}, 610_000),
        ("tidegate_runs_total", {"account": "huawei-main", "outcome": "failed"}, 2),
        ("tidegate_runs_total", {"account": "tencent-main", "outcome": "failed"}, 0),
        ("tidegate_runs_total", {"account": "gone", "outcome": "done"}, 3),
        ("tidegate_run_seconds_count", {"account": "huawei-main"}, 142),
        ("tidegate_run_seconds_sum", {"account": "huawei-main"}, 310.5),
        ("tidegate_ticks_missed_total", {"account": "tencent-main"}, 5),
        ("tidegate_vendor_calls_total", {"account": "huawei-main", "operation": "ListSubCustomers"}, 900),
        ("tidegate_vendor_calls_total", {"account": "huawei-main", "operation": "throttled"}, None),
        ("tidegate_vendor_throttled_total", {"account": "huawei-main"}, 4),
        ("tidegate_deliveries_total", {"channel": "finance", "outcome": "failed"}, 3),
        ("tidegate_deliveries_total", {"channel": "finance", "outcome": "sent"}, 0),
        ("tidegate_deliveries_total", {"channel": "on-call", "outcome": "given_up"}, 0),  # nothing was ever sent there
        (
            "tidegate_messages_waiting_since_timestamp_seconds",
            {"channel": "operations"},
            (NOW - timedelta(hours=2)).timestamp(),
        ),
        ("tidegate_messages_waiting_since_timestamp_seconds", {"channel": "on-call"}, None),
        (
            "tidegate_data_deleted_after_timestamp_seconds",
            {"account": "huawei-main"},
            (NOW + timedelta(days=3)).timestamp(),
        ),
        ("tidegate_data_deleted_after_timestamp_seconds", {"account": "tencent-main"}, None),
    ],
)
def test_a_figure_says_what_the_board_says(name: str, labels: dict[str, str], expected: float | None) -> None:
    """Each figure is the board's own, and what is not known is not there."""
    assert figure(name, **labels) == expected


def test_sums_are_made_of_cents() -> None:
    """A hundred customers that each spent a cent less than a dollar spent 99.00 together, to the cent."""
    shown = board(account("huawei-main", [line(f"c{number}", used=99) for number in range(100)]))
    found = scraped(shown)["tidegate_spent_most_dollars"]
    assert set(found.values()) == {99.0}


def test_a_daemon_that_has_just_started_counts_from_zero() -> None:
    """Runs, seconds, missed ticks and throttled calls are there before the first one is counted."""
    found = scraped(quiet(), Counts(), Health())
    for name in ("tidegate_runs_total", "tidegate_run_seconds_sum", "tidegate_ticks_missed_total"):
        assert set(found[name].values()) == {0.0}
        assert len(found[name]) >= 2
    assert found["tidegate_ready"] == {frozenset(): 1.0}


def test_a_pass_that_left_no_run_counts_as_the_newest_run() -> None:
    """Its account is not readable, and the newest run's end and exit code are those of the pass."""
    failed = replace(account("huawei-main", []), problem="a secret is missing", problem_since=NOW, failed_at=NOW)
    found = scraped(board(failed))
    of_it = frozenset({("account", "huawei-main")})
    assert found["tidegate_account_readable"][of_it] == 0
    assert found["tidegate_last_run_exit_code"][of_it] == 1
    assert found["tidegate_last_run_timestamp_seconds"][of_it] == NOW.timestamp()


def test_no_customer_is_named() -> None:
    """Neither names nor ids of customers, of resellers or of changes are in a scrape."""
    body, _ = exposition(renamed(wrong(), HOSTILE), COUNTS, HEALTH)
    text = body.decode()
    ids = [each.key.customer_id for whose in wrong().accounts for each in whose.customers]
    assert [word for word in (*ids, "Acme", "<script", "01JX", "contract") if word in text] == []


def test_the_number_of_series_does_not_grow_with_customers() -> None:
    """Ten thousand customers give as many lines as two hundred, in a moment."""
    began = time.perf_counter()
    large, _ = exposition(many(10_000), Counts(), Health())
    assert time.perf_counter() - began < 10  # a tenth of a second on a quiet machine, most of it for making the board
    small, _ = exposition(many(1_000), Counts(), Health())
    assert abs(large.count(b"\n") - small.count(b"\n")) <= 4  # a sort of trouble that none of the few is in


def test_reasons_are_words_of_the_runbook() -> None:
    """Every hold reason may be counted, and each attention word is, at zero too."""
    lines = [line(f"c{number}", waiting=waiting(word.word, "", "")) for number, word in enumerate(HoldReason)]
    found = scraped(board(account("huawei-main", lines)))
    reasons = {dict(labels)["reason"] for labels in found["tidegate_customers_waiting"]}
    assert reasons == {reason.word for reason in HoldReason}
    words = {dict(labels)["reason"] for labels in found["tidegate_customers_needing_attention"]}
    assert words == set(Attention)


def test_nothing_is_kept_between_scrapes() -> None:
    """Two scrapes of the same values are the same but for the process's own; the library's registry has none."""
    first, second = (
        {name: series for name, series in troubled().items() if not name.startswith("process_")} for _ in range(2)
    )
    assert first == second
    assert [metric.name for metric in REGISTRY.collect() if metric.name.startswith("tidegate")] == []


def test_the_content_type_is_the_text_format_every_prometheus_reads() -> None:
    """It names the version of the format, without which newer servers refuse an answer."""
    _, content_type = exposition(quiet(), Counts(), Health(ages={"huawei-main": timedelta(minutes=1)}))
    assert content_type == "text/plain; version=0.0.4; charset=utf-8"
