"""A claim as it is asked for, with the reference and the term that are not there yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Final

from calcinosis.errors import UsageError, quoted

_FIGURE: Final = ("estimate", "low", "high", "n", "unit", "p", "population", "adjusted")
_NUMBER: Final = re.compile(r"([<>≤≥]|about )?\s*(-?\d+(?:\.\d+)?)")
_COUNTED: Final = re.compile(r"(\d+)?(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class NewReference:
    """A reference that is not there yet; what was not seen is empty.

    ``authors`` are "Family, Given"; a name without a comma is that of a body.
    """

    key: str
    title: str = ""
    authors: tuple[str, ...] = ()
    container: str = ""
    year: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    type: str = "JournalArticle"
    study_type: str = "unknown"


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A class that is not there yet; without ``source``, a reference's key, the words are ours."""

    label: str
    parent: str = ""
    definition: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim as it is asked for: names of terms, the key of a reference, and words.

    Each of ``figures`` is a measure with its parts: ``odds ratio; estimate=4.2; n=12/58``.
    """

    id: str
    kind: str
    subject: str
    object: str
    label: str
    statement: str
    reference: str
    read: str
    predicate: str = ""
    design: str = ""
    locator: str = ""
    role: str = ""
    reason: str = ""
    against: bool = False
    curator: str = ""
    contexts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    new_reference: NewReference | None = None
    new_term: NewTerm | None = field(default=None)


def refuse_halves(asked: Any) -> None:
    """UsageError for bytes that were no text, which Python keeps as halves of characters."""
    for name, text in _texts(asked):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            what, cure = "it has bytes that are no UTF-8", "Write it in UTF-8"
            raise UsageError(what, f"--{name.replace('_', '-')}", cure) from error


def _texts(asked: Any) -> Iterator[tuple[str, str]]:
    for part in fields(asked):
        value = getattr(asked, part.name)
        if isinstance(value, str | tuple):
            yield part.name, str(value) if isinstance(value, str) else "".join(value)
        elif value is not None and not isinstance(value, bool):
            yield from _texts(value)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as numbers in the forms of the graph; what is not told is empty."""

    measure: str
    comparator: str = ""
    estimate: str = ""
    low: str = ""
    high: str = ""
    cases: str = ""
    total: str = ""
    unit: str = ""
    p: str = ""
    population: str = ""
    adjusted: str = ""


def figure(text: str) -> Figure:
    """A figure as it is asked for; UsageError for a part that is none or no number."""
    measure, *parts = (part.strip() for part in text.split(";"))
    if not measure or "=" in measure:
        raise _no_figure(f"{quoted(text)} does not say what was measured")
    said: dict[str, str] = {}
    for part in filter(None, parts):
        name, equals, value = (one.strip() for one in part.partition("="))
        if name not in _FIGURE or not equals or not value or name in said:
            raise _no_figure(f"{quoted(part)} is no part of a figure")
        said[name] = value
    if not said.keys() & {"estimate", "low", "n", "p"}:
        raise _no_figure(f"{quoted(text)} gives no number")
    return _in_form(measure, said)


def _in_form(measure: str, said: dict[str, str]) -> Figure:
    sign, estimate = _number(said.pop("estimate", ""))
    limits = {name: _number(said.pop(name, ""))[1] for name in ("low", "high")}
    if bool(limits["low"]) != bool(limits["high"]):
        raise _no_figure("an interval has both limits")
    if limits["low"] and float(limits["low"]) > float(limits["high"]):
        raise _no_figure(f"{limits['low']} is no lower limit of {limits['high']}")
    counted = said.pop("n", "")
    found = _COUNTED.fullmatch(counted)
    if found is None or (found[1] and found[2] and int(found[1]) > int(found[2])):
        raise _no_figure(f"{quoted(counted)} is no count")
    cases, total = (found[1] or "", found[2] or "")
    return Figure(measure, sign, estimate, cases=cases, total=total, **limits, **said)


def _number(text: str) -> tuple[str, str]:
    """The sign before a number and the number as a decimal one."""
    found = _NUMBER.fullmatch(text)
    if text and found is None:
        raise _no_figure(f"{quoted(text)} is no number")
    if found is None:
        return "", ""
    return (found[1] or "").strip(), found[2] if "." in found[2] else f"{found[2]}.0"


def _no_figure(what: str) -> UsageError:
    cure = "Write it as 'odds ratio; estimate=4.2; low=2.3; high=7.9; n=12/58', also with unit, p, "
    return UsageError(what, "--figure", f"{cure}population, adjusted")
