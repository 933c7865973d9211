"""Plausible worlds from a seed and a size: customers with company-like names, ids in a vendor's form, amounts.

Used by the demo, the sandbox, the bench and the contract suite; the same arguments always give the same world.
All companies are invented.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from adapters.sandbox.world import CustomerSpec
from core.money import ZERO, Money

_FIRST = (
    "Amber", "Anchor", "Aurora", "Bamboo", "Banyan", "Beacon", "Boreal", "Cedar", "Cinder", "Cobalt", "Coral",
    "Cypress", "Delta", "Dune", "Ember", "Estuary", "Falcon", "Fern", "Garnet", "Ginkgo", "Harbour", "Heron",
    "Indigo", "Jade", "Juniper", "Kestrel", "Lagoon", "Lantern", "Lotus", "Magnolia", "Mangrove", "Meridian",
    "Monsoon", "Nimbus", "Ochre", "Opal", "Orchid", "Osprey", "Palm", "Pelican", "Quartz", "Raven", "Reef",
    "Saffron", "Sequoia", "Sierra", "Solstice", "Tamarind", "Teal", "Tern", "Tundra", "Umber", "Vermilion",
    "Willow", "Zephyr", "Zenith",
)  # fmt: skip
_SECOND = (
    "Analytics", "Apparel", "Biotech", "Capital", "Ceramics", "Commerce", "Dairy", "Dental", "Education",
    "Electronics", "Energy", "Fisheries", "Foods", "Freight", "Furniture", "Games", "Health", "Hotels",
    "Insurance", "Interactive", "Logistics", "Marine", "Media", "Medical", "Mobility", "Motors", "Music",
    "Optics", "Paper", "Payments", "Pharma", "Plastics", "Printing", "Properties", "Publishing", "Retail",
    "Robotics", "Shipping", "Software", "Solar", "Sports", "Steel", "Studios", "Systems", "Telecom", "Textiles",
    "Tools", "Toys", "Trading", "Travel", "Water", "Wines",
)  # fmt: skip
_FORMS = (
    "Pte. Ltd.", "Co., Ltd.", "Sdn. Bhd.", "GmbH", "S.A.", "Ltda.", "PT", "Limited", "LLC", "Inc.", "B.V.",
    "FZ-LLC",
)  # fmt: skip

# (weight, smallest, largest) in whole units: many small customers, few large ones.
_SIZES = ((60, 50, 2_000), (30, 2_000, 20_000), (9, 20_000, 150_000), (1, 150_000, 900_000))
_HEX_LENGTH = 32
_HOURS_PER_MONTH = 720
_UIN_BASE = 200_000_000_000


def _hexadecimal(random: Random, _number: int) -> str:
    return f"{random.getrandbits(4 * _HEX_LENGTH):0{_HEX_LENGTH}x}"


def _digits(random: Random, number: int) -> str:
    # The number spreads the ids out, so that no two are the same however many there are.
    return str(_UIN_BASE + number * 1_000 + random.randrange(1_000))


# How a vendor's customer ids look; a vendor without an entry gets twelve digits.
ID_FORMS: Mapping[str, Callable[[Random, int], str]] = MappingProxyType({"huawei": _hexadecimal, "tencent": _digits})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a partner might want for a generated customer: a `core.limit.Kind` value and an amount."""

    customer_id: str
    name: str
    kind: str
    amount: Money
    indirect_partner_id: str | None = None


def generate(
    vendor: str, size: int, *, seed: int = 1, kinds: Sequence[str], ungranted: float = 0.03, restricted: float = 0.02
) -> tuple[CustomerSpec, ...]:
    """Make `size` customers of `vendor`, each with one of `kinds`.

    `ungranted`, `restricted`: shares of customers without a grant, and of those cut off by hand.
    """
    random = Random(f"{vendor}/{seed}")  # noqa: S311 - a plausible world, nothing secret
    return tuple(
        _customer(random, vendor, number, kinds, ungranted=ungranted, restricted=restricted) for number in range(size)
    )


def wishes(customers: Sequence[CustomerSpec], *, seed: int = 1, changed: float = 0.25) -> tuple[Wish, ...]:
    """Make limits for those customers that have a kind; a share of `changed` differs from what is granted.

    Raises and cuts are about as many; no wish lies below what is spent, so none exhausts a customer.
    """
    random = Random(f"wishes/{seed}")  # noqa: S311 - a plausible world, nothing secret
    return tuple(
        Wish(
            customer_id=customer.customer_id,
            name=customer.name,
            kind=customer.kind,
            amount=_wanted(random, customer, customer.granted, changed),
            indirect_partner_id=customer.indirect_partner_id,
        )
        for customer in customers
        if customer.kind is not None and customer.granted is not None
    )


def _customer(
    random: Random, vendor: str, number: int, kinds: Sequence[str], *, ungranted: float, restricted: float
) -> CustomerSpec:
    customer_id = ID_FORMS.get(vendor, _digits)(random, number)
    name = f"{random.choice(_FIRST)} {random.choice(_SECOND)} {random.choice(_FORMS)}"
    granted = _amount(random)
    used = random.betavariate(1.6, 2.4)
    has_grant = random.random() >= ungranted
    cut_off = random.random() < restricted
    kind = random.choice(kinds)
    if not has_grant:
        return CustomerSpec(customer_id=customer_id, name=name)
    return CustomerSpec(
        customer_id=customer_id,
        name=name,
        granted=granted,
        kind=kind,
        spent=Money(int(granted.cents * used)),
        spend_per_hour=ZERO if cut_off else Money(granted.cents // _HOURS_PER_MONTH),
        restricted=cut_off,
    )


def _amount(random: Random) -> Money:
    """Draw an amount such as people write: two leading digits, now and then with cents."""
    (_, low, high), *_ = random.choices(_SIZES, [weight for weight, _, _ in _SIZES])
    exact = random.randint(low, high)
    step = 10 ** max(0, len(str(exact)) - 2)
    cents = random.choice((0, 0, 0, 0, 50, 99))
    return Money(max(low, exact // step * step) * 100 + cents)


def _wanted(random: Random, customer: CustomerSpec, granted: Money, changed: float) -> Money:
    if random.random() >= changed:
        return granted
    if random.random() < 0.5:  # noqa: PLR2004 - as many raises as cuts
        return Money(granted.cents * random.choice((110, 120, 125, 150, 200)) // 100)
    # Room above the spend of some days, so that a world left alone for a while is still cut without harm.
    floor = customer.spent.cents + customer.spend_per_hour.cents * 72
    return Money(min(granted.cents, max(floor, granted.cents * random.choice((70, 80, 90)) // 100)))
