"""Verdicts as text for people: a screenful a case, no axiom syntax."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from calcinosis.errors import listed
from calcinosis.graph.claims import Reference
from calcinosis.graph.rules import Rule
from calcinosis.output.references.lines import RETRACTED, identifier
from calcinosis.output.wording import (
    CONTRADICTS,
    SIGN,
    VERDICT,
    capital,
    not_understood,
    numbered,
    wrapped,
)
from calcinosis.output.words import reasons
from calcinosis.reasoning.verdict import CaseVerdict, JudgedCriterion, SubtypeVerdict

if TYPE_CHECKING:
    from calcinosis.explain.decide import Question

Style = Callable[[str, str], str]
_ORDER = ("conflicting", "entailed", "presumed", "undetermined", "refuted")
COLOURS = {
    "entailed": "green",
    "presumed": "cyan",
    "refuted": "bright_black",
    "undetermined": "yellow",
    "conflicting": "red",
}
_MANY = 4
_CITED = 4
_READ = 6
_ASKED = 2
_INDENT = 12


def plain(text: str, _colour: str) -> str:
    """No style at all."""
    return text


def case_text(
    case: CaseVerdict,
    library: Mapping[str, Reference],
    *,
    width: int = 80,
    style: Style = plain,
    questions: Sequence[Question] = (),
) -> str:
    """One case: its verdicts with criteria, facts, what is needed, and the references.

    ``questions`` are what would decide it, best first.
    """
    return _Writer(library, width, style).case(case, questions)


def heading(definitions: str, width: int = 80, added: str = "", *, signs: bool = True) -> str:
    """The lines above the cases of a run: whose definitions, and what the ``signs`` mean.

    ``added`` says what could be taken by a name and assumed.
    """
    key = ", ".join(f"{sign} {word}" for sign, word in zip(SIGN.values(), _SIGNS, strict=True))
    lines = textwrap.wrap(f"By {definitions}.{f' {key}' if signs else ''}", width)
    if added:
        lines += textwrap.wrap(f"{capital(added)}.", width)
    return "\n".join(lines) + "\n\n"


_SIGNS = ("met", "not met", "not known")


class _Writer:
    def __init__(self, library: Mapping[str, Reference], width: int, style: Style) -> None:
        self._library = library
        self._width = max(40, width)
        self._style = style
        self._cited: dict[str, int] = {}
        self._uncited = False
        self._presupposed = ""
        self._lines: list[str] = []

    def case(self, case: CaseVerdict, questions: Sequence[Question]) -> str:
        self._presupposed = case.presupposed
        self._head(case)
        for words in not_understood(case):
            self._line(f"{self._style('NOT UNDERSTOOD', 'magenta')} {words}", 2)
        if case.contradiction is not None or case.repairs is None:
            self._contradiction(case)
        for shown in _ORDER:
            for subtype in case.subtypes:
                if subtype.standing == shown:
                    self._subtype(subtype)
        self._read_and_asked(case, questions)
        self._readings(case)
        self._rules(case)
        self._remarks(case)
        self._references()
        return "\n".join(self._lines) + "\n"

    def _line(self, text: str, indent: int = 0, hang: int = 2) -> None:
        self._lines += self._wrapped(text, indent, hang)

    def _wrapped(self, text: str, indent: int, hang: int = 2) -> list[str]:
        return wrapped(text, self._width, indent, hang)

    def _head(self, case: CaseVerdict) -> None:
        calcinosis = {"unknown": "calcinosis not stated"}.get(
            case.calcinosis, f"calcinosis {case.calcinosis}"
        )
        if case.case.assume is not None:  # the head of the run says what holds for all others
            calcinosis += f"; assumed here: {', '.join(case.assume) or 'nothing'}"
        self._lines.append(self._style(case.case.id, "bold") + f" ({calcinosis})")

    def _subtype(self, subtype: SubtypeVerdict) -> None:
        kind = subtype.standing
        word = f"{VERDICT[kind].upper():<9} "
        mark, start = self._style(word, COLOURS[kind]), len(word) + 2
        shown = self._shown(subtype)
        unknown = [c.label for c in shown if c.status == "unknown" and not _in_part(c)]
        folded = len(unknown) == len(shown) and not subtype.basis and not subtype.flags
        folded = folded and subtype.presumed is None and bool(unknown)
        tail = f": {SIGN['unknown']} {'; '.join(unknown)}" if folded else self._tail(subtype)
        first, *rest = self._wrapped(f"{subtype.label}{tail}", start, _INDENT + 2 - start)
        self._lines += [f"  {mark}{first.lstrip()}", *rest]
        if folded:
            return
        for criterion in shown:
            if criterion.status != "unknown" or _in_part(criterion):
                self._criterion(criterion)
        if unknown:
            self._line(f"{SIGN['unknown']} {'; '.join(unknown)}", _INDENT)
        if causes := possible_causes(subtype):
            self._line(f"{causes}{self._cite(subtype.basis_references)}", _INDENT)
        if subtype.needed and subtype.presumed is None:
            self._line(f"Still needed: {listed(list(subtype.needed))}", _INDENT)
        for flag in subtype.flags:
            self._line(f"Note: {flag}", _INDENT)

    def _tail(self, subtype: SubtypeVerdict) -> str:
        """What stands behind a verdict in its own line: of a presumption, what it hangs on."""
        if subtype.presumed is None:
            return basis(subtype)
        cited = self._cite(subtype.presumed.references)
        return f", if {subtype.presumed.condition}{cited}; {subtype.presumed.falls_if}"

    def _shown(self, subtype: SubtypeVerdict) -> list[JudgedCriterion]:
        """The criteria that carry the verdict; what the first line says already is left out."""
        criteria = [c for c in subtype.criteria if (c.id, c.status) != (self._presupposed, "met")]
        if subtype.presumed is not None:
            return [c for c in criteria if c.status == "met"]
        if subtype.verdict == "refuted":
            return [c for c in criteria if c.status == "violated"]
        if subtype.verdict == "undetermined" and subtype.basis is None:
            return [c for c in criteria if c.status == "unknown"]
        return criteria

    def _criterion(self, criterion: JudgedCriterion) -> None:
        if criterion.status == "unknown":
            text = self._parts(criterion)
        elif criterion.status == "conflicting":
            text = ": the facts contradict each other"
        elif criterion.facts == (f"no {criterion.label}",):
            text = f": excluded{self._cite(criterion.references)}"
        else:
            text = f": {_few(criterion.facts)}{self._cite(criterion.references)}"
        self._line(f"{SIGN.get(criterion.status, CONTRADICTS)} {criterion.label}{text}", _INDENT)

    def _parts(self, criterion: JudgedCriterion) -> str:
        settled = [
            f"{_few(part.facts)}{self._cite(part.references)}"
            for part in criterion.parts
            if part.status != "unknown" and part.facts
        ]
        return f"; known: {'; '.join(settled)}"

    def _cite(self, keys: tuple[str, ...]) -> str:
        """The numbers of the first few, those that are listed already before others."""
        if not keys:
            return ""
        few = sorted(keys, key=lambda key: key not in self._cited)[:_CITED]
        numbers = {self._cited.setdefault(key, len(self._cited) + 1) for key in few}
        more = len(keys) - len(few)
        self._uncited = self._uncited or more > 0
        return f" {numbered(numbers, more)}"

    def _contradiction(self, case: CaseVerdict) -> None:
        self._lines.append(f"  {self._style('CONTRADICTORY FACTS', 'red')}")
        if case.contradiction is not None:
            one, other = case.contradiction
            self._line(_few(one), _INDENT)
            self._line(f"against: {_few(other)}", _INDENT)
        ways = f"{case.repairs} ways" if case.repairs is not None else "too many ways"
        self._line(
            f"They can be mended in {ways}. Below stands what all of these share; where they "
            "differ the verdict is contradictory. Nothing is presumed.",
            _INDENT,
        )

    def _read_and_asked(self, case: CaseVerdict, questions: Sequence[Question]) -> None:
        none = "no fact" if case.calcinosis == "unknown" else "no other fact"
        self._line(f"Read: {reasons.few(reasons.facts_in_short(case), _READ) or none}", 2)
        asked = list(dict.fromkeys(question.asks for question in questions))
        if asked:
            self._line(f"Would decide, best first: {'; '.join(asked[:_ASKED])}", 2)

    def _readings(self, case: CaseVerdict) -> None:
        readings = dict.fromkeys(
            r for s in case.subtypes if s.verdict == "entailed" for r in s.readings
        )
        if readings:
            more = f" And {len(readings) - 1} more, in -f json." if len(readings) > 1 else ""
            text = f"What follows rests on our own reading too: {next(iter(readings))}{more}"
            self._line(text, 2)

    def _rules(self, case: CaseVerdict) -> None:
        """What a name was taken to say, with the rule and the way out, each rule once."""
        told: dict[Rule, list[str]] = {}
        for fact in case.taken:
            if fact.rule is not None:
                told.setdefault(fact.rule, []).append(fact.words)
        for rule, words in told.items():
            names = _few(tuple(dict.fromkeys(words)))
            self._line(f"({rule.code}) {rule.label}: {names}. {rule.way_out}", 2)

    def _remarks(self, case: CaseVerdict) -> None:
        for title, remarks in (
            ("Not interpreted", case.case.uninterpreted),
            ("Decides nothing as stated", case.without_role),
            ("Set aside", case.set_aside),
        ):
            if remarks:
                shown = [f"{r.what} ({r.why})" for r in remarks[:_MANY]]
                more = len(remarks) - _MANY
                tail = f"; and {more} more" if more > 0 else ""
                self._line(f"{title}: {'; '.join(shown)}{tail}", 2)
        read = [f"{r.what} ({r.reason.removeprefix('read as ')})" for r in case.case.read_as]
        if read:
            self._line(f"Read as: {'; '.join(read)}", 2)
        for label, why in case.workup_ignored:
            self._line(f"Work-up: {label} is not excluded, because {why}", 2)

    def _references(self) -> None:
        if not self._cited:
            return
        more = " (+: more in -f json)" if self._uncited else ""
        self._lines.append(f"  References{more}")
        for key, number in self._cited.items():
            self._line(f"[{number}] {short_reference(self._library.get(key), key)}", 4, 4)


def _in_part(criterion: JudgedCriterion) -> bool:
    """Whether a part of a criterion is settled by a fact."""
    return any(part.status != "unknown" and part.facts for part in criterion.parts)


def possible_causes(subtype: SubtypeVerdict) -> str:
    """The possible causes of a subtype that are present, the first of many; else empty."""
    if subtype.basis != "association":
        return ""
    return f"possible cause: {_few(subtype.basis_facts)}"


def basis(subtype: SubtypeVerdict) -> str:
    """That an open subtype has a cause, known or possible; it begins with a comma, else empty."""
    if subtype.verdict == "undetermined" and subtype.basis == "criterion":
        return ", its defining cause is present"
    if subtype.verdict == "undetermined" and subtype.basis == "association":
        return ", with a possible cause"
    return ""


def _few(facts: tuple[str, ...]) -> str:
    shown = "; ".join(facts[:_MANY])
    more = len(facts) - _MANY
    return f"{shown}; and {more} more" if more > 0 else shown


def short_reference(reference: Reference | None, key: str) -> str:
    """A reference in a few words: label, place, identifier."""
    if reference is None:
        return key
    place = reference.container
    if reference.volume and place:
        place += f" {reference.volume}"
        place += f":{reference.first_page}" if reference.first_page else ""
    parts = (reference.label, place, identifier(reference)[0])
    mark = f" {RETRACTED}" if reference.retracted else ""
    return ", ".join(part for part in parts if part) + mark


def brief_reference(reference: Reference | None, key: str) -> str:
    """A reference in one line of a terminal: label, and DOI or PMID, else where it stands."""
    if reference is None:
        return key
    found = bool(reference.doi or reference.pmid)
    place = identifier(reference)[0] if found else reference.container
    return reference.label if place in reference.label else f"{reference.label}, {place}"
