"""The pictures of the graph as files: criteria by subtype, and the neighbourhood of a term."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from calcinosis import names
from calcinosis.explain.links import EDITORIAL, READING, Link, Links
from calcinosis.graph.ask import Ask
from calcinosis.graph.lexicon import TERMS
from calcinosis.graph.neighbours import around
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.settings import distance
from calcinosis.output.pictures import neighbourhood as layout
from calcinosis.output.pictures import painted_marks as painted
from calcinosis.output.pictures.criteria_matrix import (
    WIDE,
    Cell,
    Matrix,
    Sizes,
    criteria_marks,
    criteria_picture,
)
from calcinosis.reasoning.classify import Classifier

_POINTS_A_PIXEL: Final = 0.75
_MOST: Final = 16


def criteria(ontology: Ontology, form: str) -> bytes:
    """Which criteria each subtype needs by the loaded viewpoint, with their references.

    MissingProgramError for ``png`` where matplotlib is not installed.
    """
    found = matrix(ontology)
    if form == "svg":
        return criteria_picture(found).encode()
    marks, width, height = criteria_marks(found)
    return painted.paint(marks, width, height, form, found.title, _POINTS_A_PIXEL)


def matrix(
    ontology: Ontology, sizes: Sizes = WIDE, address: Callable[[str], str] | None = None
) -> Matrix:
    """The same as values; ``address`` says where the page of an IRI is, for links."""
    classifier = Classifier(ontology)
    links = Links(ontology, classifier.compiled.axioms)
    suffix = f" {ontology.terms.label(names.CALCINOSIS)}"
    columns, rows, cells = dict[str, str](), dict[str, str](), []
    for case_class in classifier.case_classes:
        column = case_class.label.removesuffix(suffix)
        columns[column] = names.CC + case_class.subtype
        for iri in case_class.criteria:
            row = ontology.terms.label(iri)
            rows[row] = iri
            number = case_class.axioms[iri]
            link, taken = links.link(number), classifier.compiled.axioms[number].taken
            cells.append(Cell(row, column, _sources(link, ontology), _told(link, taken)))
    title = f"What each subtype needs, by {ontology.terms.label(ontology.viewpoint_iri)}"
    places = {word: address(iri) for word, iri in {**rows, **columns}.items()} if address else {}
    return Matrix(title, tuple(rows), tuple(columns), tuple(cells), sizes, places)


def _sources(link: Link, ontology: Ontology) -> tuple[str, ...]:
    """The labels of the references behind an axiom, each with how far it was read at most."""
    read: dict[str, list[str]] = {}
    for source in link.sources:
        read.setdefault(source.reference, []).append(source.read)
    return tuple(
        f"{ontology.library.reference(key).label} ({min(how, key=distance)})"
        for key, how in read.items()
    )


def _told(link: Link, taken: str | None) -> str:
    if taken:
        return "taken from the default"
    return "our reading" if link.kind in (READING, EDITORIAL) else ""


def neighbourhood(ask: Ask, term: str, most: int | None, form: str) -> tuple[bytes, str]:
    """What a term is linked with, and what the picture leaves out, in words.

    ``most`` neighbours are shown; without it as many as a page of A4 holds. UsageError for an
    unknown term; MissingProgramError where matplotlib is not installed.
    """
    entry = ask.lexicon.resolve(term, TERMS, "--around")
    library, measure = ask.ontology.library.bibliography, painted.measure()
    for number in (most,) if most else range(_MOST, 0, -1):
        found = around(ask.ontology, ask.lexicon, entry, number)
        drawing = layout.draw(found, library, measure)
        if drawing.height <= layout.HEIGHT:
            break
    drawn = painted.paint(drawing.marks, drawing.width, drawing.height, form, drawing.title)
    shown = len(found.neighbours)
    left_out = f"{shown} of {found.total} neighbours shown; --most N sets how many."
    return drawn, left_out if shown < found.total else ""
