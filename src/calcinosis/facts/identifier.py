"""The id of a case: one visible line of text, by which a reader tells it from every other."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from calcinosis.errors import quoted
from calcinosis.facts.fields import Fields, kind_of

_LONGEST_NUMBER: Final = 256  # bits
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE: Final = ("Cf", "Zl", "Zp")  # categories: joiners, marks of direction, separators
# Fillers and selectors of variants, which leave no trace either but belong to words.
_TRACELESS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def identifier(value: object, fields: Fields) -> str | None:
    """The id that stands under ``id``; None, and a problem in ``fields``, if it is none."""
    problem = problem_of(value)
    if problem is not None:
        fields.problem("id", *problem)
        return None
    return str(value).strip()


def problem_of(value: object) -> tuple[str, str] | None:
    """What is wrong with an id, and the cure."""
    if value is None or (isinstance(value, str) and not seen_as(value)):
        return "the case has no id", "Give it one that no other case has"
    if isinstance(value, bool) or not isinstance(value, str | int):
        return f"an id must be text, not {kind_of(value)}", "Put it in quotes"
    if isinstance(value, int):
        long = value.bit_length() > _LONGEST_NUMBER
        return ("the id is too long a number", "Put it in quotes") if long else None
    if _CONTROL.search(value):
        return f"the id {quoted(value)} is not one line of text", "Write a plain word"
    return None if value.isascii() else _unseen(value.strip())


def _unseen(text: str) -> tuple[str, str] | None:
    for one in text:
        if unicodedata.category(one) in _INVISIBLE:
            what = f"the id {quoted(text)} holds an invisible character (U+{ord(one):04X})"
            return what, "Write it anew, so that it can be told from others"
    return None


def seen_as(text: str) -> str:
    r"""What a reader sees of an id: two that differ only invisibly come to the same.

    >>> seen_as("A\u030a\u00a01") == seen_as("\u00c5 1")
    True
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _TRACELESS.sub("", text))
    return " ".join(text.split())
