"""Hypothesis strategies: JSON-like values, and cases made of the ontology's own terms and tests."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from hypothesis import strategies as st

from calcinosis.facts.quantity import Interval
from tests.shared import graph

# A plain word before the free text keeps a dumped YAML scalar from being read as a number.
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map("note {}".format)
WHEN = st.sampled_from(["before", "at", "after"])

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**320)
    | st.floats()
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)

_CASE_KEYS = ["id", "source", "sex", "age", "calcinosis", "conditions", "interventions"]
_CASE_KEYS += ["findings", "labs", "excluded", "workup_complete", "other"]
_ITEM_KEYS = ["term", "at_deposit", "cause", "when", "note", "test", "value", "unit", "level"]
_ITEM_KEYS += ["interval", "status", "sites"]
_PLAUSIBLE = st.sampled_from(
    ["scar", "calcium", "mg/dL", "high", "before", "present", "MONDO:0016367", ">60", "9 years"]
)


def _nearly(keys: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=6)


_leaves = json_values | _PLAUSIBLE | st.lists(json_values, max_size=2)
nearly_cases = _nearly(
    _CASE_KEYS, _leaves | st.lists(_PLAUSIBLE | _nearly(_ITEM_KEYS, _leaves), max_size=3)
)


@cache
def labels(kind: str) -> tuple[str, ...]:
    """The labels of one kind of term that stand for one class."""
    terms = graph().ontology.terms
    found = (term for term in terms if term.kind == kind and term.iri not in terms.case_classes)
    return tuple(sorted(term.label for term in found if len(terms.find(term.label)) == 1))


def _options(*, linked: bool) -> st.SearchStrategy[dict[str, Any]]:
    links = {"at_deposit": st.booleans(), "cause": st.booleans()} if linked else {}
    return st.fixed_dictionaries({}, optional={**links, "when": WHEN, "note": WORDS})


def asserted(kind: str) -> st.SearchStrategy[Any]:
    """An item of ``conditions``, ``interventions`` or ``findings`` that is no error."""
    label = st.sampled_from(labels(kind))
    options = _options(linked=kind != "finding")
    return label | st.builds(lambda term, said: {"term": term, **said}, label, options)


def excluded() -> st.SearchStrategy[Any]:
    """An item of ``excluded`` that is no error."""
    anything = st.sampled_from(
        [label for kind in ("condition", "intervention", "finding") for label in labels(kind)]
    )
    placed = st.sampled_from([*labels("condition"), *labels("intervention")])
    link = st.sampled_from(["at_deposit", "cause"])
    return (
        anything
        | st.builds(lambda term, when: {"term": term, "when": when}, anything, WHEN)
        | st.builds(lambda term, key: {"term": term, key: True}, placed, link)
    )


@st.composite
def labs(draw: st.DrawFn) -> dict[str, Any]:
    """An item of ``labs`` that is no error: a value within its test's plausible range."""
    laboratory = graph().laboratory
    analyte = draw(st.sampled_from(sorted(laboratory.analytes.values(), key=lambda a: a.iri)))
    unit = draw(st.sampled_from(sorted(analyte.units.values(), key=lambda u: u.ucum)))
    inside = st.floats(math.log(analyte.minimum * 1.01), math.log(analyte.maximum * 0.99))
    values = inside.map(lambda log: float(f"{math.exp(log) / unit.factor:.4g}"))
    item: dict[str, Any] = {"test": draw(st.sampled_from([analyte.label, analyte.label.upper()]))}
    if draw(st.booleans()):
        sign = draw(st.sampled_from(["", "", "<", ">", "<=", ">="]))
        value = draw(values)
        item |= {"value": f"{sign}{value}" if sign else value, "unit": unit.ucum}
        bounds = sorted([draw(values), draw(values)])
        own: list[tuple[float | None, float | None]] = [
            (bounds[0], bounds[1]),
            (None, bounds[1]),
            (bounds[0], None),
        ]
        # An interval far from every printed one is refused as one of another unit.
        near = [b for b in own if not laboratory.is_foreign(analyte.iri, Interval(*b, unit, ""))]
        if near:
            given = st.sampled_from(near).map(list)
            item |= draw(st.fixed_dictionaries({}, optional={"interval": given}))
        item |= draw(st.fixed_dictionaries({}, optional={"level": _LEVEL}))
    else:
        item["level"] = draw(_LEVEL)
    return item | draw(st.fixed_dictionaries({}, optional={"when": WHEN, "note": WORDS}))


_LEVEL = st.sampled_from(["low", "normal", "high"])


@cache
def worked_up() -> tuple[str, ...]:
    """The labels of the criteria that a work-up can exclude."""
    terms = graph().ontology.terms
    return tuple(
        label for label in labels("criterion") if not terms.states_absence(terms.find(label)[0])
    )


def cases(*, workup: bool = True, most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A case that is accepted, with every key that a case may have."""
    return st.deferred(lambda: _cases(workup=workup, most=most))


def _cases(*, workup: bool, most: int) -> st.SearchStrategy[dict[str, Any]]:
    sites = st.fixed_dictionaries(
        {"status": st.sampled_from(["present", "absent", "unknown"])},
        optional={"sites": st.lists(WORDS, max_size=2)},
    )
    years = st.integers(0, 100).map("{} years".format)
    optional: dict[str, st.SearchStrategy[Any]] = {
        "source": WORDS,
        "sex": st.sampled_from(["male", "female", "other", "unknown"]),
        "age": years | st.integers(0, 300).map("P{}M".format),
        "calcinosis": st.sampled_from(["present", "absent", "unknown"]) | sites,
        "conditions": st.lists(asserted("condition"), max_size=most),
        "interventions": st.lists(asserted("intervention"), max_size=most),
        "findings": st.lists(asserted("finding"), max_size=most),
        "labs": st.lists(labs(), max_size=most),
        "excluded": st.lists(excluded(), max_size=most),
        "other": st.lists(WORDS | st.integers(0, 9) | st.none(), max_size=2),
    }
    if workup:
        criteria = st.sampled_from(worked_up())
        optional["workup_complete"] = st.lists(criteria, max_size=most)
    visible = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"])
    identifier = st.text(visible, max_size=12).map("note {}".format).map(str.strip)
    return st.fixed_dictionaries({"id": identifier}, optional=optional)
