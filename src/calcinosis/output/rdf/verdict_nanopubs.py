"""Verdicts on cases as nanopublications: one a case and subtype, and their bibliography.

Of a patient nothing is written but the id and the source of the case and the facts that a verdict
rests on, as terms: no age, no sex, no value, no words of the case file. A case is a resource of
the nanopublication that speaks of it: no patient gets a name that others could use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from calcinosis import names
from calcinosis.explain.explanation import Explanation, Why
from calcinosis.explain.links import Given, Link
from calcinosis.graph.claims import Citation
from calcinosis.graph.ontology import Ontology
from calcinosis.output import files
from calcinosis.output.rdf.cited_verdicts import address, bibliography, verdict_sentence
from calcinosis.output.rdf.evidence import citations, contest, reference
from calcinosis.output.rdf.nanopub import (
    ASSERTION,
    PACKAGE,
    THIS,
    Nanopub,
    Publisher,
    Triple,
    package,
)
from calcinosis.output.rdf.roles import DATA, claims, disputing, opponents, resting
from calcinosis.output.rdf.signing import Signer, SigningWriter
from calcinosis.output.selection import Files, Selection, Writer
from calcinosis.reasoning.verdict import CONFLICTING, SubtypeVerdict

CASE: Final = THIS + "#case"
VERDICT: Final = THIS + "#verdict"

_NO_ADVICE: Final = (
    "Research software, not medical advice. It is said whether the criteria of a definition are"
    " met, not what disease the patient has, and not that a cause is proven."
)
_NOTE: Final = f"# {_NO_ADVICE}\n\n".encode()
_BOOLEAN: Final = NamedNode(names.XSD + "boolean")


def write(selection: Selection, signer: Signer | None = None) -> Files:
    """A TriG file, a nanopublication a verdict and then the index; and exactly what they cite."""
    ontology = selection.ontology
    keys = resting(selection.explanations, ontology)
    return {
        "verdicts.trig": _file(selection, signer),
        "references.json": bibliography(ontology, keys),
    }


def _file(selection: Selection, signer: Signer | None) -> Iterator[bytes]:
    ontology = selection.ontology
    creator = signer.creator if signer else PACKAGE
    publisher = Publisher(ontology, creator, created=files.time_stated(), signer=signer)
    yield _NOTE
    elements: list[str] = []
    for explanation in selection.explanations:
        for why in explanation.subtypes:
            one = publisher.publish(_verdict(ontology, explanation, why))
            elements.append(one.iri)
            yield one.trig
    title = f"Verdicts on cases by the calcinosis ontology {ontology.version}"
    for index in publisher.indexes(elements, title, _NO_ADVICE):
        yield index.trig


def _verdict(ontology: Ontology, explanation: Explanation, why: Why) -> Nanopub:
    verdict = why.verdict
    words = Literal(verdict_sentence(verdict.verdict, verdict.label, ontology), language="en")
    assertion: list[Triple] = [
        (CASE, names.TYPE, names.CASE),
        (CASE, names.DCTERMS + "identifier", Literal(explanation.verdict.case.id)),
        (VERDICT, names.TYPE, names.CC + "Verdict"),
        (VERDICT, names.CC + "ofCase", CASE),
        (VERDICT, names.CC + "onSubtype", names.CC + verdict.id),
        (VERDICT, names.CC + "underViewpoint", ontology.viewpoint_iri),
        (VERDICT, names.CC + "outcome", Literal(verdict.verdict)),
        (VERDICT, names.LABEL, words),
        *((VERDICT, names.CC + "stillNeeded", Literal(need)) for need in verdict.needed),
        *_presumed(verdict),
    ]
    info: list[Triple] = [
        (THIS, names.LABEL, words),
        (THIS, names.RDFS + "comment", Literal(_NO_ADVICE, language="en")),
        (THIS, names.NPX + "hasNanopubType", names.CC + "Verdict"),
        (names.CC + verdict.id, names.LABEL, Literal(verdict.label, language="en")),
    ]
    return Nanopub(assertion, list(_Origin(ontology, explanation, why).triples()), info)


def _presumed(verdict: SubtypeVerdict) -> Iterator[Triple]:
    """What is presumed, in words: it types nothing, and what it hangs on stands with it."""
    if (presumed := verdict.presumed) is not None:
        yield (VERDICT, names.CC + "presumedIf", Literal(presumed.condition, language="en"))
        yield (VERDICT, names.CC + "fallsIf", Literal(presumed.falls_if, language="en"))


class _Origin:
    """Where one verdict comes from: the case, and the justifications or conflicts behind it."""

    def __init__(self, ontology: Ontology, explanation: Explanation, why: Why) -> None:
        self._ontology = ontology
        self._case = explanation.verdict.case
        self._why = why
        parts: Sequence[tuple[tuple[Given, ...], tuple[Link, ...]]]
        if why.verdict.verdict == CONFLICTING:
            found = explanation.contradictions.conflicts
            parts = [(one.facts, one.links) for one in found]
            self._kind = "Facts that cannot hold together, and by what"
        else:
            parts = [(one.facts, one.links) for one in why.justifications]
            self._kind = "Facts and axioms from which the verdict follows"
        self._parts = parts
        self._facts = list(dict.fromkeys(given for facts, _ in parts for given in facts))
        self._links = list(dict.fromkeys(link for _, links in parts for link in links))

    def triples(self) -> Iterator[Triple]:
        yield (ASSERTION, names.PROV + "wasAttributedTo", PACKAGE)
        yield from package()
        yield from _source(self._case.source)
        for number, (facts, links) in enumerate(self._parts, 1):
            node = f"{THIS}#justification-{number}"
            label = f"{self._kind}, {number} of {len(self._parts)}"
            yield (ASSERTION, names.PROV + "wasDerivedFrom", node)
            yield (node, names.TYPE, names.PROV + "Collection")
            yield (node, names.LABEL, Literal(label, language="en"))
            for member in (*map(self._fact_node, facts), *map(self._link_node, links)):
                yield (node, names.PROV + "hadMember", member)
        if not self._why.complete:
            text = "There are more justifications than the one given here."
            yield (ASSERTION, names.RDFS + "comment", Literal(text, language="en"))
        for given in self._facts:
            yield from self._fact(given)
        for link in self._links:
            yield from self._link(link)
        for claim in claims(self._links):
            yield from self._against(claim)
        for key in self._cited():
            yield from reference(self._ontology.library.reference(key))

    def _cited(self) -> dict[str, None]:
        from_facts = (key for given in self._facts for key in given.fact.references)
        from_links = (source.reference for link in self._links for source in link.sources)
        against = (
            citation.reference
            for claim in claims(self._links)
            for citation in disputing(claim, self._ontology)
        )
        return dict.fromkeys((*from_facts, *from_links, *against))

    def _fact_node(self, given: Given) -> str:
        return f"{THIS}#fact-{self._facts.index(given) + 1}"

    def _link_node(self, link: Link) -> str:
        return f"{THIS}#axiom-{self._links.index(link) + 1}"

    def _fact(self, given: Given) -> Iterator[Triple]:
        """What the case states, as a term; and whose interval judged it, if it was a value."""
        fact, node = given.fact, self._fact_node(given)
        yield (node, names.TYPE, names.RDF + "Statement")
        yield (node, names.RDF + "subject", CASE)
        yield (node, names.RDF + "predicate", fact.property or names.TYPE)
        yield (node, names.RDF + "object", fact.term)
        affirmed = Literal(str(fact.affirmed).lower(), datatype=_BOOLEAN)
        yield (node, names.CC + "affirmed", affirmed)
        yield (fact.term, names.LABEL, Literal(fact.label, language="en"))
        if fact.rule is not None:
            yield (node, names.PROV + "wasInfluencedBy", fact.rule.iri)
            yield (fact.rule.iri, names.LABEL, Literal(fact.rule.label, language="en"))
        for key in fact.references:
            yield (node, DATA, names.REF + key)

    def _link(self, link: Link) -> Iterator[Triple]:
        """An axiom in words, the claims that it rests on, and what of it is our own reading."""
        node = self._link_node(link)
        yield (node, names.TYPE, names.PROV + "Entity")
        yield (node, names.LABEL, Literal(link.words, language="en"))
        yield (node, names.CC + "support", Literal(link.kind))
        if link.why:
            yield (node, names.CC + "editorial", Literal(link.why, language="en"))
        for source in link.sources:
            claim, target = names.ASSOC + source.association, names.REF + source.reference
            yield (node, names.CC + "restsOn", claim)
            yield (ASSERTION, names.PROV + "wasDerivedFrom", target)
            citation = Citation(source.reference, source.read)
            nodes = f"{THIS}#citation-{source.association}-{source.reference}-"
            yield from citations(claim, (citation,), nodes)

    def _against(self, association: str) -> Iterator[Triple]:
        """What disputes a claim, and whether and by which claims it is contested."""
        claim, ontology = names.ASSOC + association, self._ontology
        nodes = f"{THIS}#dispute-{association}-"
        yield from citations(claim, disputing(association, ontology), nodes)
        contested = ontology.claims.association(claim).contested
        yield from contest(claim, opponents(association, ontology), contested=contested)


def _source(text: str | None) -> Iterator[Triple]:
    """Where the case was published, as its file says, and by its address if that is a DOI."""
    if text is None:
        return
    yield (CASE, names.DCTERMS + "source", Literal(text))
    if (place := address(text)) is not None:
        yield (ASSERTION, names.PROV + "wasDerivedFrom", place)


WRITERS: Final[Mapping[str, Writer]] = {"verdict-nanopublications": write}
SIGNING: Final[Mapping[str, SigningWriter]] = {"verdict-nanopublications": write}
