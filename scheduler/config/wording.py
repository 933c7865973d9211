"""From pydantic's findings to sentences for the person who wrote the file.

Used by scheduler.config.reading. Inputs are not repeated, since any of them may be a key pasted into the wrong place;
the names of unknown keys are.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from scheduler.config.faults import Problem

# Keys that are part of the product and not of this version: a person who read about them made no typing error.
LATER = frozenset({"alerts", "notify", "pools", "shares"})
_TYPES = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false, without quotes",
    "list_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "decimal_type": "a number without quotes",
    "is_instance_of": "a number without quotes",
}
# A name this unlike a known one is more likely another idea than a slip of the finger.
_LIKENESS = 0.6


def problems_of(error: ValidationError, model: type[BaseModel], known: Collection[str] = ()) -> Iterator[Problem]:
    """Give a problem per finding. `known`: keys that may stand beside the model's own, for the nearest-name advice."""
    for finding in error.errors(include_url=False, include_input=False):
        yield _problem(finding, model, known)


def unknown_key(name: str, known: Collection[str]) -> str:
    """Say that a key means nothing here, with the nearest one that does."""
    if name in LATER:
        return f"{name} is not available in this version: remove it"
    nearest = get_close_matches(name.lower(), known, n=1, cutoff=_LIKENESS)
    if nearest:
        return f"there is no key {name!r} here: write {nearest[0]}"
    return f"there is no key {name!r} here: the keys are {', '.join(sorted(known))}"


def _problem(finding: ErrorDetails, model: type[BaseModel], known: Collection[str]) -> Problem:
    path = finding["loc"]
    owner = _owner(model, path)
    field = owner.model_fields.get(str(path[-1])) if path and owner else None
    if finding["type"] == "extra_forbidden":
        names = {*(owner.model_fields if owner else ()), *(known if len(path) == 1 else ())}
        return Problem(path=path, sentence=unknown_key(str(path[-1]), names))
    if finding["type"] == "missing":
        return Problem(path=path, sentence=f"the key {path[-1]} is missing{_example(path, field)}")
    return Problem(path=path, sentence=_sentence(finding, _example(path, field)))


def _sentence(finding: ErrorDetails, example: str) -> str:
    context = finding.get("ctx", {})
    match finding["type"]:
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            return f"the choices are {str(context['expected']).replace(chr(39), chr(34))}"
        case "too_short":
            return f"the list is empty{example}"
        case kind if kind in _TYPES:
            return f"this must be {_TYPES[kind]}{example}"
        case _:
            message = finding["msg"].removeprefix("Input should be ").removeprefix("Value should ")
            return f"this must be {message}{example}" if message != finding["msg"] else f"{message}{example}"


def _owner(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Follow the path to the model that its last key belongs to."""
    owner: type[BaseModel] | None = model
    for step in path[:-1]:
        if isinstance(step, int):  # a position in a list of sections
            continue
        field = owner.model_fields.get(str(step)) if owner else None
        owner = _model_in(field)
    return owner


def _model_in(field: FieldInfo | None) -> type[BaseModel] | None:
    annotation = field.annotation if field else None
    for part in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _example(path: tuple[int | str, ...], field: FieldInfo | None) -> str:
    examples = field.examples if field else None
    return f": write {path[-1]} = {examples[0]}" if examples else ""
