"""Cases as RDF in our words: what each states, so that reading it again gives the same case.

A thing has its class where what was written is that thing and no more, and the words beside it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.facts.case import Case, Fact, Remark
from calcinosis.facts.fields import is_mapping
from calcinosis.facts.read import Reader, reader_of
from calcinosis.facts.records import rdf_names as rdf
from calcinosis.facts.records.codings import Coding
from calcinosis.facts.records.rdf_case import Thing
from calcinosis.graph.ontology import Ontology
from calcinosis.output.selection import Files, Selection, Writer

_PREFIXES: Final = {
    prefix: names.PREFIXES[prefix] for prefix in ("calc", "dcterms", "rdf", "skos", "xsd")
}
_FLAGS: Final = (("at_deposit", "AtDeposit"), ("cause", "AsCause"))
_OF_ITEM: Final = {key: iri for iri, key in rdf.OF_ITEM.items()}
_OF_RESULT: Final = {key: iri for iri, key in rdf.OF_RESULT.items()}
_STATUS: Final = {"present": names.HAS_CONDITION, "absent": rdf.EXCLUDES}


def write(selection: Selection) -> Files:
    """All cases as one Turtle file, a part a case."""
    cases = (one.verdict.case for one in selection.explanations)
    return {"cases.ttl": turtle(cases, selection.ontology)}


def turtle(cases: Iterable[Case], ontology: Ontology) -> Iterator[bytes]:
    """The Turtle of cases, in parts: the prefixes, then a case each."""
    reader = reader_of(ontology)
    yield "".join(f"@prefix {p}: <{base}> .\n" for p, base in _PREFIXES.items()).encode()
    for case in cases:
        statements = " ;\n    ".join(_statements(case, reader))
        yield f"\n[] a calc:Case ;\n    {statements} .\n".encode()


def _statements(case: Case, reader: Reader) -> Iterator[str]:
    raw: Mapping[str, Any] = case.raw if is_mapping(case.raw) else {}
    again = reader.read(raw, case.where)
    yield from _head(case, raw)
    facts: dict[str, list[Fact]] = {}
    for fact in again.facts:
        facts.setdefault(fact.item, []).append(fact)
    for key in (*rdf.LISTS, "excluded"):
        for number, item in enumerate(raw.get(key) or ()):
            yield _item(key, item, facts.get(f"{key}[{number}]", ()), reader)
    for item in raw.get("labs") or ():
        yield _result(item)
    yield from (_said(rdf.WORKED_UP, word) for word in raw.get("workup_complete") or ())
    told = (one.what for one in again.set_aside if one.where.startswith("other["))
    yield from (_said(rdf.OTHER, what) for what in told)
    yield from _besides(case, again)


def _head(case: Case, raw: Mapping[str, Any]) -> Iterator[str]:
    plain = {rdf.IDENTIFIER: case.id, rdf.SOURCE: case.source, rdf.SEX: case.sex}
    for predicate, value in {**plain, rdf.AGE: raw.get("age")}.items():
        if value is not None:
            yield _said(predicate, value)
    if case.calcinosis in _STATUS:
        yield f"{_name(_STATUS[case.calcinosis])} {_node([f'a {_name(names.CALCINOSIS)}'])}"
    yield from (_said(rdf.SITE, site) for site in case.sites)
    if case.assume is not None:
        yield from (_said(rdf.ASSUME, word) for word in case.assume or ("nothing",))


# -- what a case has -----------------------------------------------------------------------


def _item(key: str, item: object, facts: Iterable[Fact], reader: Reader) -> str:
    stated: Mapping[str, Any] = item if is_mapping(item) else {"term": item}
    said = {name: stated[name] for name in _OF_ITEM if stated.get(name) is not None}
    predicate = rdf.LISTS.get(key, rdf.EXCLUDES)
    for flag, suffix in _FLAGS if key in ("conditions", "interventions") else ():
        if said.get(flag) is True:
            predicate = rdf.LISTS[key] + suffix
            del said[flag]
            break
    typed = _class(key, stated["term"], facts, reader)
    parts = [f"a {_name(typed)}"] if typed else []
    parts.append(_said(rdf.AS_WRITTEN, stated["term"]))
    parts += (_said(_OF_ITEM[name], value) for name, value in said.items())
    return f"{_name(predicate)} {_node(parts)}"


def _class(key: str, text: str, facts: Iterable[Fact], reader: Reader) -> str:
    """The class of a thing, where its words are read as it and as nothing else."""
    terms = {fact.term for fact in facts if fact.affirmed != (key == "excluded")}
    typed = terms.pop() if len(terms) == 1 else ""
    if not typed or reader.vocabulary.terms.kind(typed) == "criterion":
        return ""  # a class of cases, of which the thing is none
    short = names.curie(typed)
    read = Thing(key, (Coding(short, "", typed),), text).terms(reader, [])
    return typed if read == [text] else ""


def _result(item: Mapping[str, Any]) -> str:
    parts = [_said(iri, item[key]) for key, iri in _OF_RESULT.items() if item.get(key) is not None]
    low, high = item.get("interval") or (None, None)
    for predicate, bound, other in ((rdf.LOW, low, high), (rdf.HIGH, high, low)):
        if bound is not None or (other is None and item.get("interval") is not None):
            parts.append(_said(predicate, bound))
    return f"{_name(rdf.RESULT)} {_node(parts)}"


def _besides(case: Case, again: Case) -> Iterator[str]:
    """What the record that a case comes from holds beside what the case format says."""
    for told, known in (
        (case.set_aside, again.set_aside),
        (case.uninterpreted, again.uninterpreted),
        (case.not_understood, again.not_understood),
    ):
        left = Counter(map(_sign, known))
        for remark in told:
            sign = _sign(remark)
            left[sign] -= 1
            if left[sign] < 0:
                yield _beside(remark, is_open=told is not case.set_aside)


def _sign(remark: Remark) -> tuple[object, ...]:
    return remark.what, remark.reason, remark.about


def _beside(remark: Remark, *, is_open: bool) -> str:
    if not is_open:
        return _said(rdf.OTHER, f"{remark.what}: {remark.reason}")
    parts = [_said(rdf.AS_WRITTEN, remark.what), _said(rdf.REASON, remark.reason)]
    parts += [_said(rdf.CURE, remark.cure)] if remark.cure else []
    parts += (f"{_name(rdf.ABOUT)} {_name(iri)}" for iri in remark.about)
    return f"{_name(rdf.LEAVES_OPEN)} {_node(parts)}"


# -- words ---------------------------------------------------------------------------------


def _node(parts: Iterable[str]) -> str:
    return f"[ {' ; '.join(parts)} ]"


def _name(iri: str) -> str:
    short = names.curie(iri, _PREFIXES)
    return short if short.partition(":")[2].isalnum() else str(NamedNode(iri))


def _said(predicate: str, value: object) -> str:
    return f"{_name(predicate)} {_literal(value)}"


def _literal(value: object) -> str:
    if value is None:
        return "rdf:nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        short = repr(value)
        return short if math.isfinite(value) else f'"{short.upper()}"^^xsd:double'
    # Half a character, which JSON may hold, has no place in UTF-8.
    return str(Literal(str(value).encode("utf-8", "replace").decode()))


WRITERS: Final[Mapping[str, Writer]] = {"cases-turtle": write}
