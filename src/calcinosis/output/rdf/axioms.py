"""What an ontology export holds: canonical quads, whole or a module, asserted or with what follows.

A module is what was selected and all that this needs: the terms with those above them, the
axioms between them, the claims that these axioms rest on, and the references of the claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
)

from calcinosis import names
from calcinosis.graph import mapped
from calcinosis.graph.inferred import inferred
from calcinosis.graph.locate import GRAPH_OF
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.settings import Settings
from calcinosis.graph.triples import Node, Triples, node_of, term_of
from calcinosis.output.rdf.module import Module, Statement, needed
from calcinosis.output.rdf.turtle import PREFIXES
from calcinosis.output.selection import Selection
from calcinosis.reasoning.classify import Classifier

GRAPHS: Final = ("ontology", "associations", "references", "mappings", "inferred")
IS_INFERRED: Final = names.OBO_IN_OWL + "is_inferred"
HEADER: Final = names.OWL + "Ontology"
MATCHES: Final = tuple(
    names.SKOS + f"{way}Match" for way in ("exact", "close", "broad", "narrow", "related")
)
_SOURCE, _PROPERTY, _TARGET = (
    names.OWL + part for part in ("annotatedSource", "annotatedProperty", "annotatedTarget")
)
_BUILT_IN: Final = (names.RDF, names.RDFS, names.OWL)
_DEFAULT: Final = NamedNode(names.GRAPH + "ontology")


@dataclass(frozen=True)
class Content:
    """The quads of an export, whose blank nodes have canonical names, and prefixes for them."""

    quads: Dataset
    prefixes: Mapping[str, str]

    @cached_property
    def union(self) -> Dataset:
        """All triples in one graph."""
        return Dataset(Quad(q.subject, q.predicate, q.object) for q in self.quads)

    @cached_property
    def triples(self) -> Triples:
        """All triples in plain dictionaries, in order."""
        found = Triples()
        for quad in sorted(self.union, key=str):
            about = found.by_subject.setdefault(_plain(quad.subject), {})
            value = quad.object if isinstance(quad.object, Literal) else _plain(quad.object)
            about.setdefault(quad.predicate.value, []).append(value)
        return found

    @cached_property
    def header(self) -> str:
        """The IRI of the ontology that the export is."""
        return self.triples.instances(HEADER)[0]

    def graphs(self) -> dict[NamedNode, Dataset]:
        """The named graphs that hold something, in order."""
        found: dict[NamedNode, list[Quad]] = {}
        for quad in self.quads:
            found.setdefault(NamedNode(quad.graph_name.value), []).append(quad)
        order = (NamedNode(names.GRAPH + name) for name in GRAPHS)
        return {
            name: Dataset(Quad(q.subject, q.predicate, q.object) for q in found[name])
            for name in order
            if name in found
        }


def content(selection: Selection) -> Content:
    """All that an ontology format says of a selection."""
    ontology = selection.ontology
    modules = _modules(ontology)
    prefixes = mapped.prefixes(ontology.folder)
    gone = _left_out(ontology)
    everything = Triples.joined(*modules.values())
    kept = None if selection.is_whole else needed(selection, everything)
    module = Module(everything, gone, kept)
    graphs = {name: list(module.statements(triples)) for name, triples in modules.items()}
    graphs["mappings"] = list(_mappings(selection, module))
    if selection.inferred:
        graphs["inferred"] = list(_inferred(modules["ontology"], gone, module))
    for found in (graphs["ontology"], graphs["mappings"]):
        found += list(_for_obo_tools(found, {**PREFIXES, **prefixes}))
    graphs["ontology"] += _declarations(graphs)
    graphs["ontology"] += _header(selection, graphs)
    extra = {"graph": names.GRAPH, "sssom": names.SSSOM, "semapv": names.SEMAPV}
    extra["oboInOwl"] = names.OBO_IN_OWL
    return Content(_canonical(graphs), {**PREFIXES, **extra, **prefixes})


@lru_cache(maxsize=1)  # one export often follows another
def _modules(ontology: Ontology) -> dict[str, Triples]:
    """The modules without their headers, by named graph, under the one viewpoint."""
    found = {name: Triples() for name in GRAPHS[:3]}
    for path in ontology.files():
        if path.parent.name != "viewpoints" or path.stem == ontology.viewpoint:
            found[GRAPH_OF.get(path.stem, "ontology")].read(path)
    for one in ontology.overlays:
        for number, (part, added) in enumerate(one.counted(ontology.viewpoint)):
            name = GRAPH_OF.get(part, "ontology")
            found[name].add(added, Path(f"{part}-{number}-{one.sha256}"))
    for triples in found.values():
        for header in triples.instances(HEADER):
            del triples.by_subject[header]
    return found


def _left_out(ontology: Ontology) -> set[Statement]:
    """The triples of the axioms and citations that the settings leave out."""
    if ontology.leaves_nothing_out:
        return set()
    gone: set[Statement] = {a.triple for a in Classifier(ontology).left_out if a.triple}
    stated = ontology.leaving_out(Settings(with_retracted=True))
    pairs = ((stated.claims, ontology.claims), (stated.readings, ontology.readings))
    for before, after in pairs:
        for iri in before.citing():
            for one in set(before.citations(iri)) - set(after.citations(iri)):
                relation = names.DISPUTES if one.disputes else names.EVIDENCE
                gone.add((iri, relation, names.REF + one.reference))
    return gone


def _mappings(selection: Selection, module: Module) -> Iterator[Statement]:
    """The matches of the terms that are held; with what others call theirs unless it is a base."""
    for path in sorted((selection.ontology.folder / "mappings").glob("*.sssom.tsv")):
        found = mapped.read(path)
        triples = Triples()
        triples.add(mapped.triples(found), path)
        yield from module.statements(triples)
        for row in () if selection.base else found.rows:
            if row.get("object_label") and module.has(names.CC + row["subject_id"][3:]):
                other = mapped.expanded(row["object_id"], found.prefixes)
                yield other, names.LABEL, Literal(row["object_label"])


def _inferred(triples: Triples, gone: set[Statement], module: Module) -> Iterator[Statement]:
    whole = Module(triples, gone, None)
    follows = inferred(_quad(s, _DEFAULT) for s in whole.statements(triples))
    for number, axiom in enumerate(follows):
        small, large = axiom.subject.value, axiom.object.value  # type: ignore[union-attr]
        if module.has(small) and module.has(large):
            node = f"_:inferred-{number}"
            yield small, names.SUBCLASS, large
            yield node, names.TYPE, names.OWL + "Axiom"
            yield node, _SOURCE, small
            yield node, _PROPERTY, names.SUBCLASS
            yield node, _TARGET, large
            yield node, IS_INFERRED, Literal("true")


def _for_obo_tools(
    statements: Iterable[Statement], prefixes: Mapping[str, str]
) -> Iterator[Statement]:
    """What SKOS says of our terms once more, as tools of the OBO world look for it.

    An alternative label is an exact synonym, each match a cross-reference, and so is the source of
    a definition, on the definition. Related is a word that may mean the term, and of a class of
    cases the words for what these have.
    """
    found = list(statements)
    of_cases = {about for about, predicate, _ in found if predicate == names.PREFERRED}
    yield from _related(found)
    yield from _definitions(found, prefixes)
    for about, predicate, value in found:
        if not about.startswith(names.CC):
            continue
        if predicate in (names.PREFERRED, names.SYNONYM):
            short_words = about in of_cases and not value.value.startswith("case ")  # type: ignore[union-attr]
            yield about, names.RELATED if short_words else names.EXACT, value
        elif predicate in MATCHES and isinstance(value, str):
            yield about, names.OBO_IN_OWL + "hasDbXref", Literal(short(value, prefixes))


def _related(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Words of several meanings, for each class that they may mean."""
    said: dict[str, tuple[list[str], list[Node]]] = {}
    for about, predicate, value in statements:
        if predicate == names.CC + "mayMean" and isinstance(value, str):
            said.setdefault(about, ([], []))[0].append(value)
        elif predicate == names.CC + "word":
            said.setdefault(about, ([], []))[1].append(value)
    for classes, words in said.values():
        yield from ((one, names.RELATED, word) for one in classes for word in words)


def _definitions(
    statements: Iterable[Statement], prefixes: Mapping[str, str]
) -> Iterator[Statement]:
    """The sources of definitions as annotations of these."""
    sources: dict[str, list[str]] = {}
    words: dict[str, Node] = {}
    for about, predicate, value in statements:
        if predicate == names.DEFINED_BY and isinstance(value, str):
            sources.setdefault(about, []).append(value)
        elif predicate == names.DEFINITION:
            words[about] = value
    for number, (about, named) in enumerate(sources.items()):
        node = f"_:definition-{number}"
        yield node, names.TYPE, names.OWL + "Axiom"
        yield node, _SOURCE, about
        yield node, _PROPERTY, names.DEFINITION
        yield node, _TARGET, words[about]
        for iri in named:
            yield node, names.OBO_IN_OWL + "hasDbXref", Literal(short(iri, prefixes))


def short(iri: str, prefixes: Mapping[str, str]) -> str:
    """An IRI of a known vocabulary as CURIE, with the longest base that fits."""
    fitting = [(len(base), p, base) for p, base in prefixes.items() if iri.startswith(base)]
    if not fitting:
        return iri
    _, prefix, base = max(fitting)
    return f"{prefix}:{iri.removeprefix(base)}"


def _declarations(graphs: Mapping[str, Iterable[Statement]]) -> Iterator[Statement]:
    """What OWL needs to know of others' properties and classes: that they are such."""
    statements = [s for found in graphs.values() for s in found]
    used = {p for _, p, _ in statements if not p.startswith((names.CC, *_BUILT_IN))}
    for iri in sorted(used):
        yield iri, names.TYPE, names.OWL + "AnnotationProperty"
    kinds = {o for _, p, o in statements if p == names.TYPE and isinstance(o, str)}
    for iri in sorted(kind for kind in kinds if not kind.startswith((names.CC, *_BUILT_IN))):
        yield iri, names.TYPE, names.OWL + "Class"


def _header(selection: Selection, graphs: Mapping[str, list[Statement]]) -> Iterator[Statement]:
    """The root module's header without imports; a part, or a variant, has an IRI of its own."""
    ontology = selection.ontology
    root = Triples()
    root.read(ontology.files()[0])
    about = {**root.by_subject.get(names.ONTOLOGY, {})}
    about.pop(names.OWL + "imports", None)
    iri = names.ONTOLOGY
    if not _is_release(selection):
        iri = f"{names.ONTOLOGY}/export/{_digest(graphs)}"
        release = about.pop(names.OWL + "versionIRI", [])
        if not ontology.overlays:  # what a site laid over it is in no release
            version = (str(one).removesuffix(names.local(names.ONTOLOGY)) for one in release)
            about[names.OWL + "versionIRI"] = [one + names.local(iri) for one in version]
        about[names.DCTERMS + "source"] = [*about.get(names.DCTERMS + "source", []), *release]
    about[names.OWL + "versionInfo"] = [Literal(ontology.version)]
    if laid := [Literal(f"{one.name}, sha256 {one.sha256}") for one in ontology.overlays]:
        about[names.DCTERMS + "source"] = [*about.get(names.DCTERMS + "source", []), *laid]
    about[names.DCTERMS + "description"] = [Literal(contents_in_words(selection), language="en")]
    yield from ((iri, p, o) for p, objects in about.items() for o in objects)


def _is_release(selection: Selection) -> bool:
    plain = not (selection.inferred or selection.base) and selection.is_whole
    ours = selection.ontology.viewpoint == names.DEFAULT_VIEWPOINT
    return plain and ours and selection.ontology.is_released


def contents_in_words(selection: Selection) -> str:
    """In words, what the file holds."""
    ontology = selection.ontology
    parts = (
        "All modules of the ontology merged" if selection.is_whole else "A module of the ontology",
        f"under the viewpoint {ontology.viewpoint}",
        "" if selection.is_whole else f"about {selection.asked_for}",
        ontology.changed_words,
        "with the subclass axioms that follow, marked as inferred" if selection.inferred else "",
        "without the labels of other vocabularies' terms" if selection.base else "",
    )
    return ", ".join(filter(None, parts)) + "."


def _digest(graphs: Mapping[str, list[Statement]]) -> str:
    lines = "\n".join(sorted(map(str, _canonical(graphs))))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def _canonical(graphs: Mapping[str, Iterable[Statement]]) -> Dataset:
    found = Dataset(
        _quad(statement, NamedNode(names.GRAPH + name))
        for name, statements in graphs.items()
        for statement in statements
    )
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found


def _quad(statement: Statement, graph: NamedNode) -> Quad:
    subject, predicate, value = statement
    return Quad(node_of(subject), NamedNode(predicate), term_of(value), graph)


def _plain(node: object) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else getattr(node, "value", "")
