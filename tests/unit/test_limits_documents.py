"""Accepted limits are kept as documents: what was stored comes back whole, also from before a field was known."""

import json
from dataclasses import replace

from hypothesis import given

from adapters.store.documents import limit_of, limit_text
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, Source
from core.money import Money
from tests.unit.limit_terms import any_limit

LIMIT = Limit(
    account="h",
    customer=Customer(CustomerKey("huawei", "c1"), "p1"),
    kind=Kind.MONTHLY,
    amount=Money(12345),
    on_exhaustion=OnExhaustion.RESTRICT,
    name="A",
    source=Source("limits.csv", 2),
)
# As version 0.1 stored it.
EARLIER = (
    '{"account":"h","vendor":"huawei","customer_id":"c1","indirect_partner_id":"p1","kind":"monthly",'
    '"amount":[12345,"USD"],"on_exhaustion":"restrict","allow_zero":false,"non_stop":false,"write_policy":null,'
    '"name":"A","changed_by":null,"reason":null,"source":["limits.csv",2]}'
)


@given(any_limit())
def test_a_stored_limit_comes_back_whole(limit: Limit) -> None:
    """For any limit, what is read equals what was stored, field by field."""
    assert limit_of(limit_text(limit)) == limit


def test_a_limit_of_an_earlier_version_is_read() -> None:
    """What was not known then is as if it had not been given; nothing changes because of an upgrade."""
    assert limit_of(EARLIER) == LIMIT


def test_how_an_amount_came_about_is_not_stored() -> None:
    """It is worked out anew each day; stored, it would look like a change of the limit."""
    assert limit_text(replace(LIMIT, why="300.00 until 2026-12-15, then 123.45")) == limit_text(LIMIT)
    assert "why" not in json.loads(limit_text(LIMIT))
