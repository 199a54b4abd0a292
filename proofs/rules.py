"""The rules of reading, proved on raw cases: ``python -m proofs.rules [--quick]``.

For each viewpoint, over random cases as a case file has them:

* *both*: read, taken at their word, worked up, repaired and presumed by the compiled definitions
  and by HermiT, the outcome is the same in every word;
* *repairs*: those of contradictory cases are the maximal ones of all subsets of what is stated, by
  HermiT, and the verdicts are what these share when the rules are applied to each anew;
* *order*: shuffled lists and keys change nothing;
* *presumed*: what may be assumed changes no verdict, only open subtypes are presumed, and no
  assumption contradicts a case;
* *weaker*: no fact that a name adds is entailed or denied by what is stated, and no assumed one by
  that and what a name adds.

Exit code 1 on any difference, or if something that the rules do was met too seldom.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from calcinosis.facts.case import Case
from calcinosis.facts.read import Reader, reader_of
from calcinosis.graph.ontology import load, viewpoints
from calcinosis.graph.rules import NORMAL_NOW
from calcinosis.graph.settings import ASSUMPTIONS
from calcinosis.reasoning.classify import Classifier, Known
from calcinosis.reasoning.owl import Authority, OwlFact
from calcinosis.reasoning.presumed import _Asked
from calcinosis.reasoning.repairs import repairs
from calcinosis.reasoning.verdict import CONFLICTING, UNDETERMINED, CaseVerdict, SubtypeVerdict
from proofs.happened import EVENTS, events, table
from proofs.raw import LISTS, Maker, Words

_HEAD = ("viewpoint", "part", "cases", "of them contradictory", "asked of HermiT", "differences")
_SHOWN = 5
_TRIES = 60
_MOST_FACTS = 12
_ALL_BY_HERMIT = 6


class Size(NamedTuple):
    """How many cases each part takes under one viewpoint, and how often each event is met."""

    both: int
    repairs: int
    order: int
    presumed: int
    share: int


WHOLE, QUICK = Size(300, 50, 200, 1000, 10), Size(8, 3, 10, 20, 0)


@dataclass
class Row:
    """What one part looked at under one viewpoint, and where it found differences."""

    viewpoint: str
    part: str
    cases: int = 0
    contradictory: int = 0
    asked: int = 0
    differences: int = 0
    examples: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __enter__(self) -> Row:
        self._start = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.process_time() - self._start

    def differ(self, raw: object, what: Iterable[str]) -> None:
        """Count a case that differs, if anything does, and keep one of the first."""
        words = "; ".join(what)
        if words:
            self.differences += 1
            if len(self.examples) < _SHOWN:
                self.examples.append(f"{self.viewpoint}, {self.part}: {words}: {raw}")


class Remembering(Authority):
    """The authority, asked once for each set of facts."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(classifier.ontology, classifier)
        self._answers: dict[frozenset[OwlFact], bool] = {}

    @property
    def asked(self) -> int:
        """How many questions HermiT answered."""
        return len(self._answers)

    def satisfiable(self, facts: Iterable[OwlFact]) -> bool:
        """Whether a case can have all of these facts."""
        key = frozenset(facts)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = super().satisfiable(key)
        return found


class Bench:
    """One viewpoint with all that is proved about it."""

    def __init__(self, viewpoint: str, seed: int = 1) -> None:
        self.viewpoint = viewpoint
        self.classifier = Classifier(load(viewpoint))
        self.reader: Reader = reader_of(self.classifier.ontology)
        self.words = Words(self.classifier)
        self.seed = seed

    def maker(self, part: int) -> Maker:
        """A maker of raw cases for one part."""
        return Maker(self.words, 100 * self.seed + part)

    def read(self, raw: object) -> Case:
        """A raw case as the reader has it; words that it does not understand stay."""
        return self.reader.read(raw, "")

    # -- both reasoners --------------------------------------------------------------

    def both(self, authority: Remembering, cases: int, share: int) -> tuple[Row, Counter[str]]:
        """The outcome of raw cases by both reasoners, and how often each event happened."""
        maker, met = self.maker(1), Counter[str]()
        with Row(self.viewpoint, "both") as row:
            for _ in range(cases):
                self._one_by_both(authority, maker.case(), row, met)
            for event, theme in EVENTS.items():
                for _ in range(_TRIES * share):
                    if met[event] >= share:
                        break
                    self._one_by_both(authority, maker.case(theme), row, met)
            row.asked = authority.asked
        return row, met

    def _one_by_both(
        self, authority: Remembering, raw: object, row: Row, met: Counter[str]
    ) -> None:
        case = self.read(raw)
        ours, theirs = self.classifier.known(case), self.classifier.known(case, authority._judge)
        one = self.classifier.classify(case, known=ours)
        two = authority.classify(case)
        row.cases += 1
        row.contradictory += not ours.consistent
        met.update(events(self.classifier, case, ours))
        row.differ(raw, [*known_apart(ours, theirs), *apart(one, two)])

    # -- repairs ---------------------------------------------------------------------

    def repairs(self, authority: Remembering, cases: int) -> Row:
        """Contradictory cases of few facts against all subsets of what is stated."""
        maker, before = self.maker(2), authority.asked
        with Row(self.viewpoint, "repairs") as row:
            while row.cases < cases:
                raw = maker.case(("clash", "clash_of_many")[row.cases % 2])
                case = self.read(raw)
                stated = self.classifier.read(case)
                if self.classifier.compiled.evaluate(stated).consistent:
                    continue
                if len(stated) <= _MOST_FACTS:
                    row.cases += 1
                    row.contradictory += 1
                    row.differ(raw, self.repaired(authority, case))
            row.asked = authority.asked - before
        return row

    def repaired(self, authority: Remembering, case: Case) -> Iterator[str]:
        """Where a contradictory case differs from what all subsets of its facts say."""
        read = self.classifier._reading.read(case)
        literals = tuple(self.classifier.literals(read.facts))
        judge = self.classifier.compiled.evaluate
        kept = maximal(literals, lambda some: judge(some).consistent)
        yield from self._by_hermit(authority, literals, kept)
        found = repairs(literals, lambda some: judge(some).consistent)
        if found is None or {frozenset(one) for one in found} != kept:
            yield f"{found and len(found)} repairs, {len(kept)} by brute force"
        each = [
            authority.classify(
                replace(
                    case,
                    facts=tuple(f for f, one in self._literals(read.facts) if one in some),
                    assume=(),
                )
            )
            for some in kept
        ]
        if any(one.contradiction is not None for one in each):
            yield "a repair is contradictory to HermiT"
        verdict = self.classifier.classify(case)
        if verdict.repairs != len(kept) or verdict.contradiction is None:
            yield f"{verdict.repairs} repairs are told"
        yield from shared(verdict, each, self._of_levels(read.levels))

    def _of_levels(self, levels: Iterable[Any]) -> set[str]:
        """The flags on levels that were set aside; a repair, read alone, has none to set aside."""
        flag = self.classifier.rules.flags[NORMAL_NOW]
        return {flag.about(str(level)) for level in levels}

    def _literals(self, facts: Iterable[Any]) -> Iterator[tuple[Any, int]]:
        for fact in facts:
            (literal,) = self.classifier.literals([fact])
            yield fact, literal

    def _by_hermit(
        self, authority: Remembering, literals: tuple[int, ...], kept: set[frozenset[int]]
    ) -> Iterator[str]:
        """HermiT's word that sets are consistent and maximal; of few facts, that no other is."""

        def possible(some: Iterable[int]) -> bool:
            return bool(authority._judge(some).consistent)

        if len(literals) <= _ALL_BY_HERMIT and maximal(literals, possible) != kept:
            yield "other repairs to HermiT"
        for some in kept:
            if not possible(some):
                yield "a repair is contradictory to HermiT"
            if any(possible({*some, one}) for one in literals if one not in some):
                yield "a repair is not maximal to HermiT"

    # -- order -----------------------------------------------------------------------

    def order(self, cases: int) -> Row:
        """Cases with their keys and lists shuffled."""
        maker, chance = self.maker(3), random.Random(self.seed)
        with Row(self.viewpoint, "order") as row:
            for _ in range(cases):
                raw = maker.case()
                whole = self.classifier.classify(self.read(raw))
                other = self.classifier.classify(self.read(shuffled(raw, chance)))
                row.cases += 1
                row.contradictory += whole.contradiction is not None
                one, two = said(whole), said(other)
                differ = (key for key in one if one[key] != two[key])
                row.differ(raw, (f"{key}: {one[key]} or {two[key]}" for key in differ))
        return row

    # -- presumed --------------------------------------------------------------------

    def presumed(self, cases: int) -> tuple[Row, Row]:
        """What may be assumed changes no verdict; what is added was open before."""
        maker = self.maker(4)
        with Row(self.viewpoint, "presumed") as row, Row(self.viewpoint, "weaker") as weaker:
            for _ in range(cases):
                raw = maker.case()
                case = replace(self.read(raw), assume=ASSUMPTIONS)
                known = self.classifier.known(case)
                row.cases += 1
                weaker.cases += 1
                row.contradictory += not known.consistent
                weaker.contradictory += not known.consistent
                row.differ(raw, self.presumed_apart(case, known))
                weaker.differ(raw, self.added_in_vain(case, known))
        return row, weaker

    def presumed_apart(self, case: Case, known: Known) -> Iterator[str]:
        """What is wrong with what is presumed of a case."""
        assuming = self.classifier.classify(case, known=known)
        strict = self.classifier.classify(replace(case, assume=()))
        for one, two in zip(assuming.subtypes, strict.subtypes, strict=True):
            if replace(one, presumed=None) != two:
                yield f"{one.label} is {one.verdict} with assumptions and {two.verdict} without"
            if one.presumed is not None and one.verdict != UNDETERMINED:
                yield f"{one.label} is presumed and {one.verdict}"
            if one.presumed is not None and not known.consistent:
                yield f"{one.label} is presumed of contradictory facts"
        rest = replace(assuming, case=strict.case, subtypes=strict.subtypes, assume=strict.assume)
        # What a word holds back is of presumptions too.
        rest = replace(rest, not_understood=strict.not_understood)
        if replace(rest, references=strict.references) != strict:
            yield "something besides the subtypes changes with assumptions"
        for found in known.situations if known.consistent else ():
            made = self._assumptions(case, known)
            after = self.classifier._presumer.adding(found, made, self.classifier.compiled.evaluate)
            if not after.judged.consistent:
                yield "the assumptions contradict the case"

    def _assumptions(self, case: Case, known: Known) -> list[Any]:
        (found,) = known.situations
        aside = bool(known.read.levels)
        judge = self.classifier.compiled.evaluate
        return _Asked(
            self.classifier._presumer, case, found, aside, judge, ASSUMPTIONS
        ).assumptions()

    def added_in_vain(self, case: Case, known: Known) -> Iterator[str]:
        """The facts that were added although stronger ones settle them."""
        judge = self.classifier.compiled.evaluate
        for found in known.situations:
            stated = {n for n, facts in found.stated.items() if any(f.rule is None for f in facts)}
            workup = {one for _, one in self._literals(case.workup)}
            strong = {n for n in stated if n not in workup or _is_stated(found.stated[n], case)}
            yield from self._settled(judge(strong), found.taken)
        if known.consistent:
            for one in self._assumptions(case, known):
                yield from self._settled(known.situations[0].judged, one.facts)

    def _settled(self, judged: Any, facts: Iterable[Any]) -> Iterator[str]:
        for fact, literal in self._literals(facts):
            if judged.holds(literal):
                yield f"{fact} was entailed already"
            if judged.holds(literal ^ 1):
                yield f"{fact} was denied"


def _is_stated(facts: Iterable[Any], case: Case) -> bool:
    """Whether one of some facts is stated otherwise than by the work-up."""
    return any(fact.rule is None and fact not in case.workup for fact in facts)


def maximal(
    literals: tuple[int, ...], consistent: Callable[[Sequence[int]], bool]
) -> set[frozenset[int]]:
    """The maximal consistent ones of all subsets, each of which is looked at."""
    every = range(1 << len(literals))
    sets = {n: [one for place, one in enumerate(literals) if n >> place & 1] for n in every}
    possible = {n for n, some in sets.items() if consistent(some)}
    bits = [1 << place for place in range(len(literals))]
    return {
        frozenset(sets[n])
        for n in possible
        if not any(n | bit in possible for bit in bits if not n & bit)
    }


def shared(verdict: CaseVerdict, each: Sequence[CaseVerdict], besides: set[str]) -> Iterator[str]:
    """Where a contradictory case's verdicts differ from what its repairs share."""
    for place, ours in enumerate(verdict.subtypes):
        theirs = [one.subtypes[place] for one in each]
        expected = _alike([one.verdict for one in theirs]) or CONFLICTING
        basis = _alike([one.basis for one in theirs]) if expected != CONFLICTING else None
        needed = _alike([one.needed for one in theirs]) if basis else None
        status = [
            _alike([one.criteria[n].status for one in theirs]) or CONFLICTING
            for n in range(len(ours.criteria))
        ]
        if (ours.verdict, ours.basis, ours.needed) != (expected, basis, needed or ()):
            yield f"{ours.label}: {ours.verdict} {ours.basis}, {expected} {basis} by brute force"
        if [one.status for one in ours.criteria] != status:
            yield f"{ours.label}: criteria"
        if {*ours.flags} - besides != set.intersection(*({*one.flags} for one in theirs)):
            yield f"{ours.label}: flags"
        if ours.presumed is not None:
            yield f"{ours.label}: presumed"


def _alike(values: Sequence[Any]) -> Any:
    return values[0] if all(one == values[0] for one in values) else None


def known_apart(ours: Known, theirs: Known) -> Iterator[str]:
    """Where the rules came out otherwise by two reasoners."""
    for name in ("read", "stated", "consistent"):
        if getattr(ours, name) != getattr(theirs, name):
            yield name
    if len(ours.situations) != len(theirs.situations):
        yield f"{len(ours.situations)} and {len(theirs.situations)} repairs"
    for one, two in zip(ours.situations, theirs.situations, strict=False):
        for name in ("stated", "items", "taken", "held", "named", "ignored", "flags"):
            if getattr(one, name) != getattr(two, name):
                yield f"{name}: {getattr(one, name)} compiled, {getattr(two, name)} by HermiT"
    found = [
        {key: (one.assumptions, one.outcomes) for key, one in known.presumed.items()}
        for known in (ours, theirs)
    ]
    if found[0] != found[1]:
        yield f"presumed: {found[0]} compiled, {found[1]} by HermiT"


def apart(ours: CaseVerdict, theirs: CaseVerdict) -> Iterator[str]:
    """Where two verdicts on a case differ."""
    for one, two in zip(ours.subtypes, theirs.subtypes, strict=True):
        if one != two:
            yield f"{one.label}: {_told(one)} compiled, {_told(two)} by HermiT"
    if replace(ours, subtypes=()) != replace(theirs, subtypes=()):
        yield "something beside the subtypes"


def _told(one: SubtypeVerdict) -> str:
    codes = one.presumed.assumptions if one.presumed else ()
    status = [criterion.status for criterion in one.criteria]
    return f"{one.verdict}, {one.basis}, {codes}, {status}, {one.flags}, {one.needed}"


def shuffled(raw: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A raw case with its keys and its lists in another order."""
    keys = list(raw)
    chance.shuffle(keys)
    found = {}
    for key in keys:
        value = raw[key]
        if key in LISTS:
            value = [
                {k: one[k] for k in chance.sample(list(one), len(one))}
                if isinstance(one, dict)
                else one
                for one in chance.sample(value, len(value))
            ]
        found[key] = value
    return found


def said(verdict: CaseVerdict) -> dict[str, object]:
    """What a verdict says, without order and without places in the file."""

    def presumed(one: SubtypeVerdict) -> object:
        found = one.presumed
        if found is None:
            return None
        facts = frozenset((f.affirmed, f.property, f.term) for f in found.facts)
        return frozenset(found.assumptions), facts, frozenset(found.references)

    parts = {
        one.id: (
            one.verdict,
            one.basis,
            presumed(one),
            frozenset(one.flags),
            frozenset(one.needed),
            tuple(criterion.status for criterion in one.criteria),
            frozenset(one.basis_facts),
        )
        for one in verdict.subtypes
    }
    return {
        **parts,
        "calcinosis": verdict.calcinosis,
        "contradictory": verdict.contradiction is not None,
        "repairs": verdict.repairs,
        "taken": frozenset((f.affirmed, f.property, f.term) for f in verdict.taken),
        "set aside": frozenset((r.what, r.reason) for r in verdict.set_aside),
        "without a role": frozenset((r.what, r.reason) for r in verdict.without_role),
        "work-up": frozenset(verdict.workup_ignored),
    }


def prove(viewpoint: str, size: Size) -> tuple[list[Row], Counter[str]]:
    """All parts under one viewpoint, and how often the rules did what."""
    bench = Bench(viewpoint, 1 + viewpoints().index(viewpoint))  # each has its own cases
    authority = Remembering(bench.classifier)
    row, met = bench.both(authority, size.both, size.share)
    rows = [row, bench.repairs(authority, size.repairs), bench.order(size.order)]
    return [*rows, *bench.presumed(size.presumed)], met


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as the lines of a Markdown table."""
    yield f"| {' | '.join((*_HEAD, 'CPU s'))} |"
    yield f"|---|---|{'--:|' * (len(_HEAD) - 1)}"
    for row in rows:
        numbers = (row.cases, row.contradictory, row.asked, row.differences)
        cells = (row.viewpoint, row.part, *(f"{n:,}" for n in numbers), f"{row.seconds:.1f}")
        yield f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proofs.rules", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few cases, in one process")
    quick = parser.parse_args(arguments).quick
    began = time.perf_counter()
    size, names = (QUICK if quick else WHOLE), viewpoints()
    if quick:
        found = [prove(name, size) for name in names]
    else:
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(prove, names, [size] * len(names)))
    rows = [row for rows, _ in found for row in rows]
    print("\n".join(lines(rows)))
    print()
    print("\n".join(table(names, [met for _, met in found])))
    print(f"\n{time.perf_counter() - began:.0f} s wall")
    for row in rows:
        for example in row.examples:
            print(f"difference: {example}", file=sys.stderr)
    met = sum((met for _, met in found), Counter[str]())
    seldom = [event for event in EVENTS if met[event] < size.share * len(names)]
    for event in seldom:
        print(f"met too seldom: {event}, {met[event]} times", file=sys.stderr)
    return int(bool(seldom) or any(row.differences for row in rows))


if __name__ == "__main__":
    sys.exit(main())
