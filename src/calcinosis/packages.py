"""Packages: several exports with all that describes them, as one RO-Crate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from calcinosis import names
from calcinosis.export import bibtex, csl
from calcinosis.export.parcel import (
    CSL,
    LICENCE,
    METADATA,
    VOCABULARIES,
    File,
    Origin,
    crate,
    dataset,
    files_of,
)
from calcinosis.export.selection import Selection
from calcinosis.formats import FORMATS
from calcinosis.graph.locate import data

INCLUDED: Final = ("turtle", "associations-csv", "criteria-csv", "mappings-csv", "sssom", "kgx-tsv")
OF_CASES: Final = ("verdict-nanopublications", "provenance", "phenopackets")
_WITH_CODES: Final = {"turtle", "mappings-csv", "sssom", "kgx-tsv", "phenopackets"}
_DATA: Final = "data"


def write(selection: Selection) -> Mapping[str, Iterable[bytes]]:
    """The files of the crate: exports, references, licence, dataset.ttl and the metadata file.

    UsageError if SOURCE_DATE_EPOCH is no number.
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


def _content(selection: Selection) -> Iterator[File]:
    cited = {one.key for one in selection.references}
    wanted = (*INCLUDED, *OF_CASES) if selection.explanations else INCLUDED
    for form in FORMATS:
        if form.name in wanted:
            licences = (LICENCE, VOCABULARIES) if form.name in _WITH_CODES else (LICENCE,)
            parts = form.files(selection)
            folder = f"{_DATA}/{form.name}" if form.cases else _DATA
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
