"""Which page an IRI of ours has."""

from __future__ import annotations

from calcinosis import names
from calcinosis.output.site.claim import claim_page
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.reference import reference_page
from calcinosis.output.site.term import term_page
from calcinosis.output.site.thing import thing_page
from calcinosis.output.site.viewpoint import viewpoint_page


def html(iri: str, known: Known, links: Links) -> str:
    """The page of what an IRI names; KeyError where it names nothing."""
    if iri in known.claims:
        return claim_page(known.claims[iri], known, links)
    if iri.startswith(names.VIEWPOINT):
        view = known.viewpoints[iri.removeprefix(names.VIEWPOINT)]
        return viewpoint_page(view, known, links)
    entry = known.lexicon.entries.get(iri)
    if entry is None:
        if iri not in known.described:
            raise KeyError(iri)
        return thing_page(iri, known, links)
    page = known.page(entry)
    if page.reference is not None:
        return reference_page(page, page.reference, known, links)
    return term_page(page, known, links)
