"""A bibliography: references as a value that writes itself in the forms others read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, overload

from calcinosis import names
from calcinosis.errors import InputError, UnknownNameError, nearest
from calcinosis.graph import cited
from calcinosis.graph.claims import Reference
from calcinosis.graph.ontology import Ontology
from calcinosis.output.references.lines import html_list, plain_list
from calcinosis.output.references.styles import PLAIN

if TYPE_CHECKING:
    from calcinosis.reasoning.verdict import CaseVerdict

_NAMED: Final = 5  # at a prompt; ``keys`` has all


class Bibliography(Sequence[Reference]):
    """References in order of their keys; a sequence of Reference values.

    ``refused`` holds the inputs that could not be read where it was asked for by cases.
    """

    def __init__(
        self, references: Iterable[Reference], refused: tuple[InputError, ...] = ()
    ) -> None:
        self._references = tuple(sorted(references, key=lambda reference: reference.key))
        self.refused = refused

    @classmethod
    def of(
        cls,
        library: Mapping[str, Reference],
        keys: Iterable[str],
        refused: tuple[InputError, ...] = (),
    ) -> Bibliography:
        """The references with these keys, CURIEs or IRIs, none if there are none.

        UsageError for an unknown one.
        """
        return cls((_found(library, key) for key in set(map(names.key, keys))), refused)

    @overload
    def __getitem__(self, index: int) -> Reference: ...
    @overload
    def __getitem__(self, index: slice) -> Bibliography: ...
    def __getitem__(self, index: int | slice) -> Reference | Bibliography:
        if isinstance(index, slice):
            return Bibliography(self._references[index])
        return self._references[index]

    def __len__(self) -> int:
        return len(self._references)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Bibliography):
            return self._references == other._references
        return list(self._references) == other

    def __hash__(self) -> int:
        return hash(self._references)

    def __repr__(self) -> str:
        more = f" and {len(self) - _NAMED} more" if len(self) > _NAMED else ""
        return f"Bibliography of {len(self)}: {', '.join(self.keys[:_NAMED])}{more}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the references, such as ``reiter-2011``."""
        return tuple(reference.key for reference in self)

    def text(self, style: str = PLAIN) -> str:
        """The references as text, one line each.

        ``style`` is ``plain`` (a line with the key, without a citation processor), the name of a
        CSL style that comes with the package (``calcinosis cite --help`` lists them), or the path
        of any other CSL file. UsageError for an unknown or unreadable style.
        """
        if style == PLAIN:
            return plain_list(self)
        from calcinosis.output.references.formatted import write

        return write(self, style)

    def bibtex(self) -> str:
        """The references as BibTeX (UTF-8), for LaTeX, R, pandoc and reference managers."""
        from calcinosis.output.references.bibtex import write

        return write(self)

    def ris(self) -> str:
        """The references as RIS, for reference managers."""
        from calcinosis.output.references.ris import write

        return write(self)

    def csl_json(self) -> str:
        """The references as CSL-JSON, for Zotero, pandoc and citation processors."""
        from calcinosis.output.references.csl import write

        return write(self)

    def _repr_html_(self) -> str:
        return html_list(self)


def everything(ontology: Ontology) -> Bibliography:
    """Every reference of an ontology."""
    return Bibliography(ontology.library.bibliography.values())


def gather(
    ontology: Ontology,
    *,
    keys: Iterable[str] = (),
    subtypes: Iterable[str] = (),
    terms: Iterable[str] = (),
    verdicts: Iterable[CaseVerdict] = (),
    below: bool = False,
    refused: tuple[InputError, ...] = (),
) -> Bibliography:
    """The references with these keys, and those that carry subtypes, terms (IRIs) and verdicts.

    UsageError for an unknown key.
    """
    found = set(keys)
    for subtype in subtypes:
        found |= cited.by_subtype(ontology, subtype)
    for term in terms:
        found |= cited.by_term(ontology, term, below=below)
    for verdict in verdicts:
        found.update(verdict.cited)
    return Bibliography.of(ontology.library.bibliography, found, refused)


def _found(library: Mapping[str, Reference], key: str) -> Reference:
    if key in library:
        return library[key]
    hint = nearest(key, library, otherwise="'calcinosis cite' lists them all")
    raise UnknownNameError(f"there is no reference {key!r}", "", hint)
