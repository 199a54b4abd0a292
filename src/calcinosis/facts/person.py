"""How a sentence tells the age and sex of a person."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from calcinosis.graph.denials import words_by_kind

LETTERS: Final = {"f": "female", "m": "male"}
SEX: Final = {
    **dict.fromkeys(("woman", "female", "girl", "lady"), "female"),
    **dict.fromkeys(("man", "male", "boy", "gentleman"), "male"),
}
_AGE: Final = (
    r"\b(?P<number>\d{1,3})(?P<rest>[ -](?P<unit>year|month|week|day)s?[ -]old\b"
    r"|[ -]?(?:yo\b|y/o\b|y\.o\.)(?P<short>))"
)
_WHO: Final = r"(?:[ -]+(?P<who>\w+)(?![\w/-]))?"


@cache
def ages() -> re.Pattern[str]:
    """Where an age is told, by ``number`` and ``unit``, and ``who`` is so old.

    Where a person comes from may stand between the two.

    >>> ages().search("A 44-year-old Asian woman")["who"]
    'woman'
    """
    known = sorted(words_by_kind("sentence")["origin"], key=len, reverse=True)
    origin = rf"(?:[ -]+(?:{'|'.join(map(re.escape, known))}))+"
    people = rf"(?=[ -]+(?:{'|'.join(SEX)})\b)"
    return re.compile(f"{_AGE}(?:{origin}{people})?{_WHO}", re.IGNORECASE)
