"""What a stock OWL API makes of our files, in a process of its own: its jars suit no other.

``python -m tests.owl_api WHAT JARS PATH`` prints JSON. WHAT is ``modules`` (PATH the folder of the
ontology; a module a key), ``reasoners`` (of the same folder; a reasoner a key) or ``obo`` (PATH a
file; what it declares and says).
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from calcinosis.reasoning import java

# An installation without Java collects this file as well.
jpype: Any = importlib.import_module("jpype") if find_spec("jpype") else None
_NODE = re.compile(r"_:genid[\w:-]+")
_API = "org.semanticweb.owlapi."


def found(name: str) -> Any:
    return jpype.JClass(_API + name)


def listed(value: Any) -> list[Any]:
    """The items of a collection (4.x) or a stream (5.x)."""
    collectors = jpype.JClass("java.util.stream.Collectors")
    return list(value.collect(collectors.toList()) if hasattr(value, "collect") else value)


def axioms(ontology: Any) -> list[Any]:
    return listed(ontology.axioms() if hasattr(ontology, "axioms") else ontology.getAxioms())


def told(ontology: Any) -> Counter[str]:
    """The axioms in words, nodes without a name called by what is said of them."""
    lines = [str(axiom) for axiom in axioms(ontology)]
    about: dict[str, list[str]] = {}
    for line in lines:
        for node in set(_NODE.findall(line)):
            about.setdefault(node, []).append(_NODE.sub("_:", line.replace(node, "this")))
    called = {node: "; ".join(sorted(said)) for node, said in about.items()}
    return Counter(_NODE.sub(lambda match: f"({called[match[0]]})", line) for line in lines)


def header(ontology: Any) -> set[str]:
    """The annotations and imports of an ontology, and what it is called."""
    said = (ontology.getAnnotations(), ontology.getImportsDeclarations())
    return {str(ontology.getOntologyID()), *(str(one) for part in said for one in listed(part))}


class Reader:
    """Loads modules offline through the catalogue."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        root = ElementTree.parse(folder / "catalog-v001.xml").getroot()
        self._entries = [(node.get("name"), node.get("uri", "")) for node in root]
        self.missing: list[str] = []

    def load(self, source: Any) -> tuple[Any, Any]:
        """The manager and the ontology; imports that did not load are noted."""
        manager = found("apibinding.OWLManager").createOWLOntologyManager()
        iri, mapper = found("model.IRI"), found("util.SimpleIRIMapper")
        for name, file in self._entries:
            if file.endswith(".ttl"):
                place = iri.create((self._folder / file).resolve().as_uri())
                one = mapper(iri.create(name), place)
                manager.getIRIMappers().add(found("model.OWLOntologyIRIMapper") @ one)
        note = {"importMissing": lambda event: self.missing.append(str(event))}
        manager.addMissingImportListener(jpype.JProxy(_API + "model.MissingImportListener", note))
        silent = found("model.MissingImportHandlingStrategy").SILENT
        settings = found("model.OWLOntologyLoaderConfiguration")()
        settings = settings.setMissingImportHandlingStrategy(silent)
        return manager, manager.loadOntologyFromOntologyDocument(source, settings)


def unparsed(manager: Any) -> list[str]:
    """The triples of all loaded modules that became no axiom."""
    triples: list[str] = []
    ontologies = manager.ontologies if hasattr(manager, "ontologies") else manager.getOntologies
    for one in listed(ontologies()):
        read = manager.getOntologyFormat(one).getOntologyLoaderMetaData()
        read = read.get() if hasattr(read, "isPresent") else read
        triples += map(str, listed(read.getUnparsedTriples()))
    return triples


def report(folder: Path, path: Path) -> dict[str, Any]:
    """What one module loses where it is loaded, and where it is saved and loaded again."""
    reader = Reader(folder)
    file = jpype.JClass("java.io.File")(str(path.resolve()))
    manager, ontology = reader.load(found("io.FileDocumentSource")(file))
    closure = [
        axiom for one in listed(manager.getImportsClosure(ontology)) for axiom in axioms(one)
    ]
    marks = (mark for axiom in closure for mark in listed(axiom.getAnnotations()))
    violations = found("profiles.OWL2DLProfile")().checkOntology(ontology).getViolations()
    target = found("io.StringDocumentTarget")()
    manager.saveOntology(ontology, found("formats.TurtleDocumentFormat")(), target)
    text = str(target)
    again, same = reader.load(found("io.StringDocumentSource")(text))
    before, after = told(ontology), told(same)
    return {
        "axioms": len(closure),
        "unparsed": [*unparsed(manager), *unparsed(again)],
        "violations": [str(one) for one in listed(violations)],
        "missing": reader.missing,
        "annotated": Counter(str(mark.getProperty().getIRI()) for mark in marks),
        "changed": [
            *((before - after) + (after - before)),
            *(header(ontology) ^ header(same)),
        ],
    }


def modules(folder: Path) -> dict[str, Any]:
    files = [*sorted(folder.glob("*.ttl")), *sorted((folder / "viewpoints").glob("*.ttl"))]
    return {path.relative_to(folder).as_posix(): report(folder, path) for path in files}


def obo(path: Path) -> dict[str, Any]:
    """What is read back of an OBO file: its identifiers, and subclasses between named classes."""
    manager = found("apibinding.OWLManager").createOWLOntologyManager()
    file = jpype.JClass("java.io.File")(str(path.resolve()))
    ontology = manager.loadOntologyFromOntologyDocument(found("io.FileDocumentSource")(file))
    kinds = ("classes", "objectProperties", "annotationProperties")
    by_kind = {
        kind: sorted(str(one.getIRI()) for one in listed(_signature(ontology, kind)))
        for kind in kinds
    }
    links = [one for one in axioms(ontology) if one.getAxiomType().getName() == "SubClassOf"]
    pairs = {(str(one.getSubClass()), str(one.getSuperClass())) for one in links}
    return {**by_kind, "id": str(ontology.getOntologyID()), "subclasses": sorted(pairs)}


def _signature(ontology: Any, kind: str) -> Any:
    """The entities of a kind: 5.x has ``classesInSignature``, both ``getClassesInSignature``."""
    return getattr(ontology, f"get{kind[0].upper()}{kind[1:]}InSignature")()


REASONERS = {
    "HermiT": "org.semanticweb.HermiT.ReasonerFactory",
    "ELK": "org.semanticweb.elk.owlapi.ElkReasonerFactory",
    "Openllet": "openllet.owlapi.OpenlletReasonerFactory",
}


def reasoners(folder: Path) -> dict[str, list[str]]:
    """Of each reasoner: the subclasses that it finds between named classes of the whole."""
    file = jpype.JClass("java.io.File")(str((folder / "calcinosis.ttl").resolve()))
    manager, ontology = Reader(folder).load(found("io.FileDocumentSource")(file))
    closure = listed(manager.getImportsClosure(ontology))
    classes = {one for part in closure for one in listed(_signature(part, "classes"))}
    told: dict[str, list[str]] = {}
    for name, path in REASONERS.items():
        factory = jpype.JClass(path)
        factory = factory.getInstance() if hasattr(factory, "getInstance") else factory()
        reasoner = factory.createReasoner(ontology)
        pairs = set[str]()
        for small in classes:
            above = [
                *listed(reasoner.getSuperClasses(small, False).getFlattened()),
                *listed(reasoner.getEquivalentClasses(small).getEntities()),
            ]
            pairs |= {f"{small} {large}" for large in above}
        told[name] = sorted(pairs)
    return told


WAYS = {"modules": modules, "obo": obo, "reasoners": reasoners}


def main(what: str, jars: Path, path: Path) -> None:
    library, _ = java._library(jpype)
    paths = [str(one) for one in sorted(jars.glob("*.jar"))]
    jpype.startJVM("-Djava.awt.headless=true", "-Xrs", jvmpath=str(library), classpath=paths)
    # The new line parts it from what the libraries may have printed.
    sys.stdout.write(f"\n{json.dumps(WAYS[what](path))}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
