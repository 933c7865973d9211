import re

from hypothesis import given, settings
from hypothesis import strategies as st

from core.limit import Customer, CustomerKey
from core.money import Money
from core.plan import GuardVerdict
from core.standing import Spend
from scheduler.reports.markdown import LONGEST, MANY, Section, document, prose
from scheduler.reports.plan_html import plan_html
from scheduler.reports.plan_markdown import ELSEWHERE, plan_markdown
from scheduler.reports.plan_table import plan_table
from tests.unit.report_plans import APPROVED, HUAWEI_ID, correction, cut, hold, plan_of
from tests.unit.test_report_endings import printed
from tests.unit.test_report_plan_html import Page

WAY_OUT = (
    "max_cut: 2345678.90 would be taken, 1000.00 is allowed; if it is meant, approve it: [[approvals]] "
    'account = "tencent-main", kind = "max_cut", up_to = "2345678.90", until = 2026-11-24, approved_by = "…", '
    'reason = "…"; or write max_cut = { amount = "2345678.90" } under [accounts.tencent-main.guards] for this change '
    "(an approval's keys stand on lines of their own)"
)
TRIPPED = GuardVerdict(
    guard="max_cut", account="tencent-main", customer=None, tripped=True, figures="1", limit="1", sentence=WAY_OUT
)
APPROVAL = (
    '[[approvals]]\naccount = "tencent-main"\nkind = "max_cut"\nup_to = "2345678.90"\nuntil = 2026-11-24\n'
    'approved_by = "…"\nreason = "…"'
)


def long_plan(count: int) -> str:
    """Give a plan of so many raises, a cut that exhausts and half as many holds, as Markdown."""
    raises = [
        correction(order=number, customer=Customer(CustomerKey("huawei", f"{number:032x}"))) for number in range(count)
    ]
    holds = [hold(order=count + 1 + number) for number in range(count // 2)]
    return plan_markdown(plan_of((*raises, cut(exhausts=True, order=count)), tuple(holds)), show_names=False)


def test_a_plan_github_would_refuse_says_what_it_leaves_out() -> None:
    """The first rows stay, the rest is counted, and where all of it is stands below the headline."""
    text = long_plan(1_000)
    assert len(text) <= LONGEST
    shown = len(re.findall(r"^\| \d+ \| ", text, flags=re.MULTILINE))
    left_out = [int(each.replace(",", "")) for each in re.findall(r"([\d,]+) corrections", text.split("Left out: ")[1])]
    assert shown + sum(left_out[:2]) == 1_001 + 500
    assert text.splitlines()[2].endswith(ELSEWHERE)
    assert "Accounts" in text
    assert "fingerprint" in text


def test_a_long_list_is_folded_and_a_short_one_is_open() -> None:
    """A reviewer sees the headline, the totals and what exhausts a customer before opening hundreds of rows."""
    text = long_plan(MANY + 5)
    assert text.count("<details>") == text.count("</details>") == 1
    assert "**1 correction: would be exhausted**: `200012345678`" in text.split("<details>")[0]
    assert "Left out" not in text
    assert "<details>" not in long_plan(3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text("ab|", max_size=60), max_size=30), min_size=1, max_size=4), st.integers(900, 3_000))
def test_no_document_is_longer_than_asked(items: list[list[str]], longest: int) -> None:
    """Whatever the sections hold, the text fits, unless what frames the lists is longer by itself."""
    sections = [Section(title="t", items=each, what="line") for each in items]
    assert len(document(sections, elsewhere="elsewhere", longest=longest)) <= longest


def test_an_approval_can_be_copied_as_it_is_written() -> None:
    """Markdown and the page give the approval's lines as a block, without backslashes, as the file takes them."""
    plan = plan_of((correction(),), guards=(TRIPPED, APPROVED))
    text = plan_markdown(plan, show_names=False)
    block = "\n".join(line.removeprefix("  ") for line in text.split("```toml\n")[1].split("```")[0].splitlines())
    assert block.strip() == APPROVAL
    assert "`[accounts.tencent-main.guards]`" in text
    assert "\\" not in text
    assert " ".join(APPROVAL.split()) in Page(plan_html(plan, show_names=False)).text


def test_an_underscore_within_a_word_is_no_markup() -> None:
    """Names of settings stay readable; marks that would make something else are escaped."""
    assert prose("max_cut of account_1") == "max_cut of account_1"
    assert prose("_this_ [a](b) #1 @all *x*") == "\\_this\\_ \\[a\\](b) \\#1 \\@all \\*x\\*"


def test_ids_are_whole_at_80_columns() -> None:
    """Where four columns of figures leave no room for a Huawei id, the figures stand below each other."""
    long = correction(spent=Spend(low=Money(81_240_00), high=Money(91_240_00)))
    unmoved = correction(order=3, change=None)
    text = printed(plan_table(plan_of((long, cut(), unmoved)), width=80, show_names=False), 80)
    assert text.count("change ") == 2
    assert HUAWEI_ID in text
    for said in ("now 1,000.00", "wanted 10,000,000.00", "change -2,345,678.90", "spent 81,240.00 to"):
        assert said in text
    assert max(map(len, text.splitlines())) <= 80
