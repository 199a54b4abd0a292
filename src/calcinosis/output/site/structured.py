"""What a page is about in the words of schema.org, for search engines and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from calcinosis import names
from calcinosis.graph.claims import Association, Author, Reference
from calcinosis.graph.describe import Page
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.viewpoints import Viewpoint
from calcinosis.output.markup import Markup
from calcinosis.output.references.lines import identifier
from calcinosis.output.site.known import Known

Node = dict[str, Any]

_TYPES: Final = {
    "subtype": "MedicalCondition",
    "condition": "MedicalCondition",
    "finding": "MedicalSignOrSymptom",
    "criterion": "MedicalSignOrSymptom",
    "test": "MedicalTest",
    "analyte": "MedicalTest",
    "treatment": "MedicalTherapy",
    "intervention": "MedicalProcedure",
    "site": "AnatomicalStructure",
    "gene": "Gene",
    "antibody": "BioChemEntity",
}
_KINDS: Final = {
    "JournalArticle": "ScholarlyArticle",
    "ReviewArticle": "ScholarlyArticle",
    "BookChapter": "Chapter",
    "ConferencePaper": "ScholarlyArticle",
    "WebPage": "WebPage",
}
_LOCAL: Final = {
    "@vocab": names.SCHEMA,
    **{key: {"@type": "@id"} for key in ("url", "sameAs", "license", "inDefinedTermSet")},
}
"""What the remote context says of the words that are used here, so that nothing is fetched."""


def script(node: Node) -> Markup:
    """The node as a block of data for the head of a page; nothing in it is executed."""
    text = json.dumps({"@context": "https://schema.org", **node}, ensure_ascii=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(f'<script type="application/ld+json">{safe}</script>\n')


def standing_alone(node: Node) -> Node:
    """The node with a context of its own, which needs no network."""
    return {"@context": _LOCAL, **node}


def term(page: Page, known: Known) -> Node:
    """A term: what it is called, defined as and mapped to."""
    entry = page.entry
    same = (known.address(m.object) for m in page.mappings if m.predicate == "skos:exactMatch")
    kind = _TYPES.get(entry.kind)
    return _told(
        {
            "@id": entry.iri,
            "@type": ["DefinedTerm", kind] if kind else "DefinedTerm",
            "name": entry.label,
            "alternateName": list(entry.synonyms),
            "description": page.definition,
            "termCode": f"calc:{entry.id}",
            "url": entry.iri,
            "inDefinedTermSet": names.ONTOLOGY,
            "sameAs": sorted(filter(None, same)),
            "citation": [reference(one) for one in known.full(page.sources)],
            "license": names.LICENCE,
        }
    )


def claim(association: Association, known: Known) -> Node:
    """A claim with what it is about and the references that support it."""
    about = [{"@id": iri, "name": known.label(iri)} for iri in association.named]
    return _told(
        {
            "@id": association.iri,
            "@type": "Claim",
            "name": association.label,
            "text": association.statement,
            "url": association.iri,
            "about": about,
            "citation": [reference(one) for one in known.full(association.references)],
            "license": names.LICENCE,
        }
    )


def reference(found: Reference) -> Node:
    """A reference as it was published."""
    code = [f"PMID:{found.pmid}"] if found.pmid else []
    code += [f"doi:{found.doi}"] if found.doi else []
    return _told(
        {
            "@id": names.REF + found.key,
            "@type": _KINDS.get(found.kind, "CreativeWork"),
            "name": found.title or found.label,
            "author": [_person(one) for one in found.authors],
            "datePublished": "" if found.year is None else str(found.year),
            "isPartOf": {"@type": "CreativeWork", "name": found.container}
            if found.container
            else None,
            "identifier": code,
            "url": identifier(found)[1],
        }
    )


def viewpoint(view: Viewpoint, known: Known) -> Node:
    """A viewpoint: the terms that it defines, in the words of whom."""
    iri = names.VIEWPOINT + view.name
    terms = [{"@id": names.CC + one.id, "name": one.label} for one in view.subtypes]
    return _told(
        {
            "@id": iri,
            "@type": "DefinedTermSet",
            "name": view.label,
            "description": view.definition,
            "url": iri,
            "hasDefinedTerm": [{"@type": "DefinedTerm", **one} for one in terms],
            "isPartOf": {"@id": names.ONTOLOGY},
            "citation": [reference(one) for one in known.full(view.references)],
            "license": names.LICENCE,
        }
    )


def dataset(ontology: Ontology) -> Node:
    """The graph as a whole."""

    def text(predicate: str) -> str:
        return ontology.root.text(names.ONTOLOGY, predicate) or ""

    return _told(
        {
            "@id": names.ONTOLOGY,
            "@type": ["Dataset", "DefinedTermSet"],
            "name": text(names.DCTERMS + "title"),
            "description": text(names.DCTERMS + "description"),
            "version": ontology.version,
            "datePublished": text(names.DCTERMS + "issued")[:10],
            "creator": {"@type": "Organization", "name": text(names.DCTERMS + "creator")},
            "license": names.LICENCE,
            "url": names.CC,
        }
    )


def _person(author: Author) -> Node:
    if author.corporate:
        return {"@type": "Organization", "name": author.family}
    return _told({"@type": "Person", "familyName": author.family, "givenName": author.given})


def _told(node: Mapping[str, Any]) -> Node:
    """What is known of it."""
    return {key: value for key, value in node.items() if value}
