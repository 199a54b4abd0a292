"""The fields of a case file: what may stand under a key, and what is wrong where it does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard, TypeVar

from calcinosis.errors import CaseError, Problem, close_to, did_you_mean, listed, quoted
from calcinosis.facts import age as ages
from calcinosis.facts import limits
from calcinosis.facts.case import Remark

Raw = Mapping[str, Any]
Word = TypeVar("Word", bound=str)

_SAID_NOTHING = Remark("", "", "")
_LINKED = ("condition", "intervention")

_NOUNS = {"when": "time", "calcinosis": "status"}
_LIST = "Write a list, one item a line with a dash"
_AGE = "Write a number with its unit, such as '59 years' or '15 months', or P15M"
_AGE_LACKS = "a number with its unit"


class Fields:
    """Reads single fields of one case, and keeps every problem with its place.

    ``problems`` refuse the case. What else gives no fact is kept as remarks: ``set_aside``,
    ``uninterpreted`` and ``not_understood``, as in a Case. ``strict`` makes problems of words and
    values that are not understood.
    """

    def __init__(self, place: str, *, strict: bool = False) -> None:
        self.place = place
        self.strict = strict
        self.problems: list[Problem] = []
        self.set_aside: list[Remark] = []
        self.uninterpreted: list[Remark] = []
        self.not_understood: list[Remark] = []

    def at(self, where: str) -> str:
        """A place within this case, with the case's own place before it."""
        between = ", " if self.place and where else ""
        return f"{self.place}{between}{where}" or "the case"

    def problem(self, where: str, what: str, cure: str) -> None:
        """Note what is wrong at ``where``, and the cure."""
        self.found(Problem(what, self.at(where), cure))

    def found(self, problem: Problem) -> None:
        """Note a problem; CaseError where there are too many to read on."""
        self.problems.append(problem)
        if len(self.problems) >= limits.PROBLEMS:
            what, cure = "it has more faults, which are not listed", "Mend these first"
            raise CaseError([*self.problems, Problem(what, self.at(""), cure)])

    def unknown(self, text: str, where: str, found: Problem, said: Remark = _SAID_NOTHING) -> None:
        """Note a word that stands for nothing.

        A condition or intervention may be anything, and so may what has a suggestion or is about
        something that could decide: it is not understood, and holds back what it could change.
        Anything else is set aside, for nothing could use it. ``said`` has what the case states.
        """
        if self.strict:
            self.found(found)
            return
        about = said.about or found.about
        could_use = bool(said.kind in _LINKED or about or found.suggestions)
        remark = Remark(
            text,
            where,
            found.what if could_use else f"{found.what}: nothing here could use it",
            said.cure,
            about,
            said.kind,
            said.at_deposit,
            said.cause,
            found.suggestions,
            said.blocks,
            said.note,
        )
        (self.not_understood if could_use else self.set_aside).append(remark)

    def without_effect(self, text: str, where: str, found: Problem) -> None:
        """Note a known word where it can mean nothing: it is set aside."""
        if self.strict:
            self.found(found)
        else:
            self.set_aside.append(Remark(text, where, found.what, found.cure))

    def undecided(
        self,
        text: str,
        where: str,
        found: Problem,
        lacks: str,
        about: tuple[str, ...],
        units: tuple[str, ...] = (),
    ) -> None:
        """Note a value that cannot be read: it decides nothing ``about`` its levels.

        ``lacks`` is what it would take, as what a reader is asked to give; ``units`` are those of
        which it lacks one.
        """
        if self.strict:
            self.found(found)
        else:
            self.uninterpreted.append(Remark(text, where, found.what, lacks, about, units=units))

    # -- one field -------------------------------------------------------------------

    def known_keys(self, raw: Raw, known: Sequence[str], where: str = "") -> None:
        """Every key of ``raw`` must be one of ``known``."""
        for key in raw:
            if key not in known:
                near = map(repr, close_to(str_of(key).casefold(), known, 1))
                self.problem(
                    where.removesuffix("."),
                    f"the key {quoted(key)} is unknown",
                    did_you_mean(near, then=f"Known: {', '.join(known)}"),
                )

    def choice(self, raw: Raw, key: str, options: Sequence[Word], where: str = "") -> Word | None:
        """The word under ``key``, one of ``options``; None if it is left out or wrong."""
        value = raw.get(key)
        if value is None:
            return None
        for option in options:
            if isinstance(value, str) and value == option:
                return option
        noun = _NOUNS.get(key, key)
        self.problem(
            f"{where}{key}", f"{quoted(value)} is no {noun}", f"Write {listed(options, 'or')}"
        )
        return None

    def flag(self, raw: Raw, key: str, where: str) -> bool | None:
        """True or false under ``key``; None if it is left out or wrong."""
        value = raw.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.problem(
            f"{where}{key}",
            f"{quoted(value)} is neither true nor false",
            "Write true or false, or leave it out where it is not stated",
        )
        return None

    def text(self, raw: Raw, key: str, where: str = "") -> str | None:
        """The text under ``key``; None if it is left out or wrong."""
        value = raw.get(key)
        if value is None or isinstance(value, str):
            return value
        self.problem(
            f"{where}{key}",
            f"{key} must be text, not {kind_of(value)}",
            "Put it in quotes, or leave it out",
        )
        return None

    def age(self, raw: Raw) -> float | None:
        """The age in days; None if it is not stated, or is no age; NaN if it is told in words.

        No interval and no correction holds at NaN, for each holds from one age to another.
        """
        value = raw.get("age")
        if value is None:
            return None
        found = ages.days(value) if isinstance(value, str) else None
        if found is None and ages.is_told(value):
            what = f"{quoted(value)} is no single age: nothing is judged by it"
            self.undecided(value, "age", Problem(what, self.at("age"), _AGE), _AGE_LACKS, ())
            return math.nan
        if found is None:
            self.problem(
                "age",
                f"{quoted(value)} is no age",
                _AGE,
            )
        elif not ages.is_possible(found):
            self.problem(
                "age",
                f"{quoted(value)} is no possible age",
                f"Give an age between 0 and {ages.OLDEST_YEARS} years",
            )
        return found

    def items(
        self, raw: Raw, key: str, where: str = "", most: int = limits.ITEMS
    ) -> list[tuple[object, str]]:
        """The items of the list under ``key``, each with its place; none if it is left out."""
        value = raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.problem(f"{where}{key}", f"{key} must be a list, not {kind_of(value)}", _LIST)
            return []
        if len(value) > most:
            what = f"{key} has more than {most:,} items"
            self.problem(f"{where}{key}", what, "A case is one assessment: keep what tells of it")
            return []
        return [(item, f"{where}{key}[{number}]") for number, item in enumerate(value)]


def kind_of(value: object) -> str:
    """What a value is, in the words of an error."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, float):
        return "a number" if math.isfinite(value) else "no finite number"
    if isinstance(value, list | tuple):
        return "a list"
    if is_mapping(value):
        return "a mapping"
    return "text" if isinstance(value, str) else type(value).__name__


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a mapping; the plain dict is told at once, for speed."""
    return type(value) is dict or isinstance(value, Mapping)


def str_of(key: object) -> str:
    """A key as it is compared with the known ones."""
    return key if isinstance(key, str) else quoted(key)
