"""When the status page asks for somebody, and when it may be green."""

from dataclasses import replace

from core.standing import Restriction
from scheduler.reports.board import Attention, CustomerLine, StandingAlert
from scheduler.web.needs import needs
from scheduler.web.overview import overview_cells
from scheduler.web.saying import attentions
from tests.unit.boards import DAY, MINUTE, NOW, account, board, line, stopped
from tests.unit.test_web_pages import TIMES, overview, page


def critical(sentence: str, customer_id: str | None = None) -> StandingAlert:
    """Give a critical alert of huawei-main."""
    return StandingAlert(
        severity="critical", sentence=sentence, since=NOW, account="huawei-main", customer_id=customer_id
    )


def test_while_a_critical_alert_stands_the_page_is_not_green() -> None:
    """A critical alert that no other need says is a need; what another one says is not counted twice."""
    cut_off = critical("customer 1001 has spent 101.0 % of its limit", "1001")
    shown = board(account("huawei-main", [line("1001", 101_000)]), alerts=(cut_off,))
    cells = overview_cells(shown, TIMES)
    assert (cells["headline"], cells["well"]) == ("1 thing needs somebody", False)
    (need,) = needs(shown, TIMES)
    assert (need.sentence, need.link) == (cut_off.sentence, "#alerts")
    assert {"id": "alerts"} in page("overview", shown, cells).all("section")
    (both,) = needs(replace(shown, alerts=(cut_off, critical("the clock is off"))), TIMES)
    assert both.sentence == "2 critical alerts stand"
    unreadable = board(account("huawei-main", [], problem="no answer"), alerts=(critical("it cannot be read"),))
    assert len(needs(unreadable, TIMES)) == 1


def test_an_account_that_was_never_read_is_not_in_order() -> None:
    """Just after the start nobody knows, and the page is not green; later than it may take, it needs somebody."""
    never = account("huawei-main", [line("1001")], read_at=None, last_run=None)
    began = board(never, started_at=NOW - MINUTE)
    assert (overview_cells(began, TIMES)["well"], needs(began, TIMES)) == (False, [])
    late = replace(began, started_at=NOW - 3 * DAY)
    (need,) = needs(late, TIMES)
    assert need.sentence == "huawei-main was never read, 3 days after the daemon began, and should be every 10 min"
    assert "late" in overview(late)


def test_data_is_at_stake_in_its_last_days_and_for_sure_only_where_services_stand_still() -> None:
    """Seven days ahead it is a need with its date, earlier worth knowing; a merely restricted customer may lose it."""

    def of(days: int, restriction: Restriction) -> CustomerLine:
        stop = stopped("c1", restriction, NOW + days * DAY)
        return line("c1", stopped=stop, restriction=restriction, attention=(Attention.DELETION, Attention.STOPPED))

    shown = board(account("huawei-main", [of(15, Restriction.FROZEN)]))
    cells = overview_cells(shown, TIMES)
    assert cells["headline"] == "Nothing needs anybody"
    assert dict(cells["tiles"])["Worth knowing"] == "1"  # type: ignore[call-overload]  # a list of pairs
    (early,), (soon,) = (attentions(of(days, Restriction.FROZEN), TIMES) for days in (15, 7))
    assert (early.tone, soon.tone) == ("attention", "cut")
    assert "the vendor deletes its data after 2026-12-07 12:05 Shanghai (in 15 days)" in early.sentence
    for restriction, word in ((Restriction.FROZEN, "will"), (Restriction.RESTRICTED, "may")):
        (need,) = needs(board(account("huawei-main", [of(7, restriction)])), TIMES)
        assert need.sentence == f"Customer c1 {word} lose its data after 2026-11-29 12:05 Shanghai (in 7 days)"
    (said,) = attentions(of(3, Restriction.RESTRICTED), TIMES)
    assert "the vendor may delete its data after" in said.sentence
