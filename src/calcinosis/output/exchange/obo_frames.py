"""Terms as frames, which is what the formats of the OBO world are made of.

A frame has what these can hold of a class or property: names, definition, codes of others,
parents, simple logical definitions, and the claims about it. What they cannot hold is counted
and said in words, so that it is stated in each file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.triples import Node, Triples
from calcinosis.output.rdf.axioms import MATCHES, Content, content, short
from calcinosis.output.selection import Selection

Detail = tuple[str, str]
"""A property's IRI and a value: an IRI, a CURIE or a text."""

SCOPES: Final = {"BROAD": names.BROAD, "NARROW": names.NARROW, "RELATED": names.RELATED}
SOURCE: Final = names.OBO_IN_OWL + "source"
STATEMENT: Final = names.CC + "statement"
_PARTS: Final = ("Source", "Property", "Target")
_SAID: Final = ("predicate", "object", "context", "mechanism", "editorial", "contested")
_OF_MATCH: Final = tuple(
    names.SSSOM + slot
    for slot in ("mapping_justification", "confidence", "object_source_version", "mapping_set_id")
)
_UNSAFE: Final = frozenset(',[]{}"\\ ')


@dataclass(frozen=True, slots=True)
class Link:
    """A parent or a class that excludes, and what the axiom rests on."""

    target: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A code of another vocabulary: how it matches, its label where that may be said."""

    iri: str
    curie: str
    relation: str
    label: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class ClaimAnnotation:
    """A claim as its term's frame holds it: the statement, its sources, the rest as details."""

    iri: str
    statement: str
    sources: tuple[str, ...]
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One class or property; ``genera`` and ``differentiae``, or ``union``, define it.

    ``synonyms`` are exact; ``scoped`` are others with their scope. ``pieces`` are its parts.
    """

    iri: str
    label: str
    definition: str
    sources: tuple[str, ...]
    synonyms: tuple[str, ...]
    scoped: tuple[tuple[str, str], ...]
    matches: tuple[Match, ...]
    parents: tuple[Link, ...]
    wholes: tuple[Link, ...]
    pieces: tuple[Link, ...]
    disjoint: tuple[Link, ...]
    genera: tuple[str, ...]
    differentiae: tuple[tuple[str, str], ...]
    union: tuple[str, ...]
    claims: tuple[ClaimAnnotation, ...]
    obsolete: bool
    replaced_by: tuple[str, ...]
    consider: tuple[str, ...]


class Frames:
    """All frames of a selection, its header, and what frames cannot hold."""

    def __init__(self, selection: Selection) -> None:
        self.content: Content = content(selection)
        self.triples: Triples = self.content.triples
        self._library = selection.ontology.library.bibliography
        self._prefixes = {"biolink": names.BIOLINK, **mapped.prefixes(selection.ontology.folder)}
        self._annotations = self._read_annotations()
        self._claims: dict[str, list[str]] = {}
        for claim, subjects in self.triples.subjects(names.CC + "subject"):
            self._claims.setdefault(str(subjects[0]), []).append(claim)

    @cached_property
    def classes(self) -> tuple[Frame, ...]:
        """The frames of our classes, in order of their IRIs."""
        return tuple(map(self._frame, self._ours("Class")))

    @cached_property
    def relations(self) -> tuple[Frame, ...]:
        """The frames of our object properties, and of those for parts."""
        parts = [names.PART_OF] if any(frame.wholes for frame in self.classes) else []
        parts += [names.HAS_PART] if any(frame.pieces for frame in self.classes) else []
        return tuple(map(self._frame, [*self._ours("ObjectProperty"), *parts]))

    @cached_property
    def notes(self) -> tuple[Frame, ...]:
        """The frames of our annotation properties that frames use."""
        return tuple(
            self._frame(iri) for iri in self._ours("AnnotationProperty") if iri == STATEMENT
        )

    def header(self, predicate: str) -> str:
        """The first text that the ontology's header has of a property."""
        found = (self.triples.objects(self.content.header, predicate) or [""])[0]
        return found if isinstance(found, str) else found.value

    @cached_property
    def losses(self) -> tuple[str, ...]:
        """What is in the ontology and in no frame, a sentence each."""
        t = self.triples
        told = [f for f in self.classes if f.genera or f.union]
        defined = {s for s, _ in t.subjects(names.OWL + "equivalentClass")}
        inclusions = [s for s, _ in t.subjects(names.SUBCLASS) if s.startswith("_:")]
        wide = [v for f in self.classes for v in t.iris(f.iri, names.SUBCLASS) if v[:2] == "_:"]
        parts = sum(len(frame.wholes) + len(frame.pieces) for frame in self.classes)
        claims = {s for s, _ in t.subjects(names.CC + "subject")}
        kept = {claim.iri for frame in self.classes for claim in frame.claims}
        counts = (
            (len(defined) - len(told), "logical definitions with complements or nested unions"),
            (len(wide) - parts, "superclasses that are expressions"),
            (len(inclusions), "general class inclusions (the sufficient criteria of case classes)"),
            (len(claims - kept), "claims about what is no class"),
        )
        return (
            *(f"Left out: {count} {what}." for count, what in counts if count),
            "Left out: what logical definitions and exclusions rest on; which subtype a case class"
            " is of; what a criterion asks for; orders, hints and flags for programs.",
            "Left out: analytes with their intervals; of references all but PMID, DOI or URL.",
            "Nothing is left out of the formats turtle, owl, jsonld and trig.",
        )

    # -- one frame -----------------------------------------------------------------------

    def _ours(self, kind: str) -> list[str]:
        return sorted(i for i in self.triples.instances(names.OWL + kind) if i.startswith(names.CC))

    def _frame(self, iri: str) -> Frame:
        t = self.triples
        genera, differentiae, union = self._defined(iri)
        up = (names.SUBCLASS, names.SUBPROPERTY)
        return Frame(
            iri=iri,
            label=t.text(iri, names.LABEL) or names.local(iri),
            definition=t.text(iri, names.DEFINITION) or "",
            sources=tuple(map(self._source, t.iris(iri, names.DEFINED_BY))),
            synonyms=tuple(sorted(t.texts(iri, names.EXACT))),
            scoped=tuple((k, w) for k, p in SCOPES.items() for w in sorted(t.texts(iri, p))),
            matches=tuple(self._matches(iri)),
            parents=tuple(link for p in up for link in self._links(iri, p)),
            wholes=tuple(self._parts(iri, names.PART_OF)),
            pieces=tuple(self._parts(iri, names.HAS_PART)),
            disjoint=tuple(self._links(iri, names.OWL + "disjointWith")),
            genera=genera,
            differentiae=differentiae,
            union=union,
            claims=tuple(map(self._claim, sorted(self._claims.get(iri, ())))),
            obsolete=t.text(iri, names.DEPRECATED) == "true",
            replaced_by=tuple(sorted(t.iris(iri, names.REPLACED_BY))),
            consider=tuple(sorted(t.iris(iri, names.CONSIDER))),
        )

    def _read_annotations(self) -> dict[tuple[str, str, Node], str]:
        t = self.triples
        source, predicate, target = (names.OWL + f"annotated{p}" for p in _PARTS)
        return {
            (about[0], t.iri(node, predicate) or "", t.objects(node, target)[0]): node  # type: ignore[misc]
            for node, about in t.subjects(source)
        }

    def _links(self, iri: str, predicate: str) -> Iterator[Link]:
        for target in sorted(self.triples.iris(iri, predicate)):
            if not target.startswith("_:"):
                node = self._annotations.get((iri, predicate, target), "")
                yield Link(target, tuple(self._support(node)))

    def _parts(self, iri: str, way: str) -> Iterator[Link]:
        """What a class is part of, or has as part."""
        t = self.triples
        for node in t.iris(iri, names.SUBCLASS):
            if t.iri(node, names.ON_PROPERTY) == way:
                about = self._annotations.get((iri, names.SUBCLASS, node), "")
                yield Link(t.iri(node, names.SOME) or "", tuple(self._support(about)))

    def _support(self, node: str) -> Iterator[Detail]:
        """What an axiom rests on: claims, their citations, and what is our own reading."""
        t = self.triples
        if t.text(node, names.OBO_IN_OWL + "is_inferred"):
            yield names.OBO_IN_OWL + "is_inferred", "true"
        for reason in t.texts(node, names.CC + "editorial"):
            yield names.CC + "editorial", reason
        claims = sorted(t.iris(node, names.CC + "restsOn"))
        yield from ((names.CC + "restsOn", claim) for claim in claims)
        found = (detail for claim in claims for detail in self._citations(claim))
        yield from dict.fromkeys(found)

    def _citations(self, claim: str) -> Iterator[Detail]:
        t = self.triples
        for relation, key in ((names.EVIDENCE, SOURCE), (names.DISPUTES, names.DISPUTES)):
            for reference in sorted(t.iris(claim, relation)):
                source = self._source(reference)
                yield key, source
                node = self._annotations.get((claim, relation, reference), "")
                for read in t.texts(node, names.CC + "read"):
                    yield names.CC + "read", f"{source} {read}"
                for study in t.texts(reference, names.CC + "studyType"):
                    yield names.CC + "studyType", f"{source} {study}"

    def _source(self, reference: str) -> str:
        """A reference as PMID, DOI or URL, whichever it has first, or as our identifier."""
        if reference == names.OWN_WORDS:
            return f"calcinosis:{names.local(reference)}"
        found = self._library[names.local(reference)]
        if found.pmid:
            return f"PMID:{found.pmid}"
        if found.doi:
            return f"doi:{found.doi}"
        if found.uri and _UNSAFE.isdisjoint(found.uri):
            return found.uri
        return f"calcinosis:reference/{found.key}"

    def _claim(self, claim: str) -> ClaimAnnotation:
        t = self.triples
        details = list(self._citations(claim))
        said = (
            (names.CC + word, value if isinstance(value, str) else value.value)
            for word in _SAID
            for value in t.objects(claim, names.CC + word)
        )
        sides = (
            (names.CC + "contestedBy", other) for other in t.iris(claim, names.CC + "contestedBy")
        )
        return ClaimAnnotation(
            claim,
            t.text(claim, STATEMENT) or t.text(claim, names.LABEL) or names.local(claim),
            tuple(value for key, value in details if key == SOURCE),
            (*said, *sides, *details),
        )

    def _matches(self, iri: str) -> Iterator[Match]:
        t = self.triples
        for relation in MATCHES:
            for other in sorted(t.iris(iri, relation)):
                node = self._annotations.get((iri, relation, other), "")
                details = (
                    (slot, value if isinstance(value, str) else value.value)
                    for slot in (*_OF_MATCH, names.RDFS + "comment")
                    for value in t.objects(node, slot)
                )
                label = t.text(other, names.LABEL) or ""
                yield Match(other, self._curie(other), relation, label, tuple(details))

    def _curie(self, iri: str) -> str:
        return short(iri, self._prefixes)

    def _defined(
        self, iri: str
    ) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]:
        """Genera and differentiae, or a union of named classes; empty where it is neither."""
        t = self.triples
        for node in t.iris(iri, names.OWL + "equivalentClass"):
            union = t.iri(node, names.OWL + "unionOf")
            members = [m for m in t.members(union) if isinstance(m, str)] if union else []
            if members and not any(m.startswith("_:") for m in members):
                return (), (), tuple(members)
            both = t.iri(node, names.OWL + "intersectionOf")
            parts = [m for m in t.members(both) if isinstance(m, str)] if both else []
            genera = tuple(part for part in parts if not part.startswith("_:"))
            some = [self._some(part) for part in parts if part.startswith("_:")]
            if genera and len(parts) > 1 and all(some):
                return genera, tuple(pair for pair in some if pair), ()
        return (), (), ()

    def _some(self, node: str) -> tuple[str, str] | None:
        link = self.triples.iri(node, names.OWL + "onProperty")
        filler = self.triples.iri(node, names.OWL + "someValuesFrom")
        return (link, filler) if link and filler and not filler.startswith("_:") else None
