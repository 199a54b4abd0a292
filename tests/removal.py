"""An ontology folder from which one reference was struck out by hand, file by file.

It knows nothing of the package's settings: it edits triples and writes Turtle. The evidence items
of the reference are struck out, and the citations are derived anew from those that are left.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from calcinosis import names
from calcinosis.graph.locate import data
from calcinosis.release.derive import derive

EVIDENCE, DISPUTES = NamedNode(names.EVIDENCE), NamedNode(names.DISPUTES)
SOURCE, PROPERTY, TARGET = (
    NamedNode(names.OWL + f"annotated{part}") for part in ("Source", "Property", "Target")
)
RESTS_ON = NamedNode(names.CC + "restsOn")
GIVES_BASIS = NamedNode(names.CC + "givesBasisFor")
TYPE = NamedNode(names.TYPE)
ITEM = NamedNode(names.CC + "EvidenceItem")
TAKEN_FROM = NamedNode("http://purl.org/dc/terms/source")
RULE = NamedNode(names.CC + "Rule")
# A rule without these does nothing: the program wants each to be there with its name and words.
WORKS_ON = [
    NamedNode(names.CC + k)
    for k in ("adds", "affirms", "concerns", "denies", "ifEntailed", "supportsSubtype")
]
READINGS = [NamedNode(names.CC + k) for k in ("ReferenceInterval", "AlbuminCorrectionFormula")]

Triples = set[Triple]


class Files:
    """The modules of the package's ontology as triples, read once."""

    def __init__(self) -> None:
        self.folder = data("ontology")
        paths = [*self.folder.glob("*.ttl"), *(self.folder / "viewpoints").glob("*.ttl")]
        self.all: dict[Path, Triples] = {path: _read(path) for path in sorted(paths)}

    def without(self, key: str, target: Path) -> bool:
        """Write the folder without a reference; whether an axiom, basis or interval fell."""
        reference = NamedNode(names.REF + key)
        left = {path: _without_citations(found, reference) for path, found in self.all.items()}
        fallen = _cited(self.all.values()) - _cited(left.values())
        after = {path: _without_fallen(found, fallen) for path, found in left.items()}
        if all(after[path] == left[path] for path in after if path.stem not in ("references",)):
            return False
        shutil.copytree(self.folder, target)
        for path, triples in after.items():
            place = target / path.relative_to(self.folder)
            place.parent.mkdir(exist_ok=True)
            serialize(triples, str(place), format=RdfFormat.TURTLE)
        derive(target, "citations")
        return True


def _read(path: Path) -> Triples:
    quads: Iterable[Quad] = parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return {quad.triple for quad in quads}


def _cited(files: Iterable[Triples]) -> set[object]:
    return {t.subject for found in files for t in found if t.predicate == EVIDENCE}


def _without_citations(triples: Triples, reference: NamedNode) -> Triples:
    gone = {t.subject for t in triples if t.predicate == TARGET and t.object == reference}
    taken = {t.subject for t in triples if t.predicate == TAKEN_FROM and t.object == reference}
    gone |= taken & {t.subject for t in triples if t.predicate == TYPE and t.object == ITEM}
    gone |= {t.object for t in triples if t.subject in gone and isinstance(t.object, BlankNode)}
    return {
        t
        for t in triples
        if t.subject not in gone
        and not (t.predicate in (EVIDENCE, DISPUTES) and t.object == reference)
    }


def _without_fallen(triples: Triples, fallen: set[object]) -> Triples:
    rests: dict[object, list[object]] = {}
    for t in triples:
        if t.predicate == RESTS_ON:
            rests.setdefault(t.subject, []).append(t.object)
    gone = {note for note, claims in rests.items() if fallen.issuperset(claims)}
    rules = gone & {t.subject for t in triples if t.predicate == TYPE and t.object == RULE}
    gone -= rules
    about: dict[object, dict[NamedNode, object]] = {}
    for t in triples:
        if t.subject in gone:
            about.setdefault(t.subject, {})[t.predicate] = t.object
    axioms = {(notes[SOURCE], notes[PROPERTY], notes[TARGET]) for notes in about.values()}
    return {
        t
        for t in triples
        if t.subject not in gone
        and not (t.subject in rules and t.predicate in WORKS_ON)
        and (t.subject, t.predicate, t.object) not in axioms
        and not (t.predicate == GIVES_BASIS and t.subject in fallen)
        and not (t.predicate == TYPE and t.object in READINGS and t.subject in fallen)
    }
