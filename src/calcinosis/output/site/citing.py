"""How to cite the graph, or one thing in it, as a reference like any other."""

from __future__ import annotations

from calcinosis import names
from calcinosis.graph.claims import Author, Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.output.references.lines import plain


def graph(ontology: Ontology) -> Reference:
    """The graph as a whole."""
    return _reference(ontology, "calcinosis", names.ONTOLOGY, _title(ontology), "")


def thing(ontology: Ontology, iri: str, words: str) -> Reference:
    """One term or claim of the graph."""
    key = iri.removeprefix(names.CC).replace("/", "-")
    return _reference(ontology, f"calcinosis-{key}", iri, words, _title(ontology))


def in_words(reference: Reference) -> str:
    """It in one line."""
    return plain(reference)


def _title(ontology: Ontology) -> str:
    said = ontology.root.text(names.ONTOLOGY, names.DCTERMS + "title") or "Calcinosis ontology"
    return f"{said}, version {ontology.version}"


def _reference(ontology: Ontology, key: str, iri: str, title: str, container: str) -> Reference:
    creator = ontology.root.text(names.ONTOLOGY, names.DCTERMS + "creator") or ""
    issued = ontology.root.text(names.ONTOLOGY, names.DCTERMS + "issued") or ""
    return Reference(
        key=key,
        kind="WebPage",
        label=title,
        title=title,
        authors=(Author(creator, corporate=True),) if creator else (),
        more_authors=False,
        editors=(),
        more_editors=False,
        container=container,
        year=int(issued[:4]) if issued[:4].isdigit() else None,
        volume="",
        issue="",
        first_page="",
        last_page="",
        edition="",
        publisher="",
        place="",
        doi="",
        pmid="",
        pmcid="",
        uri=iri,
        study_type="",
        seed_number=None,
        comment="",
    )
