"""The tables of an explanation's page that say what was stated, and which tests are cited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from calcinosis.errors import listed
from calcinosis.explain.decide import Observation
from calcinosis.explain.explanation import Explanation
from calcinosis.explain.links import Given, Source
from calcinosis.explain.workup import Examination
from calcinosis.facts.case import Fact, Remark
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.wording import held_back
from calcinosis.reasoning.verdict import CaseVerdict

Number = Callable[[str], Markup]
"""The number of a reference by its key, as a link to it."""
Place = Callable[[str], object]
"""The place of something in a case, in words or as a link."""

_WHERE: Final = ("key", "file", "line", "sheet", "row", "column", "heading")
_READ: Final = ("matched", "code", "mapping")
_VALUE: Final = ("test", "value", "unit", "level", "corrected", "interval")
_NONE: Final = "\u2013"


def facts_table(given: Iterable[Given], number: Number) -> list[Markup]:
    """Every statement of these facts: its place, how it was read, how its value was judged."""
    statements = {id(fact): fact for one in given for fact in one.facts}
    rows = [_statement(fact, number) for fact in statements.values()]
    heads = ("fact", "where it stands", "as written; how it was read", "value; interval")
    if not rows:
        return []
    caption = "Every statement of the facts above"
    return [tag("section", tag("h4", "Facts as they were stated"), table(caption, heads, rows))]


def tests_table(still_open: Iterable[Observation], number: Number) -> list[Markup]:
    """The cited tests that show what is open, best first; for some criteria there is none."""
    rows: list[tuple[object, ...]] = [
        (one.words, bullets([_test(test, number) for test in one.tests]) or "none is cited")
        for one in still_open
    ]
    if not rows:
        return []
    told = table("Tests that cited claims name, best first", ("to show", "tests"), rows)
    return [tag("section", tag("h4", "Tests for what is open"), told)]


def rules_table(found: Explanation, number: Number) -> list[Markup]:
    """The rules that added facts: what each does, why, the way out, and the claims behind it."""
    links = {
        link.words.partition(":")[0]: link
        for why in found.subtypes
        for one in (*why.justifications, *why.presumed)
        for link in one.links
        if link.form == "rule"
    }
    rows: list[tuple[object, ...]] = []
    for rule in dict.fromkeys(fact.rule for fact in found.verdict.added):
        if rule is not None:
            link = links.get(rule.code)
            cited = bullets([source(one, number) for one in link.sources]) if link else Markup()
            rows.append((rule.code, rule.definition, rule.reason, rule.way_out, cited or "none"))
    if not rows:
        return []
    heads = ("rule", "what it does", "why", "the way out", "references")
    told = table("Facts that nobody stated come from these", heads, rows)
    return [tag("section", tag("h4", "Rules that were used"), told)]


def _suggested(remark: Remark) -> str:
    return listed(remark.suggestions, "or")


def not_understood_table(
    verdict: CaseVerdict,
    place: Place = str,
    suggested: Callable[[Remark], object] = _suggested,
) -> Markup:
    """The words that were not understood, what they may mean, and what they hold back."""
    rows: list[tuple[object, ...]] = [
        (
            remark.what,
            place(remark.where),
            f"{remark.reason}; noted: {remark.note}" if remark.note else remark.reason,
            suggested(remark) or "none",
            held_back(verdict, remark) or "nothing",
        )
        for remark in verdict.not_understood
    ]
    heads = ("what", "where", "why", "suggestions", "holds back")
    return table("Not understood", heads, rows) if rows else Markup()


def remarks_table(verdict: CaseVerdict, place: Place = str) -> list[Markup]:
    """What stands in the case and gave no fact, or decides nothing here."""
    rows: list[tuple[object, ...]] = [
        (kind, remark.what, place(remark.where), remark.why)
        for kind, remarks in (
            ("not interpreted", verdict.case.uninterpreted),
            ("set aside", verdict.set_aside),
            ("without a role", verdict.without_role),
        )
        for remark in remarks
    ]
    rows += [("work-up not taken", *pair[:1], _NONE, pair[1]) for pair in verdict.workup_ignored]
    if not rows:
        return []
    told = table("What gave no fact", ("kind", "what", "where", "why"), rows)
    return [tag("section", tag("h4", "What decided nothing"), told)]


def source(one: Source, number: Number) -> Markup:
    """A reference with the claim that it supports, how far it was read and what study it is."""
    told = f"; read: {one.read}; study: {one.study_type}"
    return join(number(one.reference), " ", tag("code", one.association), told)


def _statement(fact: Fact, number: Number) -> tuple[object, ...]:
    known = Given((fact,)).to_dict()
    known["key"] = known.get("key", fact.where)
    parts = [
        _told({key: known[key] for key in keys if known.get(key) is not None}, number)
        for keys in (_WHERE, _READ, _VALUE)
    ]
    where, read, value = parts
    words = join("\u201c", fact.words, "\u201d", "; " if read else "", read)
    return str(fact), where, words, value or _NONE


def _told(known: Mapping[str, Any], number: Number) -> Markup:
    """Keys with their values, those of a mapping within brackets, references by numbers."""
    parts = []
    for key, value in known.items():
        if key == "references":
            parts.append(join(*(number(one) for one in value)))
        elif isinstance(value, Mapping):
            parts.append(join(key, " (", _told(value, number), ")"))
        else:
            words = listed([str(one) for one in value]) if isinstance(value, list) else value
            parts.append(join(key, " ", _NONE if words is None else words))
    shown = [part for part in parts if part]
    return join(*(join("; " if place else "", part) for place, part in enumerate(shown)))


def _test(test: Examination, number: Number) -> Markup:
    among = f" (in {listed(test.among, 'or')})" if test.among else ""
    why = f" Our reading: {test.why}" if test.why else ""
    said = f"{test.label}{among}: {test.statement}{why}"
    return join(said, bullets([source(one, number) for one in test.sources]))
