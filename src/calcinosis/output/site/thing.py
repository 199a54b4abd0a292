"""The page of what is neither term, claim nor reference: a property, an interval, a rule, a module.

Also of a term that is obsolete: it says what replaces it.
"""

from __future__ import annotations

import re
from typing import Final

from calcinosis import names
from calcinosis.graph.triples import Node
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.site import structured
from calcinosis.output.site.frame import page as framed
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.parts import (
    Section,
    alternates,
    forms_part,
    laid_out,
    separated,
    term_link,
)
from calcinosis.output.wording import capital

_ENDS: Final = ("ttl", "jsonld")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SAID: Final = {names.LABEL, names.DEFINITION, names.SKOS + "definition", names.DCTERMS + "title"}
"""What stands above the table already."""


def thing_page(iri: str, known: Known, links: Links) -> str:
    """The page as HTML."""
    text = known.described.triples.text
    path = iri.removeprefix(names.CC)
    definition = text(iri, names.DEFINITION) or text(iri, names.DCTERMS + "description") or ""
    is_all = iri == names.ONTOLOGY
    data = structured.script(structured.dataset(known.ontology)) if is_all else Markup()
    return framed(
        known.heading(iri),
        tag("p", tag("code", names.curie(iri)), class_="kind"),
        tag("h1", known.heading(iri)),
        _replaced(iri, known, links),
        tag("p", definition, class_="lead") if definition else Markup(),
        forms_part(path, links, _ENDS),
        laid_out([Section("statements", "What is stated of it", _statements(iri, known, links))]),
        links=links,
        head=join(*alternates(path, links, _ENDS), data),
    )


def _replaced(iri: str, known: Known, links: Links) -> Markup:
    """What to use instead of a term that is obsolete."""
    about = known.described.of(iri)
    if names.DEPRECATED not in about:
        return Markup()
    for predicate, words in (
        (names.REPLACED_BY, "It is obsolete, and replaced by "),
        (names.CONSIDER, "It is obsolete, and nothing replaces it. Consider "),
    ):
        instead = [one for one in about.get(predicate, ()) if isinstance(one, str)]
        if instead:
            found = separated((term_link(one, known, links) for one in instead), " or ")
            return tag("p", words, found, ".", class_="message")
    return tag("p", "It is obsolete.", class_="message")


def _statements(iri: str, known: Known, links: Links) -> Markup:
    rows = [
        (capital(_words(predicate, known)), _values(values, known, links))
        for predicate, values in known.described.of(iri).items()
        if predicate not in _SAID
    ]
    return table("Statements", ("Property", "Value"), sorted(rows)) if rows else Markup()


def _words(predicate: str, known: Known) -> str:
    """A property by its label, or by its name in words where that says anything."""
    if predicate.startswith(names.CC):
        return known.label(predicate)
    local = names.local(predicate)
    return _HUMP.sub(" ", local).lower() if local.isalpha() else names.curie(predicate)


def _values(values: list[Node], known: Known, links: Links) -> Markup:
    found = []
    for value in values:
        if not isinstance(value, str):
            found.append(join(value.value))
        elif value.startswith("_:"):
            found.append(join("(an expression; see Turtle)"))
        else:
            found.append(term_link(value, known, links))
    return found[0] if len(found) == 1 else bullets(found)
