"""Evaluations of a graph: what is read, judged, and set beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from calcinosis import names
from calcinosis.api.result import accepted, place
from calcinosis.errors import InputError
from calcinosis.facts.boundary import attempt
from calcinosis.facts.case import Case
from calcinosis.facts.laboratory import Laboratory
from calcinosis.facts.raw import RawCase
from calcinosis.facts.read import Reader
from calcinosis.facts.source import Cases
from calcinosis.facts.tabular import Known, kinds
from calcinosis.facts.vocabulary import Vocabulary
from calcinosis.graph.locate import data
from calcinosis.graph.ontology import Ontology
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.verdict import CaseVerdict
from calcinosis.study.agreement import Judged, judged_by
from calcinosis.study.compare import By
from calcinosis.study.encoders import Encoders, encoders
from calcinosis.study.evaluate import Beside, Evaluation, evaluate
from calcinosis.study.labels import Given, Labels, compare_ids, read_labels
from calcinosis.study.own_source import Change, Decide, OwnSource, WithoutOwn, changes
from calcinosis.study.paired import Paired, paired
from calcinosis.study.versions import hashed, versions_of

Pair = tuple[RawCase, Case]


class Graph(Protocol):
    """What of a loaded graph an evaluation uses."""

    ontology: Ontology
    reasoner: str

    @property
    def classifier(self) -> Classifier:
        """What judges."""

    @property
    def laboratory(self) -> Laboratory:
        """Analytes, units and intervals."""

    @property
    def lookups(self) -> Any:
        """What knows the names of subtypes."""

    @property
    def _decide(self) -> Decide: ...
    @property
    def _vocabulary(self) -> Vocabulary: ...
    def _reader(self, *, strict: bool) -> Reader: ...
    def _read(
        self, cases: Cases, *, strict: bool = False, kind: str = ""
    ) -> Iterable[Pair | InputError]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What an evaluation is asked for, as the verb ``evaluate`` takes it."""

    cases: Cases | None = None
    labels: Given | None = None
    second: Cases | None = None
    against: Sequence[tuple[str, Graph]] = ()
    keep_own_source: bool = False
    strict: bool = False
    kind: str = ""


@dataclass(slots=True)
class _Side:
    """One graph that judges cases by labels, each without its own source unless that is kept."""

    kg: Graph
    labels: Labels
    keep: bool
    known: frozenset[str] = field(init=False)
    own: dict[str, str] = field(init=False, default_factory=dict)
    bearing: list[str] = field(init=False, default_factory=list)
    changes: list[Change] = field(init=False, default_factory=list)
    _judge: WithoutOwn = field(init=False)

    def __post_init__(self) -> None:
        triples, classifier = self.kg.ontology.triples, self.kg.classifier
        self.known = frozenset(one.subtype for one in classifier.case_classes)
        self.labels = self.labels.placed(
            self.known,
            lambda name: map(names.local, triples.iris(names.CC + name, names.SUBCLASS)),
        )
        self._judge = WithoutOwn(classifier, self.kg._decide, self._decide_by)

    def _decide_by(self, ontology: Ontology) -> Decide:
        if self.kg.reasoner == "compiled":
            return Classifier(ontology, self.kg.classifier).classify
        from calcinosis.reasoning.owl import Authority

        return Authority(ontology).classify

    def verdicts(self, pairs: Iterable[Pair], refused: list[InputError]) -> list[CaseVerdict]:
        """The verdicts on cases; a case on which we stumble is refused."""
        found = (
            attempt(place(raw, case), partial(self._verdict, raw, case)) for raw, case in pairs
        )
        return list(accepted(found, refused.append))

    def _verdict(self, raw: RawCase, case: Case) -> CaseVerdict:
        told = [label.reference for label in self.labels.of(case.id)]
        sources = map(self._judge.sources.find, filter(None, (*told, case.source)))
        own = next(filter(None, sources), None)
        if own is not None:
            self.own[case.id] = own
        found, whole = self._judge.judge(raw, case, None if self.keep else own)
        if own is not None and found is not whole:
            self.bearing.append(case.id)
            self.changes += changes(case.id, own, found, whole)
        return found

    def judged(self, pairs: Iterable[Pair], refused: list[InputError]) -> list[Judged]:
        """The cases beside their labels."""
        found = self.verdicts(pairs, refused)
        return [judged_by(one, self.labels.of(one.case.id), self.known) for one in found]

    @property
    def own_source(self) -> OwnSource:
        """What was done about the sources of the cases that were judged."""
        known = tuple(self.own)
        return OwnSource(self.keep, known, tuple(self.bearing), tuple(self.changes))


def evaluation(kg: Graph, asked: Asked) -> Evaluation:
    """Judge a graph by cases and labels, or by those that come with the package."""
    published = data("examples") / "published"
    given = published if asked.cases is None else asked.cases
    table = asked.labels
    if table is None and asked.cases is None:
        table = published / "labels.tsv"
    labels = Labels() if table is None else _labels(kg, table)
    refused: list[InputError] = []
    read = accepted(kg._read(given, strict=asked.strict, kind=asked.kind), refused.append)
    pairs = list(accepted(_one_a_patient(read), refused.append))
    if given is published and refused:
        raise refused[0]
    unmatched = compare_ids(labels, [case.id for _, case in pairs])
    side = _Side(kg, labels, asked.keep_own_source)
    judged = side.judged(pairs, refused)
    own_source, own = side.own_source, dict(side.own)
    files = [*hashed("cases", given), *hashed("labels", table), *hashed("second", asked.second)]
    shipped = {one.sha256 for one in hashed("cases", published)}
    of_second: list[InputError] = []
    beside = Beside(
        own_source,
        own,
        tuple(_paired(asked, labels, pairs, judged)),
        _encoders(side, asked, judged, of_second),
        unmatched,
        len(refused),
        len(labels.refused),
        (*refused, *labels.refused, *of_second),
        is_own=not any(one.role == "cases" and one.sha256 in shipped for one in files),
    )
    versions = versions_of(kg.ontology, kg.reasoner, files)
    return evaluate(judged, kg.classifier, kg._decide, versions, beside)


def _one_a_patient(pairs: Iterable[Pair]) -> Iterator[Pair | InputError]:
    """The cases, but an error for each further row of one patient: intervals are of patients."""
    seen: set[str] = set()
    for raw, case in pairs:
        if case.patient in seen:
            what = f"{case.id} is a further row of a patient who is counted already"
            cure = "An evaluation counts patients: let the latest or the first row of each count"
            yield InputError(what, place(raw, case), cure)
            continue
        if case.patient:
            seen.add(case.patient)
        yield raw, case


def _labels(kg: Graph, given: Given) -> Labels:
    known = Known(lambda: kg.laboratory, kinds(kg._vocabulary))
    lexicon = kg.lookups.lexicon
    return read_labels(given, known, lambda word: lexicon.resolve(word, ("subtype",)).id)


def _encoders(
    side: _Side, asked: Asked, judged: Sequence[Judged], refused: list[InputError]
) -> Encoders | None:
    if asked.second is None:
        return None
    read = side.kg._read(asked.second, strict=asked.strict, kind=asked.kind)
    pairs = list(accepted(_one_a_patient(accepted(read, refused.append)), refused.append))
    if refused and not pairs:
        raise refused[0]
    found = encoders([one.case for one in judged], side.verdicts(pairs, refused))
    if judged and pairs and not found.cases:
        what = "no case of the second encoder has the id of one of the first"
        raise InputError(what, pairs[0][0].where, "Write the same ids in both files")
    return found


def _paired(
    asked: Asked, labels: Labels, pairs: Sequence[Pair], judged: Sequence[Judged]
) -> Iterable[Paired]:
    for name, other in asked.against:
        reader = other._reader(strict=asked.strict)
        read = ((raw, attempt(raw.where, partial(raw.read, reader))) for raw, _ in pairs)
        again = [(raw, case) for raw, case in read if not isinstance(case, InputError)]
        beside = _Side(other, labels, asked.keep_own_source).judged(again, [])
        yield from paired(judged, beside, name or str(By.of(other.ontology)))


def _html(found: Evaluation) -> str:
    """The answer and the pooled row for notebooks; the page has the rest."""
    from calcinosis.output.pages.evaluation import evaluation_part

    return evaluation_part(found)


Evaluation._repr_html_ = _html  # type: ignore[attr-defined]
