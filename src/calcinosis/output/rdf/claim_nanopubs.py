"""Claims as nanopublications: one an association, one an interpretation, one a contested pair.

What is read into a claim is published apart from it: who cites the claim cites what sources say,
and the name of its publication stays when it comes to be read otherwise.

Two claims that contest each other cannot name each other: the name of each hangs on all that it
says. So each names the association of the other, and a nanopublication of its own says of the two
published claims that they contest each other. An index lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal

from calcinosis import names
from calcinosis.graph.claims import Association
from calcinosis.output.rdf.evidence import citations, claim_hash, contest, reference
from calcinosis.output.rdf.nanopub import (
    ASSERTION,
    DEVELOPERS,
    THIS,
    Nanopub,
    Publisher,
    Triple,
    developers,
)
from calcinosis.output.rdf.signing import Signer, SigningWriter
from calcinosis.output.selection import Files, Selection, Writer

_CONTESTED_BY: Final = names.CC + "contestedBy"
_NOTE: Final = b"# Claims of the calcinosis ontology. Research software, not medical advice.\n\n"


def write(selection: Selection, signer: Signer | None = None) -> Files:
    """One TriG file: the claims, what is read into them, the contested pairs, then the index."""
    return {"nanopublications.trig": _file(selection, signer)}


def _file(selection: Selection, signer: Signer | None) -> Iterator[bytes]:
    root = selection.ontology.root
    publisher = Publisher(
        selection.ontology,
        signer.creator if signer else DEVELOPERS,
        license=root.iri(names.ONTOLOGY, names.DCTERMS + "license"),
        created=root.text(names.ONTOLOGY, names.DCTERMS + "issued"),
        signer=signer,
    )
    yield _NOTE
    published: dict[str, str] = {}
    for claim in selection.associations:
        one = publisher.publish(_claim(selection, claim))
        published[claim.iri] = one.iri
        yield one.trig
    elements = list(published.values())
    for nanopub in _interpretations(selection, published):
        one = publisher.publish(nanopub)
        elements.append(one.iri)
        yield one.trig
    for pair in _pairs(selection.associations):
        one = publisher.publish(_contest(selection, pair, published))
        elements.append(one.iri)
        yield one.trig
    title = f"Claims of the calcinosis ontology {selection.ontology.version}"
    about = "Every claim" if selection.is_whole else f"Selected claims ({selection.asked_for})"
    words = f"{about}, what is read into them, and which contest each other."
    if left_out := selection.ontology.left_out_words:
        words += f" Left out: {left_out}."
    if laid := selection.ontology.overlay_words:
        words += f" Made {laid}."
    for index in publisher.indexes(elements, title, words):
        yield index.trig


def _claim(selection: Selection, claim: Association) -> Nanopub:
    info: list[Triple] = [
        (THIS, names.LABEL, Literal(claim.label, language="en")),
        (THIS, names.NPX + "hasNanopubType", names.CC + claim.kind),
        (THIS, names.NPX + "describes", claim.iri),
        *_labels(selection, claim.ends),
    ]
    return Nanopub(list(_asserted(selection, claim)), list(_origin(selection, claim)), info)


_STATED: Final = ("subject", "predicate", "object", "context", "statement", "mechanism")


def _asserted(selection: Selection, claim: Association) -> Iterator[Triple]:
    """The claim as the graph states it; in one triple too, unless it holds in a context only."""
    stated = selection.ontology.claims.description(claim.iri)
    if not claim.contexts:
        (target,) = stated[names.CC + "object"]
        yield (claim.subject, claim.predicate, target)
    yield (claim.iri, names.TYPE, names.CC + claim.kind)
    hashed = Literal(f"sha256-128:{claim_hash(claim)}")
    yield (claim.iri, names.DCTERMS + "identifier", hashed)
    ours = {names.CC + "mechanism"} if names.CC + "mechanismIsOurs" in stated else ()
    for predicate in (names.LABEL, *(names.CC + part for part in _STATED)):
        if predicate in ours:
            continue
        for node in stated.get(predicate, ()):
            yield (claim.iri, predicate, node)


def _origin(selection: Selection, claim: Association) -> Iterator[Triple]:
    """What the claim rests on, what speaks against it, and why it is said if it says so itself."""
    library = selection.ontology.library
    yield (ASSERTION, names.PROV + "wasAttributedTo", DEVELOPERS)
    yield from developers()
    for key in claim.references:
        yield (ASSERTION, names.PROV + "wasDerivedFrom", names.REF + key)
    yield from citations(claim.iri, claim.citations, f"{THIS}#citation-")
    for citation in claim.citations:
        yield from reference(library.reference(citation.reference))
    if claim.editorial and not _is_interpreted(selection, claim.iri):
        yield (claim.iri, names.CC + "editorial", Literal(claim.editorial, language="en"))
    yield from contest(claim.iri, claim.contested_by, contested=claim.contested)


def _pairs(claims: Iterable[Association]) -> list[tuple[Association, Association]]:
    """Each two claims that contest each other, once."""
    known = {claim.iri: claim for claim in claims}
    found = {
        tuple(sorted((iri, other))) for iri, claim in known.items() for other in claim.contested_by
    }
    return [(known[one], known[two]) for one, two in sorted(found)]


def _is_interpreted(selection: Selection, claim: str) -> bool:
    """Whether the reason stands in an interpretation; a site's claim may say it itself."""
    said = selection.ontology.interpretations.values()
    return any(claim in one[names.INTERPRETS] for one in said)


def _interpretations(selection: Selection, published: Mapping[str, str]) -> Iterator[Nanopub]:
    """What is read into each claim, as derived from the publication of the claim."""
    for iri, said in sorted(selection.ontology.interpretations.items()):
        for claim in map(str, said[names.INTERPRETS]):
            if claim in published:
                yield Nanopub(
                    [(iri, predicate, node) for predicate, nodes in said.items() for node in nodes],
                    [
                        (ASSERTION, names.PROV + "wasAttributedTo", DEVELOPERS),
                        *developers(),
                        (ASSERTION, names.PROV + "wasDerivedFrom", published[claim]),
                    ],
                    [
                        *((THIS, names.LABEL, node) for node in said[names.LABEL]),
                        (THIS, names.NPX + "hasNanopubType", names.CC + "Interpretation"),
                        (THIS, names.NPX + "describes", iri),
                    ],
                )


def _contest(
    selection: Selection, pair: tuple[Association, Association], published: Mapping[str, str]
) -> Nanopub:
    one, two = (published[claim.iri] for claim in pair)
    label = " \u2013 contested by: ".join(claim.label for claim in pair)
    return Nanopub(
        [(one, _CONTESTED_BY, two), (two, _CONTESTED_BY, one)],
        [
            (ASSERTION, names.PROV + "wasAttributedTo", DEVELOPERS),
            *developers(),
            *((ASSERTION, names.PROV + "wasDerivedFrom", iri) for iri in (one, two)),
        ],
        [
            (THIS, names.LABEL, Literal(label, language="en")),
            (THIS, names.NPX + "hasNanopubType", _CONTESTED_BY),
            *_labels(selection, (_CONTESTED_BY,)),
        ],
    )


def _labels(selection: Selection, iris: Iterable[str]) -> Iterator[Triple]:
    for iri in iris:
        label = selection.everything.text(iri, names.LABEL)
        if label:
            yield (iri, names.LABEL, Literal(label, language="en"))


WRITERS: Final[Mapping[str, Writer]] = {"nanopublications": write}
SIGNING: Final[Mapping[str, SigningWriter]] = {"nanopublications": write}
