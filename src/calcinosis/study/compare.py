"""Two settings side by side: which axioms fall, which verdicts change, and what makes the change.

A verdict that follows or is ruled out on one side only has changed because each of its minimal
justifications holds an axiom, or a fact, that the other side does not have. The one named is the
justification that loses fewest; a contradiction that one side does not have is named likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, overload

from calcinosis import names
from calcinosis.errors import InputError
from calcinosis.explain.justify import Explainer
from calcinosis.explain.links import Given, Link
from calcinosis.facts.case import Case
from calcinosis.graph.ontology import Ontology
from calcinosis.graph.settings import Settings
from calcinosis.reasoning.classify import Classifier
from calcinosis.reasoning.fragment import Axiom
from calcinosis.reasoning.verdict import (
    CONFLICTING,
    ENTAILED,
    PRESUMED,
    REFUTED,
    STANDINGS,
    CaseVerdict,
    Standing,
)

Says = tuple[Any, ...]
Cell = tuple[str, Standing | None, Standing | None]
"""A subtype's id, and what the left and the right side say of it."""
ORDER: Final[tuple[Standing | None, ...]] = (*STANDINGS, None)
"""What a side may say of a subtype; None where it does not define it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The axioms and the facts of a justification that the other side does not have.

    ``cited`` are the keys of the references that those axioms rest on and the facts were judged by.
    """

    side: str
    links: tuple[Link, ...]
    facts: tuple[Given, ...]

    @property
    def cited(self) -> tuple[str, ...]:
        """The keys of references, in order."""
        links = (source.reference for link in self.links for source in link.sources)
        facts = (key for given in self.facts for key in given.fact.references)
        return tuple(dict.fromkeys((*links, *facts)))

    def to_dict(self) -> dict[str, Any]:
        """The reason as the comparison's JSON holds it."""
        return {
            "side": self.side,
            "axioms": [link.to_dict() for link in self.links],
            "facts": [given.to_dict() for given in self.facts],
            "references": list(self.cited),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that differs; None where the side does not define the subtype."""

    case: str
    subtype: str
    label: str
    left: Standing | None
    right: Standing | None
    reasons: tuple[Reason, ...]

    def to_dict(self) -> dict[str, Any]:
        """The change as the comparison's JSON holds it."""
        return {
            "case": self.case,
            "subtype": self.subtype,
            "label": self.label,
            "left": self.left,
            "right": self.right,
            "reasons": [reason.to_dict() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class By:
    """Whose definitions a side uses, and what it leaves out and adds, as values and in words."""

    viewpoint: str
    label: str
    left_out: Mapping[str, Any]
    words: str

    @classmethod
    def of(cls, ontology: Ontology) -> By:
        """Those of a loaded ontology: what is retracted is left out without being asked."""
        label = ontology.terms.label(ontology.viewpoint_iri)
        settings = ontology.settings
        added = settings.added_words if settings.added != Settings().added else ""
        laid = {key: kept for key, kept in ontology.changed.items() if key == "with"}
        values = {**settings.added, **ontology.left_out, **laid}
        words = "; ".join(filter(None, (ontology.changed_words, added)))
        return cls(ontology.viewpoint, label, values, words)

    def __str__(self) -> str:
        return ", ".join(filter(None, (f"{self.label} ({self.viewpoint})", self.words)))

    def to_dict(self) -> dict[str, Any]:
        """Viewpoint, its label, and what is left out, as the comparison's JSON holds them."""
        return {"viewpoint": self.viewpoint, "label": self.label, **self.left_out}


@dataclass(frozen=True, slots=True)
class Judging:
    """A reference interval, or a formula, by which values are judged, and who stated it."""

    id: str
    label: str
    references: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The interval as the comparison's JSON holds it."""
        return {"id": self.id, "label": self.label, "references": list(self.references)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two settings over the same cases.

    ``by`` says them in words. ``lost`` are the axioms that only the left side has, ``gained`` those
    that only the right has, and so for intervals, ``lost_intervals`` and ``gained_intervals``;
    ``table`` counts the cases by subtype id, left and right verdict; ``changes`` lists what
    differs, in the order of the cases; ``refused`` holds the inputs that could not be read,
    ``not_understood`` how many words of each case were not understood.
    """

    left: Settings
    right: Settings
    by: tuple[By, By]
    lost: tuple[Link, ...]
    gained: tuple[Link, ...]
    lost_intervals: tuple[Judging, ...]
    gained_intervals: tuple[Judging, ...]
    cases: int
    labels: Mapping[str, str]
    table: Mapping[Cell, int]
    changes: tuple[Change, ...]
    refused: tuple[InputError, ...] = ()
    not_understood: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"<Comparison: {self.changed_cases} of {self.cases} cases change>"

    @property
    def changed_cases(self) -> int:
        """How many cases have a verdict that differs."""
        return len({change.case for change in self.changes})

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain values."""
        return {
            "left": self.by[0].to_dict(),
            "right": self.by[1].to_dict(),
            "axioms_lost": [link.to_dict() for link in self.lost],
            "axioms_gained": [link.to_dict() for link in self.gained],
            "intervals_lost": [one.to_dict() for one in self.lost_intervals],
            "intervals_gained": [one.to_dict() for one in self.gained_intervals],
            "cases": self.cases,
            "cases_changed": self.changed_cases,
            "table": [
                {"subtype": subtype, "left": left, "right": right, "cases": count}
                for (subtype, left, right), count in self.table.items()
            ],
            "changes": [change.to_dict() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Weight:
    """What falls with one reference: verdicts by case and subtype, and axioms."""

    reference: str
    axioms: int
    changes: tuple[tuple[str, str], ...]

    @property
    def cases(self) -> int:
        """How many cases have a verdict that changes."""
        return len({case for case, _ in self.changes})

    def to_dict(self) -> dict[str, Any]:
        """The weight as JSON holds it."""
        return {
            "reference": self.reference,
            "verdicts": len(self.changes),
            "cases": self.cases,
            "axioms": self.axioms,
            "changes": [{"case": case, "subtype": subtype} for case, subtype in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Ranking(Sequence[Weight]):
    """The references without which a verdict changes, weightiest first; ``by`` says whose.

    ``refused`` holds the inputs that could not be read, ``not_understood`` how many words of each
    case were not understood.
    """

    by: By
    weights: tuple[Weight, ...]
    refused: tuple[InputError, ...] = ()
    not_understood: tuple[int, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Weight: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Weight, ...]: ...
    def __getitem__(self, index: int | slice) -> Weight | tuple[Weight, ...]:
        return self.weights[index]

    def __len__(self) -> int:
        return len(self.weights)

    def __repr__(self) -> str:
        return f"<Ranking: {len(self)} references, viewpoint {self.by.viewpoint}>"

    def to_dict(self) -> dict[str, Any]:
        """The ranking as plain values."""
        return {**self.by.to_dict(), "references": [one.to_dict() for one in self.weights]}


@dataclass(slots=True)
class _Side:
    """One side's explainer, with what it has."""

    name: str
    explainer: Explainer
    axioms: dict[Says, int] = field(init=False)

    def __post_init__(self) -> None:
        self.axioms = {_says(a): n for n, a in enumerate(self.explainer.classifier.fragment.axioms)}

    def classify(self, case: Case) -> CaseVerdict:
        return self.explainer.classifier.classify(case)

    def only(self, other: _Side) -> tuple[Link, ...]:
        """The links that the other side has not."""
        links = self.explainer.links
        axioms = self.explainer.classifier.fragment.axioms
        numbers = (n for key, n in self.axioms.items() if key not in other.axioms)
        rules = self.explainer.classifier.rules.in_use
        return (
            *(links.link(n) for n in numbers if not axioms[n].is_placing),
            *(link for link in map(links.rule, rules) if link.axiom not in other.explainer.rules),
        )

    def has(self, link: Link, axioms: Sequence[Axiom]) -> bool:
        """Whether this side has an axiom of the other side, or a rule that it used."""
        if link.form == "rule":
            return link.axiom in self.explainer.rules
        return _says(axioms[link.axiom]) in self.axioms

    def stated(self, case: Case) -> Iterator[Given]:
        """The facts that a case has on this side, stated, taken or assumed."""
        known = self.explainer.classifier.known(case)
        assumed = (one.situation for one in known.presumed.values())
        for situation in (*known.situations, *assumed):
            yield from (Given((fact,)) for facts in situation.stated.values() for fact in facts)
        yield from (Given((fact,)) for fact in case.workup)

    def reason(self, case: Case, subtype: str, other: _Side, others: Case) -> Reason | None:
        """Why this side has a verdict that the other has not; None where it is open here."""
        axioms = self.explainer.classifier.fragment.axioms
        found = self.explainer.explain(case, subtype)
        facts = {_fact(given) for given in other.stated(others)}
        candidates: Iterable[tuple[tuple[Link, ...], tuple[Given, ...]]]
        reasons = ((*why.justifications, *why.presumed) for why in found.subtypes)
        candidates = [(j.links, j.facts) for justified in reasons for j in justified]
        candidates += [(c.links, c.facts) for c in found.contradictions.conflicts]
        if any(why.verdict.verdict == CONFLICTING for why in found.subtypes):
            mended = self.explainer.in_repairs(case, subtype)
            candidates += [(one.links, one.facts) for one in mended]
        told = [
            Reason(
                self.name,
                tuple(link for link in links if not other.has(link, axioms)),
                tuple(one for one in given if _fact(one) not in facts),
            )
            for links, given in candidates
        ]
        telling = [reason for reason in told if reason.links or reason.facts]
        return min(telling, key=lambda r: len(r.links) + len(r.facts), default=None)


def compare(left: Explainer, right: Explainer, cases: Iterable[tuple[Case, Case]]) -> Comparison:
    """Two settings over cases, each of which is read by either side's own laboratory."""
    sides = _Side("left", left), _Side("right", right)
    changes: list[Change] = []
    table: Counter[Cell] = Counter()
    labels: dict[str, str] = {}
    unknown: list[int] = []
    for pair in cases:
        unknown.append(len(pair[0].not_understood))
        found = [side.classify(case) for side, case in zip(sides, pair, strict=True)]
        labels |= {s.id: s.label for verdict in reversed(found) for s in verdict.subtypes}
        for subtype, was, now in _verdicts(*found):
            table[subtype, was, now] += 1
            if _differ(was, now):
                reasons = tuple(_reasons(sides, pair, subtype, (was, now)))
                changes.append(Change(pair[0].id, subtype, labels[subtype], was, now, reasons))
    order = {(s, a, b): (list(labels).index(s), _place(a), _place(b)) for s, a, b in table}
    one, two = left.classifier.ontology, right.classifier.ontology
    return Comparison(
        one.settings,
        two.settings,
        (By.of(one), By.of(two)),
        sides[0].only(sides[1]),
        sides[1].only(sides[0]),
        tuple(_intervals_only(one, two)),
        tuple(_intervals_only(two, one)),
        len(unknown),
        labels,
        {key: table[key] for key in sorted(table, key=lambda key: order[key])},
        tuple(changes),
        not_understood=tuple(unknown),
    )


def _intervals_only(one: Ontology, other: Ontology) -> Iterator[Judging]:
    """The intervals and formulas that fell on the other side alone."""
    for iri in sorted(other.readings.fallen - one.readings.fallen):
        label = one.laboratory.text(iri, names.LABEL) or names.local(iri)
        yield Judging(names.local(iri), label, one.readings.references(iri))


def weights(
    classifier: Classifier, cases_under: Callable[[Ontology], Sequence[Case]]
) -> list[Weight]:
    """What changes without each single reference, weightiest first; those that change nothing not.

    ``cases_under`` gives the same cases as the laboratory of an ontology reads them.
    """
    ontology = classifier.ontology
    cases = cases_under(ontology)
    before = [classifier.classify(case) for case in cases]
    bearing = classifier.bearing
    found = []
    for key in ontology.library.bibliography:
        without = replace(ontology.settings, without=(*ontology.settings.without, key))
        other = ontology.leaving_out(without)
        same_levels = other.readings.fallen == ontology.readings.fallen
        fallen = other.claims.fallen
        if not same_levels or not bearing.isdisjoint(fallen - ontology.claims.fallen):
            axioms = sum(
                fallen.issuperset(a.rests_on) for a in classifier.fragment.axioms if a.rests_on
            )
            left = Classifier(other, classifier)
            after = map(left.classify, cases if same_levels else cases_under(other))
            found.append(Weight(key, axioms, tuple(_changed(before, after))))
    telling = (weight for weight in found if weight.changes)
    return sorted(telling, key=lambda w: (-len(w.changes), -w.cases, w.reference))


def _changed(
    before: Iterable[CaseVerdict], after: Iterable[CaseVerdict]
) -> Iterator[tuple[str, str]]:
    for one, two in zip(before, after, strict=True):
        for subtype, left, right in _verdicts(one, two):
            if left != right:
                yield one.case.id, subtype


def _reasons(
    sides: tuple[_Side, _Side],
    pair: tuple[Case, Case],
    subtype: str,
    verdicts: tuple[Standing | None, Standing | None],
) -> Iterator[Reason]:
    (one, two), (case, other) = sides, pair
    for side, mine, against, theirs, verdict in (
        (one, case, two, other, verdicts[0]),
        (two, other, one, case, verdicts[1]),
    ):
        if verdict in (ENTAILED, PRESUMED, REFUTED, CONFLICTING):
            reason = side.reason(mine, subtype, against, theirs)
            if reason is not None:
                yield reason


def _verdicts(one: CaseVerdict, two: CaseVerdict) -> Iterator[Cell]:
    left = {s.id: s.standing for s in one.subtypes}
    right = {s.id: s.standing for s in two.subtypes}
    for subtype in dict.fromkeys((*left, *right)):
        yield subtype, left.get(subtype), right.get(subtype)


def _differ(one: str | None, two: str | None) -> bool:
    """A subtype that a side does not define differs only where the other side says it follows."""
    return ENTAILED in (one, two) and one != two if None in (one, two) else one != two


def _place(verdict: Standing | None) -> int:
    return ORDER.index(verdict)


def _says(axiom: Axiom) -> Says:
    return axiom.says


def _fact(given: Given) -> tuple[bool, str | None, str]:
    return given.fact.affirmed, given.fact.property, given.fact.term
