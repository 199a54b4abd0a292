"""Values and levels of tests as a sentence reports them, where nothing else stands beside them.

A piece of a sentence is a test with its value and unit, or one or several tests with a word for
their level. Every word of it is one of these, a verb, or one that only states; else nothing is read
of it, for what else stands there may change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from calcinosis.facts import limits
from calcinosis.facts.cells import stated
from calcinosis.facts.fields import Fields
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.labs import read_lab
from calcinosis.facts.quantity import amount
from calcinosis.facts.stating import beside, is_of_interval, is_of_then, is_reporting
from calcinosis.graph.words import Words

_AND: Final = r"(?:and|but|plus|while|whereas|&)"
_APART: Final = re.compile(rf"\s*,(?!\d)\s*(?:{_AND}\s+)?|\s+{_AND}\s+", re.IGNORECASE)
_VERB: Final = (
    r"(?:\s+(?:levels?|concentrations?|values?))?"
    r"(?:\s*[:=]\s*|\s+(?P<verb>was|were|is|are|of|at|remained|remains)\s+|\s+)"
)
_BETWEEN: Final = re.compile(rf"{_VERB}(?:(?:all|both)\s+)?")
_TAIL: Final = re.compile(
    r"(?P<head>[^()\[\]]+?)(?:\s*[(\[](?P<inside>[^()\[\]]+)[)\]]|\s+(?:at|to|of)\s+(?P<at>\d.*))?\Z"
)
_VALUE: Final = re.compile(
    rf"(?P<test>[^:=]*?[^\W\d][^:=]*?){_VERB}(?P<value>[<>≤≥]?=?\s*\d[^()\[\]]*)"
    r"(?:\s*[(\[](?P<beside>[^()\[\]]+)[)\]])?\Z"
)
_INTERVAL: Final = re.compile(
    r"(?P<words>[^\d<>]*)(?P<low>\d+(?:[.,]\d+)?)\s*(?:-|\u2013|to)\s*(?P<high>\d+(?:[.,]\d+)?)"
    r"\s*(?P<unit>[^\s\d].*)?\Z"
)
_FIRST: Final = re.compile(r"\s*([^\W_]+)[:\s]\s*")
_LETTERS: Final = re.compile(r"(?:\A|[\s\d(\[])(?P<flag>[^\W\d_]{1,2})[)\]]?\s*\Z")
_PRINTED: Final = ("H", "HH", "L", "LL")
"""The letters that laboratories print behind a number; another, as h, may be hours or litres."""
_MANY: Final = ("were", "are")
_BEHIND: Final = "it names a test, and what stands beside the value is not read"
_SEVERAL: Final = "it names several tests before a value"
_NOT_SURE: Final = "it names a test, and not for sure its level"
_LONGEST: Final = 4  # words of a test
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """A piece of a text from ``start`` to ``end``: the item of ``labs``, or why it is none."""

    start: int
    end: int
    item: Item | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    mark: str  # what parts it from the piece before
    before: str  # words that only state

    @property
    def goes_on(self) -> bool:
        """Whether a list may go on with it."""
        return self.mark in ("", ",", "and", "&")

    def with_(self, item: Item | None, why: str = "") -> Reported:
        return Reported(self.start, self.start + len(self.text), item, why)


def reported(text: str, laboratory: Laboratory, words: Words) -> list[Reported] | None:
    """What a text reports of tests, in its order; None where it holds anything else.

    ``words`` are those of reports.

    >>> import calcinosis
    >>> from calcinosis.facts.read import laboratory_of
    >>> ontology = calcinosis.load().ontology
    >>> known = laboratory_of(ontology), ontology.words
    >>> [one.item for one in reported("Calcium and PTH were normal", *known) or ()]
    [{'test': 'Calcium', 'level': 'normal'}, {'test': 'PTH', 'level': 'normal'}]
    >>> reported("Calcium may be normal", *known) is None
    True
    """
    found: list[Reported] = []
    waiting: list[_Piece] = []
    pieces = list(_pieces(text))
    if any(len(one.text) > limits.QUANTITY_CHARACTERS for one in pieces):
        return None
    before = dict.fromkeys(word for one in pieces for word in one.before.casefold().split())
    if (
        beside([" ".join(before)], words, tests=True).standing != "stated"
    ):  # of another, for instance
        return None
    level = ""  # that stands before a list of tests
    for piece in pieces:
        if not piece.goes_on:
            found += _led(waiting, level, laboratory)
        if _is_test(piece.text, laboratory):
            waiting.append(piece)
            continue
        said = _levelled(piece, waiting, laboratory) or _valued(piece, laboratory)
        if said is None:
            return None
        if waiting and any("value" in (one.item or {}) for one in said):
            said = [piece.with_(None, _SEVERAL)]
        found += [*_led(waiting, level, laboratory), *said]
        level = _leading(piece.text, laboratory)
    found += _led(waiting, level, laboratory)
    return sorted(found, key=lambda one: one.start) or None


def names_of_tests(text: str, laboratory: Laboratory) -> list[str]:
    """The labels of the tests that a text names, in their order."""
    words = re.findall(r"[^\s,;:()\[\]]+", text)
    found: dict[str, None] = {}
    place = 0
    while place < len(words):
        for size in range(min(_LONGEST, len(words) - place), 0, -1):
            analytes = laboratory.find(" ".join(words[place : place + size]))
            if analytes:
                found[" or ".join(one.label for one in analytes)] = None
                break
        place += size
    return list(found)


def _pieces(text: str) -> Iterator[_Piece]:
    """The pieces between commas and conjunctions, without words that only state before them."""
    start, before = 0, ""
    for mark in (*_APART.finditer(text), None):
        end = len(text) if mark is None else mark.start()
        piece = text[start:end]
        bare = _bare(piece)
        if bare.strip():
            left = len(piece) - len(bare)
            yield _Piece(bare.rstrip(), start + left, before, piece[:left])
        if mark is not None:
            start, before = mark.end(), mark.group().strip(" ,").casefold() or ","


def _bare(text: str) -> str:
    text = text.lstrip()
    while (found := _FIRST.match(text)) is not None and is_reporting(found.group(1)):
        text = text[found.end() :]
    return text


def _is_test(text: str, laboratory: Laboratory) -> bool:
    return len({one.group for one in laboratory.find(text)}) == 1 and not is_of_then(text)


def _led(waiting: list[_Piece], level: str, laboratory: Laboratory) -> list[Reported]:
    """Tests behind one with its level before it, in a list that ends with "and"; none waits more.

    Of others it is not sure what is said of them.
    """
    if level and waiting and waiting[-1].mark in ("and", "&"):
        items = [{"test": one.text, "level": level} for one in waiting]
        pairs = zip(waiting, items, strict=True)
        found = [one.with_(*_sure(item, laboratory)) for one, item in pairs]
    else:
        found = [one.with_(None, _NOT_SURE) for one in waiting]
    waiting.clear()
    return found


def _leading(text: str, laboratory: Laboratory) -> str:
    """The level that stands before a test without a verb; empty where none does."""
    found = _of_level(text, laboratory)
    return found[1] if found and not found[2] else ""


def _levelled(
    piece: _Piece, waiting: list[_Piece], laboratory: Laboratory
) -> list[Reported] | None:
    """A test, and those that wait for it, with a word for their level; None if it is none."""
    tail = _TAIL.match(piece.text)
    found = _of_level(tail["head"], laboratory) if tail else None
    if tail is None or found is None:
        return None
    test, word, verb = found
    item: Item = {"test": test, "level": word}
    value = tail["inside"] or tail["at"]
    if value:
        said = stated(value, laboratory.level)
        if said is None or not said.number or not said.unit or said.level:
            return None
        item |= {"value": _number(said.number), "unit": said.unit}
    last = piece.with_(*_sure(item, laboratory))
    if value or not verb or not (piece.mark in ("and", "&") or verb in _MANY):
        return [last]
    others = [one.with_(*_sure({"test": one.text, "level": word}, laboratory)) for one in waiting]
    waiting.clear()
    return [*others, last]


def _of_level(text: str, laboratory: Laboratory) -> tuple[str, str, str] | None:
    """A test, the word for its level, and what stands between; the test may stand last."""
    for found in _BETWEEN.finditer(text):
        test, word = text[: found.start()], text[found.end() :]
        if _is_level(word, laboratory) and _is_test(test, laboratory):
            return test, word, found["verb"] or " "
    words = text.split()
    for size in range(len(words) - 1, 0, -1):
        word, test = " ".join(words[:size]), " ".join(words[size:])
        if _is_level(word, laboratory) and _is_test(test, laboratory):
            return test, word, ""
    return None


def _is_level(word: str, laboratory: Laboratory) -> bool:
    """Whether a word states a level, and is no letter, which does so behind a number alone."""
    return laboratory.level(word) is not None and _LETTERS.match(word) is None


def _is_clear(value: str, unit: str) -> bool:
    """Whether no letters stand at the end of a value, or they are the flag of a level for sure.

    >>> _is_clear("12.1 H", ""), _is_clear("24 h", ""), _is_clear("1 L", "")
    (True, False, False)
    """
    found = _LETTERS.search(value)
    if found is None:
        return True
    number = value[: found.start("flag")].strip(" ([")
    is_decimal = re.fullmatch(r"\d+[.,]\d+", number) is not None and found["flag"] in ("H", "HH")
    return found["flag"] in _PRINTED and (bool(unit) or is_decimal)


def _valued(piece: _Piece, laboratory: Laboratory) -> list[Reported] | None:
    """A test with its value, and the level or interval beside it; None if it is none."""
    found = _VALUE.match(piece.text)
    if found is None or not _is_test(found["test"], laboratory):
        return None
    said = stated(found["value"], laboratory.level)
    if said is None or not said.number:
        return [piece.with_(None, "it names a test, and no value is read of it")]
    if " " in said.unit and not any(one.unit(said.unit) for one in laboratory.find(found["test"])):
        return [piece.with_(None, _BEHIND)]
    if said.level and not _is_clear(found["value"], said.unit):
        return [piece.with_(None, _BEHIND)]
    parts = {"value": _number(said.number), "unit": said.unit, "level": said.level}
    item: Item = {"test": found["test"], **{key: one for key, one in parts.items() if one}}
    sure = _sure(item, laboratory)
    if found["beside"] and not _beside(found["beside"], item, laboratory):
        return [piece.with_(None, sure[1] or _BEHIND)]
    return [piece.with_(*(_sure(item, laboratory) if found["beside"] else sure))]


def _number(text: str) -> float | str:
    """A number where it can be no other; else it is left to the reader of cases."""
    plain = text.replace(" ", "")
    found = amount(plain)
    return found.low if found is not None and found.low == found.high else plain


def _beside(text: str, item: Item, laboratory: Laboratory) -> bool:
    """Put a level or an interval beside a value into its item; False where it is neither."""
    if laboratory.level(text) is not None and (len(text) > len("HH") or text in _PRINTED):
        item.setdefault("level", text)
        return laboratory.level(text) == laboratory.level(item["level"])
    found = _INTERVAL.match(text.strip())
    if found is None:
        return False
    unit = (found["unit"] or "").strip()
    if unit and unit != item.get("unit"):
        return False
    item["interval"] = [_number(found[end]) for end in ("low", "high")]
    if not is_of_interval(found["words"]) and (found["words"] or not _is_usual(item, laboratory)):
        return False
    return "level" not in item or _agrees(laboratory.level(item["level"]), item)


def _is_usual(item: Item, laboratory: Laboratory) -> bool:
    """Whether the bounds beside a value, of which no word speaks, are near to published ones.

    Others may be the range of the patient's values.
    """
    found = read_lab(item, "labs[0]", laboratory, Fields("", strict=True))
    if found is None or found.interval is None:
        return False
    return laboratory.is_usual(found.analyte, found.interval)


def _agrees(level: str | None, item: Item) -> bool:
    """Whether the level beside a value is the one that its interval makes of it."""
    value, (low, high) = item["value"], item["interval"]
    if not all(isinstance(one, float) for one in (value, low, high)):
        return False
    found = "low" if value < low else "high" if value > high else "normal"
    return level == found


def _sure(item: Item, laboratory: Laboratory) -> tuple[Item | None, str]:
    """An item that nothing is wrong with, or a level beside a number without a unit; else why."""
    fields = Fields("", strict=True)
    if read_lab(item, "labs[0]", laboratory, fields) is not None and not fields.problems:
        return item, ""
    problem = fields.problems[0] if fields.problems else None
    if "level" in item and not item.get("unit"):
        lax = Fields("")
        if read_lab(item, "labs[0]", laboratory, lax) is not None and not lax.uninterpreted:
            return item, ""
    return None, f"{problem.what}. {problem.cure}" if problem else "it is not read"
