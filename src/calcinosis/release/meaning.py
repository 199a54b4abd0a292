"""Checks of what the modules mean: viewpoints that compile, classes that can be met, intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import Final

from calcinosis import names
from calcinosis.errors import CalcinosisError, MissingProgramError
from calcinosis.facts import age
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.rules import BY_NAME
from calcinosis.graph.triples import Triples
from calcinosis.reasoning.candidates import AS_CAUSE, AT_DEPOSIT
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import Compiled
from calcinosis.reasoning.fragment import And, Formula, Named, Not, Some
from calcinosis.release.finding import ERROR, INFO, WARN, Finding, of_error

_LINKS: Final = {**names.HAS, "subtype": names.HAS_CONDITION}


def viewpoint_findings(ontology: Ontology) -> Iterator[Finding]:
    """What keeps a viewpoint from being compiled, and what no case can meet under it."""
    try:
        classifier = Classifier(ontology)
        classes = classifier.case_classes
    except CalcinosisError as error:
        yield from of_error(error, "viewpoint_outside_fragment")
        return
    if not classes:
        what = "the viewpoint defines no case class"
        cure = "Add a class with calc:caseOf for each subtype"
        yield Finding(ERROR, "viewpoint_empty", ontology.viewpoint, what, cure)
    compiled = classifier.compiled
    for iri in sorted(classifier.fragment.case_classes & set(classifier.fragment.definitions)):
        if not _can_be_met(compiled, iri):
            what = f"no facts can meet it under {ontology.viewpoint}"
            cure = "Look for criteria of its definition that exclude each other"
            yield Finding(ERROR, "unsatisfiable_class", names.local(iri), what, cure)
    for case_class in classes:
        if case_class.iri not in classifier.fragment.definitions:
            what = f"{ontology.viewpoint} does not say which criteria suffice"
            cure = "Add the general class inclusion for sufficiency"
            yield Finding(WARN, "never_entailed", names.local(case_class.iri), what, cure)
    for iri, what in _contradictory_terms(ontology, classifier):
        cure = "Look for two roles that exclude each other"
        yield Finding(ERROR, "contradictory_term", names.local(iri), what, cure)


def _contradictory_terms(ontology: Ontology, classifier: Classifier) -> Iterator[tuple[str, str]]:
    """Terms that contradict themselves (IRIs), with how.

    Any case that states one would be conflicting, or its name denies what its role meets.
    """
    compiled = classifier.compiled
    by_name = classifier.rules.rule(BY_NAME)
    for iri in ontology.terms.iris():
        link = _LINKS.get(ontology.terms.kind(iri))
        literal = compiled.find(Some(link, iri)) if link else None
        if link is None or literal is None:
            continue
        if not compiled.evaluate([literal]).consistent:
            yield iri, f"every case that states it is contradictory under {ontology.viewpoint}"
        elif _met(compiled, literal, by_name.if_entailed):
            places = (compiled.find(Some(link + end, iri)) for end in ("", AT_DEPOSIT, AS_CAUSE))
            met = {one for place in places for one in _met(compiled, place, by_name.denies)}
            for criterion in sorted(map(ontology.terms.label, met)):
                view = ontology.viewpoint
                yield iri, f"its name denies {criterion}, which its role can meet under {view}"


def _met(compiled: Compiled, literal: int | None, criteria: Iterable[str]) -> list[str]:
    """The criteria (IRIs) that one literal meets alone."""
    closure = 0 if literal is None else compiled.closure(literal)
    found = ((iri, compiled.find(iri)) for iri in criteria)
    return [iri for iri, criterion in found if criterion is not None and closure >> criterion & 1]


def _can_be_met(compiled: Compiled, iri: str) -> bool:
    target = compiled.literal(iri)
    for facts in _ways(compiled, Named(iri), affirmed=True):
        state = compiled.evaluate(facts)
        if state.consistent and state.holds(target):
            return True
    return False


def _ways(compiled: Compiled, formula: Formula, *, affirmed: bool) -> Iterator[tuple[int, ...]]:
    """The sets of literals by which a formula is met, its disjunctive normal form."""
    if isinstance(formula, Not):
        yield from _ways(compiled, formula.part, affirmed=not affirmed)
    elif isinstance(formula, Some):
        yield (compiled.literal(formula, affirmed=affirmed),)
    elif isinstance(formula, Named):
        below = compiled.fragment.definitions.get(formula.iri)
        if below is None:
            yield (compiled.literal(formula.iri, affirmed=affirmed),)
        else:
            yield from _ways(compiled, below, affirmed=affirmed)
    elif isinstance(formula, And) == affirmed:
        parts = [list(_ways(compiled, p, affirmed=affirmed)) for p in formula.parts]
        for choice in product(*parts):
            yield tuple(literal for literals in choice for literal in literals)
    else:
        for part in formula.parts:
            yield from _ways(compiled, part, affirmed=affirmed)


def reasoner_findings(ontology: Ontology) -> Iterator[Finding]:
    """What the OWL reasoner says: profile, consistency, classes that nothing can be in."""
    from calcinosis.reasoning.owl import Authority

    view = ontology.viewpoint
    try:
        authority = Authority(ontology)
        violations = authority.profile_violations()
        consistent = authority.consistent()
        empty = authority.unsatisfiable() if consistent else ()
    except MissingProgramError as error:
        yield Finding(INFO, "not_checked", view, f"not checked by HermiT: {error.what}", error.cure)
        return
    for violation in violations:
        cure = "Keep to OWL 2 DL"
        yield Finding(ERROR, "owl_profile", view, f"outside OWL 2 DL: {violation}", cure)
    if not consistent:
        cure = "Ask for an explanation in Protégé"
        yield Finding(ERROR, "inconsistent", view, "the ontology is inconsistent", cure)
    for iri in empty:
        what = f"HermiT finds it unsatisfiable under {view}"
        cure = "Ask for an explanation in Protégé"
        yield Finding(ERROR, "unsatisfiable_class", names.local(iri), what, cure)


def interval_findings(laboratory: Triples) -> Iterator[Finding]:
    """Reference intervals of one analyte and sex whose ages overlap.

    They may where sources disagree: each then disputes what the other cites.
    """
    spans: dict[tuple[str | None, str | None], list[tuple[float, float, str]]] = {}
    for node in laboratory.instances(names.CC + "ReferenceInterval"):
        start = laboratory.text(node, names.CC + "ageFrom") or ""
        end = laboratory.text(node, names.CC + "ageTo") or ""
        span = (age.days(start) or 0.0, age.days(end) or float("inf"), node)
        key = (
            laboratory.iri(node, names.CC + "analyte"),
            laboratory.text(node, names.CC + "sex"),
        )
        spans.setdefault(key, []).append(span)
    for same in spans.values():
        for one, two in combinations(sorted(same), 2):
            if one[1] > two[0] and not _dispute(laboratory, one[2], two[2]):
                what = f"its ages overlap with those of {names.local(two[2])}"
                cure = (
                    "Correct calc:ageFrom and calc:ageTo, or let each dispute what the other cites"
                )
                yield Finding(ERROR, "interval_overlap", names.local(one[2]), what, cure)


def _dispute(laboratory: Triples, one: str, other: str) -> bool:
    """Whether each of two intervals disputes a reference that the other cites."""
    return all(
        set(laboratory.iris(this, names.DISPUTES)) & set(laboratory.iris(that, names.EVIDENCE))
        for this, that in ((one, other), (other, one))
    )
