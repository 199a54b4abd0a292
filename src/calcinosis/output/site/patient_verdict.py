"""What a patient's facts come to, as a part of the page: verdicts, why, and what would decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from calcinosis import names
from calcinosis.errors import CalcinosisError, listed
from calcinosis.explain.decide import Outcome, Question
from calcinosis.explain.explanation import Explanation, Why
from calcinosis.facts.case import Remark
from calcinosis.graph.claims import Reference
from calcinosis.output.markup import Markup, bullets, join, table, tag
from calcinosis.output.pages.explanation_tables import not_understood_table, remarks_table
from calcinosis.output.pictures.cohort_pictures import STATUS
from calcinosis.output.site import patient_faults
from calcinosis.output.site.links import Links
from calcinosis.output.wording import SIGN, VERDICT, capital
from calcinosis.output.words import reasons
from calcinosis.reasoning.verdict import STANDINGS, JudgedCriterion
from calcinosis.study.compare import Change

BADGE: Final = {
    "entailed": "badge for",
    "presumed": "badge open",
    "undetermined": "badge",
    "refuted": "badge against",
    "conflicting": "badge bad",
}
_ORDER: Final = {one: place for place, one in enumerate(("conflicting", *STANDINGS[:-1]))}
_CITED: Final = 6
Stated = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Judged:
    """A patient as judged: the explanation, and what states each answer to its questions.

    ``changes`` are verdicts that differ from those by the ``usual`` settings, None where these
    are used; ``there`` are the labels of the subtypes of those. ``by`` says whose definitions.
    ``full`` is the whole explanation, if asked for. ``not_carried`` tells what its phenopacket does
    not hold.
    """

    explanation: Explanation
    deciding: Sequence[Sequence[Stated | None]]
    library: Mapping[str, Reference]
    by: str
    usual: str = ""
    changes: Sequence[Change] | None = None
    there: Sequence[str] = ()
    full: str = ""
    not_carried: Sequence[str] = ()


def answer(judged: Judged | CalcinosisError) -> str:
    """The verdicts in one sentence, or that there are none."""
    if isinstance(judged, CalcinosisError):
        return "The case cannot be judged as it stands."
    return reasons.answer(judged.explanation)


def verdict(judged: Judged | CalcinosisError, links: Links) -> Markup:
    """All that is said of a patient below the answer in one sentence."""
    if isinstance(judged, CalcinosisError):
        told = patient_faults.summary(patient_faults.found(judged))
        return tag("div", told, class_="message error", role="alert")
    return _Verdict(judged, links).whole()


def faults(errors: Iterable[CalcinosisError], name: str | None = None) -> Markup:
    """What was refused, each fault with its place and cure; ``name`` is its id on the page."""
    told = []
    for one in patient_faults.problems(errors):
        where = f"{one.where}: " if one.where else ""
        told.append(join(f"{where}{one.what}. {one.cure}"))
    return tag("div", bullets(told), id=name, class_="message error", role="alert")


class _Verdict:
    def __init__(self, judged: Judged, links: Links) -> None:
        self._judged = judged
        self._found = judged.explanation
        self._links = links

    def whole(self) -> Markup:
        found = self._found
        return join(
            self._not_understood(),
            self._changes(),
            self._summary(),
            tag("h3", "Criteria"),
            *(self._criteria(why) for why in self._sorted()),
            *self._questions(),
            tag("h3", "What was read"),
            bullets([join(one) for one in reasons.facts_read(found.verdict)])
            or tag("p", "Nothing yet."),
            self._read_as(),
            *remarks_table(found.verdict, patient_faults.link),
            self._contradictions(),
            self._full(),
        )

    def _sorted(self) -> list[Why]:
        return sorted(self._found.subtypes, key=lambda why: _ORDER[why.verdict.standing])

    def _not_understood(self) -> Markup:
        """First what was not understood: it holds back what it could change."""
        verdict = self._found.verdict
        told = not_understood_table(verdict, patient_faults.link, _meant)
        left = [patient_faults.told(one) for one in verdict.case.uninterpreted]
        if left:
            caption = tag("p", tag("b", "Not interpreted"))
            told = join(told, caption, patient_faults.summary(left))
        return tag("div", told, class_="message error") if told else Markup()

    # -- what it comes to ----------------------------------------------------------------

    def _summary(self) -> Markup:
        rows: list[tuple[object, ...]] = []
        for why in self._sorted():
            one = why.verdict
            because = reasons.because(why).removeprefix(f"{one.label} {reasons.says(one.standing)}")
            notes = bullets([join("Note: ", flag) for flag in one.flags])
            cited = self._cited(_keys(why))
            said = join(capital(because.lstrip(":, ")) or "\u2013", ". ", cited, notes)
            rows.append((capital(one.label), self._badge(one.standing), said))
        by = tag("p", f"By {self._judged.by}.", class_="note")
        return join(table("Each subtype", ("subtype", "verdict", "why"), rows), by)

    def _badge(self, standing: str | None) -> Markup:
        if standing is None:
            return tag("span", "not a subtype there", class_="badge")
        words = {str(key): said for key, said in VERDICT.items()}[standing]
        return tag("b", words, class_=BADGE[standing], data_is=standing)

    def _cited(self, keys: Iterable[str], most: int = _CITED) -> Markup:
        """References as links to their pages, the first of many."""
        found = list(dict.fromkeys(keys))
        links = [self._reference(key) for key in found[:most]]
        more = len(found) - most
        rest = f" and {more} more" if more > 0 else ""
        parts = (join(", " if place else "", one) for place, one in enumerate(links))
        return tag("span", "[", *parts, rest, "]", class_="cited") if links else Markup()

    def _reference(self, key: str) -> Markup:
        known = self._judged.library.get(key)
        return tag("a", known.label if known else key, href=self._links.of(names.REF + key))

    # -- criteria ------------------------------------------------------------------------

    def _criteria(self, why: Why) -> Markup:
        one = why.verdict
        head = tag("summary", capital(one.label), " ", self._badge(one.standing))
        return tag(
            "details",
            head,
            bullets([self._criterion(criterion) for criterion in one.criteria]),
            open="" if one.standing in ("entailed", "presumed", "conflicting") else None,
        )

    def _criterion(self, one: JudgedCriterion) -> Markup:
        facts = f": {'; '.join(one.facts)}" if one.facts else ""
        sign = SIGN.get(one.status, "!")
        parts = bullets([self._criterion(part) for part in one.parts])
        status = tag("b", STATUS[one.status])
        term = tag("a", one.label, href=self._links.of(names.CC + one.id))
        return join(
            f"{sign} ", term, " (", status, f"){facts} ", self._cited(one.references), parts
        )

    # -- what would decide ---------------------------------------------------------------

    def _questions(self) -> list[Markup]:
        found = self._found.questions
        if not found:
            return []
        labels = {why.verdict.id: why.verdict.label for why in self._found.subtypes}
        pairs = zip(found, self._judged.deciding, strict=True)
        rows = [self._question(question, stated, labels) for question, stated in pairs]
        heads = ("find out", "one answer", "the other")
        told = table("What to find out next, best first", heads, rows)
        return [tag("h3", "What would decide"), told]

    def _question(
        self, question: Question, stated: Sequence[Stated | None], labels: dict[str, str]
    ) -> tuple[object, ...]:
        answers = zip(question.outcomes, stated, reasons.outcomes(question, labels), strict=True)
        return capital(question.asks), *(self._outcome(*one) for one in answers)

    def _outcome(self, outcome: Outcome, stated: Stated | None, words: str) -> Markup:
        cited = self._cited(outcome.observation.references, 3)
        if stated is None:
            hint = tag("p", "Name above what meets it.", class_="hint")
            return join(capital(words), ". ", cited, hint)
        button = add_button(stated, "Add this fact", outcome.observation.words)
        return join(capital(words), ". ", cited, tag("p", button))

    # -- what else is said ---------------------------------------------------------------

    def _changes(self) -> Markup:
        changes = self._judged.changes
        if changes is None:
            return Markup()
        usual = self._judged.usual
        here = [why.verdict.label for why in self._found.subtypes]
        alone = [one for one in here if one not in self._judged.there]
        lost = [one for one in self._judged.there if one not in here]
        told = [f"No subtype there: {listed(alone)}."] if alone else []
        told += [f"No subtype here: {listed(lost)}."] if lost else []
        beside = tag("p", " ".join(told)) if told else Markup()
        if not changes:
            said = tag("p", f"No verdict differs from those by {usual}.")
            return tag("div", said, beside, class_="message", id="changes")
        rows: list[tuple[object, ...]] = [
            (capital(one.label), self._badge(one.left), self._badge(one.right), self._reasons(one))
            for one in changes
        ]
        caption = f"What differs from the verdicts by {usual}"
        heads = ("subtype", "there", "here", "because of")
        return tag("div", table(caption, heads, rows), beside, class_="message", id="changes")

    def _reasons(self, change: Change) -> Markup:
        told = []
        for reason in change.reasons:
            links = [link.words for link in reason.links]
            facts = [str(given.fact) for given in reason.facts]
            said = listed(list(dict.fromkeys((*links, *facts))))
            side = "there alone" if reason.side == "left" else "here alone"
            told.append(join(f"{side}: {said} ", self._cited(reason.cited, 3)))
        return bullets(told) or Markup("\u2013")

    def _read_as(self) -> Markup:
        told = [_said(one) for one in self._found.verdict.case.read_as]
        heading = tag("p", "No names of ours, and read all the same:")
        return join(heading, bullets(told)) if told else Markup()

    def _contradictions(self) -> Markup:
        sides = self._found.verdict.contradiction
        if sides is None:
            return Markup()
        said = " against ".join("; ".join(side) for side in sides)
        return tag("p", f"Contradictory: {said}.", class_="message error")

    def _full(self) -> Markup:
        if self._judged.full:
            head = tag("h3", "How each verdict was found", id="how", tabindex="-1")
            return tag("section", head, Markup(self._judged.full), class_="full")
        words = "Show how each verdict was found, step by step"
        return tag("p", tag("button", words, type="submit", name_="do", value="why"))


def _meant(remark: Remark) -> Markup:
    return patient_faults.meant(patient_faults.told(remark))


def add_button(stated: Stated, words: str, about: str) -> Markup:
    """A button that adds an item to a list of the case; what it adds is said below it."""
    key, item = stated
    value = json.dumps([key, item], ensure_ascii=False)
    button = tag(
        "button",
        words,
        type="submit",
        name_="add",
        value=value,
        aria_label=f"{words}: {about}",
    )
    return join(button, tag("span", f" {in_words(key, item)}", class_="hint"))


_LISTED: Final = {
    "conditions": "condition",
    "interventions": "intervention",
    "findings": "finding",
    "excluded": "ruled out",
    "labs": "laboratory",
    "workup_complete": "looked into in full",
    "sites": "site",
    "other": "remark",
    "calcinosis": "calcinosis",
    "age": "age",
    "sex": "sex",
}
_SAID: Final = {
    ("at_deposit", True): "at the deposit",
    ("at_deposit", False): "not at the deposit",
    ("cause", True): "stated as its cause",
    ("cause", False): "not its cause",
    ("when", "before"): "before",
    ("when", "after"): "afterwards",
}


def in_words(key: str, item: object) -> str:
    """An item of a list of a case as people read it."""
    kind = _LISTED.get(key, key)
    if not isinstance(item, Mapping):
        return f"{kind}: {item}"
    links = [said for (part, value), said in _SAID.items() if item.get(part) == value]
    name = item.get("term") or item.get("test") or item.get("status") or ""
    value = [item.get(part) for part in ("value", "unit", "level")]
    parts = [str(one) for one in (name, *value) if one is not None and one != ""]
    return f"{kind}: {', '.join((' '.join(parts), *links))}"


def _said(one: Remark) -> Markup:
    return join(tag("q", one.what), f": {one.reason}")


def _keys(why: Why) -> Iterator[str]:
    """The references of a verdict, those of its best reason first."""
    for one in (*why.justifications, *why.presumed):
        for link in one.links:
            yield from (source.reference for source in link.sources)
        for given in one.facts:
            yield from given.fact.references
    yield from why.verdict.basis_references
