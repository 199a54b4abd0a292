"""What a call of the API is: its address, what it takes and gives; and how a request is read by it.

The routes, the OpenAPI document and the page of the API are all made from these values.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from calcinosis.web.negotiate import best
from calcinosis.web.refusals import RefusedError

Schema = Mapping[str, Any]
Given = dict[str, Any]
Answering = Callable[..., Awaitable[Response]]
"""It takes the request and its parameters, and what was sent where the call takes a body."""

_INTEGER: Final = re.compile(r"-?[0-9]{1,9}\Z")
_TRUTHS: Final = {"true": True, "false": False}
LONGEST: Final = 200
"""Letters of a text that is looked up."""
FORMAT: Final = "format"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a call, of the query or of the path; ``schema`` is its JSON Schema."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string", "maxLength": LONGEST})
    required: bool = False
    in_path: bool = False

    def read(self, values: list[str]) -> Any:
        """The value that texts give; RefusedError for what the schema does not allow."""
        if self.schema["type"] == "array":
            most, least = self.schema.get("maxItems", len(values)), self.schema.get("minItems", 0)
            if len(values) > most:
                raise self._wrong("it is given too often", f"Give it at most {most} times")
            if values and len(values) < least:
                raise self._wrong("it is given too seldom", f"Give it at least {least} times")
            return [self._one(value, self.schema["items"]) for value in values]
        if not values:
            return self.schema.get("default")
        if len(values) > 1:
            raise self._wrong("it is given more than once", "Give it once")
        return self._one(values[0], self.schema)

    def _one(self, text: str, schema: Schema) -> Any:
        kind = schema["type"]
        if kind == "boolean":
            if text not in _TRUTHS:
                raise self._wrong("it is no yes or no", "Write true or false")
            return _TRUTHS[text]
        if kind == "integer":
            return self._integer(text, schema)
        if "enum" in schema and text not in schema["enum"]:
            known = ", ".join(map(str, schema["enum"]))
            raise self._wrong("there is no such choice", f"Known: {known}")
        most = schema.get("maxLength", LONGEST)
        if len(text) > most:
            raise self._wrong("it is too long", f"Write at most {most} letters")
        if len(text) < schema.get("minLength", 0):
            raise self._wrong("it is empty", "Give it a value")
        return text

    def _integer(self, text: str, schema: Schema) -> int:
        least, most = schema["minimum"], schema["maximum"]
        if not _INTEGER.match(text) or not least <= int(text) <= most:
            raise self._wrong("it is no number that fits", f"Write one from {least} to {most}")
        return int(text)

    def _wrong(self, what: str, cure: str) -> RefusedError:
        return RefusedError(400, what, self.name, cure)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: a method at an address.

    ``gives`` are the forms of the answer, by their names for ``format``, each with its media type
    and its schema (None where it is text or bytes); the first is what a client gets that wants
    none of them more. ``takes`` are the media types of a body. ``example`` is a query string, and
    ``body`` what stands in an example's body.
    """

    path: str
    summary: str
    answer: Answering
    gives: Mapping[str, tuple[str, Schema | None]]
    parameters: tuple[Parameter, ...] = ()
    method: str = "GET"
    takes: Mapping[str, Schema] = field(default_factory=dict)
    example: str = ""
    body: str = ""
    tag: str = "look-ups"

    @property
    def name(self) -> str:
        """A name for programs, such as ``query_name``."""
        words = re.findall(r"[a-z]+", self.path.removeprefix("/api"))
        return "_".join(words) or "api"

    def read(self, request: Request, fields: Iterable[tuple[str, str]] = ()) -> Given:
        """The parameters of a request, with those that were sent as fields of a form.

        RefusedError for one that is unknown, missing or wrong.
        """
        values: dict[str, list[str]] = {}
        for name, value in (*request.query_params.multi_items(), *fields):
            values.setdefault(name, []).append(value)
        known = {one.name: one for one in self.parameters if not one.in_path}
        self._check_names(values, known)
        found = {name: one.read(values.get(name, [])) for name, one in known.items()}
        for one in self.parameters:
            if one.in_path:
                found[one.name] = one.read([request.path_params[one.name]])
            elif one.required and one.name not in values:
                raise RefusedError(400, f"the parameter {one.name} is missing", "", "Give it")
        return found

    def _check_names(self, values: Iterable[str], known: Mapping[str, Parameter]) -> None:
        if any(one.name == "*" for one in self.parameters):
            return
        for name in values:
            if name not in known:
                what = f"there is no parameter {name[:LONGEST]!r}"
                cure = f"It takes {', '.join(known)}" if known else "It takes none"
                raise RefusedError(400, what, self.path, cure)

    def form(self, request: Request, given: Mapping[str, Any]) -> str:
        """The name of the form that is wanted, by ``format`` or else by the header Accept.

        RefusedError where none is acceptable.
        """
        if given.get(FORMAT):
            return str(given[FORMAT])
        types = {media: name for name, (media, _) in reversed(tuple(self.gives.items()))}
        offered = list(dict.fromkeys(media for media, _ in self.gives.values()))
        found = best(request.headers.get("accept"), offered)
        if found is None:
            raise RefusedError(406, "it is not given in that form", "Accept", f"It is given as "
                               f"{', '.join(offered)}")  # fmt: skip
        return str(types[found])


def choice(name: str, description: str, *values: str, default: str | None = None) -> Parameter:
    """A parameter that is one of some words."""
    schema: dict[str, Any] = {"type": "string", "enum": list(values)}
    return Parameter(name, description, schema | ({"default": default} if default else {}))


def number(name: str, description: str, least: int, most: int, default: int | None) -> Parameter:
    """A parameter that is a whole number."""
    schema: dict[str, Any] = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(name, description, schema | ({"default": default} if default else {}))


def yes(name: str, description: str) -> Parameter:
    """A parameter that is true or false, and false where it is left out."""
    return Parameter(name, description, {"type": "boolean", "default": False})


def several(name: str, description: str, *values: str) -> Parameter:
    """A parameter that may be given several times."""
    items: dict[str, Any] = {"type": "string", "maxLength": LONGEST}
    if values:
        items = {"type": "string", "enum": list(values)}
    return Parameter(name, description, {"type": "array", "items": items, "maxItems": 100})


def of_format(*names: str) -> Parameter:
    """The parameter that chooses the form, before the header Accept."""
    return choice(FORMAT, "The form of the answer; without it the header Accept says.", *names)
