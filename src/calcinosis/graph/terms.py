"""Terms: what a label, synonym, class name or mapped CURIE stands for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, get_args

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.graph.codes import ICD, as_curie, codes, icd_headers, in_block
from calcinosis.graph.triples import Triples, reached

_SET = re.compile(r'^#\s*mapping_set_id:\s*"?([^"\s]+)', re.MULTILINE)
CLOSE: Final = 1
_NARROW: Final = 2
_OBSOLETE: Final = "obsolete "
_RESOLVING = {"skos:exactMatch": 0, "skos:closeMatch": 1, "skos:narrowMatch": 2}


FactKind = Literal["condition", "intervention", "finding"]
Kind = Literal[FactKind, "criterion", "subtype", "analyte", "other"]
FACT_KINDS: Final[tuple[FactKind, ...]] = get_args(FactKind)


@dataclass(frozen=True, slots=True)
class Term:
    """One class of the ontology as people meet it."""

    iri: str
    id: str
    label: str
    kind: Kind
    definition: str
    synonyms: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One SSSOM row: our class, how it matches, and the foreign identifier.

    ``file`` and ``set`` (its IRI) are the mapping set; ``version`` is that of the vocabulary.
    """

    subject: str
    predicate: str
    object: str
    label: str
    confidence: str
    file: str
    justification: str = ""
    version: str = ""
    comment: str = ""
    set: str = ""


class Terms:
    """All terms of a loaded ontology and the ways to find one."""

    def __init__(
        self,
        triples: Triples,
        mappings: Iterable[Path] = (),
        narrower: Iterable[Path] = (),
        replaced: Iterable[Path] = (),
    ) -> None:
        """``narrower`` are mapping sets of further, narrower terms, which are no part of ours.

        ``replaced`` are those of obsolete codes and what their vocabularies replace them by.
        """
        self._triples = triples
        self._narrower_files = tuple(narrower)
        self._replaced_files = tuple(replaced)
        self._mapping_files = tuple(mappings)
        self._kinds: dict[str, Kind] = {
            names.CONDITION: "condition",
            names.INTERVENTION: "intervention",
            names.FINDING: "finding",
            names.CC + "Criterion": "criterion",
        }
        self._parents: dict[str, tuple[str, ...]] = {}
        owl_class = names.OWL + "Class"
        self._obsolete = {
            iri: triples.iris(iri, names.REPLACED_BY)
            for iri, _ in triples.subjects(names.DEPRECATED)
        }
        for iri, types in triples.subjects(names.TYPE):
            if owl_class in types and iri.startswith(names.CC) and iri not in self._obsolete:
                self._parents[iri] = triples.above(iri)
        self.case_classes = frozenset(iri for iri, _ in triples.subjects(names.CC + "caseOf"))
        # Marked ones too: a subtype of another viewpoint is no fact under this one either.
        self._subtypes = {iri for iri, _ in triples.subjects(names.CC + "isSubtype")} | {
            target
            for _, objects in triples.subjects(names.CC + "caseOf")
            for target in objects
            if isinstance(target, str)
        }

    def __iter__(self) -> Iterator[Term]:
        return (self.term(iri) for iri in self._parents)

    def iris(self) -> Iterator[str]:
        """The IRIs of all classes."""
        return iter(self._parents)

    def __len__(self) -> int:
        return len(self._parents)

    def __contains__(self, iri: str) -> bool:
        return iri in self._parents

    def kind(self, iri: str) -> Kind:
        """The kind of a class, inherited from the nearest root above it."""
        known = self._kinds.get(iri)
        if known is None:
            if iri in self._subtypes or any(
                self.kind(p) == "subtype" for p in self._parents.get(iri, ())
            ):
                known = "subtype"
            else:
                kinds = [self.kind(parent) for parent in self._parents.get(iri, ())]
                known = next((k for k in kinds if k != "other"), None) or "other"
            self._kinds[iri] = known
        return known

    def term(self, iri: str) -> Term:
        """The term of a class IRI; KeyError if there is none."""
        parents = self._parents[iri]
        return Term(
            iri=iri,
            id=names.local(iri),
            label=self.label(iri),
            kind=self.kind(iri),
            definition=self._triples.text(iri, names.DEFINITION) or "",
            synonyms=self.called(iri)[1:],
            parents=parents,
        )

    def label(self, iri: str) -> str:
        """The words for any resource: its preferred label, its label, or its IRI's local part.

        A class of cases is labelled as such, and has a preferred label that sentences can use.
        """
        text = self._triples.text
        return text(iri, names.PREFERRED) or text(iri, names.LABEL) or names.local(iri)

    def called(self, iri: str) -> tuple[str, ...]:
        """All names that stand for a class and nothing else, the words for it first."""
        kinds = (names.PREFERRED, names.LABEL, names.SYNONYM)
        return tuple(word for kind in kinds for word in self._triples.texts(iri, kind))

    def scoped(self, predicate: str) -> Iterator[tuple[str, str]]:
        """The classes with their synonyms of one scope, such as ``names.BROAD``."""
        for iri, _ in self._triples.subjects(predicate):
            for word in self._triples.texts(iri, predicate) if iri in self._parents else ():
                yield iri, word

    def sort_order(self, iri: str) -> int:
        """Where a term stands in a list for readers; 99 if nothing is said."""
        return int(self._triples.text(iri, names.CC + "sortOrder") or 99)

    def states_absence(self, iri: str) -> bool:
        """Whether a criterion is met by something being absent."""
        return self._triples.text(iri, names.CC + "statesAbsence") == "true"

    def denied_by(self, iri: str) -> list[str]:
        """The findings that a finding says to be absent, such as a level that is normal."""
        return list(self._triples.iris(iri, names.CC + "deniesFinding"))

    def parents(self, iri: str) -> tuple[str, ...]:
        """The named classes directly above a class; of a part, its whole."""
        return self._parents.get(iri, ())

    def ancestors(self, iri: str) -> set[str]:
        """All classes above a class, itself included."""
        return reached([iri], lambda one: self._parents.get(one, ()))

    def below(self, iri: str) -> int:
        """How many classes are below a class: the general has more; none of what is no class."""
        return len(reached([iri], lambda one: self.children.get(one, ()))) - 1

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """Direct subclasses by class IRI."""
        below: dict[str, list[str]] = {}
        for iri, parents in self._parents.items():
            for parent in parents:
                below.setdefault(parent, []).append(iri)
        return below

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for iri in self._parents:
            for word in {names.normal(word) for word in (names.local(iri), *self.called(iri))}:
                index.setdefault(word, []).append(iri)
        for old, new in self._obsolete.items():
            for word in (names.local(old), self.label(old).removeprefix(_OBSOLETE)):
                index.setdefault(names.normal(word), []).extend(new)
        return {word: list(dict.fromkeys(iris)) for word, iris in index.items() if iris}

    @cached_property
    def _by_bare_name(self) -> dict[str, list[str]]:
        return names.by_bare(self._by_name)

    @cached_property
    def mappings(self) -> tuple[Mapping, ...]:
        """All rows of the SSSOM files; OntologyError naming the file that is no such table."""
        return tuple(row for path in self._mapping_files for row in _mappings(path))

    @cached_property
    def _by_curie(self) -> dict[str, dict[int, set[str]]]:
        index: dict[str, dict[int, set[str]]] = {}
        for row in (*self.mappings, *self.narrower):
            iri = names.CC + row.subject.removeprefix("calc:")
            found = index.setdefault(row.object.casefold(), {})
            found.setdefault(rank(row.predicate), set()).add(iri)
        return index

    @cached_property
    def narrower(self) -> tuple[Mapping, ...]:
        """All rows of the sets of narrower terms."""
        return tuple(row for path in self._narrower_files for row in _mappings(path))

    @cached_property
    def _replaced(self) -> dict[str, str]:
        rows = (row for path in self._replaced_files for row in _mappings(path))
        return {row.subject.casefold(): row.object for row in rows}

    def replacement(self, text: str) -> str:
        """The code that replaces an obsolete one; empty where ``text`` is no such code."""
        curie = as_curie(text)
        return self._replaced.get(":".join(curie).casefold(), "") if curie else ""

    def instead(self, text: str) -> tuple[str, ...]:
        """The labels to consider for an obsolete term that nothing replaces; none for another."""
        asked = names.normal(text.strip().removeprefix(names.CC).removeprefix("calc:"))
        for old in self._obsolete:
            called = (names.local(old), self.label(old), self.label(old).removeprefix(_OBSOLETE))
            if asked in map(names.normal, called):
                return tuple(map(self.label, self._triples.iris(old, names.CONSIDER)))
        return ()

    @cached_property
    def _blocks(self) -> list[tuple[str, str, set[str]]]:
        """The blocks of ICD-10 that are mapped: vocabulary, block, and our classes."""
        found = []
        for curie, ranks in self._by_curie.items():
            prefix, _, block = curie.partition(":")
            iris = {iri for one in ranks if one <= _NARROW for iri in ranks[one]}
            if "-" in block and iris and prefix in map(str.casefold, ICD):
                found.append((prefix, block.upper(), iris))
        return found

    def foreign_names(self) -> Iterator[tuple[str, str, bool]]:
        """The labels of mapped codes: label, our class, and whether the code is narrower."""
        for row in (*self.mappings, *self.narrower):
            iri = names.CC + row.subject.removeprefix("calc:")
            if row.label and rank(row.predicate) <= _NARROW and iri in self._parents:
                yield row.label, iri, rank(row.predicate) == _NARROW

    def by_code(self, prefix: str, identifier: str) -> tuple[list[str], bool]:
        """Our classes for a code, and whether it is only narrower than they are.

        A code of ICD-10 that is not mapped is read by its header or block, where that is mapped.
        """
        found = self.find(f"{prefix}:{identifier}")
        if found:
            return found, self.is_narrower(f"{prefix}:{identifier}")
        if prefix not in ICD or self.broader_than(f"{prefix}:{identifier}"):
            return [], False
        for header, is_all in icd_headers(identifier):
            found = self.find(f"{prefix}:{header}")
            if found:
                return found, not is_all or self.is_narrower(f"{prefix}:{header}")
            if self.broader_than(f"{prefix}:{header}"):
                return [], False
        blocks = [
            (block, iris)
            for vocabulary, block, iris in self._blocks
            if vocabulary == prefix.casefold() and in_block(identifier, block)
        ]
        smallest = min(blocks, key=lambda one: _size(one[0]), default=("", set()))
        return sorted(smallest[1]), True

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The findings (IRIs) that a definition asks for, and all kinds of them."""
        triples = self._triples
        asked: set[str] = set()
        for _, targets in triples.subjects(names.OWL + "someValuesFrom"):
            for target in targets:
                parts = [target]
                for form in ("unionOf", "intersectionOf"):
                    head = triples.iri(str(target), names.OWL + form)
                    parts += triples.members(head) if head else []
                asked.update(part for part in parts if isinstance(part, str))
        found = reached(asked, lambda one: self.children.get(one, ()))
        return frozenset(iri for iri in found if iri in self and self.kind(iri) == "finding")

    def find(self, text: str, furthest: int = 2) -> list[str]:
        """The IRIs of the classes that ``text`` names; several when it is ambiguous.

        A name or IRI of an obsolete term is read as the term that replaces it, if one does.

        ``text`` is a label or synonym in any case, with or without its hyphens and accents, a
        class name, one of our IRIs or CURIEs, or a CURIE of a mapped vocabulary (an exact match
        before a close one, before one that is narrower than our class; a code that is broader
        never stands for it). ``furthest`` is the rank of the last match that counts.
        """
        found = self._by_name.get(names.normal(text))
        if found:
            return found
        curie = as_curie(text)
        if curie is None:
            return self._by_bare_name.get(names.bare(text), [])
        prefix, identifier = curie
        if prefix == "calc":
            iri = names.CC + identifier
            return [iri] if iri in self._parents else self._obsolete.get(iri, [])
        code = f"{prefix}:{identifier}"
        ranks = self._by_curie.get((self.replacement(code) or code).casefold(), {})
        counting = [one for one in sorted(ranks) if one <= furthest]
        return sorted(ranks[counting[0]]) if counting else []

    def is_narrower(self, text: str) -> bool:
        """Whether ``text`` is a code that is only narrower than the classes it stands for.

        Who has it has what our class names; who has it not may still have that. An obsolete code
        may have meant less than what replaces it.
        """
        is_far = bool(self.replacement(text)) or not self.find(text, CLOSE)
        return is_far and bool(self.find(text))

    def by_bare_code(self, code: str) -> list[str]:
        """The IRIs of the classes for which a code of any vocabulary stands, without its prefix."""
        wanted = code.strip().casefold()
        known = [curie for curie in self._by_curie if curie.partition(":")[2] == wanted]
        return sorted({iri for curie in known for iri in self.find(curie)})

    def broader_than(self, text: str) -> list[str]:
        """Our classes for which a code, bare or with its prefix, is only a broader one."""
        given = as_curie(text)
        curies = [given] if given else [one for code in codes(text) for one in code.curies]
        found = (self._by_curie.get(":".join(curie).casefold(), {}) for curie in curies)
        return sorted({iri for ranked in found for iri in ranked.get(3, ())})


def _size(block: str) -> tuple[int, int]:
    start, _, end = block.partition("-")
    return ord(end[0]) - ord(start[0]), int(end[1:], 36) - int(start[1:], 36)


def rank(predicate: str) -> int:
    """How near a match is: 0 exact, 1 close, 2 narrow; 3 for what never stands for our class."""
    return _RESOLVING.get(predicate, 3)


def _mappings(path: Path) -> list[Mapping]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            text = lines.read()
            said = _SET.search(text)
            table = csv.DictReader(
                (line for line in io.StringIO(text, newline="") if not line.startswith("#")),
                delimiter="\t",
                restval="",
            )
            return [
                Mapping(
                    row["subject_id"],
                    row["predicate_id"],
                    row["object_id"],
                    row.get("object_label", ""),
                    row.get("confidence", ""),
                    path.name,
                    row.get("mapping_justification", ""),
                    row.get("object_source_version", ""),
                    row.get("comment", ""),
                    said[1] if said else "",
                )
                for row in table
            ]
    except KeyError as error:
        raise OntologyError(f"the column {error} is missing", str(path), _RESTORE) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = f"the mappings cannot be read ({error})"
        raise OntologyError(what, str(path), _RESTORE) from error


_RESTORE = "Restore the file from the repository"
