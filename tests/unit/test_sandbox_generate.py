"""Generated worlds are plausible, distinct and the same every time."""

import re
import time

import pytest

from adapters.sandbox.generate import generate, wishes
from core.money import ZERO

KINDS = {"huawei": ("monthly", "one_time"), "tencent": ("credit_line",), "third": ("monthly",)}
FORMS = {"huawei": r"[0-9a-f]{32}", "tencent": r"20\d{10}", "third": r"\d{12}"}


@pytest.mark.parametrize("vendor", KINDS)
def test_makes_the_same_world_from_the_same_seed(vendor: str) -> None:
    """A seed names a world; another seed another one."""
    first = generate(vendor, 50, seed=7, kinds=KINDS[vendor])
    assert first == generate(vendor, 50, seed=7, kinds=KINDS[vendor])
    assert first != generate(vendor, 50, seed=8, kinds=KINDS[vendor])
    assert wishes(first, seed=3) == wishes(first, seed=3)


@pytest.mark.parametrize("vendor", KINDS)
def test_ids_have_the_vendors_form_and_are_all_different(vendor: str) -> None:
    """Ids look like the vendor's own, and a vendor nobody has heard of gets digits."""
    ids = [customer.customer_id for customer in generate(vendor, 1000, kinds=KINDS[vendor])]
    assert len(set(ids)) == 1000
    assert all(re.fullmatch(FORMS[vendor], customer_id) for customer_id in ids)


def test_amounts_are_possible() -> None:
    """Grants are above zero, spend lies within them, and a customer without a grant has no spend."""
    for customer in generate("huawei", 1000, kinds=KINDS["huawei"]):
        if customer.granted is None:
            assert (customer.kind, customer.spent, customer.restricted) == (None, ZERO, False)
        else:
            assert customer.granted > ZERO
            assert ZERO <= customer.spent <= customer.granted
            assert customer.kind in KINDS["huawei"]


def test_wishes_change_some_and_exhaust_none() -> None:
    """Raises and cuts both occur, most amounts stay, and none lies below what is spent."""
    customers = generate("tencent", 1000, kinds=KINDS["tencent"])
    granted = {customer.customer_id: customer for customer in customers}
    differences = []
    for wish in wishes(customers):
        customer = granted[wish.customer_id]
        assert customer.granted is not None
        assert wish.amount >= customer.spent
        differences.append(wish.amount.cents - customer.granted.cents)
    assert sum(difference == 0 for difference in differences) > 700
    assert min(differences) < 0 < max(differences)


def test_five_thousand_customers_are_made_at_once() -> None:
    """A bench-sized world costs less than a second."""
    begun = time.perf_counter()
    generate("huawei", 5000, kinds=KINDS["huawei"])
    assert time.perf_counter() - begun < 1.0
