"""What a path names, in the forms that people and programs take."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from calcinosis import names
from calcinosis.graph.claims import Reference
from calcinosis.graph.viewpoints import Viewpoint
from calcinosis.output.references import bibtex, ris
from calcinosis.output.site import claim, structured, term
from calcinosis.output.site.known import Known
from calcinosis.output.site.links import Links
from calcinosis.output.site.pages import html
from calcinosis.output.words import term as words
from calcinosis.output.words import viewpoints

HTML: Final = "html"
_RDF: Final = (HTML, "ttl", "jsonld")
_ALL: Final = (*_RDF, "json", "bib", "ris")
_VIEW: Final = (HTML, "json", "ttl", "jsonld")
_MODULE: Final = (HTML, "ttl")
WHOLE: Final = {"ttl": "turtle", "jsonld": "jsonld", "owl": "owl"}
"""The forms of the whole graph, with the export formats that write them."""


class Forms:
    """Everything of one loaded ontology that has a path."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._ontology = known.ontology
        self._writers: Mapping[str, Callable[[str], str]] = {
            "ttl": self._turtle,
            "jsonld": self._json_ld,
            "json": self._json,
            "bib": lambda iri: bibtex.write(self._references(iri)),
            "ris": lambda iri: ris.write(self._references(iri)),
        }

    def of(self, path: str) -> tuple[str, ...]:
        """The forms that there are of what a path names, HTML first; none where it names nothing.

        Those of the whole graph (``WHOLE``) are exports, and not written here.
        """
        iri, known = names.CC + path, self._known
        if iri == names.ONTOLOGY:
            return (HTML, *WHOLE)
        if iri in known.claims or iri in known.lexicon.entries:
            return _ALL
        if iri.startswith(names.VIEWPOINT):
            return _VIEW if iri.removeprefix(names.VIEWPOINT) in known.viewpoints else ()
        if iri not in known.described:
            return ()
        return _MODULE if iri.startswith(f"{names.ONTOLOGY}/") else _RDF

    def written(self, path: str, form: str, links: Links) -> str:
        """What a path names in one of its forms."""
        iri = names.CC + path
        return html(iri, self._known, links) if form == HTML else self._writers[form](iri)

    def _turtle(self, iri: str) -> str:
        module = self._module(iri)
        return module.read_text("utf-8") if module else self._known.described.turtle(iri)

    def _module(self, iri: str) -> Path | None:
        """The file of a module or viewpoint; None for what has none.

        One that is laid over the release has no file there: what is loaded says what it states.
        """
        for base, folder in ((f"{names.ONTOLOGY}/", ""), (names.VIEWPOINT, "viewpoints")):
            if iri.startswith(base):
                found = self._ontology.folder / folder / f"{iri.removeprefix(base)}.ttl"
                return found if found.is_file() else None
        return None

    def _json_ld(self, iri: str) -> str:
        """The statements about it, and beside them what it is in the words of schema.org."""
        node = self._structured(iri)
        more = (structured.standing_alone(node),) if node else ()
        return self._known.described.json_ld(iri, *more, module=self._module(iri))

    def _structured(self, iri: str) -> structured.Node | None:
        known = self._known
        if iri in known.claims:
            return structured.claim(known.claims[iri], known)
        if iri.startswith(names.VIEWPOINT):
            return structured.viewpoint(self._view(iri), known)
        entry = known.lexicon.entries.get(iri)
        if entry is None:
            return None
        page = known.page(entry)
        return (
            structured.reference(page.reference) if page.reference else structured.term(page, known)
        )

    def _json(self, iri: str) -> str:
        """The values of its page, as ``calcinosis show -f json`` has them."""
        known, overlays = self._known, self._ontology.overlays
        more: dict[str, Any] = {"with": [one.to_dict() for one in overlays]} if overlays else {}
        if iri in known.claims:
            found = {**claim.to_dict(known.claims[iri], known), **more}
            return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        if iri.startswith(names.VIEWPOINT):
            return viewpoints.to_json([self._view(iri)], more)
        return words.to_json(known.page(known.lexicon.entries[iri]), more)

    def _view(self, iri: str) -> Viewpoint:
        return self._known.viewpoints[iri.removeprefix(names.VIEWPOINT)]

    def _references(self, iri: str) -> list[Reference]:
        """The references that its page names."""
        known = self._known
        if iri in known.claims:
            return known.full(one.reference for one in known.claims[iri].citations)
        page = known.page(known.lexicon.entries[iri])
        return [page.reference] if page.reference else known.full(term.keys(page))
