"""A key that the vendor refuses stops the account, clearly and for good, without a word of the key itself."""

import pytest

from adapters.clouds.registry import VENDORS
from core.errors import AccountRefusedError, ReadFailedError
from core.intent import Position
from core.money import Money
from core.ports import Refused
from tests.contract.cloud_rig import ALL_VENDORS, Rig, keys_of, opened, spec_of

WRONG = "WRONGKEYWRONGKEYWRONGKEYWRONGKEY"


def cases() -> list[tuple[str, str]]:
    """Every secret of every vendor, wrong on its own."""
    vendors = [VENDORS[name] for name in ALL_VENDORS]
    return [(vendor.name, secret) for vendor in vendors for secret in sorted(keys_of(vendor, vendor.simulate())[1])]


every_wrong_key = pytest.mark.parametrize(("name", "secret"), cases())


@every_wrong_key
def test_a_wrong_key_is_the_accounts_problem(name: str, secret: str) -> None:
    """Reads with a wrong key tell of the account, not of customers that do not exist; the vendor is not pestered."""
    specs = [spec_of(name, number, granted=500_00) for number in range(3)]
    with opened(name, specs, secrets={secret: WRONG}) as rig:
        observation = rig.cloud.observe(rig.customers(), everyone=True)
        assert isinstance(observation.account_problem, AccountRefusedError)
        assert set(observation.unreadable) == {customer.key for customer in rig.customers()}
        assert (observation.standings, observation.absent, observation.others) == ({}, frozenset(), ())
        assert rig.seen() <= 3
        assert_silent(rig, str(observation.account_problem))
        with pytest.raises(ReadFailedError):
            rig.cloud.witness(rig.customers()[0])


@every_wrong_key
def test_a_wrong_key_refuses_writes_for_the_whole_account(name: str, secret: str) -> None:
    """A write with a wrong key is a definite refusal that no other write of the account will escape."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec], secrets={secret: WRONG}) as rig:
        wanted = Position(granted=Money(600_00), kind=rig.position(spec.customer_id).kind)
        reply = rig.cloud.send(rig.sent(spec.customer_id, wanted))
        assert isinstance(reply, Refused), reply
        assert reply.account_wide
        assert rig.applied() == 0
        assert rig.seen() == 1
        assert_silent(rig, reply.sentence)


@every_wrong_key
def test_a_wrong_key_shows_in_the_probe(name: str, secret: str) -> None:
    """The probe says that the key is refused, in a sentence, and raises nothing."""
    with opened(name, [spec_of(name, 0, granted=500_00)], secrets={secret: WRONG}) as rig:
        results = rig.cloud.probe()
        assert any(not result.ok for result in results)
        for result in results:
            assert_silent(rig, result.sentence)


def assert_silent(rig: Rig, sentence: str) -> None:
    """No secret's value, right or wrong, is in the sentence."""
    _, values = keys_of(rig.vendor, rig.world)
    for value in (WRONG, *values.values()):
        assert value not in sentence
