"""The authority: HermiT, an OWL 2 DL reasoner, asked one case at a time and kept warm.

HermiT (Glimm, Horrocks, Motik, Stoilos and Wang 2014, "HermiT: an OWL 2 reasoner") decides
entailment in OWL 2 DL. A case is not added to the ontology as an individual: what is known of it
is one class expression, and the case is in a class exactly if that expression without the class
cannot be met. That leaves the ontology as it is, so that the reasoner stays warm.

The compiled classifier is the default; ``proofs/equality.py`` shows it equal to this one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from calcinosis import names
from calcinosis.errors import OntologyError
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import Triples, node_of, term_of
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.compiled import State
from calcinosis.reasoning.fragment import Axiom, Some
from calcinosis.reasoning.java import java
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    REFUTED,
    UNDETERMINED,
    CaseVerdict,
    Verdict,
)

OwlFact = tuple[bool, str | None, str]
"""Whether it is affirmed, the property's IRI (None: the class is one of cases), the class's IRI."""

_VIEWPOINTS = "viewpoints"
_HEADER = names.OWL + "Ontology"


class Authority:
    """HermiT over the reasoned closure of one loaded ontology.

    Raises MissingProgramError without jpype or Java, OntologyError when the OWL API cannot read
    the closure. Not a value to share between processes; calls from several threads wait for each
    other.
    """

    def __init__(self, ontology: Ontology, classifier: Classifier | None = None) -> None:
        self.ontology = ontology
        if classifier is not None:
            self.classifier = classifier
        self._java = java()
        self._manager = self._new_manager()
        self._owl = self._load(self._document(), self._manager)
        self._build = self._manager.getOWLDataFactory()
        self._set = self._class("java.util.HashSet")
        self._expressions: dict[OwlFact, Any] = {}
        self._turn = threading.Lock()
        factory = self._class("org.semanticweb.HermiT.Reasoner$ReasonerFactory")()
        self._reasoner = factory.createReasoner(self._owl)

    # -- the ontology ----------------------------------------------------------------

    def _document(self) -> str:
        return closure(self.ontology, lambda: self.classifier.left_out)

    def consistent(self) -> bool:
        """Whether the ontology has a model at all."""
        return self._is_consistent

    @cached_property
    def _is_consistent(self) -> bool:
        return bool(self._reasoner.isConsistent())

    def unsatisfiable(self) -> list[str]:
        """The IRIs of the classes that nothing can be in, in order; none in a sound ontology."""
        if not self.consistent():
            return sorted(str(c.getIRI()) for c in self._owl.getClassesInSignature())
        empty = self._reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()
        return sorted(str(entity.getIRI()) for entity in empty)

    def profile_violations(self, files: Iterable[Path] | None = None) -> list[str]:
        """What in Turtle files is outside the OWL 2 DL profile, in the OWL API's words.

        Without ``files`` all modules of the ontology's folder are checked, claims and references
        included, with its one viewpoint. Of several viewpoints among ``files`` each is checked in
        turn with the rest, because they define the same classes and are never loaded together.
        """
        chosen = list(self.ontology.files() if files is None else files)
        views: Sequence[Path] = [path for path in chosen if path.parent.name == _VIEWPOINTS]
        rest = [path for path in chosen if path.parent.name != _VIEWPOINTS]
        if files is None:
            views = [path for path in views if path.stem == self.ontology.viewpoint]
        groups = [[*rest, view] for view in views] or [rest]
        profile = self._class("org.semanticweb.owlapi.profiles.OWL2DLProfile")()
        found: set[str] = set()
        for group in groups:
            report = profile.checkOntology(self._load(merged(group), self._new_manager()))
            found |= {str(violation) for violation in report.getViolations()}
        return sorted(found)

    # -- one case --------------------------------------------------------------------

    def satisfiable(self, facts: Iterable[OwlFact]) -> bool:
        """Whether a case can have all of these facts."""
        return self._can_be([self._expression(fact) for fact in facts])

    def verdict(self, facts: Iterable[OwlFact], class_iri: str) -> Verdict:
        """entailed, refuted, undetermined or conflicting: how a case stands to a class."""
        return self.verdicts(facts, [class_iri])[0]

    def verdicts(self, facts: Iterable[OwlFact], class_iris: Iterable[str]) -> list[Verdict]:
        """The verdicts on several classes for one case, in their order."""
        known = [self._expression(fact) for fact in facts]
        classes = list(class_iris)
        if not self._can_be(known):
            return [CONFLICTING] * len(classes)
        found: list[Verdict] = []
        for iri in classes:
            if not self._can_be([*known, self._expression((True, None, iri))]):
                found.append(REFUTED)
            elif not self._can_be([*known, self._expression((False, None, iri))]):
                found.append(ENTAILED)
            else:
                found.append(UNDETERMINED)
        return found

    @cached_property
    def classifier(self) -> Classifier:
        """The compiled classifier, which finds the words and references behind a verdict."""
        return Classifier(self.ontology)

    def classify(self, case: Case) -> CaseVerdict:
        """The verdicts on one case, decided by HermiT.

        Verdicts, the status of criteria and the criteria of the work-up are HermiT's. What is
        needed, basis, flags, facts and references are found as the compiled classifier finds
        them. From a contradiction everything follows: there the status of a criterion is the
        compiled one, which does not go beyond the contradiction.
        """
        return self.classifier.classify(case, self._judge)

    def _judge(self, literals: Iterable[int]) -> Judged:
        return Judged(self, list(literals))

    # -- Java ------------------------------------------------------------------------

    def _class(self, name: str) -> Any:
        return self._java.JClass(name)

    def _new_manager(self) -> Any:
        return self._class(
            "org.semanticweb.owlapi.apibinding.OWLManager"
        ).createOWLOntologyManager()

    def _load(self, document: str, manager: Any) -> Any:
        source = self._class("org.semanticweb.owlapi.io.StringDocumentSource")(document)
        try:
            return manager.loadOntologyFromOntologyDocument(source)
        except self._class("org.semanticweb.owlapi.model.OWLOntologyCreationException") as error:
            raise OntologyError(
                f"the OWL API cannot read the merged modules ({error})",
                str(self.ontology.folder),
                "Restore the modules from the repository",
            ) from error

    def _expression(self, fact: OwlFact) -> Any:
        found = self._expressions.get(fact)
        if found is None:
            affirmed, prop, class_iri = fact
            iri = self._class("org.semanticweb.owlapi.model.IRI").create
            found = self._build.getOWLClass(iri(class_iri))
            if prop is not None:
                link = self._build.getOWLObjectProperty(iri(prop))
                found = self._build.getOWLObjectSomeValuesFrom(link, found)
            if not affirmed:
                found = self._build.getOWLObjectComplementOf(found)
            self._expressions[fact] = found
        return found

    def _can_be(self, expressions: Sequence[Any]) -> bool:
        """Whether a case can be in all of some class expressions at once."""
        if not self.consistent():
            return False
        case = self._expression((True, None, names.CASE))
        parts = self._set()
        for part in (case, *expressions):
            parts.add(part)
        whole = self._build.getOWLObjectIntersectionOf(parts) if parts.size() > 1 else case
        with self._turn:
            return bool(self._reasoner.isSatisfiable(whole))


class Judged:
    """What HermiT says of the literals of one case, asked when it is wanted and remembered."""

    def __init__(self, authority: Authority, literals: list[int]) -> None:
        self._authority = authority
        self._literals = literals
        self._facts = [self._fact(literal) for literal in literals]
        self._known: dict[int, bool] = {}
        self.consistent = authority.satisfiable(self._facts)

    def holds(self, literal: int) -> bool:
        """Whether a literal follows from the case's facts."""
        if not self.consistent:
            return self._compiled.holds(literal)
        known = self._known.get(literal)
        if known is None:
            denial = self._fact(literal ^ 1)
            known = not self._authority.satisfiable([*self._facts, denial])
            self._known[literal] = known
        return known

    @cached_property
    def _compiled(self) -> State:
        return self._authority.classifier.compiled.evaluate(self._literals)

    def _fact(self, literal: int) -> OwlFact:
        key = self._authority.classifier.compiled.keys[literal >> 1]
        affirmed = not literal & 1
        if isinstance(key, Some):
            return affirmed, key.property, key.filler
        return affirmed, None, key


def closure(ontology: Ontology, left_out: Callable[[], Iterable[Axiom]]) -> str:
    """What is reasoned with, as one N-Triples document; see ``merged``.

    ``left_out`` gives the axioms that fall; it is asked only where something may.
    """
    if ontology.is_released:
        return merged(ontology.reasoned_files())
    return without(ontology.triples, left_out())


def merged(files: Iterable[Path]) -> str:
    """Turtle files as one N-Triples document with one ontology header and no imports.

    Imports are dropped because all modules are given here; nothing is fetched. Raises
    OntologyError when a file is no Turtle.
    """
    from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

    kind, header = NamedNode(names.TYPE), NamedNode(names.OWL + "Ontology")
    triples = [Triple(NamedNode(names.ONTOLOGY + "/closure"), kind, header)]
    for path in files:
        try:
            found = [
                quad.triple
                for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
            ]
        except (SyntaxError, OSError) as error:
            raise OntologyError(
                f"this is not Turtle: {error}", str(path), "Restore the file from the repository"
            ) from error
        heads = {t.subject for t in found if t.predicate == kind and t.object == header}
        triples += [t for t in found if t.subject not in heads]
    return str(serialize(triples, format=RdfFormat.N_TRIPLES) or b"", "utf-8")


def without(triples: Triples, axioms: Iterable[Axiom]) -> str:
    """An ontology's triples as an N-Triples document, without some axioms and their annotations."""
    from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

    gone = {axiom.triple for axiom in axioms}
    fallen = {node for node, axiom in triples.annotated() if axiom in gone}

    header = node_of(names.ONTOLOGY + "/closure")
    found = [Triple(header, NamedNode(names.TYPE), NamedNode(_HEADER))]
    for subject, description in triples.by_subject.items():
        if subject in fallen or _HEADER in triples.iris(subject, names.TYPE):
            continue
        found += [
            Triple(node_of(subject), NamedNode(p), term_of(o))
            for p, objects in description.items()
            for o in objects
            if (subject, p, o) not in gone
        ]
    return str(serialize(found, format=RdfFormat.N_TRIPLES) or b"", "utf-8")
