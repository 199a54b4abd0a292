"""Explanations as text and Markdown: a short tree a verdict, no axiom syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import PurePath

from calcinosis.errors import listed
from calcinosis.explain.decide import Deciding, Observations
from calcinosis.explain.explanation import Conflict, Explanation, Why
from calcinosis.explain.fold import Chain, Step
from calcinosis.explain.links import CITED, EDITORIAL, MEANING, READING, Given, Link, Source
from calcinosis.explain.stability import Stability
from calcinosis.explain.workup import Examination
from calcinosis.facts.case import Fact
from calcinosis.graph.claims import Reference
from calcinosis.graph.matched import LABEL
from calcinosis.output.markup import markdown_text
from calcinosis.output.wording import SIGN, VERDICT, more, not_understood, numbered, wrapped
from calcinosis.output.words import reasons
from calcinosis.output.words.uses import purposes, reads
from calcinosis.output.words.verdicts import (
    basis,
    brief_reference,
    possible_causes,
    short_reference,
)
from calcinosis.reasoning.verdict import UNDETERMINED, Presumed

_ORDER = ("conflicting", "entailed", "refuted")
_MANY = 3
_ASKED = 2
_PLACES = 12
KINDS = {
    MEANING: "placed by what the words mean",
    CITED: "cited",
    READING: "our reading of what is cited",
    EDITORIAL: "our own reading, without a source",
}
BOUND = "there are more minimal sets than can be listed"
NOTHING_LEFT = "nothing that is left can settle it"
ALL = "(-f json gives all)"


def explanation_text(
    explanation: Explanation,
    library: Mapping[str, Reference],
    *,
    width: int = 80,
    head: str = "",
) -> str:
    """One case for people: each verdict with what it rests on, as lines of ``width``.

    ``head`` takes the place of the first line, and of the answer: it stands above already.
    """
    lines: list[str] = []
    (_, own), *rest = _Outline(explanation, library, brief=True, answers=not head).lines()
    for depth, text in [(0, head or own), *rest]:
        lines += wrapped(text, max(40, width), 2 * depth)
    return "\n".join(lines) + "\n"


def explanation_markdown(explanation: Explanation, library: Mapping[str, Reference]) -> str:
    """The same as a heading and nested lists."""
    (_, head), *rest = _Outline(explanation, library).lines()
    lines = [f"## {markdown_text(head)}", ""]
    lines += [f"{'  ' * (depth - 1)}- {markdown_text(text)}" for depth, text in rest]
    return "\n".join(lines) + "\n"


def explanation_lines(
    explanation: Explanation, library: Mapping[str, Reference]
) -> list[tuple[int, str]]:
    """The same as lines with their depths; that of depth 0 names the case."""
    return _Outline(explanation, library).lines()


class _Outline:
    """The lines of an explanation, each with its depth; ``brief`` names references shortly.

    The answer stands before the derivation where ``answers``.
    """

    def __init__(
        self,
        explanation: Explanation,
        library: Mapping[str, Reference],
        *,
        brief: bool = False,
        answers: bool = True,
    ) -> None:
        self._explanation = explanation
        self._library = library
        self._brief = brief
        self._answers = answers
        self._numbers: dict[str, int] = {}
        self._reads: dict[str, dict[str, None]] = {}
        self._uncited = False
        self._judged: set[str] = set()
        self._noted: set[str] = set()
        self._lines: list[tuple[int, str]] = []

    def lines(self) -> list[tuple[int, str]]:
        """The whole, from the case to its references."""
        verdict = self._explanation.verdict
        stated = {"unknown": "calcinosis not stated"}.get(
            verdict.calcinosis, f"calcinosis {verdict.calcinosis}"
        )
        self._lines = [(0, f"{verdict.case.id} ({stated}{_from(self._explanation)})")]
        if self._answers:
            self._answer()
        for words in not_understood(verdict):
            self._say(1, f"NOT UNDERSTOOD {words}")
        self._contradictions()
        for kind in _ORDER:
            for why in self._explanation.subtypes:
                if why.verdict.verdict == kind:
                    self._why(why)
        self._not_settled()
        self._rules()
        self._tests()
        if not self._answers:
            self._questions()
        self._references()
        return self._lines

    def _answer(self) -> None:
        """The answer before the derivation: verdicts, facts, why, and what would decide."""
        found = self._explanation
        self._say(1, f"ANSWER {reasons.answer(found)}")
        self._say(1, f"READ {'; '.join(reasons.facts_read(found.verdict)) or 'no fact'}")
        told = [why for why in found.subtypes if why.justifications or why.verdict.presumed]
        if told:
            said = "; ".join(reasons.because(why, facts=False) for why in told)
            self._say(1, f"WHY {said}")
        self._questions()

    def _say(self, depth: int, text: str) -> None:
        self._lines.append((depth, text))

    # -- why -------------------------------------------------------------------------

    def _why(self, why: Why) -> None:
        word = VERDICT[why.verdict.verdict].upper()
        if not why.justifications:
            self._say(1, f"{word} {why.verdict.label}")
            return
        first, *others = zip(why.justifications, why.steps, strict=True)
        justification, steps = first
        within = {link.axiom for step in steps for link in step.links}
        rest = [link for link in justification.links if link.axiom not in within]
        self._say(1, f"{word} {why.verdict.label}{self._cite(rest)}")
        for step in steps:
            self._say(2, self._step(step))
        self._say(2, " ".join((*_weakest(why), *self._stability(why.stability))))
        fresh = (self._other(mine, steps) for _, mine in others)
        ways = [way for way in dict.fromkeys(fresh) if way]
        for way in ways[:_MANY]:
            self._say(2, way)
        if len(ways) > _MANY:
            self._say(2, f"and in {more(len(ways) - _MANY, 'way')} {ALL}")
        alike = sum(not self._other(mine, steps) for _, mine in others)
        if alike:
            self._say(2, f"and by other axioms from the same facts in {more(alike, 'way')} {ALL}")
        self._flags(why)
        if not why.complete:
            self._say(2, f"This is one way of many: {BOUND}.")

    def _not_settled(self) -> None:
        """What is presumed, and then what is open, with what would decide it."""
        still_open = [w for w in self._explanation.subtypes if w.verdict.verdict == UNDETERMINED]
        for why in still_open:
            if why.verdict.presumed is not None:
                self._presumed(why, why.verdict.presumed)
        for why in still_open:
            if why.verdict.presumed is None:
                settled = f": {_decided(why.deciding)}" if why.deciding is not None else ""
                self._say(1, f"OPEN {why.verdict.label}{basis(why.verdict)}{settled}")
                self._causes(why)
                self._flags(why)

    def _presumed(self, why: Why, presumed: Presumed) -> None:
        """What is presumed, what it hangs on, and the reason for it."""
        words = f"{presumed.condition}{self._numbers_of(presumed.references)}; {presumed.falls_if}"
        self._say(1, f"PRESUMED {why.verdict.label}, if {words}")
        self._causes(why)
        for step in why.presumed_steps[0] if why.presumed_steps else ():
            self._say(2, self._step(step))
        if why.deciding is not None:
            self._say(2, f"With nothing assumed it {_decided(why.deciding)}.")
        self._flags(why)

    def _causes(self, why: Why) -> None:
        if causes := possible_causes(why.verdict):
            self._say(2, f"{causes}{self._numbers_of(why.verdict.basis_references)}")

    def _rules(self) -> None:
        """The rules that added facts, what each does, and the way out."""
        verdict = self._explanation.verdict
        for rule in dict.fromkeys(fact.rule for fact in verdict.added):
            if rule is not None:
                link = next((k for k in self._rule_links() if k.words.startswith(rule.code)), None)
                cited = self._cite([link]) if link is not None else ""
                self._say(1, f"RULE ({rule.code}) {rule.label}{cited}. {rule.way_out}")

    def _rule_links(self) -> Iterator[Link]:
        for why in self._explanation.subtypes:
            for one in (*why.justifications, *why.presumed):
                yield from (link for link in one.links if link.form == "rule")

    def _step(self, step: Step) -> str:
        sign = SIGN["met" if step.met else "violated"]
        facts = self._facts(step.chains)
        return f"{sign} {step.criterion}: {facts}{self._cite(step.links, step.chains)}"

    def _flags(self, why: Why) -> None:
        for flag in why.verdict.flags:
            self._say(2, f"Note: {flag}")

    def _other(self, steps: tuple[Step, ...], shown: tuple[Step, ...]) -> str:
        """How another justification differs by facts and terms; empty if by axioms alone."""
        known = {(step.criterion, step.chains) for step in shown}
        fresh = [step for step in steps if (step.criterion, step.chains) not in known]
        if not fresh:
            return ""
        parts = [
            f"{step.criterion}: {self._facts(step.chains)}{self._cite(step.links, step.chains)}"
            for step in fresh
        ]
        return f"or {'; '.join(parts)}"

    def _facts(self, chains: Iterable[Chain]) -> str:
        """The facts with their chains; exclusions that lead to nothing else are folded."""
        plain: list[str] = []
        without: list[Given] = []
        for chain in chains:
            fact = chain.given.fact
            if fact.affirmed or fact.reading or chain.terms:
                terms = chain.terms if fact.affirmed else [f"no {term}" for term in chain.terms]
                plain.append(" › ".join((self._placed(chain.given), *terms)))
            else:
                without.append(chain.given)
        if without:
            labels = [str(given.fact).removeprefix("no ") for given in without]
            facts = [fact for given in without for fact in given.facts]
            spot = _spot(facts)
            plain.append(f"no {listed(labels, 'or')}{f' ({spot})' if spot else ''}")
        return "; ".join(plain)

    def _placed(self, given: Given) -> str:
        """A fact with its place; how a value was judged is said once."""
        fact = given.fact
        words = fact.words if fact.reading in self._judged else str(fact)
        self._judged.add(fact.reading or words)
        spot = _spot(given.facts, at_once=True)
        notes = dict.fromkeys(one.note for one in given.facts if one.note)
        new = [note for note in notes if note not in self._noted]
        self._noted.update(new)
        return "; noted: ".join((f"{words} ({spot})" if spot else words, *new))

    def _stability(self, stability: Stability | None) -> Iterator[str]:
        """The smallest sets that a verdict falls with, by places and numbers of references."""
        if stability is None:
            return
        facts = [
            _folded(_at(fact) for given in found for fact in given.facts)
            for found in stability.facts
        ]
        numbers = [self._numbers_of(found).strip() for found in stability.references]
        rest = max(0, len(facts) - _MANY - 1) + max(0, len(numbers) - _MANY)
        ways = facts[: _MANY + 1] + numbers[:_MANY]
        ways += [f"in {more(rest, 'way')}"] * (rest > 0)
        yield f"Falls without {listed(ways, 'or')}."

    # -- still open ------------------------------------------------------------------

    def _tests(self) -> None:
        """The cited tests that show what is open, once a criterion: the best two."""
        told: dict[str, str] = {}
        for one in self._explanation.still_open:
            if one.criterion not in told:
                tests = [self._test(test) for test in one.tests[:_ASKED]]
                told[one.criterion] = f"{one.words} by {listed(tests, 'or')}" if tests else ""
        named = [words for words in told.values() if words]
        without = [one.words for one in self._explanation.still_open if not one.tests]
        if without:
            named.append(f"none is cited for {listed(without, 'or')}")
        if named:
            self._say(1, f"TESTS {'; '.join(named)}")

    def _test(self, test: Examination) -> str:
        among = f" (in {listed(test.among, 'or')})" if test.among else ""
        return f"{test.label}{among}{self._cite_sources(test.sources)}"

    def _questions(self) -> None:
        questions = self._explanation.questions[:_ASKED]
        if questions:
            asked = "; ".join(f"{question.asks} ({question.score})" for question in questions)
            self._say(1, f"ASK NEXT (verdicts settled, over its answers) {asked}")
        elif any(why.deciding and why.deciding.complete for why in self._explanation.subtypes):
            self._say(1, f"ASK NEXT {NOTHING_LEFT}")

    # -- contradictions --------------------------------------------------------------

    def _contradictions(self) -> None:
        found = self._explanation.contradictions
        for conflict in found.conflicts[:_MANY]:
            self._say(1, f"CONTRADICTION{self._conflict(conflict)}")
        hidden = len(found.conflicts) - _MANY
        if hidden > 0:
            self._say(1, f"and {more(hidden, 'contradiction')} {ALL}")
        ways = [listed([self._placed(given) for given in one]) for one in found.repairs]
        if ways:
            rest = len(ways) - _MANY
            shown = ways[:_MANY] + [f"in {more(rest, 'way')} {ALL}"] * (rest > 0)
            self._say(1, f"To mend it, withdraw {'; or '.join(shown)}")
        if not found.complete:
            self._say(1, f"CONTRADICTORY facts: {BOUND}")
        for fact in found.withdrawn:
            self._say(1, f"Set aside by --on-conflict: {self._placed(Given((fact,)))}")

    def _conflict(self, conflict: Conflict) -> str:
        asserted = [c for c in conflict.chains if c.given.fact.affirmed]
        excluded = [c.given for c in conflict.chains if not c.given.fact.affirmed]
        parts = [self._facts([chain]) for chain in asserted]
        parts += [self._placed(given) for given in excluded]
        own = [link.words for link in conflict.links if link.form in ("disjoint", "inclusion")]
        because = f", because {listed(own)}" if own else ""
        return f" {' against '.join(parts)}{because}{self._cite(conflict.links)}"

    # -- references ------------------------------------------------------------------

    def _cite(self, links: Iterable[Link], chains: Iterable[Chain] = ()) -> str:
        facts = [key for chain in chains for key in chain.given.fact.references]
        return self._cite_sources(_in_turn([link.sources for link in links]), facts)

    def _cite_sources(self, sources: Iterable[Source], before: Iterable[str] = ()) -> str:
        """The numbers of references, some of which were read for what is said."""
        found = list(sources)
        for source in found:
            self._reads.setdefault(source.reference, {})[source.read] = None
        return self._numbers_of((source.reference for source in found), before)

    def _numbers_of(self, keys: Iterable[str], before: Iterable[str] = ()) -> str:
        """Numbers in brackets; where it is brief of a few: ``before``, then those listed."""
        first = tuple(before)
        every = few = list(dict.fromkeys((*first, *keys)))
        if self._brief:
            ranked = sorted(every, key=lambda key: (key not in first, key not in self._numbers))
            few = ranked[: max(_MANY, len(first))]
        rest = len(every) - len(few)
        self._uncited = self._uncited or rest > 0
        return f" {numbered(map(self._number, few), rest)}" if few else ""

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def _references(self) -> None:
        if self._numbers:
            more_in = "; +: more in -f json" if self._uncited else ""
            self._say(1, f"References (how far read for this; type of study{more_in})")
        short = brief_reference if self._brief else short_reference
        anywhere, judging = reads(self._explanation), purposes(self._explanation)
        for key, number in self._numbers.items():
            reference = self._library.get(key)
            read = listed(tuple(self._reads.get(key) or anywhere.get(key, {})))
            how = "" if self._brief else "read: "
            told = [f"{how}{read}"] * bool(read) + list(judging.get(key, ()))
            told += [reference.study_type] if reference else []
            self._say(2, f"[{number}] {short(reference, key)} ({'; '.join(told)})")


def weakest_link(why: Why) -> tuple[str, str]:
    """The weakest link in words, and of which reasons it is; both empty where there is none.

    The weakest one that every reason needs, else that of the first reason.
    """
    link, whose = why.needed, "that every reason needs"
    if link is None and why.justifications:
        link, whose = why.justifications[0].weakest, "of the first reason"
    if link is None:
        return "", ""
    words = "that these together suffice" if link.form == "inclusion" else link.words
    alone = why.complete and len(why.justifications) == 1
    return f"{words} ({KINDS[link.kind]})", "" if alone else whose


def _weakest(why: Why) -> Iterator[str]:
    words, whose = weakest_link(why)
    if words:
        yield f"Weakest link{f' {whose}' * bool(whose)}: {words}."


def _in_turn(sources: Iterable[Sequence[Source]]) -> Iterator[Source]:
    """The first source of each, then the second of each, and so on."""
    turns = zip_longest(*sources)
    return (source for turn in turns for source in turn if source is not None)


def _decided(deciding: Deciding) -> str:
    """What would settle an open verdict, in words."""
    if not deciding.complete:
        return f"{BOUND} that would decide it"
    if _by_its_opposite(deciding):
        (wanted,) = deciding.follows
        unless = "one of these" if len(wanted) > 1 else "it"
        return f"follows with {_ways((wanted,))}, ruled out where {unless} is not so"
    parts = [
        f"{words} {_ways(found)}"
        for words, found in (
            ("follows with", deciding.follows),
            ("ruled out by", deciding.ruled_out),
        )
        if found
    ]
    return "; ".join(parts) or NOTHING_LEFT


def _by_its_opposite(deciding: Deciding) -> bool:
    """Whether each observation that makes a subtype follow rules it out when it is not met."""
    if len(deciding.follows) != 1:
        return False
    wanted = {one.criterion for one in deciding.follows[0]}
    single = {found[0].criterion for found in deciding.ruled_out if len(found) == 1}
    met = all(one.met for one in deciding.follows[0])
    return met and len(deciding.ruled_out) == len(single) and wanted == single


def _ways(found: tuple[Observations, ...]) -> str:
    ways = [listed([one.words for one in observations]) for observations in found]
    rest = len(ways) - _MANY
    return ", or ".join(ways[:_MANY] + [f"in {more(rest, 'way')}"] * (rest > 0))


def _from(explanation: Explanation) -> str:
    """The file of a case, its sheet and row, where its facts know them."""
    case = explanation.verdict.case
    places = (fact.place for fact in (*case.facts, *case.workup))
    place = next((place for place in places if place is not None and place.file), None)
    if place is None:
        return ""
    sheet = f", sheet {place.sheet}" if place.sheet else ""
    row = f", row {place.row}" if place.row else ""
    return f"; {PurePath(place.file).name}{sheet}{row}"


def _at(fact: Fact) -> str:
    """The place of a fact in its case or row: ``labs[0]``, or ``cell C2``."""
    if fact.place is not None and fact.place.column:
        return f"cell {fact.place.column}{fact.place.row}"
    return fact.where


def _spot(facts: Sequence[Fact], *, at_once: bool = False) -> str:
    """The places of facts with lines or headings; of one fact, by which name or code as well."""
    parts = [_folded(map(_at, facts))]
    places = [fact.place for fact in facts if fact.place is not None]
    lines = list(dict.fromkeys(str(place.line) for place in places if place.line))
    if lines:
        parts.append(f"line{'s' if len(lines) > 1 else ''} {listed(lines)}")
    parts += dict.fromkeys(place.heading for place in places if place.heading)
    if at_once:
        parts += dict.fromkeys(filter(None, map(_named_by, facts)))
    return ", ".join(parts)


def _named_by(fact: Fact) -> str:
    """The code or synonym that stood for a term; nothing where its own label did."""
    match = fact.match
    if match is None or match.by == LABEL:
        return ""
    words = fact.words if fact.judged is None else fact.judged.test
    if match.row is not None:
        return f"{words} by {match.predicate}"
    return f"“{words}” by {match.by}"


def _folded(places: Iterable[str]) -> str:
    """Places with a common beginning in one: ``labs[0,1]``; of very many the first."""
    places = [place for place in dict.fromkeys(places) if place]
    groups: dict[str, list[str]] = {}
    for place in places[:_PLACES]:
        head, _, rest = place.partition("[")
        groups.setdefault(head, []).append(rest.removesuffix("]"))
    told = [f"{head}[{','.join(rest)}]" if all(rest) else head for head, rest in groups.items()]
    hidden = len(places) - _PLACES
    return " and ".join(told + [f"{hidden} more"] * (hidden > 0))
