"""Packages: several exports with all that describes them, as one RO-Crate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from calcinosis.export import bibtex, csl
from calcinosis.export.parcel import METADATA, File, Origin, crate, dataset, files_of
from calcinosis.export.selection import Selection
from calcinosis.formats import FORMATS
from calcinosis.graph.locate import data

INCLUDED: Final = ("turtle", "associations-csv", "criteria-csv", "mappings-csv", "sssom", "kgx-tsv")
_DATA: Final = "data"
_CSL: Final = "application/vnd.citationstyles.csl+json"


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
    for form in FORMATS:
        if form.name in INCLUDED:
            yield from files_of(form.files(selection), _DATA, form.purpose, form.media_type)
    references = selection.references
    for name, purpose, media_type, text in (
        ("references.bib", "the references as BibTeX", "application/x-bibtex", bibtex),
        ("references.json", "the references as CSL-JSON", _CSL, csl),
    ):
        yield File(f"{_DATA}/{name}", purpose, media_type, text.write(references).encode())
    licence = data("LICENSE-data").read_bytes()
    yield File(
        "LICENSE-data", "the licence of the data, and of vocabularies", "text/plain", licence
    )
