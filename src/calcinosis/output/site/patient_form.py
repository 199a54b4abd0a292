"""The form for one patient: what is known, what is ruled out, and by what it is judged.

Every field works without a script; empty rows at the end of each list wait for more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from calcinosis.facts.case import LISTS, PRESENCES, SEXES
from calcinosis.graph.settings import ASSUMPTIONS, Settings
from calcinosis.output.markup import Markup, bullets, join, tag, void
from calcinosis.output.site import patient_state
from calcinosis.output.site.patient_faults import ONE
from calcinosis.output.site.patient_fields import Fields
from calcinosis.output.site.patient_state import AGE_UNITS, Row, State
from calcinosis.output.wording import capital

_BLANK: Final = 1
_LISTS: Final = {
    "conditions": ("Conditions", "What the patient has: a name, a synonym or a code."),
    "interventions": ("Interventions", "Drugs, procedures and injuries by them."),
    "findings": ("Findings", "What was seen, felt or imaged, and what tissue showed."),
    "excluded": ("Ruled out", "What was looked for and is not there, or is denied."),
}
_TIMES: Final = {"before": "before the deposit was assessed", "at": "then", "after": "after it"}
_YES: Final = {"": "not stated", "yes": "yes", "no": "no"}
_UNKNOWN: Final = {"present": "present", "absent": "absent", "unknown": "not stated"}
_ASSUMED: Final = {
    "levels": "a level that nobody reports is not raised",
    "work-up": "the same, and a work-up that denies some causes found no other",
    "causes": "the only possible cause is the cause",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form offers: labels by list, tests with units, levels, criteria, viewpoints."""

    words: Mapping[str, Sequence[str]]
    tests: Mapping[str, Sequence[str]]
    levels: Sequence[str]
    worked_up: Sequence[str]
    viewpoints: Mapping[str, str]
    own: Settings


def fields(state: State, offer: Offer, at: Fields) -> Markup:
    """The fields of the form, filled in, as ``at`` makes them; one row of each list is empty."""
    case = state.case
    return join(
        _patient(case, at),
        *(_terms(case, key, at) for key in LISTS),
        _labs(case, at),
        _terms(case, "excluded", at),
        _worked_up(case, offer),
        _more(case, at),
        judged_by(state, offer, at),
        *_datalists(offer),
    )


# -- parts ---------------------------------------------------------------------------------


def _patient(case: Mapping[str, Any], at: Fields) -> Markup:
    age, unit = patient_state.age_parts(case)
    status, sites = patient_state.status_and_sites(case)
    radios = [
        tag(
            "label",
            void(
                "input",
                type="radio",
                name_="calcinosis",
                value=one,
                checked="" if one == status else None,
            ),
            _UNKNOWN[one],
        )
        for one in PRESENCES
    ]
    units = at.select("age_unit", {one: one for one in AGE_UNITS}, unit, "Unit of the age")
    sexes: dict[str, str] = {"": "not stated"}
    sexes |= {one: one for one in SEXES if one != "unknown"}
    if case.get("sex") == "unknown":
        sexes["unknown"] = "unknown"
    return tag(
        "fieldset",
        tag("legend", "Patient"),
        tag(
            "fieldset",
            tag("legend", "Calcium in the skin"),
            *radios,
            at.told("calcinosis"),
            id="calcinosis",
            tabindex="-1",
            class_="choice",
        ),
        tag(
            "div",
            at.field("age", "Age", at.input("age", age, size="8", inputmode="text"), units),
            at.small("sex", "Sex", sexes, str(case.get("sex") or "")),
            class_="row",
        ),
        _rows(
            "sites", [{"term": one} for one in sites], partial(_site, at), "Sites of the deposits"
        ),
    )


def _terms(case: Mapping[str, Any], key: str, at: Fields) -> Markup:
    title, hint = _LISTS[key]
    items = [patient_state.item_row(one) for one in patient_state.rows(case, key)]
    return tag(
        "fieldset",
        tag("legend", title),
        tag("p", hint, class_="hint", id=f"{key}-hint"),
        _rows(key, items, partial(_term, at)),
    )


def _rows(
    key: str,
    given: Sequence[Row],
    row: Callable[[str, str, Row, int], Markup],
    title: str = "",
) -> Markup:
    """The rows of a list and an empty one, and a button for one more."""
    kept: list[Row] = [*given, *({} for _ in range(_BLANK))]
    items = [row(key, f"{key}.{number}", one, number) for number, one in enumerate(kept)]
    more = tag(
        "button",
        f"Another {ONE[key]}",
        type="submit",
        name_="do",
        value=f"more-{key}",
        class_="quiet",
    )
    listed = bullets(items)
    if title:
        listed = join(tag("p", title, class_="title", id=f"{key}-title"), listed)
    return tag("div", listed, more, class_="rows", data_list=key)


def _site(at: Fields, key: str, name: str, row: Row, number: int) -> Markup:
    label = f"Site {number + 1}"
    return join(at.word(key, f"{name}.term", row.get("term", ""), label), _remove(name, row, label))


def _term(at: Fields, key: str, name: str, row: Row, number: int) -> Markup:
    label = f"{capital(ONE[key])} {number + 1}"
    parts = [at.word(key, f"{name}.term", row.get("term", ""), label)]
    further: list[Markup] = []
    if key != "findings":
        further += [
            at.small(f"{name}.at_deposit", "At the deposit", _YES, row.get("at_deposit", "")),
            at.small(f"{name}.cause", "Stated as its cause", _YES, row.get("cause", "")),
        ]
    further.append(at.small(f"{name}.when", "When", _TIMES, row.get("when") or "at"))
    further.append(at.note(name, row))
    said = bool({one for one in row if one != "term" and row[one] not in ("", "at")})
    said |= at.has(*(f"{name}.{one}" for one in ("at_deposit", "cause", "when", "note")))
    return join(*parts, _remove(name, row, label), _further(further, label, is_open=said))


def _lab(at: Fields, key: str, name: str, row: Row, number: int) -> Markup:
    label = f"Test {number + 1}"

    def box(part: str, words: str, size: str, listed: str | None = None) -> Markup:
        control = at.input(f"{name}.{part}", row.get(part, ""), size=size, list_=listed)
        return at.field(f"{name}.{part}", words, control)

    first = tag(
        "div",
        at.word(key, f"{name}.test", row.get("test", ""), label),
        box("value", "Value", "5"),
        box("unit", "Unit", "6", "offered-units"),
        box("level", "or level", "7", "offered-levels"),
        class_="row",
    )
    interval = tag(
        "fieldset",
        tag("legend", "The laboratory's own interval, in the same unit"),
        tag("div", box("low", "from", "6"), box("high", "to", "6"), class_="row"),
        class_="interval",
    )
    further = [interval, at.small(f"{name}.when", "When", _TIMES, row.get("when") or "at")]
    said = any(row.get(one, "") not in ("", "at") for one in ("low", "high", "when", "note"))
    said |= at.has(*(f"{name}.{one}" for one in ("low", "high", "when", "note")))
    parts = _further([*further, at.note(name, row)], label, is_open=said)
    return join(first, _remove(name, row, label), parts)


def _labs(case: Mapping[str, Any], at: Fields) -> Markup:
    items = [patient_state.lab_row(one) for one in patient_state.rows(case, "labs")]
    hint = (
        "A value with its unit, or the laboratory's word for the level. Without an interval of "
        "the laboratory's own, a published one for the age is taken, so the age is needed."
    )
    return tag(
        "fieldset",
        tag("legend", "Laboratory"),
        tag("p", hint, class_="hint", id="labs-hint"),
        _rows("labs", items, partial(_lab, at)),
    )


def _worked_up(case: Mapping[str, Any], offer: Offer) -> Markup:
    ticked = [str(one) for one in patient_state.rows(case, "workup_complete")]
    known = [*offer.worked_up, *(one for one in ticked if one not in offer.worked_up)]
    boxes = [_box("workup_complete", one, one, is_ticked=one in ticked) for one in known]
    hint = "Tick what was looked into in full, and nothing of it was found."
    return _details(
        "Work-up that is complete",
        tag("p", hint, class_="hint"),
        tag("fieldset", tag("legend", "Looked into in full", class_="unseen"), bullets(boxes)),
        is_open=bool(ticked),
    )


def _more(case: Mapping[str, Any], at: Fields) -> Markup:
    other = patient_state.lines(case, "other")
    identifier = str(case.get("id") or patient_state.ID)
    source = str(case.get("source") or "")
    assume = patient_state.lines(case, "assume").replace("\n", ", ")
    kept = at.field(
        "case_assume", "What the case lets be assumed", at.input("case_assume", assume, size="20")
    )
    remarks = "Other remarks, one a line: recorded, and no fact"
    return _details(
        "Name of the case, source, remarks",
        at.field("id", "Name of the case; no patient's name is needed", at.input("id", identifier)),
        at.field("source", "Where it was published", at.input("source", source)),
        kept if assume else Markup(),
        at.field("other", remarks, at.area("other", other)),
        is_open=bool(other or source or assume) or at.has("id", "source", "other"),
    )


def judged_by(state: State, offer: Offer, at: Fields) -> Markup:
    """Whose criteria, and what may be taken and assumed."""
    own = offer.own
    chosen = state.viewpoint or own.viewpoint
    assume = own.assume if state.assume is None else state.assume
    boxes = [
        _box("assume", one, f"{one}: {_ASSUMED[one]}", is_ticked=one in assume)
        for one in ASSUMPTIONS
        if one in own.assume
    ]
    take = _box("take", "all", "Names say more than themselves", is_ticked=state.take and own.take)
    differs = chosen != own.viewpoint or assume != own.assume or not state.take
    return _details(
        "By what it is judged",
        void("input", type="hidden", name_="settings", value="1"),
        at.small("viewpoint", "Whose criteria", dict(offer.viewpoints), chosen),
        tag("p", take) if own.take else Markup(),
        tag("fieldset", tag("legend", "Assume where nothing is said"), bullets(boxes))
        if boxes
        else Markup(),
        is_open=differs,
    )


def _datalists(offer: Offer) -> Iterator[Markup]:
    """What the fields offer where no script does."""
    lists: dict[str, Iterable[str]] = {
        **{key: words for key, words in offer.words.items() if key in ONE},
        "labs": offer.tests,
        "units": dict.fromkeys(unit for units in offer.tests.values() for unit in units),
        "levels": offer.levels,
    }
    for key, words in lists.items():
        options = (void("option", value=word) for word in words)
        yield tag("datalist", *options, id=f"offered-{key}")


# -- what folds ---------------------------------------------------------------------------


def _box(name: str, value: str, words: str, *, is_ticked: bool) -> Markup:
    box = void("input", type="checkbox", name_=name, value=value, checked="" if is_ticked else None)
    return tag("label", box, words, class_="box")


def _further(parts: Sequence[Markup], label: str, *, is_open: bool) -> Markup:
    summary = tag("summary", "more", tag("span", f" of {label}", class_="unseen"))
    inside = tag("div", *parts, class_="row")
    return tag("details", summary, inside, open="" if is_open else None, class_="further")


def _details(title: str, *parts: Markup, is_open: bool) -> Markup:
    return tag(
        "details",
        tag("summary", title),
        *parts,
        open="" if is_open else None,
        class_="card part",
    )


def _remove(name: str, row: Row, label: str) -> Markup:
    if not row:
        return Markup()
    value = f"remove-{name}"
    return tag(
        "button",
        "Remove",
        tag("span", f" {label}", class_="unseen"),
        type="submit",
        name_="do",
        value=value,
        class_="quiet",
    )
