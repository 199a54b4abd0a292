"""What a search has found, and the page of a term, for people: text, Markdown, JSON, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby, zip_longest
from typing import Any, Final

from calcinosis import names
from calcinosis.graph.claims import Association, Citation, Reference, contested_pairs
from calcinosis.graph.describe import WITHOUT_CLAIMS, Branch, Cited, Page, match
from calcinosis.graph.search import Hit
from calcinosis.graph.viewpoints import Criterion
from calcinosis.output.markup import markdown_row, markdown_table, markdown_text
from calcinosis.output.references.lines import line as reference_in_full
from calcinosis.output.wording import capital, wrapped
from calcinosis.output.words.verdicts import Style, plain, short_reference

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
            kind = "Kinds and parts" if self._page.entry.kind == "site" else "Kinds"
            self._line(f"{kind} of it: {'; '.join(kinds)}", 2)
        for placed in self._page.placed:
            if placed.references:
                relation = "part" if placed.is_whole else "a kind"
                why = f"Is {relation} of {placed.label} by [{', '.join(placed.references)}]"
                self._line(f"{why}: {placed.editorial}" if placed.editorial else f"{why}.", 2)

    def _criteria(self) -> None:
        if not self._page.criteria:
            return
        self._heading(f"Criteria of the viewpoint: {self._page.viewpoint}")
        for criterion in self._page.criteria:
            self._line(criterion_line(criterion), 2)
            if criterion.editorial:
                self._line(f"Our reading: {criterion.editorial}", 4)

    def _claims(self) -> None:
        for kind, claims in _by_kind(self._page.claims):
            self._heading(f"{kind} ({len(claims)})")
            for claim in claims:
                mark = " (contested)" if claim.contested else ""
                self._line(capital(claim.label) + mark, 2)
                if self._told or claim.topic in _SAID:
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
            self._line(f"{capital(claim.label)} [{', '.join(claim.references)}]", 4)
        if len(mentioned) > _MENTIONED:
            self._line(f"and {len(mentioned) - _MENTIONED} more, in -f json", 4)

    def _contested(self) -> None:
        pairs = list(contested_pairs(self._page.claims, _known(self._page)))
        if not pairs:
            return
        self._heading(_SIDES)
        for number, (claim, others) in enumerate(pairs):
            if number:
                self._lines.append("")
            self._sides(claim, others)

    def _sides(self, claim: Association, others: list[Association]) -> None:
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
    return wrapped(line, width, indent, hang, hyphens=long)


def _curie(page: Page) -> str:
    return f"{'ref' if page.reference is not None else 'calc'}:{page.entry.id}"


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


def criterion_line(criterion: Criterion) -> str:
    """What a criterion is, whether it names the cause, and the keys of its references."""
    causal = " (names the cause)" if criterion.causal else ""
    keys = f" [{', '.join(criterion.references)}]" if criterion.references else ""
    return f"{capital(criterion.label)}{causal}: {criterion.definition}{keys}"


def cited(citations: Iterable[Citation]) -> str:
    """References with how far each was read, kind of study, figures; disputing ones after."""
    sides: dict[bool, list[str]] = {False: [], True: []}
    for c in citations:
        kind = _study_type(c)
        study = f"; {kind}" if kind not in ("", "unknown") else ""
        numbers = "".join(f"; {one}" for one in _figures(c))
        sides[c.disputes].append(f"{c.reference} (read: {c.read}{study}{numbers})")
    against = f". Disputed by {', '.join(sides[True])}" if sides[True] else ""
    return ", ".join(sides[False]) + against


def _against(claim: Association, page: Page, *, told: bool) -> list[str]:
    """Who holds the other side of a claim, or where to find it if many do."""
    if len(claim.contested_by) > _FEW:
        return [f"Contested by {len(claim.contested_by)} claims: see {_SIDES!r} below."]
    others = map(_known(page).__getitem__, claim.contested_by)
    return [
        f"Contested by: {other.statement if told else capital(other.label) + '.'} "
        f"[{', '.join(other.references)}]"
        for other in others
    ]


def _by_kind(claims: Iterable[Association]) -> Iterator[tuple[str, list[Association]]]:
    for kind, group in groupby(claims, key=lambda claim: claim.topic):
        yield KINDS.get(kind, kind), list(group)


def _known(page: Page) -> dict[str, Association]:
    return {claim.iri: claim for claim in (*page.claims, *page.against)}


def _side(claims: list[Association], width: int) -> list[str]:
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
    yield f"# {markdown_text(capital(page.entry.label))}\n"
    yield f"{capital(page.entry.kind)}, `{_curie(page)}`\n"
    if page.reference is not None:
        yield f"{markdown_text(reference_in_full(page.reference, page.entry.id))}\n"
    else:
        yield f"{markdown_text(_definition(page))}\n"
    if page.tree:
        yield "## Place\n\n```text"
        for branch in page.tree:
            yield from (line[2:] for line in _drawn(branch, plain, _UNBROKEN))
        yield "```\n"
    if page.criteria:
        yield f"## Criteria of the viewpoint: {page.viewpoint}\n"
        yield from (f"- {markdown_text(criterion_line(criterion))}" for criterion in page.criteria)
        yield ""
    yield from _claims_markdown(page)
    if not page.claims and page.entry.kind not in WITHOUT_CLAIMS:
        yield f"## Claims\n\n{UNCLAIMED}\n"
        yield from (
            f"- Mentioned: {markdown_text(_claim(claim))}" for claim in page.mentioned[:_MENTIONED]
        )
        yield ""
    yield from _contested_markdown(page)
    if page.mappings:
        yield "## In other vocabularies\n"
        codes = [(match(m), m.object, m.label) for m in page.mappings]
        yield from markdown_table(("match", "code", "label"), codes)
        yield ""
    if _keys(page):
        yield "## References\n"
        yield from (
            f"- `{key}` {markdown_text(reference_in_full(library.get(key), key))}"
            for key in _keys(page)
        )


def _claims_markdown(page: Page) -> Iterator[str]:
    for kind, claims in _by_kind(page.claims):
        yield f"## {kind}\n"
        for claim in claims:
            said = [_claim(claim), *_against(claim, page, told=True)]
            yield f"- {markdown_text(' '.join(said))}"
        yield ""


def _claim(claim: Association) -> str:
    return f"{capital(claim.label)}. {claim.statement} [{cited(claim.citations)}]"


def _contested_markdown(page: Page) -> Iterator[str]:
    pairs = list(contested_pairs(page.claims, _known(page)))
    if pairs:
        yield f"## {_SIDES}\n\n| one side | other side |\n| --- | --- |"
        for claim, others in pairs:
            right = "<br>".join(markdown_text(_claim(other)) for other in others)
            yield markdown_row((markdown_text(_claim(claim)), right))
        yield ""


def to_dict(page: Page) -> dict[str, Any]:
    """The page as plain values."""
    found = asdict(page)
    found["entry"] = {**found["entry"], "kinds": sorted(page.entry.kinds)}
    for criterion in found["criteria"]:
        del criterion["taken"]
    for side in ("claims", "against", "mentioned"):
        found[side] = [_claim_dict(claim) for claim in getattr(page, side)]
    return found


def _claim_dict(claim: Association) -> dict[str, Any]:
    return {
        "id": claim.id,
        "kind": claim.topic,
        "label": claim.label,
        "statement": claim.statement,
        "mechanism": claim.mechanism,
        "citations": [
            {
                "reference": c.reference,
                "read": c.read,
                "study_type": _study_type(c),
                "disputes": c.disputes,
                "figures": list(_figures(c)),
            }
            for c in claim.citations
        ],
        "contested": claim.contested,
        "contested_by": [names.local(iri) for iri in claim.contested_by],
    }


def _study_type(citation: Citation) -> str:
    return citation.study_type if isinstance(citation, Cited) else ""


def _figures(citation: Citation) -> tuple[str, ...]:
    return citation.figures if isinstance(citation, Cited) else ()


def to_json(page: Page, more: Mapping[str, Any] | None = None) -> str:
    """The page as JSON, with ``more`` at its end."""
    return json.dumps({**to_dict(page), **(more or {})}, ensure_ascii=False, indent=1) + "\n"


_HIT_COLUMNS = ("id", "label", "kind", "matched", "score", "iri")


def hits_text(hits: Sequence[Hit], *, width: int = 80, style: Style = plain) -> str:
    """One line a hit: its label, what matched where that is another name, kind and id."""
    lines = []
    labels = [_hit_label(hit) for hit in hits]
    room = max(24, width - 2 - max((len(_hit_code(hit)) for hit in hits), default=0))
    column = min(room, max(map(len, labels), default=0))
    for hit, label in zip(hits, labels, strict=True):
        shown = label if len(label) <= column else label[: column - 1] + "\u2026"
        head = len(hit.entry.label)
        painted = style(shown[:head], "bold") + shown[head:]
        lines.append(f"{painted}{' ' * (column - len(shown))}  {_hit_code(hit)}\n")
    return "".join(lines)


def _hit_label(hit: Hit) -> str:
    entry = hit.entry
    same = names.normal(hit.matched) in (names.normal(entry.label), names.normal(entry.id))
    return entry.label if same else f"{entry.label} ({hit.matched})"


def _hit_code(hit: Hit) -> str:
    prefix = "ref" if hit.entry.kind == "reference" else "calc"
    return f"{hit.entry.kind}  {prefix}:{hit.entry.id}"


def hits_rows(hits: Sequence[Hit], laid: str = "") -> list[dict[str, Any]]:
    """Plain dicts, one a hit; ``laid`` is what is laid over the release, in a field if anything."""
    more = {"with": laid} if laid else {}
    return [
        {
            "id": hit.entry.id,
            "label": hit.entry.label,
            "kind": hit.entry.kind,
            "matched": hit.matched,
            "score": hit.score,
            "iri": hit.entry.iri,
            **more,
        }
        for hit in hits
    ]


def hits_json(hits: Sequence[Hit], laid: str = "") -> str:
    """The hits as JSON."""
    return json.dumps(hits_rows(hits, laid), ensure_ascii=False, indent=1) + "\n"


def hits_csv(hits: Sequence[Hit], laid: str = "") -> str:
    """The hits as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (*_HIT_COLUMNS, *(["with"] if laid else ())), lineterminator="\n")
    writer.writeheader()
    writer.writerows(hits_rows(hits, laid))
    return out.getvalue()
