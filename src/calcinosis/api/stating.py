"""What a page offers to state of a patient: words, examples, and the fact that decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from calcinosis import names
from calcinosis.api.graph import KnowledgeGraph
from calcinosis.errors import CaseError, InputError
from calcinosis.explain.decide import Outcome
from calcinosis.explain.explanation import Explanation
from calcinosis.facts.case import LISTS, Case, Fact, Remark
from calcinosis.facts.laboratory import Analyte
from calcinosis.facts.read import reader_of
from calcinosis.facts.suggest import suggestions
from calcinosis.facts.yaml_values import yaml_values
from calcinosis.graph import viewpoints
from calcinosis.graph.codes import as_curie
from calcinosis.graph.locate import data
from calcinosis.graph.matched import LABEL
from calcinosis.reasoning.fragment import Some
from calcinosis.reasoning.verdict import CaseVerdict

_LEVELS: Final = ("low", "normal", "high", "not raised", "abnormal")
_EXAMPLES: Final = ("patients.yaml", "published/cases.yaml")
_MOST: Final = 200
_PERIOD: Final = re.compile(r"P(\d+)([YMWD])")
_SPANS: Final = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
_CRITERIA: Final = 10
_ENDS: Final = {"AtDeposit": "at_deposit", "AsCause": "cause"}
STATUS: Final = "calcinosis"
"""The key of a case that says whether there is a deposit, which is no list."""
Stated = tuple[str, object]
"""The list of a case, and the item in it; or STATUS, and whether there is a deposit."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a form for one patient offers: labels by list, tests with their units, and so on.

    ``viewpoints`` are names with labels, ``examples`` ids with their sources.
    """

    words: Mapping[str, Sequence[str]]
    tests: Mapping[str, Sequence[str]]
    levels: Sequence[str]
    worked_up: Sequence[str]
    viewpoints: Mapping[str, str]
    examples: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case of a file as a form can hold it; ``differs`` names verdicts that the file changes."""

    case: Mapping[str, Any]
    differs: tuple[str, ...] = ()


class Stating:
    """The words and examples of a loaded graph, and what states what would decide."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self._kg = kg

    # -- what is offered ---------------------------------------------------------------

    @cached_property
    def offered(self) -> Offered:
        """What a form offers without a script."""
        ontology = self._kg.ontology
        return Offered(
            suggestions(ontology),
            {one.label: _units(one) for one in self._analytes},
            _LEVELS,
            # The first, that there is calcinosis, is asked before.
            self._kg._vocabulary.criteria(_CRITERIA)[1:],
            {one.name: one.label for one in viewpoints.read(ontology)},
            {key: str(case.get("source") or "") for key, case in self.examples.items()},
        )

    @property
    def _analytes(self) -> list[Analyte]:
        found = self._kg.laboratory.analytes.values()
        return sorted(found, key=lambda one: one.label.casefold())

    def meanings(self, key: str, word: str) -> tuple[str, ...]:
        """What a word in a list of a case may have meant; empty where it is understood."""
        try:
            case = reader_of(self._kg.ontology).read({"id": "a word", key: [word]}, "")
        except CaseError:
            return ()
        return tuple(dict.fromkeys(one for r in case.not_understood for one in r.suggestions))

    @cached_property
    def names_of(self) -> dict[str, list[list[str]]]:
        """By list, each label with its synonyms and codes, for a script to look through."""
        terms = self._kg.lookups.lexicon.terms
        by_label = {terms.label(iri): iri for iri in terms.iris()}
        codes: dict[str, list[str]] = {}
        for one in terms.mappings:
            if one.predicate.removeprefix("skos:") in ("exactMatch", "closeMatch"):
                codes.setdefault(one.subject, []).append(one.object)

        def known(label: str) -> list[str]:
            iri = by_label.get(label)
            if iri is None:
                return [label]
            curie = f"calc:{names.local(iri)}"
            return [label, *terms.called(iri)[1:], *codes.get(curie, ())]

        found = {key: list(map(known, labels)) for key, labels in self.offered.words.items()}
        entries = self._kg.lookups.lexicon.entries
        tests = [[one.label, *entries[one.iri].synonyms] for one in self._analytes]
        return {**found, "tests": tests}

    @cached_property
    def examples(self) -> dict[str, Mapping[str, Any]]:
        """The cases that come with the package, by id."""
        found: dict[str, Mapping[str, Any]] = {}
        for name in _EXAMPLES:
            path = data("examples") / name
            for document in yaml_values(path.read_text(encoding="utf-8"), name):
                found |= {str(case["id"]): case for case in document}
        return found

    # -- what a file holds -------------------------------------------------------------

    def loaded(self, path: Path) -> tuple[list[Loaded], list[InputError]]:
        """The cases of a file as a form can hold them, at most 200, and what was refused."""
        found: list[Loaded] = []
        refused: list[InputError] = []
        for item in self._kg._read(path):
            if isinstance(item, InputError):
                refused.append(item)
            else:
                found.append(self._held(item[0].traced(item[1], self._kg.ontology.terms)))
            if len(found) >= _MOST or len(refused) >= _MOST:
                break
        return found, refused

    def _held(self, case: Case) -> Loaded:
        """A case as a form holds it: what only its file can say is recorded in words."""
        raw = case.raw if isinstance(case.raw, Mapping) else {}
        if case.document is not None:
            raw = self._labelled(raw, case)
        again = self._again(raw)
        kept = {(one.what, one.reason) for one in _remarks(again)}
        lost = [one for one in _remarks(case) if (one.what, one.reason) not in kept]
        if lost:
            other = [*raw.get("other", ()), *(f"{one.what}: {one.reason}" for one in lost)]
            raw = {**raw, "other": list(dict.fromkeys(map(str, other)))}
        decide = self._kg._decide
        pairs = zip(decide(case).subtypes, decide(again).subtypes, strict=True)
        return Loaded(raw, tuple(a.label for a, b in pairs if a.standing != b.standing))

    def _labelled(self, raw: Mapping[str, Any], case: Case) -> Mapping[str, Any]:
        """The same with labels for the codes of a record, where they say exactly the same."""
        found = {key: list(raw.get(key) or ()) for key in (*LISTS, "excluded")}
        for fact in case.facts:
            key, _, rest = (fact.item or fact.where).partition("[")
            place = rest.partition("]")[0]
            if key not in found or not place.isdigit() or not _is_exact(fact):
                continue
            item = found[key][int(place)]
            is_more = isinstance(item, Mapping)
            found[key][int(place)] = {**item, "term": fact.label} if is_more else fact.label
        if labs := raw.get("labs"):
            found["labs"] = [self._lab_labelled(one) for one in labs]
        labelled = {**raw, **{key: items for key, items in found.items() if items}}
        if match := _PERIOD.fullmatch(str(raw.get("age", ""))):
            labelled["age"] = f"{match[1]} {_SPANS[match[2]]}"
        same = _said(self._again(labelled)) == _said(self._again(raw))
        return labelled if same else raw

    def _lab_labelled(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """A laboratory result with the name of its test in the place of a code."""
        test = str(item["test"])
        tests = self._kg.laboratory.find(test) if as_curie(test) else []
        return {**item, "test": tests[0].label} if len(tests) == 1 else item

    def _again(self, raw: Mapping[str, Any]) -> Case:
        return self._kg._reader(strict=False).read(raw, "")

    # -- the fact that decides ---------------------------------------------------------

    def deciding(self, case: Mapping[str, Any], found: Explanation) -> list[list[Stated | None]]:
        """For each question of an explanation, and each answer, what states it of the case.

        None where no single item does: then what meets the criterion must be named.
        """
        return [[self._stating(case, one) for one in q.outcomes] for q in found.questions]

    def _stating(self, case: Mapping[str, Any], outcome: Outcome) -> Stated | None:
        for key, item in self._ways(outcome):
            items = case.get(key)
            kept = items if isinstance(items, list) else [] if items is None else [items]
            is_status = key == STATUS
            read = self._again({**case, key: item if is_status else [*kept, item]})
            verdict = self._kg._decide(read)
            is_lost = not is_status and _is_lost(read, key, len(kept))
            if _settles(verdict, outcome) and not is_lost:
                return key, item
        return None

    def _ways(self, outcome: Outcome) -> Iterator[Stated]:
        """What may state an observation: a level, a term that meets it, or its denial."""
        seen = outcome.observation
        terms = self._kg.ontology.terms
        if seen.criterion == self._kg.classifier.presupposed_id:
            yield STATUS, "present" if seen.met else "absent"
        for leaf in self._kg.classifier.leaves(names.CC + seen.criterion):
            if not isinstance(leaf, Some):
                continue
            analyte = self._analyte(leaf.filler)
            if analyte is not None:
                level = "low" if leaf.filler == analyte.low else "high"
                yield "labs", {"test": analyte.label, "level": level if seen.met else "normal"}
            elif seen.met:
                yield from _linked(leaf.property, terms.label(leaf.filler))
        if not seen.met:
            yield "excluded", terms.label(names.CC + seen.criterion)

    def _analyte(self, finding: str) -> Analyte | None:
        """The plainest test of a level: the one that gives way to the others of its group."""
        found = [one for one in self._analytes if finding in (one.high, one.low)]
        return max(found, key=lambda one: one.precedence, default=None)


def _is_exact(fact: Fact) -> bool:
    """Whether a code stood there that means exactly the term."""
    match = fact.match
    if match is None or fact.rule is not None:
        return False
    return match.by != LABEL and (match.row is None or match.row.predicate == "skos:exactMatch")


def _said(case: Case) -> set[tuple[object, ...]]:
    return {(one.term, one.property, one.affirmed, one.when) for one in case.facts}


def _units(analyte: Analyte) -> list[str]:
    """The units of a test, each in its first spelling."""
    found: dict[str, str] = {}
    for spelling, unit in analyte.units.items():
        found.setdefault(unit.ucum, unit.ucum or spelling)
    return list(found.values())


def _linked(link: str, label: str) -> Iterator[Stated]:
    for key, kind in LISTS.items():
        base = names.HAS[kind]
        if link == base:
            yield key, label
        elif link.startswith(base) and (said := _ENDS.get(link.removeprefix(base))):
            yield key, {"term": label, said: True}


def _remarks(case: Case) -> Iterable[Remark]:
    return (*case.set_aside, *case.uninterpreted, *case.not_understood)


def _is_lost(case: Case, key: str, place: int) -> bool:
    """Whether an item gave no fact."""
    where = f"{key}[{place}]"
    return not any((fact.item or fact.where).startswith(where) for fact in case.facts)


def _settles(verdict: CaseVerdict, outcome: Outcome) -> bool:
    by_id = {one.id: one.verdict for one in verdict.subtypes}
    return all(by_id[subtype] == said for subtype, said in outcome.settles)
