"""What core.run.explain collects, against the scripted vendor and the in-memory store."""

from dataclasses import dataclass, replace

import pytest

from adapters.store.memory import InMemoryStore
from core.errors import PermanentReadError
from core.explained import Explained
from core.limit import Customer, Kind, Limit, OnExhaustion
from core.money import Money
from core.plan import Correction, Hold, HoldReason
from core.policy import AccountPolicy, Approval
from core.ports import NotSent, RunRecord
from core.run.explain import Question, explain
from core.run.recalled import is_on_record
from core.run.remembered import RememberedCloud, remembering
from core.run.world import World
from tests.scenario.scripted_cloud import Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, Office, limit, office

WHO = "chen"


@dataclass(slots=True)
class Desk:
    """One account with one customer of 100.00, and whoever asks about it."""

    office: Office
    cloud: InMemoryCloud
    limits: tuple[Limit, ...]

    def ask(self, world: World | None = None, **facts: object) -> Explained:
        """Explain the customer."""
        question = Question(
            customer=Customer(self.cloud.key("c1")), account=self.cloud.account, limits=self.limits, who=WHO
        )
        return explain(world or self.office.world, replace(question, **facts))  # type: ignore[arg-type]  # by name

    def stored(self) -> Explained:
        """Explain it from stored facts."""
        world = self.office.world
        policy = world.policies[self.cloud.account]
        return self.ask(remembering(world, policy, self.cloud.capabilities), ask=False)


@pytest.fixture
def desk() -> Desk:
    """A customer of 100.00 that is to have 150.00."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("c1", "100.00", "40.00")
    return Desk(office(cloud), cloud, (limit(cloud, "c1", "150.00"),))


def test_it_says_what_the_plan_says(desk: Desk) -> None:
    """The correction is the plan's own, and explaining sends nothing."""
    found = desk.ask()
    (planned,) = desk.office.plan(*desk.limits).corrections
    assert isinstance(found.verdict.row, Correction)
    assert (found.verdict.row.change, found.verdict.row.detail) == (planned.change, planned.detail)
    assert found.verdict.target is not None
    assert desk.cloud.sent == []
    assert found.problem is None


def test_explaining_keeps_the_reading_and_no_run(desk: Desk) -> None:
    """What was read is not forgotten; neither a run nor a count is made up of it."""
    desk.ask()
    key = desk.cloud.key("c1")
    assert desk.office.store.latest(desk.cloud.account)[key].granted == Money(100_00)
    assert desk.office.store.meters(desk.cloud.account) == {}
    assert desk.office.store.runs() == []


def test_our_own_records_at_the_vendor_are_not_called_others(desk: Desk) -> None:
    """A record with our mark, or that says just what we set at that time, is ours."""
    for keeps in (True, False):
        desk.cloud.keeps_remarks = keeps
        desk.limits = (limit(desk.cloud, "c1", "160.00" if keeps else "170.00"),)
        desk.office.apply(*desk.limits)
        desk.office.clock.sleep(A_WHILE)
    desk.cloud.console("c1", "90.00", "li.wei")
    foreign = desk.ask().records.foreign
    assert foreign is not None
    assert [row.operator for row in foreign if row.granted_after == Money(90_00)] == ["li.wei"]
    assert not any(row.granted_after in {Money(160_00), Money(170_00)} for row in foreign)


def test_without_the_vendors_records_less_is_told_and_nothing_fails(desk: Desk) -> None:
    """Records that cannot be read are not empty records."""
    desk.cloud.raising["witness"] = PermanentReadError("records", "denied", "the key may not read them")
    assert desk.ask().records.foreign is None


def test_a_vendor_that_is_down_leaves_what_is_stored(desk: Desk) -> None:
    """The figures are the last ones, and what would be done is what the silence makes of it."""
    desk.ask()
    desk.cloud.is_down = True
    found = desk.ask()
    assert found.problem is not None
    assert found.standing is not None
    assert found.standing.granted == Money(100_00)
    assert isinstance(found.verdict.row, Hold)
    assert found.verdict.row.reason is HoldReason.UNREADABLE


def test_what_is_stored_is_judged_by_the_same_rules(desk: Desk) -> None:
    """Stored facts give the correction that the last reading would give, and meter nothing twice."""
    live = desk.ask()
    before = desk.office.store.meters(desk.cloud.account)
    stored = desk.stored()
    assert isinstance(live.verdict.row, Correction)
    assert isinstance(stored.verdict.row, Correction)
    assert stored.verdict.row.change == live.verdict.row.change
    assert stored.asked is False
    assert desk.office.store.meters(desk.cloud.account) == before


def test_a_remembered_vendor_tells_and_does_nothing(desk: Desk) -> None:
    """It gives stored standings to whoever asks, and whatever else is asked of it comes to nothing."""
    cloud = RememberedCloud("main", desk.cloud.capabilities, desk.office.store, desk.office.clock.now())
    customer = Customer(desk.cloud.key("c1"))
    assert customer.key in cloud.read_again([customer]).unreadable
    desk.ask()
    assert customer.key in cloud.read_again([customer]).standings
    desk.office.apply(*desk.limits)
    (intent,) = desk.office.store.intents()
    assert isinstance(cloud.send(intent), NotSent)
    assert (cloud.quota(), cloud.headroom(), cloud.billed(customer, "2026-03")) == (None, None, None)
    assert (cloud.probe(), cloud.calls()) == ((), {})
    cloud.close()


def test_bills_that_cannot_be_had_say_why(desk: Desk) -> None:
    """A vendor that tells none and one that fails are told apart, and neither stops the rest."""
    told = desk.ask(billed=True).billed
    assert [bill.amount for bill in told] == [None, None]
    assert "does not tell a partner" in told[0].why

    class Failing(RememberedCloud):
        """A vendor whose bills cannot be read."""

        def billed(self, customer: Customer, month: str) -> Money | None:
            """Fail."""
            raise PermanentReadError("billed", "denied", f"no bills of {customer.key} for {month}")

    now = desk.office.clock.now()
    cloud = Failing("main", desk.cloud.capabilities, desk.office.store, now)
    failed = desk.ask(replace(desk.office.world, clouds={"main": cloud}), billed=True).billed
    assert [bill.why for bill in failed] == [f"no bills of steps/c1 for {bill.month}" for bill in failed]


def test_an_account_whose_reading_says_nothing_of_the_customer_is_a_problem(desk: Desk) -> None:
    """A figure left out of the answer is unknown, and told as such."""
    desk.cloud.unstated.add("c1")
    row = desk.ask().verdict.row
    assert isinstance(row, Hold)
    assert row.reason is HoldReason.UNREADABLE


def test_only_approvals_in_force_for_this_customer_are_told(desk: Desk) -> None:
    """Expired ones, and those of others, are nobody's word for this customer."""
    world = desk.office.world
    policy = world.policies["main"]
    now = world.clock.now()
    ours = Approval(
        account=None, customer_id="c1", kind="max_cut", up_to=1, until=now + A_WHILE, approved_by="li", reason="ok"
    )
    whole = replace(ours, account="main", customer_id=None)
    others = (replace(ours, customer_id="c2"), replace(whole, account="other"), replace(ours, until=now))
    given: AccountPolicy = replace(policy, approvals=(ours, whole, *others))
    found = desk.ask(replace(world, policies={"main": given}))
    assert found.verdict.approvals == (ours, whole)


@pytest.mark.parametrize(
    ("plan", "quota"),
    [
        (None, None),
        ("0" * 64, None),
        ("no json", None),
        ('{"accounts": [{"name": "other"}, {"name": "main", "quota": "12.50"}]}', Money(12_50)),
        ('{"accounts": [{"name": "main", "quota": "many"}]}', None),
    ],
)
def test_the_last_plans_quota_is_told_where_it_was_stored(desk: Desk, plan: str | None, quota: Money | None) -> None:
    """A stored plan that is no document, or has no figure, tells none."""
    run = RunRecord(id="01J", command="plan", who=WHO, begun_at=desk.office.clock.now(), plan=plan)
    desk.office.store.keep_run(run)
    last = desk.stored().records.last_plan
    assert (last.quota if last is not None else None) == quota


def test_an_unexplained_figure_is_told_from_our_note(desk: Desk) -> None:
    """A difference that no record explains has a sentence of its own."""
    key, now = desk.cloud.key("c1"), desk.office.clock.now()
    body = {"books": "100.00", "shown": "90.00"}
    desk.office.store.note("unexplained", who="vendor", at=now, account="main", key=key, body=body)
    (note,) = desk.stored().records.notes
    assert note.sentence == "the books say 100.00, the vendor shows 90.00"


def test_a_customer_is_on_record_once_anything_of_it_is_stored(desk: Desk) -> None:
    """A meter, a book or an intent makes a customer known; a limit in a file alone does not."""
    key = desk.cloud.key("c1")
    assert not is_on_record(desk.office.world, "main", key)
    desk.office.apply(*desk.limits)
    assert is_on_record(desk.office.world, "main", key)
    assert not is_on_record(replace(desk.office.world, observations=InMemoryStore()), "other", key)


def test_a_one_time_limit_has_a_count_of_its_own(desk: Desk) -> None:
    """Where Tidegate follows the credit, what counts is what was metered for this very kind."""
    (written,) = desk.limits
    desk.limits = (replace(written, kind=Kind.ONE_TIME, on_exhaustion=OnExhaustion.FREEZE),)
    count = desk.ask().spending.count
    assert count is not None
    assert count.period.startswith("from ")


def test_a_refused_call_owns_no_record(desk: Desk) -> None:
    """A record that somebody else left, just then, with the amount that we were refused, is theirs."""
    desk.cloud.fates.append(Fate.REFUSED)
    desk.office.apply(*desk.limits)
    desk.cloud.console("c1", "150.00", "li.wei")
    foreign = desk.ask().records.foreign
    assert foreign is not None
    assert foreign[-1].operator == "li.wei"


def test_a_customer_without_a_limit_is_metered_like_any_other(desk: Desk) -> None:
    """It has a standing and a count, no target, and no guard speaks of it."""
    desk.limits = ()
    found = desk.ask()
    assert found.limit is None
    assert found.standing is not None
    assert found.spending.count is not None
    assert found.verdict.row is None
    assert found.book is None
    desk.cloud.is_down = True
    assert desk.ask().problem is not None
