"""What a call of an assistant may hold, and how words of others are handed back: as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from calcinosis.errors import UsageError, quoted, visible

CHARACTERS: Final = 200_000
"""Of all texts of one call."""
PARTS: Final = 20_000
"""Values, keys, lists and mappings of one call."""
DEPTH: Final = 20
BODY_BYTES: Final = 2_000_000
"""Of one request over HTTP."""
ROWS: Final = 200
"""Of one reply."""
REPLY_CHARACTERS: Final = 120_000
"""Of the rows of one reply."""
REFERENCES: Final = 40
"""That one reply has in full."""
QUOTED: Final = 300
"""Characters of a word of the case that come back."""
QUERY_SECONDS: Final = 10.0
QUERY_MEGABYTES: Final = 256
TOOL_SECONDS: Final = 60.0
"""Of one call that a process of its own works on."""
TOOL_MEGABYTES: Final = 512
LOOKUP_SECONDS: Final = 30.0
LOOKUP_MEGABYTES: Final = 512

# Controls but for tab and newlines, what turns the direction of writing, halves of characters, and
# the tags that nobody sees.
_COMMANDS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def check(arguments: Mapping[str, Any]) -> None:
    """Refuse a call that holds too much, or characters that are no text.

    UsageError, with the place; the first that is too much ends the count.
    """
    characters = 0
    for parts, (place, value) in enumerate(_walk(arguments)):
        if parts > PARTS:
            cure = "Give less in one call: one patient, one question"
            raise UsageError(f"the call holds more than {PARTS:,} values", place, cure)
        if isinstance(value, str):
            characters += len(value)
            if characters > CHARACTERS:
                what = f"the call holds more than {CHARACTERS:,} characters"
                raise UsageError(what, place, "Give less in one call")
            _check_text(value, place)


def _check_text(text: str, place: str) -> None:
    found = _COMMANDS.search(text)
    if found:
        what = f"there is a character that is no text: U+{ord(found[0]):04X} at {found.start() + 1}"
        raise UsageError(what, place, "Leave it out")


def _walk(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All values with their places, keys as values too; UsageError where it is too deep."""
    stack: list[tuple[str, Any, int]] = [("", arguments, 0)]
    while stack:
        place, value, depth = stack.pop()
        if depth > DEPTH:
            cure = "Keep to the form that the tool describes"
            raise UsageError(f"it is nested more than {DEPTH} deep", _short(place), cure)
        yield _short(place), value
        if isinstance(value, Mapping):
            for key, inner in value.items():
                name = visible(str(key)[:QUOTED], lines=False)
                yield _short(place), str(key)
                stack.append((f"{place}.{name}" if place else name, inner, depth + 1))
        elif isinstance(value, list):
            inside = ((f"{place}[{n}]", one, depth + 1) for n, one in enumerate(value))
            stack.extend(inside)


def _short(place: str) -> str:
    return place if len(place) <= 100 else f"{place[:100]}..."


def shown(value: Any) -> Any:
    r"""Plain values with texts in which nothing commands or hides; the escapes can be read.

    >>> shown({"label": ["a\x1b[2J\U000e0041"]})
    {'label': ['a\\x1b[2J\\U000e0041']}
    """
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(str(key)): shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    return value


def told(words: object) -> str:
    r"""Words of the case in quotation marks, on one line, cut where they are long.

    >>> told("foo\nbar")
    '“foo\\nbar”'
    """
    text = visible(str(words), lines=False)
    return f"“{text}”" if len(text) <= QUOTED else f"“{text[:QUOTED]}…”"


def within(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first rows, as many as are asked for and as a reply holds."""
    found: list[dict[str, Any]] = []
    room = REPLY_CHARACTERS
    for row in rows[: min(most, ROWS)]:
        room -= sum(len(str(value)) + len(key) for key, value in row.items())
        if room < 0 and found:
            break
        found.append(row)
    return found


def some(number: int, most: int, name: str) -> int:
    """A number of things that may be asked for; UsageError for another."""
    if not 1 <= number <= most:
        raise UsageError(f"{quoted(number)} is no number of {name}", name, f"Give 1 to {most}")
    return number
