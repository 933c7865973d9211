import io
import re

import pytest
from rich.console import Console

from core.intent import Action, Position
from core.limit import Customer, CustomerKey, Kind, OnExhaustion
from core.money import Money
from core.plan import Direction, GuardVerdict, HoldReason, Plan
from core.standing import Spend
from scheduler.reports.plan_table import plan_table
from scheduler.reports.summary import plain_reason
from tests.unit.report_plans import HOSTILE, HUAWEI_ID, NOON, TENCENT_ID, TRIPPED, correction, cut, hold, plan_of

WIDTHS = (80, 100, 160)


def printed(plan: Plan, width: int = 100, *, show_names: bool = False, color: bool = False) -> str:
    """Give the table as it appears on a screen of this width."""
    console = Console(file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None)
    with console.capture() as captured:
        console.print(plan_table(plan, width=width, show_names=show_names))
    return captured.get()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_longer_than_the_screen(width: int) -> None:
    """At every usual width nothing runs over the edge."""
    text = printed(plan_of((correction(), cut()), (hold(),), (TRIPPED,)), width)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_and_ids_are_whole_at_every_width(width: int) -> None:
    """A figure never loses a digit, and an ordinary id can be copied from one line."""
    text = printed(plan_of((correction(), cut()), (hold(),)), width)
    for figure in ("1,000.00", "1,500.00", "+500.00", "812.40", "12,345,678.90", "-2,345,678.90"):
        assert figure in text
    assert TENCENT_ID in text
    assert HUAWEI_ID in printed(plan_of((correction(),)), width)


def test_amounts_are_right_aligned() -> None:
    """The decimal points of a column stand below each other."""
    rows = (correction(), correction(order=2, before=Position(granted=Money(1)), change=Money(149_999)))
    lines = [line for line in printed(plan_of(rows)).splitlines() if "1,500.00" in line]
    assert len({line.index("1,500.00") for line in lines}) == 1
    assert (
        len({line.index(figure) + len(figure) for line, figure in zip(lines, ("1,000.00", "0.01"), strict=True)}) == 1
    )


def test_colour_only_repeats_the_sign() -> None:
    """Without colour the table says the same."""
    plan = plan_of((correction(), cut()))
    plain = printed(plan)
    coloured = printed(plan, color=True)
    assert "\x1b[" not in plain
    assert "\x1b[32m" in coloured
    assert "\x1b[31m" in coloured
    assert "+500.00" in plain
    assert "-2,345,678.90" in plain


def test_the_row_says_what_it_does_to_the_customer() -> None:
    """Room to spend, and what else happens to the customer, stand beside the figures."""
    text = printed(plan_of((correction(), cut())), 160)
    assert "leaves 687.60 to spend" in text
    assert "changed outside Tidegate by alice" in text


def test_a_hold_is_not_done_and_says_why() -> None:
    """What will not be made now is listed as not done, in plain words with its particulars."""
    text = printed(plan_of(holds=(hold(),)), 160)
    assert "Not done:" in text
    assert "the outcome of an earlier change is not known yet" in text
    assert "can be settled from 12:08" in text
    assert "on hold" not in text.lower()


def test_a_tripped_guard_is_told_with_its_way_out() -> None:
    """Figures, limit and what to do are all in the guard's line."""
    text = " ".join(printed(plan_of((correction(),), guards=(TRIPPED,))).split())
    assert (
        "tencent-main: max_cut: 2345678.90 would be taken, 1000.00 is allowed; if it is meant, raise the guard" in text
    )


def test_a_guard_that_holds_many_rows_is_explained_once() -> None:
    """Each row names the guard and where to look; figures and the way out stand once, below."""
    held = correction().held(HoldReason.GUARD, TRIPPED.sentence, ("max_cut",))
    text = " ".join(printed(plan_of(holds=(held, held, held), guards=(TRIPPED,)), 160).split())
    assert text.count("a guard is tripped: max_cut") == 3
    assert text.count("see Guards tripped below") == 3
    assert text.count(TRIPPED.sentence) == 1


def test_a_guard_over_customers_is_told_for_the_largest_change() -> None:
    """Where one guard holds several customers, the one line names the largest, whose figure lets all of them pass."""
    rows = [
        correction(customer=Customer(CustomerKey("tencent", name)), change=Money(cents)).held(
            HoldReason.GUARD, "", ("max_single_change",)
        )
        for name, cents in (("small", 100), ("large", -900), ("middle", 500))
    ]
    verdicts = tuple(
        GuardVerdict(
            guard="max_single_change",
            account=row.account,
            customer=row.key,
            tripped=True,
            figures="",
            limit="0.50",
            sentence=f"max_single_change: {row.moved} would be changed",
        )
        for row in rows
    )
    text = " ".join(printed(plan_of(holds=tuple(rows), guards=(*verdicts, TRIPPED)), 160).split())
    assert "huawei-main, customer large: max_single_change: -9.00 would be changed (2 more customers by less)" in text
    assert text.count("would be changed") == 1
    alone = printed(plan_of(holds=(rows[0],), guards=verdicts[:1]), 160)
    assert "customer small: max_single_change: 1.00 would be changed\n" in re.sub(" +\n", "\n", alone)


def test_the_list_price_note_is_always_there() -> None:
    """No table lets spend pass for the invoice."""
    for plan in (plan_of(), plan_of((correction(),)), plan_of(holds=(hold(),))):
        assert "Spent is the vendor's list-price estimate, never the invoice." in printed(plan)


def test_an_empty_plan_is_one_cheerful_line() -> None:
    """In sync, the first line says so, and nothing is listed."""
    text = printed(plan_of())
    assert text.splitlines()[0] == "All in sync: 6 customers stand where you want them, nothing to do."
    assert "Customer " not in text


def test_credit_left_to_give_out_is_told() -> None:
    """The credit of an account is shown as it is now and after the plan."""
    assert "70,000.00 left to give out now, 50,000.00 after this plan" in printed(plan_of((cut(),)), 160)


def test_customers_without_a_limit_are_named_but_not_all() -> None:
    """A few ids of unlimited customers are shown, the rest is counted."""
    assert "without a limit, never touched, yet able to spend: 0, 1, 2, 3, 4 and 3 more" in printed(plan_of(), 160)


def test_an_unread_account_is_said_first() -> None:
    """A plan that could not read an account never looks complete."""
    text = printed(plan_of(complete=False, problem="the key was refused"))
    assert "huawei-main could not be read: the key was refused" in text
    assert "not everything could be read" in text


def test_what_waits_for_a_person_is_never_all_in_sync() -> None:
    """An open matter outside the plan's rows is told first, and keeps the plan from looking finished."""
    text = printed(plan_of(attention=("customer c9 has no limit any more, and a change in doubt",)))
    assert "All in sync" not in text
    assert "huawei-main: customer c9 has no limit any more, and a change in doubt" in text


def test_names_are_masked_and_can_be_shown() -> None:
    """Names need to be asked for; ids are always whole."""
    plan = plan_of((correction(),))
    assert "Acme" not in printed(plan)
    assert "A***e" in printed(plan)
    assert printed(plan).count("--show-names shows them") == 1
    assert "--show-names" not in printed(plan, show_names=True)
    assert "Acme Trading Ltd" in printed(plan, show_names=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_names_are_only_text(width: int) -> None:
    """Markup, control characters and line breaks of a name change nothing on the screen."""
    text = printed(plan_of((correction(name=HOSTILE),), (hold(name=HOSTILE),)), width, show_names=True)
    assert "[red]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "second line" in " ".join(text.split())


def test_an_unknown_figure_is_never_shown_as_zero() -> None:
    """What nobody knows is called unknown."""
    row = hold(before=Position(), spent=None, available=None)
    line = next(line for line in printed(plan_of(holds=(row,)), 160).splitlines() if "200099" in line)
    assert "unknown" in line
    assert "0.00" not in line.replace("1,500.00", "")


def test_a_changed_kind_and_action_stand_below_the_amount() -> None:
    """Besides the amount a row shows the kind and the action where they change."""
    row = correction(
        action=Action.SET_KIND,
        before=Position(granted=Money(100_000), kind=Kind.MONTHLY),
        after=Position(granted=Money(100_000), kind=Kind.ONE_TIME, on_exhaustion=OnExhaustion.RESTRICT),
        change=Money(0),
        direction=Direction.NEITHER,
    )
    text = printed(plan_of((row,)), 160)
    assert "monthly" in text
    assert "one-time" in text
    assert "restrict" in text
    assert "+0.00" not in text


def test_blocked_and_waiting_rows_say_so() -> None:
    """What is listed but not sent, and what waits for credit, is told in the row."""
    text = printed(plan_of((correction(blocked_by=("write_policy observe",)), cut(waits=True))), 160)
    assert "not sent: write_policy observe" in text
    assert "waits for credit that cuts of this plan free" in text


def test_an_interval_of_spend_is_shown_as_one() -> None:
    """Metered spend that is not exact shows both ends."""
    text = printed(plan_of((correction(spent=Spend(low=Money(100), high=Money(200), since=NOON)),)), 160)
    assert "1.00 to" in text
    assert "2.00" in text


def test_overspent_customers_are_not_told_negative_room() -> None:
    """Where more is spent than will be granted, the row says how much over."""
    text = printed(plan_of((correction(spent=Spend.exactly(Money(160_000)), available=Money(-60_000)),)), 160)
    assert "100.00 over what it may spend" in text


def test_many_rows_of_long_ids_keep_their_figures() -> None:
    """On a narrow screen every row of a long table still has its figure."""
    rows = tuple(
        correction(order=number, customer=Customer(CustomerKey("huawei", f"{number:032x}"))) for number in range(1, 301)
    )
    text = printed(plan_of(rows), 80)
    assert text.count("+500.00") == len(rows)


def test_an_unread_account_is_told_once() -> None:
    """One line says why and what to do, without codes of ours; its customers do not repeat it."""
    rows = tuple(
        hold(
            order=number,
            account="huawei-main",
            reason=HoldReason.UNREADABLE,
            detail="no answer came from the vendor (ConnectionException)",
        )
        for number in range(1, 16)
    )
    problem = "ListSubCustomers: no answer came from the vendor (ConnectionException) (no_answer)"
    text = " ".join(printed(plan_of(holds=rows, complete=False, problem=problem)).split())
    assert text.count("no answer came") == 1
    assert "huawei-main could not be read: no answer came from the vendor. None of its 4 customers" in text
    assert "tidegate check --account huawei-main" in text
    assert "Exception" not in text
    assert "Not done:" not in text


def test_a_vendors_own_code_stays() -> None:
    """The vendor's support asks for its code; only ours say nothing to anybody."""
    problem = "QueryCredit: the key was refused (AuthFailure.SignatureFailure)"
    assert plain_reason(problem) == "the key was refused (AuthFailure.SignatureFailure)"
    assert plain_reason("unexpected: KeyError: 'x'") == "KeyError: 'x'"


def test_a_guarded_row_says_what_would_be_done() -> None:
    """What a guard holds still shows its change."""
    row = correction(order=1).held(HoldReason.GUARD, "max_raised: ...", ("max_raised",))
    assert "it would be +500.00; see Guards tripped below" in printed(plan_of(holds=(row,)), 160)
