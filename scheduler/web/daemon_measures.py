"""The metrics of the daemon as a whole, and what it counted since it started.

Read by scheduler.web.metrics. A count that can only have a few names is there from the start with 0, so that the first
event is seen as a rise.
"""

from collections.abc import Iterator

from core.alerts import Severity
from scheduler.web.measures import Facts, Form, Measure, Sample, seconds

# The endings of a pass, as Counts names them.
OUTCOMES = ("done", "pending", "unfinished", "failed")
# What may become of a message, as Counts names it.
DELIVERED = ("sent", "failed", "given_up", "unclear")
_THROTTLED = "throttled"


def _started(facts: Facts) -> Iterator[Sample]:
    began = seconds(facts.board.started_at)
    if began is not None:
        yield Sample((), began)


def _alerts(facts: Facts) -> Iterator[Sample]:
    for severity in Severity:
        standing = sum(1 for alert in facts.board.alerts if alert.severity == severity)
        yield Sample((severity,), standing)


def _runs(facts: Facts) -> Iterator[Sample]:
    runs = facts.counts.runs
    at_first = {(account.name, outcome): 0 for account in facts.board.accounts for outcome in OUTCOMES}
    for labels, count in {**at_first, **runs}.items():
        yield Sample(labels, count)


def _run_seconds(facts: Facts) -> Iterator[Sample]:
    at_first = {account.name: (0, 0.0) for account in facts.board.accounts}
    for account, (count, took) in {**at_first, **facts.counts.run_seconds}.items():
        yield Sample((account,), took, count)


def _missed(facts: Facts) -> Iterator[Sample]:
    at_first = {account.name: 0 for account in facts.board.accounts}
    for account, count in {**at_first, **facts.counts.missed}.items():
        yield Sample((account,), count)


def _corrections(facts: Facts) -> Iterator[Sample]:
    for labels, count in facts.counts.corrections.items():
        yield Sample(labels, count)


def _calls(facts: Facts) -> Iterator[Sample]:
    for labels, count in facts.counts.calls.items():
        if labels[1] != _THROTTLED:
            yield Sample(labels, count)


def _throttled(facts: Facts) -> Iterator[Sample]:
    at_first = {account.name: 0 for account in facts.board.accounts}
    counted = {account: count for (account, name), count in facts.counts.calls.items() if name == _THROTTLED}
    for account, count in {**at_first, **counted}.items():
        yield Sample((account,), count)


def _deliveries(facts: Facts) -> Iterator[Sample]:
    counted = facts.counts.deliveries
    channels = {*facts.board.channels, *(channel for channel, _ in counted)}
    at_first = {(channel, outcome): 0 for channel in sorted(channels) for outcome in DELIVERED}
    for labels, count in {**at_first, **counted}.items():
        yield Sample(labels, count)


DAEMON_MEASURES = (
    Measure(
        name="tidegate_build_info",
        form=Form.GAUGE,
        meaning="Always 1; the label says which version of Tidegate runs.",
        samples=lambda facts: [Sample((facts.board.version,), 1)],
        labels=("version",),
    ),
    Measure(
        name="tidegate_start_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the daemon started, in seconds since 1970.",
        samples=_started,
    ),
    Measure(
        name="tidegate_board_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When these figures were collected from the records, in seconds since 1970.",
        samples=lambda facts: [Sample((), facts.board.made_at.timestamp())],
    ),
    Measure(
        name="tidegate_ready",
        form=Form.GAUGE,
        meaning="1 when every account was read in time, else 0; as /readyz.",
        samples=lambda facts: [Sample((), not facts.health.late)],
    ),
    Measure(
        name="tidegate_passes_stuck",
        form=Form.GAUGE,
        meaning="Number of things that show no progress any more; as /healthz, which is 503 above 0.",
        samples=lambda facts: [Sample((), len(facts.health.stuck))],
    ),
    Measure(
        name="tidegate_config_rejected",
        form=Form.GAUGE,
        meaning="1 when the files on disk are broken and the last whole ones are in force, else 0.",
        samples=lambda facts: [Sample((), bool(facts.board.config_faults))],
    ),
    Measure(
        name="tidegate_alerts_standing",
        form=Form.GAUGE,
        meaning="Number of alerts that stand now, by severity.",
        samples=_alerts,
        labels=("severity",),
    ),
    Measure(
        name="tidegate_deliveries_total",
        form=Form.COUNTER,
        meaning=(
            "Messages of alerts to a channel by outcome: sent, failed (tried again), given_up (never told there), "
            "unclear (it may have been taken)."
        ),
        samples=_deliveries,
        labels=("channel", "outcome"),
    ),
    Measure(
        name="tidegate_messages_waiting_since_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the oldest message was written that the channel has not taken, seconds since 1970; absent: none.",
        samples=lambda facts: [
            Sample((channel,), since.timestamp()) for channel, since in facts.board.unsent_since.items()
        ],
        labels=("channel",),
    ),
    Measure(
        name="tidegate_runs_total",
        form=Form.COUNTER,
        meaning="Passes over an account by outcome: done, pending, unfinished or failed (exit codes 0, 3, 4, 1).",
        samples=_runs,
        labels=("account", "outcome"),
    ),
    Measure(
        name="tidegate_run_seconds",
        form=Form.SUMMARY,
        meaning="How long passes over an account took, in seconds.",
        samples=_run_seconds,
        labels=("account",),
    ),
    Measure(
        name="tidegate_ticks_missed_total",
        form=Form.COUNTER,
        meaning="Ticks of an account that came too late or met a pass still under way.",
        samples=_missed,
        labels=("account",),
    ),
    Measure(
        name="tidegate_corrections_total",
        form=Form.COUNTER,
        meaning="Corrections that were to be made, by action and by the state their intent reached.",
        samples=_corrections,
        labels=("account", "action", "state"),
    ),
    Measure(
        name="tidegate_vendor_calls_total",
        form=Form.COUNTER,
        meaning="Requests begun at the vendor, by the vendor's name of the operation.",
        samples=_calls,
        labels=("account", "operation"),
    ),
    Measure(
        name="tidegate_vendor_throttled_total",
        form=Form.COUNTER,
        meaning="Requests that the vendor answered with: too many.",
        samples=_throttled,
        labels=("account",),
    ),
)
