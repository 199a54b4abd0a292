"""Packages: several exports with all that describes them, as one RO-Crate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from calcinosis import names
from calcinosis.errors import UsageError
from calcinosis.graph.locate import data
from calcinosis.output.crate import (
    CSL,
    METADATA,
    VOCABULARIES,
    File,
    Origin,
    crate,
    dataset,
    files_of,
)
from calcinosis.output.formats import FORMATS, PACKAGES, Format, find
from calcinosis.output.references import bibtex, csl
from calcinosis.output.selection import Files, Selection, Writer

INCLUDED: Final = ("turtle", "associations-csv", "criteria-csv", "mappings-csv", "sssom", "kgx-tsv")
OF_CASES: Final = ("verdict-nanopublications", "provenance", "phenopackets", "cases-turtle")
# What holds no code of another vocabulary; all else names their terms as well.
_OURS_ALONE: Final = {"associations-csv", "criteria-csv", "provenance", "verdict-nanopublications"}
_DATA: Final = "data"


def write(selection: Selection) -> Files:
    """The files of the crate: exports, references, licence, dataset.ttl and the metadata file.

    UsageError if SOURCE_DATE_EPOCH is no number, and for a format that cannot be included.
    """
    origin = Origin.of(selection)
    content = tuple(_content(selection))
    described = File(
        "dataset.ttl",
        "what the files are and what is in them (VoID, DCAT)",
        "text/turtle",
        dataset(content, origin).encode(),
    )
    files = (*content, described)
    metadata = File(METADATA, "", "application/ld+json", crate(files, origin).encode())
    return {file.name: (file.content,) for file in (metadata, *files)}


def _wanted(selection: Selection) -> list[Format]:
    """The formats of the package, in the order of the registry."""
    chosen = [find(name) for name in selection.include]
    for form in chosen:
        if form.group == PACKAGES:
            raise UsageError(
                f"{form.name} holds formats, and cannot be one", "--include", "Leave it out"
            )
    wanted = {form.name for form in chosen} or set(INCLUDED)
    if selection.explanations and not chosen:
        wanted.update(OF_CASES)
    return [form for form in FORMATS if form.name in wanted]


def _content(selection: Selection) -> Iterator[File]:
    cited = {one.key for one in selection.references}
    taken: set[str] = set()
    for form in _wanted(selection):
        licences = (names.LICENCE,) if form.name in _OURS_ALONE else (names.LICENCE, VOCABULARIES)
        parts = form.files(replace(selection, include=()))
        own = form.cases or not taken.isdisjoint(parts)
        taken |= set() if own else set(parts)
        folder = f"{_DATA}/{form.name}" if own else _DATA
        for file in files_of(parts, folder, form.purpose, form.media_type, licences):
            cited |= file.described(names.REF)
            yield file
    library = selection.ontology.library.bibliography
    references = [library[key] for key in sorted(cited) if key in library]
    for name, purpose, media_type, text in (
        ("references.bib", "the references as BibTeX", "application/x-bibtex", bibtex),
        ("references.json", "the references as CSL-JSON", CSL, csl),
    ):
        yield File(f"{_DATA}/{name}", purpose, media_type, text.write(references).encode())
    licence = data("LICENSE-data").read_bytes()
    purpose = "the licence of the data, and the terms of the vocabularies"
    yield File(VOCABULARIES, purpose, "text/plain", licence)


WRITERS: Final[Mapping[str, Writer]] = {"ro-crate": write}
