"""Files of RDF: how they end, how they begin, and the patients in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from calcinosis.errors import InputError
from calcinosis.facts.raw import RawCase

RDF: Final = (".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf", ".xml", ".owl")
"""Their endings. They are read where they are named; a folder may hold an ontology."""


def is_rdf(text: str, kind: str) -> bool:
    """Whether a text without a name is RDF other than JSON-LD, or is said to be RDF."""
    from calcinosis.facts.records.rdf_text import told

    return kind == "rdf" or (kind == "" and told(text) is not None)


def rdf_document(
    text: str, where: str, suffix: str = "", kind: str = "rdf"
) -> Iterator[RawCase | InputError]:
    """The patients in a text that is RDF by the ending of its name, or as it begins.

    InputError where it is said to be another ``kind`` of records, or is no RDF.
    """
    if kind not in ("", "rdf"):
        what = f"this is RDF, which is no record that --from {kind} could read"
        raise InputError(what, where, "Leave --from out")
    from calcinosis.facts.records.rdf import rdf_cases
    from calcinosis.facts.records.rdf_text import form_of

    yield from rdf_cases(text, form_of(suffix, text), where)
