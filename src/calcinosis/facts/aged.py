"""The age and sex of a patient as a sentence tells them, before what the patient has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from calcinosis.facts.stating import beside
from calcinosis.graph.denials import words_by_kind
from calcinosis.graph.words import Words

_OF_ANOTHER: Final = re.compile(r"\b(?:her|his|their|its|my|our|whose)\b", re.IGNORECASE)
_HAVING: Final = re.compile(r"^\s*(?:with|had|has|who had|presented with)\s+")
_AGE: Final = (
    r"\b(?P<number>\d{1,3})(?P<rest>[ -](?P<unit>year|month|week|day)s?[ -]old\b"
    r"|[ -]?(?:yo\b|y/o\b|y\.o\.)(?P<short>))"
)
_WHO: Final = r"(?:[ -]+(?P<who>\w+)(?![\w/-]))?"
_LETTERS: Final = {"f": "female", "m": "male"}
_SEX: Final = {
    **dict.fromkeys(("woman", "female", "girl", "lady"), "female"),
    **dict.fromkeys(("man", "male", "boy", "gentleman"), "male"),
}


@dataclass(frozen=True, slots=True)
class Aged:
    """An age such as "46 years", and a sex if it is told, between ``start`` and ``end``.

    What the patient has begins at ``rest``.
    """

    age: str
    sex: str
    start: int
    end: int
    rest: int


@cache
def _ages() -> re.Pattern[str]:
    """Where an age is told, and who is so old; where a person comes from may stand between."""
    known = sorted(words_by_kind("sentence")["origin"], key=len, reverse=True)
    origin = rf"(?:[ -]+(?:{'|'.join(map(re.escape, known))}))+"
    people = rf"(?=[ -]+(?:{'|'.join(_SEX)})\b)"
    return re.compile(f"{_AGE}(?:{origin}{people})?{_WHO}", re.IGNORECASE)


def names_age(text: str) -> bool:
    """Whether an age stands in a text, whoever it is of.

    >>> names_age("Her 60-year-old mother"), names_age("for 60 years")
    (True, False)
    """
    return bool(_ages().search(text))


def aged(text: str, words: Words) -> Aged | None:
    """The age and sex of the patient; None where there is none or it may be that of another.

    ``words`` are those of reports.

    >>> import calcinosis
    >>> words = calcinosis.load().ontology.words
    >>> found = aged("A 46-year-old Asian woman with itch", words)
    >>> found.age, found.sex, aged("Her 60-year-old mother", words)
    ('46 years', 'female', None)
    """
    found = _ages().search(text)
    if found is None:
        return None
    who = (found["who"] or "").casefold()
    is_short = found["short"] is not None
    sex = _SEX.get(who) or (_LETTERS.get(who) if is_short else None)
    around = (text[: found.start()], "" if is_short and who in _LETTERS else who)
    rest = text[found.end() :]
    if (
        beside(around, words).standing != "stated"
        or _OF_ANOTHER.search(around[0])
        or rest.startswith(("'", "\u2019"))
        or _ages().search(rest)
    ):
        return None
    end = found.end() if sex else found.end("rest")
    unit = f"{(found['unit'] or 'year').casefold()}s"
    left = len(text) - len(_HAVING.sub("", text[end:]))
    return Aged(f"{found['number']} {unit}", sex or "", found.start(), end, left)
