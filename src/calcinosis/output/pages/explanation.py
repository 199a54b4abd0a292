"""Explanations as HTML: one file without scripts, for the screen, for print, and read aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from calcinosis import names
from calcinosis.errors import listed
from calcinosis.explain.decide import Observations
from calcinosis.explain.explanation import Explanation, Why
from calcinosis.explain.fold import Chain, Step
from calcinosis.explain.links import Given, Justification, Link
from calcinosis.facts.case import Fact
from calcinosis.graph.claims import Reference
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.pages.explanation_tables import (
    facts_table,
    not_understood_table,
    remarks_table,
    rules_table,
    source,
    tests_table,
)
from calcinosis.output.pages.style import STYLE
from calcinosis.output.pictures.clash import MOST_CLASHES, MOST_WAYS, Clash, clash_picture
from calcinosis.output.pictures.derivation import OURS, Box, Branch, derivation, narrow_derivation
from calcinosis.output.references.lines import html_reference
from calcinosis.output.wording import SIGN, VERDICT, capital, more
from calcinosis.output.words import reasons
from calcinosis.output.words.explanation import BOUND, KINDS, NOTHING_LEFT, weakest_link
from calcinosis.output.words.uses import named, purposes, reads
from calcinosis.output.words.verdicts import possible_causes
from calcinosis.reasoning.verdict import STANDINGS

_ORDER: Final = ("entailed", "refuted")
_RANK: Final = {one: place for place, one in enumerate(("conflicting", *STANDINGS[:-1]))}
_SHOWN: Final = 8
_LAST: Final = 10**9
_BLANK: Final = "\u2013"
_MEANS: Final = "for what a criterion means"


def explanation_page(
    found: Iterable[Explanation], library: Mapping[str, Reference], definitions: str, versions: str
) -> str:
    """One HTML document for cases; ``definitions`` says whose, ``versions`` what made it."""
    found = list(found)
    cases = [_Case(one, library, f"case-{number}").section() for number, one in enumerate(found, 1)]
    contents = [
        tag("a", one.verdict.case.id, href=f"#case-{number}") for number, one in enumerate(found, 1)
    ]
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"Why these verdicts: {listed([one.verdict.case.id for one in found])}"),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "body",
        tag("header", tag("h1", "Why these verdicts")),
        tag("nav", bullets(contents), aria_label="Cases") if len(found) > 1 else "",
        tag("main", *cases or [tag("p", "No case was explained.")]),
        tag("footer", tag("p", f"By {definitions}. {versions}.")),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def explanation_part(
    explanation: Explanation,
    library: Mapping[str, Reference],
    page_of: Callable[[str], str] | None = None,
) -> str:
    """One case as a part of a page, for notebooks; ``page_of`` is the address of an IRI's page."""
    return str(_Case(explanation, library, "explanation", page_of).section())


class _Case:
    """One case; references are numbered in the order of ``Explanation.cited``."""

    def __init__(
        self,
        found: Explanation,
        library: Mapping[str, Reference],
        name: str,
        page_of: Callable[[str], str] | None = None,
    ) -> None:
        self._page_of = page_of
        self._found = found
        self._library = library
        self._name = name
        self._numbers = {key: number for number, key in enumerate(found.cited, 1)}
        self._read = reads(found)

    def section(self) -> Markup:
        verdict = self._found.verdict
        stated = "not stated" if verdict.calcinosis == "unknown" else verdict.calcinosis
        whys = [w for kind in _ORDER for w in self._found.subtypes if w.verdict.verdict == kind]
        parts = [
            tag("h2", verdict.case.id, id=f"{self._name}-title"),
            tag("p", reasons.answer(self._found), class_="answer"),
            tag("p", f"Calcinosis {stated}. From {verdict.case.where}."),
            not_understood_table(verdict),
            self._summary(),
            self._read_facts(),
            *self._clashes(),
            *self._questions(),
            tag("h3", "How each verdict was found"),
            *self._contradictions(),
            *(self._why(number, why) for number, why in enumerate(whys, 1)),
            *(self._presumed(why) for why in self._found.subtypes if why.verdict.presumed),
            *(self._open(why) for why in self._found.subtypes if why.deciding is not None),
            *rules_table(self._found, self._number),
            *tests_table(self._found.still_open, self._number),
            *facts_table(named(self._found), self._number),
            *remarks_table(verdict),
            *self._references(),
        ]
        return tag(
            "section", *parts, id=self._name, class_="case", aria_labelledby=f"{self._name}-title"
        )

    def _summary(self) -> Markup:
        rows: list[tuple[object, ...]] = []
        for why in sorted(self._found.subtypes, key=lambda why: _RANK[why.verdict.standing]):
            verdict = why.verdict
            label, said = verdict.label, reasons.because(why)
            because = capital(said.removeprefix(f"{label} {reasons.says(verdict.standing)}"))
            because = capital(because.lstrip(":, ")) or _BLANK
            notes = bullets([join("Note: ", flag) for flag in verdict.flags])
            rows.append((label, tag("b", VERDICT[verdict.standing]), join(because, notes)))
        return table("Verdicts", ("subtype", "verdict", "why"), rows)

    def _read_facts(self) -> Markup:
        facts = bullets([join(fact) for fact in reasons.facts_read(self._found.verdict)])
        return tag("section", tag("h3", "Facts read"), facts or tag("p", "None."))

    def _clashes(self) -> list[Markup]:
        """The picture of what clashes and how it can be mended; the rest is in words below."""
        found = self._found.contradictions
        if not found.conflicts:
            return []
        conflicts, repairs = found.conflicts[:MOST_CLASHES], found.repairs[:MOST_WAYS]
        given = dict.fromkeys(one for conflict in conflicts for one in conflict.facts)
        given |= dict.fromkeys(one for repair in repairs for one in repair)
        place = {id(one.fact): number for number, one in enumerate(given)}
        clash = Clash(
            tuple(self._fact(one) for one in given),
            tuple(tuple(place[id(one.fact)] for one in conflict.facts) for conflict in conflicts),
            tuple(tuple(place[id(one.fact)] for one in repair) for repair in repairs),
        )
        svg = clash_picture(f"{self._name}-clash", "Facts that clash, and ways to mend it", clash)
        rest = len(found.conflicts) - len(conflicts), len(found.repairs) - len(repairs)
        more_of = [more(n, word) for n, word in zip(rest, ("clash", "way"), strict=True) if n > 0]
        caption = "What cannot hold together, and what to withdraw; in words below"
        caption += f", with {listed(more_of)}." if more_of else "."
        picture = tag("figure", svg, tag("figcaption", caption), tabindex="0")
        return [tag("section", tag("h3", "What contradicts"), picture)]

    # -- why -------------------------------------------------------------------------

    def _why(self, number: int, why: Why) -> Markup:
        heading = tag("h4", f"{capital(VERDICT[why.verdict.verdict])}: {why.verdict.label}")
        many = len(why.justifications)
        words, whose = weakest_link(why)
        weakest = tag("p", f"Weakest link{f' {whose}' * bool(whose)}: {words}.") if words else ""
        parts = [heading, self._picture(number, why), join(weakest)]
        for place, one in enumerate(zip(why.justifications, why.steps, strict=True), 1):
            best = ", the best supported" if place == 1 and many > 1 else ""
            parts.append(tag("h5", f"Reason {place} of {many}{best}"))
            parts += self._justification(*one)
        if not why.complete:
            parts.append(tag("p", f"This is one reason of many: {BOUND}."))
        return tag("section", *parts, *self._stability(why))

    def _presumed(self, why: Why) -> Markup:
        """What is presumed, what it hangs on, and every reason for it."""
        presumed = why.verdict.presumed
        if presumed is None:
            return Markup()
        cited = self._keys(presumed.references)
        parts = [
            tag("h4", f"Presumed: {why.verdict.label}"),
            tag("p", f"If {presumed.condition}", cited, f"; {presumed.falls_if}."),
        ]
        many = len(why.presumed)
        for place, one in enumerate(zip(why.presumed, why.presumed_steps, strict=True), 1):
            parts.append(tag("h5", f"Reason {place} of {many}"))
            parts += self._justification(*one)
        return tag("section", *parts)

    def _justification(self, one: Justification, steps: tuple[Step, ...]) -> list[Markup]:
        told = bullets([self._step(step) for step in steps])
        rows = [self._axiom(link) for link in one.links]
        heads = ("axiom", "kind", "why it is ours", "references: how far read; type of study")
        weakest = tag("p", _weakest(one)) if one.links else Markup()
        return [told, table("Axioms of this reason", heads, rows) if rows else Markup(), weakest]

    def _step(self, step: Step) -> Markup:
        facts = [join(*self._chain(chain)) for chain in step.chains]
        sign, word = (SIGN["met"], "met") if step.met else (SIGN["violated"], "not met")
        cited = self._cite(step.links, step.chains)
        return join(f"{sign} {step.criterion} ({word})", cited, ":", bullets(facts))

    def _chain(self, chain: Chain) -> list[object]:
        no = "" if chain.given.fact.affirmed else "no "
        terms = "".join(f" \u203a {no}{term}" for term in chain.terms)
        return [self._fact(chain.given), terms]

    def _fact(self, given: Given) -> str:
        return f"{given.fact} ({_place(given)})"

    def _axiom(self, link: Link) -> tuple[object, ...]:
        sources = [source(one, self._number) for one in link.sources]
        return link.words, KINDS[link.kind], link.why or _BLANK, bullets(sources) or "none"

    def _stability(self, why: Why) -> list[Markup]:
        firm = why.stability
        if firm is None:
            return []
        facts = [_joined(self._fact(given) for given in one) for one in firm.facts]
        references = [join(*(self._number(key) for key in one)) for one in firm.references]
        return [
            tag("h5", "What the verdict falls without"),
            tag("p", "Any one of these sets of facts:"),
            bullets([join(one) for one in facts]),
            *(
                [tag("p", "Any one of these sets of references:"), bullets(references)]
                if references
                else [tag("p", "No loss of references changes it.")]
            ),
        ]

    # -- the picture -----------------------------------------------------------------

    def _picture(self, number: int, why: Why) -> Markup:
        steps, justification = why.steps[0], why.justifications[0]
        within = {link.axiom for step in steps for link in step.links}
        rest = [link for link in justification.links if link.axiom not in within]
        word = VERDICT[why.verdict.verdict]
        branches = [self._branch(step) for step in steps]
        summary = "; ".join(
            f"{branch.words}, from {listed([fact.words for fact in branch.facts])} {branch.label}"
            for branch in branches
        )
        told = (
            f"From facts to the verdict that {why.verdict.label} {_says(word)}",
            f"{summary}.",
            (word.upper(), why.verdict.label),
            self._edge(rest),
            branches,
        )
        name = f"{self._name}-picture-{number}"
        pictures = derivation(name, *told), narrow_derivation(f"{name}-narrow", *told)
        caption = "Facts, criteria and verdict; numbers are references. All in words below."
        return tag("figure", *pictures, tag("figcaption", caption), tabindex="0")

    def _branch(self, step: Step) -> Branch:
        word = f"{SIGN['met']} met" if step.met else f"{SIGN['violated']} not met"
        boxes = [
            Box(
                "".join(map(str, self._chain(chain))),
                self._numbered(chain.given.fact.references),
            )
            for chain in step.chains[:_SHOWN]
        ]
        more = len(step.chains) - _SHOWN
        if more > 0:
            boxes.append(Box(f"and {more} more facts, listed below"))
        return Branch(f"{word}: {step.criterion}", self._edge(step.links), tuple(boxes))

    def _edge(self, links: Iterable[Link]) -> str:
        links = tuple(links)
        cited = self._numbered(source.reference for link in links for source in link.sources)
        return cited or (OURS if links else "")

    # -- open, contradictory ---------------------------------------------------------

    def _open(self, why: Why) -> Markup:
        deciding = why.deciding
        heading = tag("h4", f"Open: {why.verdict.label}")
        if deciding is None or not deciding.complete:
            told = tag("p", f"{capital(BOUND)} that would decide it.")
            return tag("section", heading, self._causes(why), told)
        parts = [heading, self._causes(why)]
        if not (deciding.follows or deciding.ruled_out):
            parts.append(tag("p", f"{capital(NOTHING_LEFT)}."))
        for words, found in (
            ("It follows with any one of", deciding.follows),
            ("It is ruled out by any one of", deciding.ruled_out),
        ):
            if found:
                parts += [tag("p", f"{words}:"), bullets([self._observed(one) for one in found])]
        return tag("section", *parts)

    def _causes(self, why: Why) -> Markup:
        causes = possible_causes(why.verdict)
        cited = self._keys(why.verdict.basis_references)
        return tag("p", capital(causes), cited, ".") if causes else Markup()

    def _observed(self, found: Observations) -> Markup:
        told = [join(one.words, self._keys(one.references)) for one in found]
        return join(*(join("; with " if n else "", one) for n, one in enumerate(told)))

    def _questions(self) -> list[Markup]:
        rows: list[tuple[object, ...]] = []
        labels = {why.verdict.id: why.verdict.label for why in self._found.subtypes}
        for question in self._found.questions:
            rows.append((question.asks, question.score, *reasons.outcomes(question, labels)))
        heads = ("find out", "verdicts settled", "by the first answer", "by the second")
        told_in = table("Questions, best first, over both their answers", heads, rows)
        return [tag("section", tag("h3", "What would decide"), told_in)] if rows else []

    def _contradictions(self) -> list[Markup]:
        found = self._found.contradictions
        if found.complete and not found.conflicts:
            return []
        parts = [tag("h4", "Contradictions")]
        if not found.complete:
            parts.append(tag("p", f"Contradictory facts: {BOUND}."))
        for number, conflict in enumerate(found.conflicts, 1):
            parts.append(tag("h5", f"Conflict {number}: these cannot hold together"))
            parts.append(bullets([join(*self._chain(chain)) for chain in conflict.chains]))
            rows = [self._axiom(link) for link in conflict.links]
            heads = ("axiom", "kind", "why it is ours", "references: how far read; type of study")
            parts += [table("Axioms of this conflict", heads, rows)] if rows else []
        if found.repairs:
            ways = [join(_joined(self._fact(given) for given in one)) for one in found.repairs]
            parts += [tag("h5", "Ways to mend it: withdraw"), bullets(ways)]
        if found.withdrawn:
            gone = [join(self._fact(Given((fact,)))) for fact in found.withdrawn]
            parts += [tag("h5", "Set aside by --on-conflict"), bullets(gone)]
        return [tag("section", *parts)]

    # -- references ------------------------------------------------------------------

    def _number(self, key: str) -> Markup:
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        return tag("a", f"[{number}]", href=f"#{self._name}-reference-{number}")

    def _numbered(self, keys: Iterable[str]) -> str:
        found = sorted({self._numbers.setdefault(key, len(self._numbers) + 1) for key in keys})
        return f"[{','.join(map(str, found))}]" if found else ""

    def _keys(self, keys: Iterable[str]) -> Markup:
        found = sorted(set(keys), key=lambda key: (self._numbers.get(key, _LAST), key))
        return join(" ", *(self._number(key) for key in found)) if found else Markup()

    def _cite(self, links: Iterable[Link], chains: Iterable[Chain]) -> Markup:
        keys = [source.reference for link in links for source in link.sources]
        return self._keys([*keys, *(k for c in chains for k in c.given.fact.references)])

    def _references(self) -> list[Markup]:
        if not self._numbers:
            return []
        items = []
        judging = purposes(self._found)
        for key, number in sorted(self._numbers.items(), key=lambda pair: pair[1]):
            reference = self._library.get(key)
            read = listed(tuple(self._read.get(key, ())))
            far = f"How far read for this: {read}. " if read else ""
            used = listed(tuple(judging.get(key, ()))) or ("" if read else _MEANS)
            far += f"{capital(used)}. " if used else ""
            study = f"Type of study: {reference.study_type}." if reference else ""
            whole = Markup(html_reference(reference)) if reference else key
            if self._page_of is not None:
                page = tag("a", key, href=self._page_of(names.REF + key))
                whole = join(page, ": ", whole)
            items.append(tag("li", whole, f" {far}{study}", id=f"{self._name}-reference-{number}"))
        return [tag("section", tag("h3", "References"), tag("ol", *items))]


def _weakest(justification: Justification) -> str:
    link, least = justification.weakest, justification.least_read
    if link is None:
        return ""
    words = "that these together suffice" if link.form == "inclusion" else link.words
    told = f"Weakest link of this reason: {words} ({KINDS[link.kind]})."
    return f"{told} Of the cited ones the least read: {least.words}." if least else told


def _place(given: Given) -> str:
    """Where a fact stands, every time that it is stated; file and line where they are known."""
    return "; ".join(dict.fromkeys(map(_stands, given.facts)))


def _stands(fact: Fact) -> str:
    known: dict[str, Any] = Given((fact,)).to_dict()
    if known.get("row"):  # ``where`` names the cell in full
        return fact.where
    more = [f"{key} {known[key]}" for key in ("file", "line", "column") if known.get(key)]
    return ", ".join((fact.where, *more))


def _joined(words: Iterable[str]) -> str:
    return listed(list(words))


def _says(verdict: str) -> str:
    return "is ruled out" if verdict == VERDICT["refuted"] else verdict
