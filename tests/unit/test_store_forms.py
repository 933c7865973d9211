"""Documents: what a value looks like in the store, and which documents are read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.store.forms import document_fields, document_text, fields_form
from adapters.store.meter_rows import meter_of
from core.limit import Kind
from core.meter import Count
from core.money import Money
from tests.contract.store_rig import ACCOUNT, key_of

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """A value with a field of every sort."""

    number: int
    day: date
    flag: bool
    word: Kind
    name: str | None = None
    amounts: tuple[Money, ...] = ()


FORMS = fields_form(Everything)
WRITTEN = '{"number":3,"day":"2026-11-22","flag":true,"word":"monthly","name":null,"amounts":[[-5,"USD"]]}'


def test_every_sort_of_field_is_written_plainly() -> None:
    """A person finds the fields by their names, and a machine reads back what was written."""
    value = Everything(number=3, day=date(2026, 11, 22), flag=True, word=Kind.MONTHLY, amounts=(Money(-5),))
    assert document_text(value, FORMS) == WRITTEN
    assert Everything(**document_fields(WRITTEN, FORMS)) == value


def test_a_field_that_an_older_version_did_not_know_takes_its_default() -> None:
    """A document without it is read, and a field that is no more is passed over."""
    text = '{"number":3,"day":"2026-11-22","flag":true,"word":"monthly","gone":1}'
    given = document_fields(text, FORMS)
    assert "name" not in given
    assert Everything(**given).amounts == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3", '"3"'),
        ("true", "1"),
        ("2026-11-22", "tomorrow"),
        ('"monthly"', '"weekly"'),
        ('"monthly"', "[]"),
        ("null", "7"),
        ('[-5,"USD"]', '[-5,"USD",1]'),
        ("-5", "-5.5"),
        ('[[-5,"USD"]]', '{"0":1}'),
    ],
)
def test_what_is_never_written_is_not_read(old: str, new: str) -> None:
    """A word, number or shape that no version writes is an error and no value."""
    with pytest.raises(ValueError):  # noqa: PT011 - each sort of fault has its own words
        document_fields(WRITTEN.replace(old, new, 1), FORMS)


def test_a_type_without_a_form_is_noticed_when_the_program_starts() -> None:
    """A field that could not be stored does not wait for its first value."""

    @dataclass(frozen=True)
    class Odd:
        share: Decimal

    with pytest.raises(TypeError, match=r"no form for <class 'decimal\.Decimal'>"):
        fields_form(Odd)


def test_a_meter_stored_by_the_second_schema_is_read() -> None:
    """The names in a stored document are for ever: a field that is renamed needs a step that renames it there."""
    count = '{"period":"2026-11","since":"2026-11-01T00:00:00.000000Z","low":[1,"USD"],"high":[2,"USD"]}'
    document = f'{{"first_at":"2026-11-01T00:00:00.000000Z","used":[7,"USD"],"total":{count},"month":null}}'
    columns: dict[str, Any] = {"vendor": "tencent", "customer_id": "100", "account": ACCOUNT}
    meter = meter_of({**columns, "metered_at": "2026-11-01T00:00:00.000000Z", "document": document})
    assert meter.key == key_of()
    assert (meter.first_at, meter.used, meter.month, meter.days) == (MOMENT, Money(7), None, ())
    assert meter.total == Count(period="2026-11", since=MOMENT, low=Money(1), high=Money(2))
