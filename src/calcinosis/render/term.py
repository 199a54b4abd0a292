"""The page of a term for people: text that fits the terminal, Markdown, and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import groupby, zip_longest
from typing import Any, Final

from calcinosis.graph.claims import Reference
from calcinosis.graph.describe import WITHOUT_CLAIMS, Branch, Cited, Claim, Criterion, Page, match
from calcinosis.render.references import line as reference_in_full
from calcinosis.render.text import Style, plain, short_reference
from calcinosis.render.words import capital

KINDS: Final = {
    "Cause": "Causes",
    "RiskFactor": "Risk factors and triggers",
    "Definition": "Features of definitions",
    "Classification": "Where sources place it",
    "Finding": "Findings",
    "Histology": "Histology",
    "Laboratory": "Laboratory",
    "Antibody": "Autoantibodies",
    "Gene": "Genes",
    "Site": "Sites",
    "Test": "Tests",
    "Treatment": "Treatments (use, not efficacy)",
    "Differential": "Differential diagnosis",
    "Overlap": "Occurs together with",
    "Epidemiology": "Age, sex, frequency, course",
}
OUR_WORDS: Final = "(our words)"
UNCLAIMED: Final = "No claim names it as such."
_MANY: Final = 30
_MENTIONED: Final = 10
_SAID: Final = ("Laboratory",)
"""Kinds of claim that mislead without their statement: one patient's level is no rule."""
_SIDES: Final = "Contested, side by side"
_FEW: Final = 2
_SIDE_BY_SIDE: Final = 60
_NARROWEST: Final = 20
_UNBROKEN: Final = 1000
_HERE: Final = "\u25c0"

Library = Mapping[str, Reference]


def text(page: Page, library: Library, *, width: int = 80, style: Style = plain) -> str:
    """The page as text: what it is, where it stands, what is claimed of it and by whom."""
    return _Writer(page, library, width, style).text()


class _Writer:
    def __init__(self, page: Page, library: Library, width: int, style: Style) -> None:
        self._page = page
        self._library = library
        self._width = max(40, width)
        self._style = style
        self._lines: list[str] = []
        self._told = len(page.claims) <= _MANY

    def text(self) -> str:
        self._head()
        self._place()
        self._criteria()
        self._claims()
        self._contested()
        self._mappings()
        self._references()
        return "\n".join(self._lines).rstrip() + "\n"

    def _line(self, line: str, indent: int = 0, hang: int = 2) -> None:
        self._lines += _wrap(line, self._width, indent, hang)

    def _heading(self, heading: str) -> None:
        self._lines += ["", self._style(heading, "bold")]

    def _head(self) -> None:
        page, entry = self._page, self._page.entry
        beside = f"({entry.kind}, {_curie(page)})"
        if len(entry.label) + 2 + len(beside) <= self._width:
            self._lines.append(f"{self._style(entry.label, 'bold')}  {beside}")
        else:
            self._lines += [
                self._style(line, "bold") for line in _wrap(entry.label, self._width, hang=0)
            ]
            self._line(beside, 2)
        if page.reference is not None:
            self._line(reference_in_full(page.reference, entry.id), 2, 0)
            self._line(f"Study type: {page.reference.study_type}", 2)
            return
        self._line(_definition(page), 2, 0)
        if entry.synonyms:
            self._line(f"Also: {'; '.join(entry.synonyms)}", 2)
        if page.asks:
            self._line(f"What would settle it: {page.asks}", 2)

    def _place(self) -> None:
        if not self._page.tree:
            return
        self._heading("Place")
        for branch in self._page.tree:
            self._lines += _drawn(branch, self._style, self._width)
        kinds = [label for _, label in self._page.below]
        if kinds:
            self._line(f"Kinds of it: {'; '.join(kinds)}", 2)
        for placed in self._page.placed:
            if placed.references:
                why = f"Is a kind of {placed.label} by [{', '.join(placed.references)}]"
                self._line(f"{why}: {placed.editorial}" if placed.editorial else f"{why}.", 2)

    def _criteria(self) -> None:
        if not self._page.criteria:
            return
        self._heading(f"Criteria of the viewpoint: {self._page.viewpoint}")
        for criterion in self._page.criteria:
            self._line(_criterion(criterion), 2)
            if criterion.editorial:
                self._line(f"Our reading: {criterion.editorial}", 4)

    def _claims(self) -> None:
        for kind, claims in _by_kind(self._page.claims):
            self._heading(f"{kind} ({len(claims)})")
            for claim in claims:
                mark = " (contested)" if claim.contested else ""
                self._line(capital(claim.label) + mark, 2)
                if self._told or claim.kind in _SAID:
                    self._line(claim.statement, 4, 0)
                self._line(cited(claim.citations), 4)
                for other in _against(claim, self._page, told=self._told):
                    self._line(other, 4)
        if not self._page.claims and self._page.entry.kind not in WITHOUT_CLAIMS:
            self._unclaimed()
        if not self._told:
            self._lines.append("")
            asked = f"calcinosis query claims --term {self._page.entry.id} -f csv"
            self._line(f"What each claim says in words: {asked}")

    def _unclaimed(self) -> None:
        self._heading("Claims")
        self._line(UNCLAIMED, 2)
        mentioned = self._page.mentioned
        if mentioned:
            self._line("Claims that mention it:", 2)
        for claim in mentioned[:_MENTIONED]:
            self._line(f"{capital(claim.label)} [{_supporting(claim)}]", 4)
        if len(mentioned) > _MENTIONED:
            self._line(f"and {len(mentioned) - _MENTIONED} more, in -f json", 4)

    def _contested(self) -> None:
        pairs = list(_pairs(self._page))
        if not pairs:
            return
        self._heading(_SIDES)
        for number, (claim, others) in enumerate(pairs):
            if number:
                self._lines.append("")
            self._sides(claim, others)

    def _sides(self, claim: Claim, others: list[Claim]) -> None:
        if self._width < _SIDE_BY_SIDE:
            for side in (claim, *others):
                self._lines += [f"  {line}" for line in _side([side], self._width - 2)]
            return
        half = (self._width - 5) // 2
        left, right = _side([claim], half), _side(others, half)
        for one, other in zip_longest(left, right, fillvalue=""):
            self._lines.append(f"  {one:<{half}} \u2502 {other}".rstrip())

    def _mappings(self) -> None:
        if not self._page.mappings:
            return
        self._heading("In other vocabularies")
        codes = max(len(mapping.object) for mapping in self._page.mappings)
        hang = min(codes + 10, self._width // 2)
        for m in self._page.mappings:
            self._line(f"{match(m):<7} {m.object:<{codes}}  {m.label}".rstrip(), 2, hang)

    def _references(self) -> None:
        keys = _keys(self._page)
        if not keys:
            return
        self._heading("References")
        for key in keys:
            self._line(f"{key}: {short_reference(self._library.get(key), key)}", 2)


def _wrap(line: str, width: int, indent: int = 0, hang: int = 2) -> list[str]:
    room = width - indent - hang
    long = any(len(word) > room and "://" not in word for word in line.split())
    return textwrap.wrap(
        line,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=long,
    )


def _curie(page: Page) -> str:
    return f"{'ref' if page.reference is not None else 'cc'}:{page.entry.id}"


def _definition(page: Page) -> str:
    """The definition with its source, or with the mark that the words are ours."""
    if not page.definition:
        return "No definition."
    return f"{page.definition} " + (f"[{', '.join(page.sources)}]" if page.sources else OUR_WORDS)


def _drawn(branch: Branch, style: Style, width: int, depth: int = 0) -> Iterator[str]:
    """The hierarchy from a root down to the term, as a tree."""
    stem = "  " + ("   " * (depth - 1) + "\u2514\u2500 " if depth else "")
    label = f"{branch.label} {_HERE}" if branch.here else branch.label
    for line in _wrap(label, max(_NARROWEST, width - len(stem)), hang=0):
        yield stem + (style(line, "bold") if branch.here else line)
        stem = " " * len(stem)
    for below in branch.below:
        yield from _drawn(below, style, width, depth + 1)


def _criterion(criterion: Criterion) -> str:
    causal = " (names the cause)" if criterion.causal else ""
    keys = f" [{', '.join(criterion.references)}]" if criterion.references else ""
    return f"{capital(criterion.label)}{causal}: {criterion.definition}{keys}"


def cited(citations: Iterable[Cited]) -> str:
    """References with how far each was read and what kind of study it is; disputing ones after."""
    sides: dict[bool, list[str]] = {False: [], True: []}
    for c in citations:
        study = f"; {c.study_type}" if c.study_type not in ("", "unknown") else ""
        sides[c.disputes].append(f"{c.reference} (read: {c.read}{study})")
    against = f". Disputed by {', '.join(sides[True])}" if sides[True] else ""
    return ", ".join(sides[False]) + against


def _against(claim: Claim, page: Page, *, told: bool) -> list[str]:
    """Who holds the other side of a claim, or where to find it if many do."""
    if len(claim.contested_by) > _FEW:
        return [f"Contested by {len(claim.contested_by)} claims: see {_SIDES!r} below."]
    known = {other.id: other for other in (*page.claims, *page.against)}
    others = [known[other] for other in claim.contested_by]
    return [
        f"Contested by: {other.statement if told else capital(other.label) + '.'} "
        f"[{_supporting(other)}]"
        for other in others
    ]


def _supporting(claim: Claim) -> str:
    return ", ".join(c.reference for c in claim.citations if not c.disputes)


def _by_kind(claims: Iterable[Claim]) -> Iterator[tuple[str, list[Claim]]]:
    for kind, group in groupby(claims, key=lambda claim: claim.kind):
        yield KINDS.get(kind, kind), list(group)


def _pairs(page: Page) -> Iterator[tuple[Claim, list[Claim]]]:
    """Each contested claim of the page with the other side, each pair once."""
    known = {claim.id: claim for claim in (*page.claims, *page.against)}
    seen: set[frozenset[str]] = set()
    for claim in page.claims:
        others = [
            known[other] for other in claim.contested_by if frozenset((claim.id, other)) not in seen
        ]
        seen.update(frozenset((claim.id, other.id)) for other in others)
        if others:
            yield claim, others


def _side(claims: list[Claim], width: int) -> list[str]:
    lines: list[str] = []
    for claim in claims:
        lines += (
            ["", *_wrap(capital(claim.label), width)]
            if lines
            else _wrap(capital(claim.label), width)
        )
        lines += _wrap(claim.statement, width, 2, 0)
        lines += _wrap(cited(c for c in claim.citations if not c.disputes), width, 2)
    return lines


def _keys(page: Page) -> list[str]:
    keys = {key for placed in page.placed for key in placed.references} | set(page.sources)
    keys |= {key for criterion in page.criteria for key in criterion.references}
    shown = (*page.claims, *page.against, *page.mentioned[:_MENTIONED])
    keys |= {c.reference for claim in shown for c in claim.citations}
    return sorted(keys)


def markdown(page: Page, library: Library) -> str:
    """The page as Markdown."""
    return "\n".join(_markdown(page, library)).rstrip() + "\n"


def _markdown(page: Page, library: Library) -> Iterator[str]:
    yield f"# {capital(page.entry.label)}\n\n{capital(page.entry.kind)}, `{_curie(page)}`\n"
    if page.reference is not None:
        yield f"{reference_in_full(page.reference, page.entry.id)}\n"
    else:
        yield f"{_definition(page)}\n"
    if page.tree:
        yield "## Place\n\n```text"
        for branch in page.tree:
            yield from (line[2:] for line in _drawn(branch, plain, _UNBROKEN))
        yield "```\n"
    if page.criteria:
        yield f"## Criteria of the viewpoint: {page.viewpoint}\n"
        yield from (f"- {_criterion(criterion)}" for criterion in page.criteria)
        yield ""
    yield from _claims_markdown(page)
    if not page.claims and page.entry.kind not in WITHOUT_CLAIMS:
        yield f"## Claims\n\n{UNCLAIMED}\n"
        yield from (f"- Mentioned: {_claim(claim)}" for claim in page.mentioned[:_MENTIONED])
        yield ""
    yield from _contested_markdown(page)
    if page.mappings:
        yield "## In other vocabularies\n\n| match | code | label |\n| --- | --- | --- |"
        yield from (f"| {match(m)} | {m.object} | {m.label} |" for m in page.mappings)
        yield ""
    if _keys(page):
        yield "## References\n"
        yield from (f"- `{key}` {reference_in_full(library.get(key), key)}" for key in _keys(page))


def _claims_markdown(page: Page) -> Iterator[str]:
    for kind, claims in _by_kind(page.claims):
        yield f"## {kind}\n"
        for claim in claims:
            yield " ".join([f"- {_claim(claim)}", *_against(claim, page, told=True)])
        yield ""


def _claim(claim: Claim) -> str:
    return f"{capital(claim.label)}. {claim.statement} [{cited(claim.citations)}]"


def _contested_markdown(page: Page) -> Iterator[str]:
    pairs = list(_pairs(page))
    if pairs:
        yield f"## {_SIDES}\n\n| one side | other side |\n| --- | --- |"
        for claim, others in pairs:
            right = "<br>".join(_claim(other).replace("|", "\\|") for other in others)
            yield f"| {_claim(claim)} | {right} |".replace("\n", " ")
        yield ""


def as_dict(page: Page) -> dict[str, Any]:
    """The page as plain values."""
    found = asdict(page)
    found["entry"] = {**found["entry"], "kinds": sorted(page.entry.kinds)}
    return found


def to_json(page: Page) -> str:
    """The page as JSON."""
    return json.dumps(as_dict(page), ensure_ascii=False, indent=1) + "\n"
