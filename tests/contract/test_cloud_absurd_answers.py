"""Whatever stands in a vendor's answer, no method of a cloud raises anything but a failed read."""

import contextlib
import json
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.wire import line
from core.errors import ReadFailedError
from core.exposure import Headroom
from core.limit import Customer
from core.money import Money
from core.ports import Confirmed, NotSent, Observation, ProbeResult, Refused, Uncertain
from core.witness import Witness
from tests.contract.cloud_rig import ALL_VENDORS, Rig, assert_partitioned, opened, spec_of
from tests.contract.spoiling import ABSURD, Spoiler

# Counts among them stay small or become absurd: a wrong count of thousands would only make the test slow.
_numbers = st.integers(-5, 30) | st.sampled_from([10**12, 9 * 10**14, -9 * 10**14, 10**15, 10**40])
_scalars = st.none() | st.booleans() | _numbers | st.floats() | st.text(max_size=5)
_documents = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)
texts = st.sampled_from(ABSURD) | _documents.map(json.dumps)

MANY_ON_ONE_WIRE = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
# Each of these was once raised out of a cloud, or held the process still.
WORST = ("1e15", "1e99999999", "1e99999999999999999999")
# As many cents as the store's columns hold.
LARGEST_STORED = 2**63 - 1


@pytest.mark.parametrize("name", ALL_VENDORS)
def test_no_value_in_an_answer_escapes_as_an_exception(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any JSON in any field of any answer: standings, failed reads, judged replies, and nothing else."""
    # One attempt a read: what is asked again and when is the wire's own tests' business.
    monkeypatch.setattr(line, "ATTEMPTS", 1)
    specs = [spec_of(name, number, granted=100_00, spent=30_05) for number in range(3)]
    with opened(name, specs) as rig:
        spoiler = Spoiler()
        spoiler.stand_before(rig.world)
        ask_everything(rig)
        figures, names = sorted(spoiler.figures), sorted(spoiler.seen)

        @MANY_ON_ONE_WIRE
        @given(
            spoiled=st.dictionaries(st.sampled_from(figures) | st.sampled_from(names), texts, min_size=1, max_size=3)
        )
        def ask(spoiled: dict[str, str]) -> None:
            spoiler.texts = spoiled
            ask_everything(rig)

        for figure, text in product(figures, WORST):
            spoiler.texts = {figure: text}
            ask_everything(rig)
        ask()


def ask_everything(rig: Rig) -> None:
    """Ask all that a cloud can be asked, and check that every answer is one of those promised."""
    asked = rig.customers()
    assert_believable(rig.cloud.observe(asked[:2], everyone=True), asked[:2])
    assert_believable(rig.cloud.observe(asked, everyone=False), asked)
    assert_believable(rig.cloud.read_again(asked), asked)
    assert_believable(rig.cloud.read_again(asked[:1]), asked[:1])
    with contextlib.suppress(ReadFailedError):
        assert isinstance(rig.cloud.witness(asked[0]), Witness)
    with contextlib.suppress(ReadFailedError):
        assert isinstance(rig.cloud.quota(), Money | None)
    with contextlib.suppress(ReadFailedError):
        assert isinstance(rig.cloud.headroom(), Headroom | None)
    with contextlib.suppress(ReadFailedError):
        assert isinstance(rig.cloud.billed(asked[0], "2026-11"), Money | None)
    position = rig.position(asked[0].key.customer_id)
    reply = rig.cloud.send(rig.sent(asked[0].key.customer_id, position))
    assert isinstance(reply, Confirmed | Refused | NotSent | Uncertain)
    assert all(isinstance(each, ProbeResult) for each in rig.cloud.probe())


def assert_believable(observation: Observation, asked: Sequence[Customer]) -> None:
    """Everybody is in one place, failures are failed reads, and every amount can be stored."""
    assert_partitioned(observation, asked)
    assert all(isinstance(error, ReadFailedError) for error in observation.unreadable.values())
    for standing in (*observation.standings.values(), *observation.others):
        amounts = [standing.granted_money, standing.available]
        if standing.spent is not None:
            amounts += [standing.spent.low, standing.spent.high]
        assert all(amount is None or abs(amount.cents) <= LARGEST_STORED for amount in amounts)
