"""What the headings of a sheet are taken for, as people write them: each guess with its reason.

A heading may hold the unit of its numbers, may say that its cells are yes or no, or be itself a
condition or finding. What is near to a name and is none is a doubt, which is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from calcinosis.errors import close_to, quoted
from calcinosis.facts.case import LIST_OF
from calcinosis.facts.columns import PARTS, Column, Columns
from calcinosis.facts.sheet_words import bare, plain, words

KindOf = Callable[[str], str]
"""The kind of the term that a word names; empty where it names none."""

CHOICE: Final = re.compile(r"\(choice=(?P<term>.+)\)\s*\Z", re.IGNORECASE)
_BRACKETS = re.compile(r"(?P<base>.*?)\s*[(\[{](?P<inner>[^()\[\]{}]+)[)\]}]\s*\Z", re.DOTALL)
_ICD = re.compile(r"(?<![a-z])icd(?![a-z])", re.IGNORECASE)
_BOX = re.compile(r"___\w+\Z")
_NUMBERED = re.compile(r"[\s_.]*\d{1,2}\Z")
_WORD = re.compile(r"[^\W_]+")
_PARTED = re.compile(r"[\s_,;:]+")
_CODE = re.compile(r"(\d+)\s*[=:]\s*([^\W\d_][^,;/|]*)")
_NEAR: Final = 0.84
_OTHER: Final = "other"  # the kind of what no list of a case holds
RECORD: Final = (
    "tells the patients apart, and stands in every output as the id; as: private keeps it out"
)
"""Why the number of a hospital's record is an id: no better column is."""
NO_ROLE: Final = "known, without a role here"
"""Why a column is not read whose heading is a test or a thing that decides nothing."""
_ASKED: Final = 20  # words of a column, for each of which the vocabulary is searched


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column is taken for, why, and what is doubtful in it; empty where nothing is."""

    column: Column
    why: str
    doubt: str = ""


class Headings:
    """Guesses columns from their headings: by ``columns``, by words, and by what terms there are.

    ``kind_of`` gives the kind of the term that a word names; a subtype counts as a condition.
    """

    def __init__(self, columns: Columns, kind_of: KindOf) -> None:
        self._columns = columns
        self.kind_of = kind_of

    def level_of(self, word: str) -> str | None:
        """The level that a word of a laboratory says, or None."""
        return self._columns.laboratory.level(word)

    def knows(self, heading: str) -> Column | None:
        """The column that a heading names by itself, not one that it is taken for as a term."""
        found = self._named(heading.strip()) if heading.strip() else None
        return None if found is None else found.column

    def alone(self, heading: str, over: str, column: Column) -> str:
        """A heading that stands for a column by itself: as it is, with that over it, or ours."""
        heading = heading.strip()
        if column.is_left_out:
            return heading
        ours = (one.name for one in self._columns.by_name.values() if one.fills == column.fills)
        name = next(ours, column.title or column.name)
        united = (f"{each} ({column.unit})" for each in (heading, name) if column.unit)
        for found in (heading, f"{over} {heading}".strip(), name, *united):
            guess = self.guess(found).column
            if (guess.kind, guess.meaning) == (column.kind, column.meaning):
                return found
        return heading

    def guess(self, heading: str, group: str = "", cells: Iterable[str] = ()) -> Guess:
        """What a heading stands for, with the one over its group and some of its cells."""
        heading = heading.strip()
        found = self._named(heading)
        if found is None and group:
            found = self._named(f"{group} {heading}")
        if found is None and self._is_of_kin(f"{group} {heading}"):
            return self._ignored(heading, "it is about relatives")
        if found is None:
            found = self._term(heading, declared=False) or self._by_cells(heading, cells)
        return _by_numbers(found, cells) or self._unknown(heading, cells)

    # -- by name ---------------------------------------------------------------------

    def _named(self, heading: str) -> Guess | None:
        for step in (self._own, self._worded, self._choice, self._declared, self._aged):
            found = step(heading)
            if found is not None:
                return found
        return self._test(heading) or self._bracketed(heading)

    def _own(self, heading: str) -> Guess | None:
        column = self._columns.find(heading)
        return None if column is None else Guess(column, "a name of this column")

    def _worded(self, heading: str) -> Guess | None:
        known = words().of("heading")
        name = known.get(bare(heading))
        if name is None and _NUMBERED.search(heading):
            name = known.get(bare(_NUMBERED.sub("", heading)))
            name = name if name and self._is_list(name) else None
        if name is None and _ICD.search(heading):
            name = "icd"
        if name is None:
            ends = _without(heading, words().of("at"))
            name = next((known[bare(end)] for end in ends if bare(end) in known), None)
        if name is None:
            return None
        why = RECORD if bare(heading) in words().of("record") else _WHY.get(name, _WORD_)
        return Guess(self._by_name(name, heading), why)

    def _is_list(self, name: str) -> bool:
        column = self._columns.by_name.get(name)
        return name == "icd" or (column is not None and column.kind == "list")

    def _by_name(self, name: str, heading: str) -> Column:
        if name == "private":
            return Column(heading, "", "private")
        if name == "ignored":
            return Column(heading, "", "ignored")
        column = self._columns.by_name["icd_10" if name == "icd" else name]
        return replace(column, title=heading) if column.kind == "note" else column

    def _choice(self, heading: str) -> Guess | None:
        """A box of a labelled REDCap export: its heading ends with the choice that it ticks."""
        match = CHOICE.search(heading)
        if match is None:
            return None
        asked = self._worded(heading[: match.start()].strip())
        key = asked.column.key if asked and asked.column.kind == "list" else "conditions"
        term = match["term"].strip()
        if words().is_missing(term) or plain(term) in words().of("none"):
            return self._ignored(heading, "a box that ticks no term")
        return Guess(Column(heading, key, "flag", title=term), "a box to tick for this term")

    def _declared(self, heading: str) -> Guess | None:
        """A heading that says that its cells are yes or no."""
        for base in _without(heading, words().of("declared")):
            found = self._worded(base)
            if found is not None and found.column.key == "calcinosis":
                return replace(found, column=replace(found.column, numbers=True, signs=True))
            term = self._term(base, declared=True)
            if term is not None:
                return term
        return None

    def _aged(self, heading: str) -> Guess | None:
        """An age whose unit stands in its heading."""
        units = words().of("age_unit")
        for base in _without(heading, units):
            found = self._worded(re.sub(r"\s+in\Z", "", base)) if base else None
            if found is not None and found.column.name == "age":
                unit = units[plain(heading[len(base) :].strip(" _()[],/.-").removeprefix("in "))]
                column = replace(found.column, unit=unit)
                return Guess(column, f"an age, in {unit} by its heading")
        return None

    def _bracketed(self, heading: str) -> Guess | None:
        """A name with a remark in brackets, such as the codes of its cells: ``Sex (1=m, 2=f)``."""
        match = _BRACKETS.match(heading)
        found = self._worded(match["base"]) if match and match["base"] else None
        if match is None or found is None:
            return None
        codes = {code: word.strip() for code, word in _CODE.findall(match["inner"])}
        return replace(found, column=replace(found.column, values=codes))

    # -- tests -----------------------------------------------------------------------

    def _test(self, heading: str) -> Guess | None:
        """A column of a test: its name with a unit, or with the part that it holds."""
        for name in self._named_so(heading):
            if name != heading and self._analytes(name):
                return Guess(
                    self._lab(Column(heading, name, "lab", part="value")), "a test by its name"
                )
        for base, rest in _splits(heading):
            found = self._of_test(heading, base, rest)
            if found is not None:
                return found
        match = _BRACKETS.match(heading)
        if match and self._analytes(match["base"]):
            what = f"{quoted(match['inner'])} in its heading is no unit of this test"
            column = Column(heading, match["base"], "lab", part="value", unit=match["inner"])
            is_unit = "/" in match["inner"]
            return Guess(self._lab(column), "a test by its name", "" if is_unit else what)
        return None

    def _of_test(self, heading: str, base: str, rest: str) -> Guess | None:
        turned = self._columns.find(f"{rest} {base}")
        if turned is not None and turned.kind == "lab" and turned.part == "value":
            return Guess(replace(turned, name=heading), "a test by its name")
        parts = words().of("part")
        for test, part in ((base, parts.get(bare(rest))), (rest, parts.get(bare(base)))):
            if part in PARTS and self._analytes(test):
                column = Column(heading, test, "lab", part=part)
                return Guess(self._lab(column), f"the {part} of this test")
        base = next((name for name in self._named_so(base) if self._analytes(name)), "")
        unit = self.unit(base, rest) if base else ""
        if plain(rest) in words().of("at") and base:
            return Guess(
                self._lab(Column(heading, base, "lab", part="value")), "a test by its name"
            )
        if not unit:
            return None
        return Guess(self._value(heading, base, unit), "a test by its name, with its unit")

    def _value(self, heading: str, test: str, unit: str = "") -> Column:
        return self._lab(Column(heading, test, "lab", part="value", unit=unit))

    def _named_so(self, name: str) -> Iterator[str]:
        """A test's name, and without what people add to it: value, level, the serum."""
        yield name
        shorter = next(_without(name, words().of("filler")), name)
        start, _, end = shorter.replace("-", " ").replace("_", " ").partition(" ")
        yield shorter
        if plain(start) in words().of("specimen") and end:
            yield end

    def _analytes(self, name: str) -> list[str]:
        """The labels of the tests of one level that a name stands for."""
        found = self._columns.laboratory.find(name.strip().replace("_", " ")) if name else []
        return [a.label for a in found] if len({a.group for a in found}) == 1 else []

    def _lab(self, column: Column) -> Column:
        """A laboratory column whose key is that of the other columns of its test."""
        labels = self._analytes(column.key)
        return replace(column, key=labels[0]) if len(labels) == 1 else column

    def unit(self, test: str, text: str) -> str:
        """The unit of a test that a text spells, with or without its signs; empty if none."""
        text = text.strip()
        for analyte in self._columns.laboratory.find(test.strip().replace("_", " ")):
            if analyte.unit(text) is not None:
                return text
            for unit in analyte.units.values():
                if bare(text) and bare(unit.ucum) == bare(text):
                    return unit.ucum
        return ""

    # -- by what it means ------------------------------------------------------------

    def _term(self, heading: str, *, declared: bool) -> Guess | None:
        """A heading that is itself a term: its cells say yes or no."""
        for text in dict.fromkeys((heading.replace("_", " "), heading)):
            key = LIST_OF.get("condition" if (k := self.kind_of(text)) == "subtype" else k)
            if key is not None:
                column = Column(heading, key, "flag", title=text, numbers=declared, signs=declared)
                return Guess(column, f"a {k} by its heading: yes states it, no excludes it")
        return None

    def _by_cells(self, heading: str, cells: Iterable[str]) -> Guess | None:
        """A heading that is no term, but part of the terms in its cells: an ulcer, of each kind."""
        word = plain(heading.replace("_", " "))
        asked = (cell for cell in dict.fromkeys(cells) if not cell[:1].isdigit())
        found = {cell: self.kind_of(cell) for cell in islice(asked, _ASKED)}
        kinds = [kind for kind in found.values() if kind in LIST_OF]
        shared = all(word in plain(cell) for cell, kind in found.items() if kind)
        if len(word) < 4 or not kinds or not shared:
            return None
        example = next(cell for cell, kind in found.items() if kind)
        column = Column(heading, LIST_OF[kinds[0]], "flag", title=heading)
        return Guess(column, f"its cells name {LIST_OF[kinds[0]]} of that word, as {example}")

    def _is_of_kin(self, heading: str) -> bool:
        known = words().of("kin")
        return any(word.casefold() in known for word in _WORD.findall(heading))

    def _ignored(self, heading: str, why: str) -> Guess:
        return Guess(Column(heading, "", "ignored"), why)

    def _unknown(self, heading: str, cells: Iterable[str]) -> Guess:
        if _BOX.search(heading):
            doubt = "a box to tick; --map DICTIONARY.csv, the data dictionary, says of what"
            return replace(self._ignored(heading, "its name does not say of what"), doubt=doubt)
        if any(self.kind_of(name) == _OTHER for name in self._named_so(heading)):
            return self._ignored(heading, NO_ROLE)
        near = self.nearest(heading)
        if near and all(map(self._is_list, near)) and _are_numbers(cells):
            return self._ignored(heading, "it holds numbers, which name nothing")
        if near:
            doubt = f"it may be meant for {' or '.join(near)}"
            return replace(self._ignored(heading, "near to a name, and none"), doubt=doubt)
        return self._ignored(heading, "nothing here has that name")

    def nearest(self, heading: str) -> Sequence[str]:
        """The names of columns that a heading may be a slip of."""
        if len(bare(heading)) < 5:
            return ()
        named = {bare(name): name for name in self._columns.by_name}
        named |= {
            word: name for word, name in words().of("heading").items() if name not in _UNASKED
        }
        return tuple(dict.fromkeys(named[key] for key in close_to(bare(heading), named, 3, _NEAR)))


def _are_numbers(cells: Iterable[str]) -> bool:
    """Whether the cells of a column are numbers alone, and not all of one digit, as codes are."""
    cells = list(cells)
    are_alone = all(re.fullmatch(r"[<>]?\s*\d+(?:[.,]\d+)?", cell) for cell in cells)
    return are_alone and any(len(cell) > 1 for cell in cells)


def _by_numbers(guess: Guess | None, cells: Iterable[str]) -> Guess | None:
    """A guess; what is called the level of a test and holds numbers is its value."""
    if guess is None or guess.column.part != "level":
        return guess
    if not any(re.match(r"[<>]?\s*\d", cell) for cell in cells):
        return guess
    return replace(guess, column=replace(guess.column, part="value"))


_UNASKED: Final = ("private", "ignored", "visit")
_WORD_: Final = "a word for this column"
_WHY: Final = {
    "private": "private: in no output",
    "visit": "tells the visits of a patient apart",
    "icd": "codes of an ICD",
    "ignored": "no case holds it",
}


def _without(heading: str, ends: Iterable[str]) -> Iterator[str]:
    """A heading without an ending that is one of some words, in brackets or not."""
    low = heading.casefold()
    match = _BRACKETS.match(heading)
    if match and plain(match["inner"]).removeprefix("in ") in ends:
        yield match["base"].strip()
    for end in ends:
        start = low[: -len(end)]
        if low.endswith(end) and start and not start[-1].isalnum():
            yield heading[: len(start)].rstrip(" _,;:-/(")


def _splits(heading: str) -> Iterator[tuple[str, str]]:
    """The ways to part a heading into a name and what follows it."""
    match = _BRACKETS.match(heading)
    if match:
        yield match["base"], match["inner"]
    signs = list(_PARTED.finditer(heading))
    for sign in reversed(signs[-4:]):
        base, rest = heading[: sign.start()], heading[sign.end() :]
        if base and rest:
            yield base, re.sub(r"\Ain\s+", "", rest)
