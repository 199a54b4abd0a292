"""The viewpoints as values: whose they are, what they define, which sides they take, on what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calcinosis import names
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.triples import Triples


@dataclass(frozen=True, slots=True)
class Criterion:
    """A necessary criterion of a subtype, with what the viewpoint's axiom rests on.

    ``taken`` says whose wording is used where the authority's own is silent or was not read.
    """

    id: str
    label: str
    definition: str
    causal: bool
    references: tuple[str, ...]
    editorial: str | None
    taken: str | None


@dataclass(frozen=True, slots=True)
class DefinedSubtype:
    """A subtype that a viewpoint defines, with its criteria in the order for readers."""

    id: str
    label: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A contested cause or entity, and the subtype under which a viewpoint files it."""

    id: str
    label: str
    under: str
    claim: str
    references: tuple[str, ...]
    taken: str | None


@dataclass(frozen=True, slots=True)
class Grounds:
    """How many axioms of a viewpoint rest on what; the four counts add up to the axioms.

    ``cited`` by claims alone, ``read`` by claims and our reading of them, ``ours`` by our reading
    alone; ``taken`` from another viewpoint, whatever else.
    """

    cited: int
    read: int
    ours: int
    taken: int

    @property
    def axioms(self) -> int:
        """All axioms that define or place something."""
        return self.cited + self.read + self.ours + self.taken


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """One authority's definitions."""

    name: str
    label: str
    definition: str
    default: bool
    references: tuple[str, ...]
    subtypes: tuple[DefinedSubtype, ...]
    sides: tuple[Side, ...]
    grounds: Grounds


def read_one(ontology: Ontology, name: str) -> Viewpoint:
    """The viewpoint of this name in the ontology's folder."""
    return _View(ontology, name).whole()


def read(ontology: Ontology) -> tuple[Viewpoint, ...]:
    """All viewpoints of the ontology's folder, in their order."""
    found = [_View(ontology, name) for name in ontology.viewpoints()]
    return tuple(view.whole() for view in sorted(found, key=lambda view: (view.order, view.name)))


def named(ontology: Ontology, text: str) -> Viewpoint | None:
    """The viewpoint with this name or label, in any case; None if there is none."""
    wanted = names.normal(text)
    for view in read(ontology):
        if wanted in (names.normal(view.name), names.normal(view.label)):
            return view
    return None


class _View:
    """One viewpoint's module, read alone; labels and claims come from the shared modules."""

    def __init__(self, ontology: Ontology, name: str) -> None:
        self.name = name
        self._iri = names.VIEWPOINT + name
        self._ontology = ontology
        self._terms = ontology.terms
        self._own = Triples()
        ontology.viewpoint_into(name, self._own)
        self._axioms = list(self._annotated())

    @property
    def order(self) -> int:
        return int(self._own.text(self._iri, names.CC + "sortOrder") or 99)

    def whole(self) -> Viewpoint:
        own = self._own
        cases = [(case, str(of[0])) for case, of in own.subjects(names.CC + "caseOf")]
        cases.sort(key=lambda pair: int(own.text(pair[0], names.CC + "sortOrder") or 99))
        return Viewpoint(
            name=self.name,
            label=own.text(self._iri, names.LABEL) or self.name,
            definition=own.text(self._iri, names.DEFINITION) or "",
            default=self.name == names.DEFAULT_VIEWPOINT,
            references=tuple(sorted(map(names.local, own.iris(self._iri, names.EVIDENCE)))),
            subtypes=tuple(self._defined(case, subtype) for case, subtype in cases),
            sides=tuple(sorted(self._sides(), key=lambda side: (side.label, side.under))),
            grounds=self._grounds(),
        )

    def _annotated(self) -> Iterator[tuple[str, str, str]]:
        """Node, source and target of each axiom that says more than that a case is a case."""
        for node, (source, _, target) in self._own.annotated():
            if target != names.CASE:
                yield node, source, str(target)

    def _why(self, source: str, target: str) -> tuple[tuple[str, ...], str | None, str | None]:
        """The references, the editorial reason and the mark of another's wording of an axiom."""
        for node, one, other in self._axioms:
            if (one, other) == (source, target):
                claims = self._own.iris(node, names.CC + "restsOn")
                keys = {k for claim in claims for k in self._ontology.claims.references(claim)}
                editorial = self._own.text(node, names.CC + "editorial")
                return tuple(sorted(keys)), editorial, self._own.text(node, names.CC + "taken")
        return (), None, None

    def _defined(self, case: str, subtype: str) -> DefinedSubtype:
        causal = self._own.iri(case, names.CC + "causalCriterion")
        criteria = [c for c in self._own.iris(case, names.SUBCLASS) if c != names.CASE]
        return DefinedSubtype(
            names.local(subtype),
            self._terms.label(subtype),
            tuple(
                Criterion(
                    names.local(iri),
                    self._terms.label(iri),
                    self._terms.term(iri).definition,
                    iri == causal,
                    *self._why(case, iri),
                )
                for iri in sorted(criteria, key=self._terms.sort_order)
            ),
        )

    def _sides(self) -> Iterator[Side]:
        for iri in self._own.iris(self._iri, names.CC + "takes"):
            claim = self._ontology.claims.association(iri)
            *_, taken = self._why(claim.subject, claim.licenses or "")
            yield Side(
                names.local(claim.subject),
                self._terms.label(claim.subject),
                self._terms.label(claim.object),
                claim.id,
                claim.references,
                taken,
            )

    def _grounds(self) -> Grounds:
        counts = {"cited": 0, "read": 0, "ours": 0, "taken": 0}
        for node, _, _ in self._axioms:
            said = self._own.by_subject[node]
            if names.CC + "taken" in said:
                counts["taken"] += 1
            elif names.CC + "restsOn" not in said:
                counts["ours"] += 1
            else:
                counts["read" if names.CC + "editorial" in said else "cited"] += 1
        return Grounds(**counts)


def criteria(views: Sequence[Viewpoint]) -> dict[str, Criterion]:
    """Every criterion that some viewpoint asks for, once, by its id."""
    return {one.id: one for view in views for subtype in view.subtypes for one in subtype.criteria}
