"""What is wrong with the arguments of a call, in plain words: what, where, and the cure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from calcinosis.errors import UsageError, nearest, quoted, visible

_MOST: Final = 3
_WANTED: Final = {
    "dict_type": "a JSON object",
    "string_type": "a text",
    "list_type": "a list",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
"""What should stand there, by the kinds of faults of the library that reads the arguments."""
_KINDS: Final = ("str", "int")
"""What the library adds to the place of what may be either."""
_GIVEN: Final[dict[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "nothing",
}


def check_names(tool: str, arguments: Iterable[str], takes: Iterable[str]) -> None:
    """Refuse an argument that a tool has not, which might mean another thing.

    UsageError, with the nearest and all that it takes.
    """
    known = list(takes)
    for name in arguments:
        if name not in known:
            what = f"there is no argument {quoted(name)}"
            raise UsageError(what, tool, nearest(name, known, then=f"It takes {', '.join(known)}"))


def told(error: ValidationError) -> str:
    """The first faults on one line."""
    faults = error.errors(include_url=False, include_context=False)[:_MOST]
    return visible(" ".join(dict.fromkeys(map(_fault, faults))), lines=False)


def _fault(fault: Mapping[str, Any]) -> str:
    place = ".".join(str(one) for one in fault["loc"] if one not in _KINDS)
    if fault["type"] == "missing":
        return f"{place}: the argument is missing. Give it, as the tool's description has it."
    wanted, given = _WANTED.get(fault["type"]), fault["input"]
    if wanted is None:
        return f"{place}: {quoted(given)} is none of what fits there. See the tool's description."
    kind = _GIVEN.get(type(given), "something else")
    return f"{place}: it is {kind} ({quoted(given)}). Give {wanted}."
