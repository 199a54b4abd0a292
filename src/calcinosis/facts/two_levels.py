"""Two levels that a text says of one test, whatever stands between them: which one is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from calcinosis.errors import Problem, quoted
from calcinosis.facts.laboratory import Analyte, Laboratory
from calcinosis.graph.phrasing import listed

_SPLIT: Final = re.compile(
    r"(?:[^\w\s\u2191\u2193\u2b06\u2b07-]|[_\n]|\s-|-\s|--)+|"
    r"\s(?:and/or|and|or|nor|but|with|to|then|und|oder|aber|mit|bis|dann)(?=\s)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]+|\u2191+|\u2193+|[\u2b06\u2b07]")
_LONGEST: Final = 6  # words of a level or of a test
_ARTICLE: Final = "A"


@dataclass(slots=True)
class _About:
    """What parts of a text say of one test: the groups of the tests, and the levels."""

    tests: set[str] = field(default_factory=set)
    levels: dict[str, None] = field(default_factory=dict)


def two_levels(
    text: str, findings: Mapping[str, Collection[str]], laboratory: Laboratory
) -> Problem | None:
    """The problem that a text says two levels of one test, where it was read as one of them.

    ``findings`` are those that it was read as, by IRI, with those that they deny. What is one
    phrase, such as "low-normal", is one level. A part that names no test speaks of the one before.
    """
    said = {iri for one, denied in findings.items() for iri in (one, *denied)}
    about = [one for one in laboratory.analytes.values() if not said.isdisjoint(one.levels)]
    parts = _parts(text, laboratory) if about else []
    if any(part.levels for part in parts) and (named := _asked(text, laboratory)):
        what = f"{quoted(text)} says a level behind {named}, of which it may be as well"
        return Problem(what, "", "Write each by itself", about=tuple(said))
    for found in parts:
        ours = [one for one in about if not found.tests or one.group in found.tests]
        if found.levels:
            found.levels |= dict.fromkeys(_own(findings, ours))
        if len(found.levels) > 1:
            what = f"{quoted(text)} says {' or '.join(found.levels)}"
            asked = tuple(dict.fromkeys(level for one in about for level in one.levels))
            return Problem(what, "", "Write the level that was found", about=asked)
    return None


def _asked(text: str, laboratory: Laboratory) -> str:
    """A part of a list that may name one test or another, or what is taken; empty if none does."""
    return next((part for part in listed(text) if laboratory.asked(part)), "")


def _own(findings: Mapping[str, Collection[str]], about: Iterable[Analyte]) -> Iterator[str]:
    """The levels that findings are by their own names."""
    for one in about:
        known = {one.high: "high", one.low: "low", one.abnormal: "abnormal"}
        for iri, denied in findings.items():
            if iri in known:
                yield known[iri]
            elif one.abnormal in denied:
                yield "normal"


def _parts(text: str, laboratory: Laboratory) -> list[_About]:
    """What a text says of each test that it names, one after another."""
    found = [_About()]
    for part in _SPLIT.split(text):
        words = _WORD.findall(part)
        tests = _tests(words, laboratory)
        if tests and found[-1].tests and tests != found[-1].tests:
            found.append(_About())
        found[-1].tests |= tests
        found[-1].levels |= dict.fromkeys(_levels(words, laboratory))
    return found


def _tests(words: Sequence[str], laboratory: Laboratory) -> set[str]:
    """The groups of the analytes that some of the words name."""
    return {
        analyte.group
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1)
        for analyte in laboratory.find(" ".join(words[start:end]))
    }


def _levels(words: Sequence[str], laboratory: Laboratory) -> Iterator[str]:
    """The levels that the words say, of each place the longest phrase."""
    place = 0
    while place < len(words):
        for end in range(min(len(words), place + _LONGEST), place, -1):
            phrase = " ".join(words[place:end])
            level = laboratory.level(phrase)
            if level is not None and not _is_letter_of_text(phrase, place):
                yield level
                place = end
                break
        else:
            place += 1


def _is_letter_of_text(phrase: str, place: int) -> bool:
    """Whether what may be the letter of a flag is a word: a small one, or the article."""
    if len(phrase) > 1 or not phrase.isalpha():
        return False
    return phrase.islower() or (phrase == _ARTICLE and not place)
