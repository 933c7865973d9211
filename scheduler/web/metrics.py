"""The metrics in the text format of Prometheus. Its library is imported here alone.

Called by the page's server for each scrape. Everything is made anew from values; nothing is kept between scrapes, and
nothing is put into the library's registry for the whole process.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from scheduler.reports.board import Board, Counts, Health
from scheduler.web.account_measures import ACCOUNT_MEASURES
from scheduler.web.customer_measures import CUSTOMER_MEASURES
from scheduler.web.daemon_measures import DAEMON_MEASURES
from scheduler.web.measures import Facts, Form, Measure
from scheduler.web.money_measures import MONEY_MEASURES

MEASURES: tuple[Measure, ...] = (*DAEMON_MEASURES, *ACCOUNT_MEASURES, *CUSTOMER_MEASURES, *MONEY_MEASURES)
"""Every metric of ours, in the order in which they are shown."""


class _Collector(Collector):
    """Gives the metrics of one moment."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """Give each metric with its figures; one without figures still says what it is."""
        for measure in MEASURES:
            yield _family(measure, self._facts)


def exposition(board: Board, counts: Counts, health: Health) -> tuple[bytes, str]:
    """Write all metrics; give the body and its content type.

    The library's own figures of this process (`process_*`: CPU, memory, open files) follow where the system tells them.
    """
    # It would look for names that are there twice, and collect everything for that: ours differ, by a test.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(Facts(board=board, counts=counts, health=health)))
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


def _family(measure: Measure, facts: Facts) -> Metric:
    match measure.form:
        case Form.GAUGE:
            gauge = GaugeMetricFamily(measure.name, measure.meaning, labels=measure.labels)
            for sample in measure.samples(facts):
                gauge.add_metric(sample.labels, sample.value)
            return gauge
        case Form.COUNTER:
            counter = CounterMetricFamily(measure.name, measure.meaning, labels=measure.labels)
            for sample in measure.samples(facts):
                counter.add_metric(sample.labels, sample.value)
            return counter
        case Form.SUMMARY:
            summary = SummaryMetricFamily(measure.name, measure.meaning, labels=measure.labels)
            for sample in measure.samples(facts):
                summary.add_metric(sample.labels, sample.count, sample.value)
            return summary
