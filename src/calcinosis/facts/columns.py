"""The columns of a table of cases: what may stand in a heading, and which part of a case it is.

Laboratory columns come from the laboratory module: one analyte there, one group of columns here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from calcinosis.errors import close_to
from calcinosis.facts.case import LISTS
from calcinosis.facts.laboratory import Analyte, Laboratory
from calcinosis.facts.sheet_words import bare

Kind = Literal["text", "word", "list", "flag", "lab", "note", "visit", "private", "ignored"]

REFUSED: Final = "refused"
ITEM_END: Final = ";"
PARTS: Final = ("value", "unit", "low", "high", "level", "when")
FORM_PARTS: Final = ("value", "unit", "low", "high")
NUMBERS: Final = ("value", "low", "high")

_LINKED = ("conditions", "interventions", "excluded")
_SEPARATORS = re.compile(r"[\W_]+")
_SILENT: Final = ("visit", "private", "ignored")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its ``name`` in a form, and the ``key`` of the case that it fills.

    ``link`` is what is said of each item of a list. ``part`` is what a laboratory column holds
    of the analyte whose label is ``key``. ``title`` goes before a note; of a ``flag``, where a
    cell says yes or no, it is the term. ``unit`` is that of numbers without one, ``decimal`` the
    mark that they use. With ``numbers``, 1 and 0 are yes and no; with ``signs``, so are + and -.
    ``codes`` are those of an ICD. ``values`` says what a word of a cell stands for.
    """

    name: str
    key: str
    kind: Kind
    at_deposit: bool = False
    cause: bool = False
    part: str = ""
    title: str = ""
    unit: str = ""
    decimal: str = ""
    numbers: bool = False
    signs: bool = False
    codes: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        """Whether nothing of it gets into a case."""
        return self.kind in _SILENT

    @property
    def is_left_out(self) -> bool:
        """Whether it stays out of every output: it is private, or nobody knows what it holds."""
        return self.kind in ("private", "ignored")

    @property
    def meaning(self) -> tuple[str, ...]:
        """What two columns with different headings have in common where they hold the same."""
        return (*self.fills, *([self.unit] if self.unit else ()))

    @property
    def fills(self) -> tuple[str, ...]:
        """What part of a case it fills, in whatever unit."""
        return (self.key, self.part, self.title, *self.link)

    @property
    def link(self) -> dict[str, bool]:
        """The links that the column states of its items."""
        stated = {"at_deposit": self.at_deposit, "cause": self.cause}
        return {link: True for link, is_stated in stated.items() if is_stated}


def _linked(key: str) -> tuple[Column, ...]:
    return (
        Column(key, key, "list"),
        Column(f"{key}_at_deposit", key, "list", at_deposit=True),
        Column(f"{key}_as_cause", key, "list", cause=True),
    )


def _fixed() -> tuple[Column, ...]:
    """The columns before the laboratory, in the order of a form."""
    found = [
        Column("id", "id", "text"),
        Column("source", "source", "text"),
        Column("sex", "sex", "word"),
        Column("age", "age", "text"),
        Column("age_unit", "age_unit", "word"),
        Column("calcinosis", "calcinosis", "word"),
        Column("sites", "sites", "list"),
        Column("visit", "visit", "visit"),
    ]
    for key in (*LISTS, "excluded", "workup_complete"):
        found += _linked(key) if key in _LINKED else [Column(key, key, "list")]
        if key == "conditions":
            found.append(Column("icd_10", key, "list", title="codes", codes=True))
    return tuple(found)


class Columns:
    """The columns that a table of cases may have.

    In a form, analytes of which a level is one of ``deciding`` (IRIs of findings) come first.
    """

    def __init__(self, laboratory: Laboratory, deciding: Collection[str] = ()) -> None:
        self._laboratory = laboratory
        self._deciding = deciding

    @cached_property
    def analytes(self) -> dict[str, Analyte]:
        """The analytes by the name of their column, in the order of a form."""
        named = {self._slug(a): a for a in self._laboratory.analytes.values()}
        decides = frozenset(self._deciding)

        def rank(name: str) -> tuple[bool, int, str]:
            return not decides.intersection(named[name].levels), len(name), name

        return {name: named[name] for name in sorted(named, key=rank)}

    def _slug(self, analyte: Analyte) -> str:
        """The shortest ending of the label that still names this analyte alone."""
        words = analyte.label.split()
        for start in reversed(range(len(words))):
            name = " ".join(words[start:])
            if [found.iri for found in self._laboratory.find(name)] == [analyte.iri]:
                return _SEPARATORS.sub("_", name.casefold()).strip("_")
        return _SEPARATORS.sub("_", analyte.label.casefold()).strip("_")

    @cached_property
    def form(self) -> tuple[Column, ...]:
        """The columns of a form, in order."""
        return (*_fixed(), *self._laboratory_columns(FORM_PARTS), Column("notes", "other", "note"))

    @cached_property
    def further(self) -> tuple[Column, ...]:
        """The columns that are read although no form has them."""
        parts = [part for part in PARTS if part not in FORM_PARTS]
        return (*self._laboratory_columns(parts), Column("assume", "assume", "text"))

    def _laboratory_columns(self, parts: Iterable[str]) -> tuple[Column, ...]:
        return tuple(
            Column(name if part == "value" else f"{name}_{part}", analyte.label, "lab", part=part)
            for name, analyte in self.analytes.items()
            for part in parts
        )

    @cached_property
    def _known(self) -> dict[str, Column]:
        known = {bare(column.name): column for column in (*self.form, *self.further)}
        known[REFUSED] = Column(REFUSED, "", "ignored")
        return known

    def find(self, heading: str) -> Column | None:
        """The column that a heading names, or None.

        Case, spaces, hyphens and underscores make no difference. A laboratory column may have
        any name of its test; ``note_histology`` is a note with the title "histology".
        """
        found = self._known.get(bare(heading))
        if found is not None:
            return found
        start, _, title = heading.strip().replace(" ", "_").partition("_")
        if title and start.casefold() in ("note", "notes"):
            return Column(heading.strip(), "other", "note", title=title.replace("_", " "))
        return self._test(heading.strip())

    def _test(self, heading: str) -> Column | None:
        """The laboratory column that a test's name gives, alone or before a part."""
        base, _, end = heading.replace(" ", "_").rpartition("_")
        part = end.casefold() if base and end.casefold() in PARTS[1:] else ""
        found = self._laboratory.find(base if part else heading)
        if len({analyte.group for analyte in found}) != 1:
            return None
        # A name of several tests of one level stays: value and unit tell them apart.
        key = found[0].label if len(found) == 1 else base if part else heading
        return Column(heading, key, "lab", part=part or "value")

    @property
    def laboratory(self) -> Laboratory:
        """The laboratory whose tests head columns."""
        return self._laboratory

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns of a form by their names."""
        return {column.name: column for column in (*self.form, *self.further)}

    def units(self, column: Column) -> tuple[str, ...]:
        """The unit codes that a laboratory column's test takes, the canonical one first."""
        found = self._laboratory.find(column.key)
        codes = dict.fromkeys(unit.ucum for one in found for unit in one.units.values())
        return tuple(sorted(codes, key=lambda code: (code != found[0].canonical, code)))

    def bound(self, column: Column) -> str:
        """A bound that a laboratory column may hold, such as ``>2``, in the canonical unit."""
        return self._laboratory.find(column.key)[0].example()

    def nearest(self, heading: str) -> list[str]:
        """The names nearest to a heading that names no column."""
        near = close_to(bare(heading), self._known)
        return [self._known[key].name for key in near]
