"""Verdicts as text for people: a screenful a case, no axiom syntax."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

from calcinosis.graph.claims import Reference
from calcinosis.reasoning.verdict import CaseVerdict, CriterionStatus, SubtypeVerdict
from calcinosis.render.words import SIGN, VERDICT, capital, listed

Style = Callable[[str, str], str]
_ORDER = ("conflicting", "entailed", "undetermined", "refuted")
_COLOURS = {
    "entailed": "green",
    "refuted": "bright_black",
    "undetermined": "yellow",
    "conflicting": "red",
}
_MANY = 4


def plain(text: str, _colour: str) -> str:
    """No style at all."""
    return text


def case_text(
    case: CaseVerdict,
    library: Mapping[str, Reference],
    *,
    width: int = 80,
    style: Style = plain,
) -> str:
    """One case: its verdicts with criteria, facts, what is needed, and the references."""
    return _Writer(library, width, style).case(case)


class _Writer:
    def __init__(self, library: Mapping[str, Reference], width: int, style: Style) -> None:
        self._library = library
        self._width = max(40, width)
        self._style = style
        self._cited: dict[str, int] = {}
        self._lines: list[str] = []

    def case(self, case: CaseVerdict) -> str:
        self._head(case)
        if case.contradiction is not None:
            self._contradiction(case)
        else:
            for verdict in _ORDER:
                for subtype in case.subtypes:
                    if subtype.verdict == verdict:
                        self._subtype(subtype)
            self._readings(case)
        self._remarks(case)
        self._references()
        return "\n".join(self._lines) + "\n"

    def _line(self, text: str, indent: int = 0, hang: int = 2) -> None:
        self._lines += textwrap.wrap(
            text,
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _head(self, case: CaseVerdict) -> None:
        calcinosis = {"unknown": "calcinosis not stated"}.get(
            case.calcinosis, f"calcinosis {case.calcinosis}"
        )
        self._lines.append(self._style(case.case.id, "bold") + f" ({calcinosis})")

    def _subtype(self, subtype: SubtypeVerdict) -> None:
        word = VERDICT[subtype.verdict].upper()
        mark = self._style(f"{word:<10}", _COLOURS[subtype.verdict])
        self._lines.append(f"  {mark}{subtype.label}{_basis(subtype)}")
        shown = self._shown(subtype)
        for criterion in shown:
            if criterion.status != "unknown" or criterion.parts:
                self._criterion(criterion)
        open_ones = [c.label for c in shown if c.status == "unknown" and not c.parts]
        if open_ones:
            self._line(f"{SIGN['unknown']} {'; '.join(open_ones)}", 12)
        if subtype.basis == "association":
            facts = _few(subtype.basis_facts)
            cited = self._cite(subtype.basis_references)
            self._line(f"cited cause present: {facts}{cited}", 12)
        if subtype.needed:
            self._line(f"Still needed: {listed(list(subtype.needed))}", 12)
        for flag in subtype.flags:
            self._line(f"Note: {flag}", 12)

    def _shown(self, subtype: SubtypeVerdict) -> list[CriterionStatus]:
        """The criteria that carry the verdict; an open one without a basis shows what is known."""
        criteria = list(subtype.criteria)
        if subtype.verdict == "refuted":
            return [c for c in criteria if c.status == "violated"]
        if subtype.verdict == "undetermined" and subtype.basis is None:
            return [c for c in criteria if c.status == "unknown"]
        return criteria

    def _criterion(self, criterion: CriterionStatus) -> None:
        facts = f": {_few(criterion.facts)}" if criterion.facts else ""
        cited = self._cite(criterion.references) if criterion.status != "unknown" else ""
        if criterion.status == "unknown":
            facts = self._parts(criterion)
        self._line(f"{SIGN[criterion.status]} {criterion.label}{facts}{cited}", 12)

    def _parts(self, criterion: CriterionStatus) -> str:
        settled = [
            f"{_few(part.facts)}{self._cite(part.references)}"
            for part in criterion.parts
            if part.status != "unknown" and part.facts
        ]
        return f"; known: {'; '.join(settled)}" if settled else ""

    def _cite(self, keys: tuple[str, ...]) -> str:
        if not keys:
            return ""
        numbers = {self._cited.setdefault(key, len(self._cited) + 1) for key in keys}
        return f" [{','.join(map(str, sorted(numbers)))}]"

    def _contradiction(self, case: CaseVerdict) -> None:
        assert case.contradiction is not None
        one, other = case.contradiction
        mark = self._style(f"{'CONTRADICTORY':<10}", "red")
        self._lines.append(f"  {mark} the facts contradict each other; no subtype is decided")
        self._line(_few(one), 12)
        self._line(f"against: {_few(other)}", 12)
        self._line("Correct one of them, and classify again.", 12)

    def _readings(self, case: CaseVerdict) -> None:
        decided = [s for s in case.subtypes if s.verdict == "entailed" and s.readings]
        if decided:
            self._lines.append("")
            self._line(f"Rests on our own reading: {decided[0].readings[0]}", 2)

    def _remarks(self, case: CaseVerdict) -> None:
        for title, remarks in (
            ("Not interpreted", case.case.uninterpreted),
            ("Unresolved", case.case.unresolved),
            ("Set aside", case.case.set_aside),
        ):
            if remarks:
                shown = [f"{r.what} ({r.reason})" for r in remarks[:_MANY]]
                more = len(remarks) - _MANY
                tail = f"; and {more} more" if more > 0 else ""
                self._line(f"{title}: {'; '.join(shown)}{tail}", 2)
        for label in case.workup_ignored:
            self._line(f"Work-up: {label} is asserted by a fact, so it is not excluded", 2)

    def _references(self) -> None:
        if not self._cited:
            return
        self._lines.append("  References")
        for key, number in self._cited.items():
            self._line(f"[{number}] {short_reference(self._library.get(key), key)}", 4, 4)


def _basis(subtype: SubtypeVerdict) -> str:
    if subtype.verdict == "undetermined" and subtype.basis == "criterion":
        return " (its causal criterion is met)"
    if subtype.verdict == "undetermined" and subtype.basis == "association":
        return " (a cited cause is present)"
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
    parts = (reference.label, place, _identifier(reference))
    return ", ".join(part for part in parts if part)


def _identifier(reference: Reference) -> str:
    if reference.doi:
        return f"doi:{reference.doi}"
    if reference.pmid:
        return f"PMID {reference.pmid}"
    return reference.pmcid or reference.uri


def reference_line(reference: Reference | None, key: str) -> str:
    """A reference in one line: authors, title, where, when, identifier."""
    if reference is None:
        return key
    authors = [str(author) for author in reference.authors]
    names = ", ".join(authors[:3])
    if len(authors) > 3 or reference.more_authors:
        names += ", et al"
    place = reference.container
    if reference.volume:
        pages = f":{reference.first_page}" if reference.first_page else ""
        place = f"{place} {reference.year or ''};{reference.volume}{pages}".replace(" ;", ";")
    elif reference.year:
        place = f"{place} {reference.year}".strip()
    parts = [names, capital(reference.title), place, _identifier(reference)]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."
