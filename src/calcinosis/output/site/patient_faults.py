"""Which field of the form for one patient each fault belongs to, and the words for both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from calcinosis.errors import CalcinosisError, CaseError, Problem
from calcinosis.explain.explanation import Explanation
from calcinosis.facts.case import Remark
from calcinosis.output.markup import Markup, join, tag
from calcinosis.output.wording import capital

_KEY: Final = re.compile(r"\b([a-z]+):(?=[ ,])")  # as case files have it
ONE: Final = {
    "conditions": "condition",
    "interventions": "intervention",
    "findings": "finding",
    "excluded": "thing ruled out",
    "sites": "site",
    "labs": "test",
}
"""What one of each list of the form is called."""
_PLACE: Final = re.compile(
    r"(?:.*, )?(?:calcinosis\.)?(?P<key>[a-z_]+)(?:\[(?P<row>\d+)\])?(?:\.(?P<part>[a-z_]+))?\Z",
    re.DOTALL,
)
_FIRST: Final = {"labs": "test"}  # of the fields of a row; elsewhere the term
_NAMED: Final = {"status": "calcinosis", "assume": "case_assume", "interval": "low"}
_UNIT: Final = "unit"
_SINGLE: Final = {
    "calcinosis": "calcium in the skin",
    "age": "age",
    "sex": "sex",
    "id": "name of the case",
    "source": "where it was published",
    "other": "other remarks",
    "case_assume": "what the case lets be assumed",
    "viewpoint": "whose criteria",
}
_PARTS: Final = {
    "at_deposit": "at the deposit",
    "cause": "stated as its cause",
    "low": "interval",
    "high": "interval",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field: its name, the words, and what may have been meant.

    The name is empty where no field is to blame. ``asks`` stands before what may have been meant.
    """

    name: str
    words: str
    meant: tuple[str, ...] = ()
    asks: str = "Did you mean"


def found(judged: Explanation | CalcinosisError) -> list[Fault]:
    """All that is wrong with the fields of a case: what refused it, or gave no fact of it."""
    if isinstance(judged, CalcinosisError):
        return [_refused(one) for one in problems([judged])]
    remarks = (*judged.verdict.not_understood, *judged.verdict.case.uninterpreted)
    return [told(one) for one in remarks]


def problems(errors: Iterable[CalcinosisError]) -> Iterator[Problem | CalcinosisError]:
    """Every single fault of these errors."""
    for error in errors:
        yield from error.problems if isinstance(error, CaseError) else (error,)


def _refused(problem: Problem | CalcinosisError) -> Fault:
    cure = _KEY.sub(r"\1", problem.cure)
    words = f"{capital(problem.what)}. {cure}." if cure else f"{capital(problem.what)}."
    return Fault(field_of(problem.where), words)


def told(remark: Remark) -> Fault:
    """The fault of what was not understood, or not interpreted."""
    reason = f"{remark.reason}; noted: {remark.note}" if remark.note else remark.reason
    name, words = field_of(remark.where), f"{capital(reason)}."
    cure = f" Give {remark.cure}." if remark.cure else ""
    if not (name and remark.units):
        return Fault(name, f"{words}{cure}", remark.suggestions)
    row, _, part = name.rpartition(".")
    if part == _UNIT:
        return Fault(name, words, remark.units, "Give its unit:")
    return Fault(f"{row}.{_UNIT}", f"{words}{cure}", remark.units)


def field_of(place: str) -> str:
    """The name of the field that holds what stands at a place of a case; empty for none.

    >>> field_of("case 'a', conditions[1].when"), field_of("labs[0]"), field_of("case 'a'")
    ('conditions.1.when', 'labs.0.test', '')
    """
    match = _PLACE.match(place)
    if match is None:
        return ""
    key, row, part = match["key"], match["row"], match["part"]
    if key in ONE and row is not None:
        part = part or _FIRST.get(key, "term")
        return f"{key}.{row}.{_NAMED.get(part, part)}"
    name = _NAMED.get(key, key)
    return name if name in _SINGLE else ""


def spoken(name: str) -> str:
    """A field as it is called in a sentence.

    >>> spoken("labs.0.unit"), spoken("conditions.1.term")
    ('test 1, unit', 'condition 2')
    """
    key, _, rest = name.partition(".")
    if key not in ONE:
        return _SINGLE.get(name, name)
    row, _, part = rest.partition(".")
    of_it = "" if part == _FIRST.get(key, "term") else f", {_PARTS.get(part, part)}"
    return f"{ONE[key]} {int(row) + 1}{of_it}"


def link(place: str) -> Markup:
    """A place of a case in words: a link to the field that holds it, if one does."""
    name = field_of(place)
    return to_field(name) if name else Markup(join(place))


def to_field(name: str) -> Markup:
    """A link to a field, by what it is called."""
    return tag("a", capital(spoken(name)), href=f"#{name}", data_field=name)


def meant(fault: Fault) -> Markup:
    """Buttons that put each of what may have been meant into the field."""
    return put_buttons(fault.name, fault.meant, spoken(fault.name)) if fault.name else Markup()


def put_buttons(name: str, labels: Sequence[str], about: str) -> Markup:
    """Buttons that put a label into the field of this name; ``about`` says what it stands for."""
    found = (
        tag(
            "button",
            label,
            type="submit",
            name_="put",
            value=json.dumps([name, label], ensure_ascii=False),
            aria_label=f"{label}: take it for {about}",
        )
        for label in labels
    )
    return tag("span", *found, class_="put") if labels else Markup()


def asked(fault: Fault) -> Markup:
    """The question whether one of these was meant; nothing where there is none."""
    return join(f" {fault.asks} ", meant(fault)) if fault.meant else Markup()


def summary(faults: Sequence[Fault]) -> Markup:
    """All faults in one list, each with a link to its field."""
    items = (tag("li", *_in_summary(one)) for one in faults)
    return tag("ul", *items)


def _in_summary(fault: Fault) -> Iterator[Markup]:
    if fault.name:
        yield join(to_field(fault.name), ": ")
    yield join(fault.words, asked(fault))
