"""The plain words of the project's terms of art."""

from __future__ import annotations

import textwrap
from typing import Final

from calcinosis.reasoning.verdict import Standing, Status

VERDICT: Final[dict[Standing, str]] = {
    "entailed": "follows",
    "refuted": "ruled out",
    "undetermined": "open",
    "conflicting": "contradictory",
    "presumed": "presumed",
}
CONTRADICTS: Final = "!"
SIGN: Final[dict[Status, str]] = {"met": "+", "violated": "\u2212", "unknown": "?"}


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def listed(items: list[str] | tuple[str, ...], last: str = "and") -> str:
    """Items as people write them: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def more(count: int, thing: str) -> str:
    """How many are left: 1 more way, 2 more ways."""
    return f"{count} more {thing}{'s' * (count != 1)}"


def wrapped(
    text: str, width: int, indent: int = 0, hang: int = 2, *, hyphens: bool = False
) -> list[str]:
    """The lines of a paragraph; an address stays whole, so that it can be opened."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=hyphens,
    )
