import io
import json
from dataclasses import dataclass, replace
from datetime import timedelta

from rich.console import Console, RenderableType

from core.books import Dispute, DisputeSort
from core.intent import Intent, Position, State
from core.limit import Customer, CustomerKey, WritePolicy
from core.money import Money
from core.pause import Pause
from core.plan import Correction, HoldReason
from scheduler.reports.history_table import HistoryLine, Sort, history_document, history_table
from scheduler.reports.outcome_table import MOST_ROWS, intent_end, outcome_table
from scheduler.reports.standing_table import AccountStanding, Overview, overview_document, overview_table
from tests.unit.report_plans import HOSTILE, LATER, NOON, TENCENT_ID, correction, cut


@dataclass(frozen=True, slots=True)
class Ending:
    """An outcome as the reports see it."""

    correction: Correction
    intent: Intent | None = None
    held: HoldReason | None = None
    sentence: str = ""


def intent(state: State = State.UNCERTAIN, **changes: object) -> Intent:
    """Give an intent of Tencent's customer in some state."""
    made = Intent(
        id="01JINTENT0000000000000000",
        mark="tgABCD01JINTENT00000000000000000",
        run="01JRUN",
        who="ann",
        account="tencent-main",
        customer=Customer(CustomerKey("tencent", TENCENT_ID)),
        action=cut().action or correction().action,  # type: ignore[arg-type]  # a cut has an action
        before=Position(granted=Money(100)),
        wanted=Position(granted=Money(300)),
        change=Money(200),
        rows_before=1,
        inputs_hash="",
        epoch=1,
        recorded_at=NOON,
        state=state,
        fence_at=LATER,
        outcome="the reply was lost",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # facts by name


def printed(renderable: RenderableType, width: int = 120) -> str:
    """Give a report as it appears on a screen."""
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def ended(*endings: Ending, still_open: tuple[Intent, ...] = (), settled: tuple[Intent, ...] = ()) -> str:
    """Print the end of an apply."""
    settle_at = LATER if still_open else None
    return printed(outcome_table(endings, settled=settled, still_open=still_open, settle_at=settle_at))


def test_every_state_of_an_intent_has_words() -> None:
    """No state can reach a person as an internal name."""
    assert all(intent_end(state) for state in State)


def test_all_applied_is_counted() -> None:
    """When everything went well, the count says so."""
    text = ended(*(Ending(correction(), intent(State.SETTLED_APPLIED)) for _ in range(3)))
    assert "3 of 3 changes applied and read back." in text
    assert "Still open" not in text


def test_what_is_uncertain_says_when_it_can_be_settled() -> None:
    """An open change is listed with its id and the time from which it can be settled."""
    open_one = intent()
    text = ended(Ending(correction(), open_one), still_open=(open_one,))
    assert open_one.id in text
    assert "can be settled from 2026-11-22 12:08:00 UTC" in text
    assert "0 of 1 change applied" in text
    assert "Run `tidegate apply` again after 2026-11-22 12:08:00 UTC" in text


def test_what_was_not_done_says_why() -> None:
    """A refusal shows the vendor's words, a hold its reason."""
    refused = intent(State.REFUSED, outcome="the amount is out of range")
    text = ended(Ending(correction(), refused), Ending(correction(), None, HoldReason.MOVED, "it stands as wanted now"))
    assert "refused by the vendor: the amount is out of range" in text
    assert f"{HoldReason.MOVED.sentence}: it stands as wanted now" in " ".join(text.split())


def test_many_successes_are_only_counted() -> None:
    """Of a long list only what needs a look is shown."""
    fine = [Ending(correction(), intent(State.SETTLED_APPLIED)) for _ in range(MOST_ROWS + 1)]
    text = ended(*fine, Ending(cut(), intent(State.REFUSED)))
    assert text.count("applied and read back") == 1
    assert "refused by the vendor" in text
    assert f"{MOST_ROWS + 1} of {MOST_ROWS + 2} changes" in text


def test_earlier_changes_that_were_settled_are_told() -> None:
    """What an earlier run left open and this one closed is listed."""
    text = ended(settled=(intent(State.SETTLED_APPLIED, outcome="found in the vendor's records"),))
    assert "Settled from earlier runs: 1 change." in text
    assert "found in the vendor's records" in text
    assert "Nothing was to be changed." in text


def _overview(**changes: object) -> Overview:
    account = AccountStanding(
        name="tencent-main",
        vendor="tencent",
        write_policy=WritePolicy.SYNC,
        limits=4,
        ran_at=NOON,
        command="apply",
        in_sync=3,
        pending=1,
        held=0,
    )
    quiet: dict[str, object] = {"accounts": [account], "open_intents": (), "disputes": (), "pauses": ()}
    return Overview(**{**quiet, **changes})  # type: ignore[arg-type]  # facts by name


def test_a_quiet_status_says_that_nothing_is_open() -> None:
    """With nothing open, disputed or paused, status says just that below the accounts."""
    text = printed(overview_table(_overview()))
    assert "tencent-main" in text
    assert "No change is open, nothing is disputed, nothing is paused." in text


def test_an_account_that_never_ran_has_no_figures() -> None:
    """Before the first run nothing is claimed."""
    fresh = AccountStanding(name="x", vendor="huawei", write_policy=WritePolicy.OBSERVE, limits=2)
    assert "never" in printed(overview_table(_overview(accounts=[fresh])))


def test_status_names_open_changes_disputes_and_pauses() -> None:
    """All that needs a person is in status, with the ids to act on."""
    dispute = Dispute(
        id="01JDISPUTE",
        sort=DisputeSort.BOOKS,
        account="tencent-main",
        customer=CustomerKey("tencent", TENCENT_ID),
        evidence="books",
        sentence="the books do not fit",
        opened_at=NOON,
    )
    pause = Pause(
        account=None, customer_id=None, who="bob", why="month end", since=NOON, until=NOON + timedelta(days=1)
    )
    overview = _overview(open_intents=(intent(),), disputes=(dispute,), pauses=(pause,))
    text = printed(overview_table(overview))
    for words in ("01JINTENT", "01JDISPUTE", "the books do not fit", "Paused: everything, by bob", "month end"):
        assert words in text
    document = json.loads(json.dumps(overview_document(overview)))
    assert document["open_intents"][0]["state"] == "uncertain"
    assert document["disputes"][0]["id"] == "01JDISPUTE"
    assert document["pauses"][0]["until"] == "2026-11-23T12:00:00+00:00"


def test_an_unread_account_stands_out_in_status() -> None:
    """The last run's problem is told."""
    broken = AccountStanding(
        name="x",
        vendor="huawei",
        write_policy=WritePolicy.SYNC,
        limits=2,
        ran_at=NOON,
        command="plan",
        problem="no key",
    )
    assert "x could not be read: no key" in printed(overview_table(_overview(accounts=[broken])))


def test_history_is_one_list_of_who_did_what() -> None:
    """Every line has its time, whose doing it was, whom it concerns and by whom."""
    line = HistoryLine(at=NOON, sort=Sort.OTHERS, whom="tencent/1", what="1 to 2", who="vendor", why="console")
    text = printed(history_table([line]))
    for words in ("2026-11-22 12:00:00 UTC", "others", "tencent/1", "1 to 2, by vendor", "console"):
        assert words in text
    assert history_document([line])[0]["sort"] == "others"


def test_an_empty_history_says_so() -> None:
    """Before anything happened there is a sentence, not an empty frame."""
    assert printed(history_table([])).strip() == "Nothing is on record yet."


def test_hostile_words_in_history_are_only_text() -> None:
    """A person's reason or a vendor's operator cannot move the cursor."""
    line = HistoryLine(at=NOON, sort=Sort.PERSON, whom="x", what=HOSTILE, who=HOSTILE, why=HOSTILE)
    text = printed(history_table([line]))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_status_fits_a_screen_of_80_columns() -> None:
    """The longest write policy and a long account name leave every figure whole, and the name on one line."""
    account = AccountStanding(
        name="huawei-reseller-apac",
        vendor="huawei",
        write_policy=WritePolicy.LOWER_ONLY,
        limits=12_345,
        ran_at=NOON,
        command="apply",
        in_sync=12_001,
        pending=123,
        held=77,
    )
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(overview_table(_overview(accounts=[account])))
    text = captured.get()
    for whole in ("huawei-reseller-apac", "lower_only", "12,345", "12,001", "123", "77", "12:00:00 UTC"):
        assert whole in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
