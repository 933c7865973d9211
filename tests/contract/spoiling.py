"""Lets a simulated vendor put impossible values into its otherwise genuine answers, for the tests of the clouds."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from adapters.sandbox.server import Request, Response

# What is no amount of money, in JSON or what passes for it: too large, endless, negative, of another type.
ABSURD = (
    "1e15",
    "1000000000000000",
    "-1e15",
    "1e99999999",
    "-1e99999999",
    "1e99999999999999999999",
    "123456789" * 9,
    "NaN",
    "Infinity",
    "-Infinity",
    "true",
    "[]",
    "{}",
    '"1e3"',
    '"NaN"',
    '""',
    '"twelve"',
)


@dataclass(slots=True)
class Spoiler:
    """Replaces fields in every answer: `texts` has raw JSON by the field's name; of equal names the first is replaced.

    `seen`: the names of all fields that the answers had, but for those that hold further fields; `figures`: those of
    them that had a number.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    figures: set[str] = field(default_factory=set)

    def stand_before(self, world: object) -> None:
        """From now on spoil what this simulated vendor answers."""
        genuine: Callable[[Request], Response] = world.respond  # type: ignore[attr-defined]  # every simulation has it
        world.respond = lambda request: self._spoiled(genuine(request))  # type: ignore[attr-defined]  # see above

    def _spoiled(self, answer: Response) -> Response:
        if not answer.body:
            return answer
        document = json.loads(answer.body)
        left = dict(self.texts)
        places: dict[str, str] = {}
        for name, fields in _leaves(document):
            self.seen.add(name)
            if isinstance(fields[name], int | float):
                self.figures.add(name)
            if name in left:
                fields[name] = f"spoiled {name}"
                places[json.dumps(fields[name])] = left.pop(name)
        body = json.dumps(document)
        for place, text in places.items():
            body = body.replace(place, text)
        return Response(answer.status, body.encode(), answer.headers)


def _leaves(document: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Give every name with the fields it is one of."""
    if isinstance(document, list):
        for each in document:
            yield from _leaves(each)
    if isinstance(document, dict):
        for name, value in list(document.items()):
            if isinstance(value, dict | list):
                yield from _leaves(value)
            else:
                yield name, document
