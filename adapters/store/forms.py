"""Forms: how a value becomes a JSON document and is read back, field by field, as its type says.

Called by meter_rows. A field that a document does not have takes its default, so that a value may get a new field
without a migration; a field that is renamed needs one. Money is cents and currency, times are UTC text.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from adapters.store.instants import instant_of, instant_text
from core.money import Money

# Any: what a document holds is known to its form, not to the type checker; it ends in this file.
Write = Callable[[Any], object]
Read = Callable[[Any], Any]

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Form:
    """One type's pair of functions; `read` raises ValueError for what `write` never gives."""

    write: Write
    read: Read


def fields_form(of: type, *, without: frozenset[str] = frozenset()) -> Mapping[str, Form]:
    """Give the forms of a dataclass's fields, but for some; raises TypeError for a type that has none."""
    hints = get_type_hints(of)
    return {field.name: _form(hints[field.name]) for field in fields(of) if field.name not in without}


def document_text(value: object, forms: Mapping[str, Form]) -> str:
    """Write those fields of a value as JSON."""
    return _ENCODER.encode(_written(value, forms))


def document_fields(text: str, forms: Mapping[str, Form]) -> dict[str, Any]:
    """Read the fields that `document_text` wrote, as far as they are there; raises ValueError."""
    return _fields(json.loads(text), forms)


@cache
def _form(of: Any) -> Form:  # noqa: ANN401 - a type, a union or a generic alias: they share no type
    if get_origin(of) is UnionType:
        return _maybe(of)
    if get_origin(of) is tuple:
        return _several(of)
    if of in _PLAIN:
        return _PLAIN[of]
    if isinstance(of, type) and issubclass(of, StrEnum):
        return Form(str, of)
    if is_dataclass(of) and isinstance(of, type):
        return _nested(of)
    message = f"a document has no form for {of}"
    raise TypeError(message)


def _maybe(of: Any) -> Form:  # noqa: ANN401 - as above
    (inner,) = [_form(each) for each in get_args(of) if each is not NoneType]
    write, read = inner.write, inner.read
    return Form(
        lambda value: None if value is None else write(value),
        lambda document: None if document is None else read(document),
    )


def _several(of: Any) -> Form:  # noqa: ANN401 - as above
    inner = _form(get_args(of)[0])
    write, read = inner.write, inner.read
    return Form(
        lambda values: [write(value) for value in values],
        lambda document: tuple([read(each) for each in _checked(document, list)]),
    )


def _nested(of: type) -> Form:
    forms = fields_form(of)
    return Form(lambda value: _written(value, forms), lambda document: made(of, _fields(document, forms)))


def made(of: Callable[..., Any], given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what `of` makes
    """Make the value from its fields; raises ValueError where one without a default is missing."""
    try:
        return of(**given)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _written(value: object, forms: Mapping[str, Form]) -> dict[str, object]:
    return {name: form.write(getattr(value, name)) for name, form in forms.items()}


def _fields(document: object, forms: Mapping[str, Form]) -> dict[str, Any]:
    known = _checked(document, dict)
    return {name: form.read(known[name]) for name, form in forms.items() if name in known}


def _checked(document: object, sort: type) -> Any:  # noqa: ANN401 - of that sort
    if isinstance(document, sort):
        return document
    message = f"{document!r} stands where a {sort.__name__} belongs"
    raise ValueError(message)


def _money(document: object) -> Money:
    # Checked in place: a run reads hundreds of thousands of amounts.
    if isinstance(document, list) and len(document) == len(("cents", "currency")):
        cents, currency = document
        if isinstance(cents, int) and isinstance(currency, str):
            return Money(cents, currency)
    message = f"{document!r} is no amount"
    raise ValueError(message)


_PLAIN: dict[type, Form] = {
    Money: Form(lambda amount: [amount.cents, amount.currency], _money),
    datetime: Form(instant_text, lambda document: instant_of(_checked(document, str))),
    date: Form(date.isoformat, lambda document: date.fromisoformat(_checked(document, str))),
    int: Form(int, lambda document: _checked(document, int)),
    str: Form(str, lambda document: _checked(document, str)),
    bool: Form(bool, lambda document: _checked(document, bool)),
}
