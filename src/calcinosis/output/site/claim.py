"""The page of a claim: what it says, what each reference gives, what is read into it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from calcinosis import names
from calcinosis.graph.claims import Association
from calcinosis.graph.evidence import Item
from calcinosis.graph.neighbours import relation
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.site import citing, structured
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import READING, Links
from calcinosis.output.site.parts import (
    CITED_FORMS,
    FORMS,
    Section,
    alternates,
    badge,
    cite_part,
    forms_part,
    laid_out,
    mark,
    query_part,
    reference_link,
    reference_list,
    side,
    term_link,
)
from calcinosis.output.site.term import side_by_side
from calcinosis.output.wording import capital
from calcinosis.output.words.term import KINDS

_ENDS: Final = (*FORMS, *CITED_FORMS)
_HEADS: Final = ("Reference", "Side", "Read", "Study", "Of whom", "Figures", "Where in it")
_QUERY: Final = """PREFIX calc: <https://w3id.org/calcinosis/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?side ?reference ?read ?design ?population ?locator {{
  VALUES ?claim {{ <{iri}> }}
  VALUES (?says ?side) {{ (calc:evidenceFor "for") (calc:evidenceAgainst "against") }}
  ?item ?says ?claim ; dcterms:source ?reference ; calc:read ?read .
  OPTIONAL {{ ?item calc:studyDesign/rdfs:label ?design }}
  OPTIONAL {{ ?item calc:population ?population }}
  OPTIONAL {{ ?item calc:locator ?locator }}
}}
ORDER BY DESC(?side) ?reference
"""


def claim_page(claim: Association, known: Known, links: Links) -> str:
    """The page as HTML."""
    path = claim.iri.removeprefix(names.CC)
    kind = KINDS.get(claim.topic, claim.topic)
    reference = citing.thing(known.ontology, claim.iri, capital(claim.label))
    found = known.full(one.reference for one in claim.citations)
    sections = [
        Section("evidence", "Evidence", _evidence(claim, known, links)),
        Section("about", "What it is about", _about(claim, known, links)),
        Section(READING, "What is read into it", _reading(claim, known, links)),
        Section("contested", "Contested, side by side", _contested(claim, known, links)),
        Section("references", "References", reference_list(found, links)),
        Section("cite", "Cite this", cite_part(citing.in_words(reference), reference)),
        Section("query", "The query behind this page", query_part(query(claim), links)),
    ]
    return framed(
        capital(claim.label),
        tag("p", f"Claim: {kind.lower()}, ", tag("code", f"assoc:{claim.id}"), class_="kind"),
        tag("h1", capital(claim.label), mark(claim)),
        tag("p", claim.statement, class_="lead") if claim.statement else Markup(),
        forms_part(path, links, _ENDS),
        laid_out(sections),
        links=links,
        here="associations",
        head=join(
            *alternates(path, links, _ENDS), structured.script(structured.claim(claim, known))
        ),
    )


def _evidence(claim: Association, known: Known, links: Links) -> Markup:
    rows = [_row(item, known, links) for item in known.evidence.get(claim.id, ())]
    if not rows:
        return tag("p", "No reference that counts is left.")
    return table("What each reference gives for or against it", _HEADS, rows)


def _row(item: Item, known: Known, links: Links) -> tuple[object, ...]:
    link = tag("span", reference_link(item.reference, known, links), id=item.reference)
    design = known.label(names.CC + item.design) if item.design else ""
    alone = "; no patients of its own" if item.independent == "false" else ""
    figures = bullets([Markup(join(one)) for one in item.figures])
    against = item.side == "against"
    return link, side(against), item.read, design + alone, item.population, figures, item.locator


def _about(claim: Association, known: Known, links: Links) -> Markup:
    ends = [("Subject", (claim.subject,)), ("In", claim.contexts)]
    if not claim.has_value:
        ends.insert(1, ("Object", (claim.object,)))
    found = [
        join(tag("dt", words), *(tag("dd", term_link(iri, known, links)) for iri in iris))
        for words, iris in ends
        if iris
    ]
    if claim.has_value:
        found.insert(1, join(tag("dt", "Value"), tag("dd", claim.object)))
    found.insert(1, _relation(claim, known, links))
    if claim.mechanism:
        found.append(join(tag("dt", "Mechanism"), tag("dd", claim.mechanism)))
    return tag("dl", *found, class_="pairs")


def _relation(claim: Association, known: Known, links: Links) -> Markup:
    """The relation; one of others in the words of the claim, with its code."""
    if not claim.predicate:
        return Markup()
    words = term_link(claim.predicate, known, links)
    if not claim.predicate.startswith(names.CC):
        said = relation(claim, known.lexicon, claim.subject)
        words = join(said, " (", tag("code", words), ")")
    return join(tag("dt", "Relation"), tag("dd", words))


def _reading(claim: Association, known: Known, links: Links) -> Markup:
    """The role, the basis and what else is our reading of it, under the loaded viewpoint."""
    only = " (only where a viewpoint takes the claim)" if claim.where_taken else ""
    rows: list[tuple[str, list[Markup]]] = [
        ("Gives the cause the role", [join(term_link(claim.licenses, known, links), only)])
        if claim.licenses
        else ("", []),
        ("Gives a basis for", [term_link(one, known, links) for one in claim.gives_basis_for]),
        ("A test that finds", [term_link(one, known, links) for one in claim.yields]),
        ("Why", [Markup(join(claim.editorial))] if claim.editorial else []),
    ]
    found = [
        join(tag("dt", words), *(tag("dd", one) for one in said)) for words, said in rows if said
    ]
    if not found:
        return Markup()
    return join(
        tag("p", badge("our reading", "ours"), " It is no part of what the sources say."),
        tag("dl", *found, class_="pairs"),
    )


def _contested(claim: Association, known: Known, links: Links) -> Markup:
    others = [known.claims[iri] for iri in sorted(claim.contested_by) if iri in known.claims]
    other = [known.told(one) for one in others]
    return side_by_side([known.told(claim)], other, known, links) if other else Markup()


def query(claim: Association) -> str:
    """The query whose rows are those of the evidence."""
    return _QUERY.format(iri=claim.iri)


def to_dict(claim: Association, known: Known) -> dict[str, Any]:
    """The claim as plain values, with its evidence items."""
    items = [asdict(item) for item in known.evidence.get(claim.id, ())]
    return {**asdict(claim), "evidence": items}
